"""For apps that tell a unit of what no deadline asks for: made once, queued like a reminder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bishui.i18n import Text
from bishui.server.core import audit
from bishui.server.reminders import delivery
from bishui.server.reminders.models import Message


@dataclass(frozen=True, slots=True)
class Notice:
    """What a unit is told; `key` makes it the same notice when it is told again."""

    key: str
    rule: str
    tone: str
    unit: Any
    division: str
    subject: Text
    text: Text
    about: str
    about_id: str
    path: str
    on: date

    @property
    def message_key(self) -> str:
        """The key of the message to this unit."""
        return f"{self.key}:{self.unit.pk}"


def tell(notices: Iterable[Notice]) -> int:
    """Make the messages that do not exist yet and queue them; return how many."""
    found = {notice.message_key: notice for notice in notices}
    known = set(Message.objects.filter(key__in=list(found)).values_list("key", flat=True))
    new = [notice for key, notice in found.items() if key not in known]
    if not new:
        return 0
    with audit.action("reminders.made", actor="system", count=len(new)):
        delivery.queue(Message.objects.bulk_create(_message(notice) for notice in new), datetime.now())
    return len(new)


def _message(notice: Notice) -> Message:
    return Message(
        key=notice.message_key,
        division=notice.division,
        rule=notice.rule,
        tone=notice.tone,
        unit=notice.unit,
        subject=str(notice.subject)[:200],
        text=str(notice.text),
        about=notice.about,
        about_id=notice.about_id,
        path=notice.path,
        on=notice.on,
    )
