"""From what is due to messages: each reminder is made once, however often the day is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bishui.i18n import Text
from bishui.server.cases import services as cases
from bishui.server.core import audit, clock
from bishui.server.reminders import delivery
from bishui.server.reminders.models import Message
from bishui.server.reminders.rules import Rule


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that is due, or was: what it is, for which unit, on which day.

    `about` is ``duty``, ``report`` or ``case``; `bureau` the unit that keeps the plan, where one is known.
    """

    about: str
    about_id: str
    name: str
    unit: Any
    bureau: Any
    due: date
    division: str
    path: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that a rule asks for on a day."""

    rule: Rule
    step: int
    what: Occurrence
    unit: Any

    @property
    def key(self) -> str:
        """What makes it the same reminder when the day is done again."""
        return f"{self.rule.id}:{self.what.about_id}:{self.what.due.isoformat()}:{self.step}:{self.unit.pk}"


def wanted(rule: Rule, occurrences: Iterable[Occurrence], day: date) -> Iterator[Reminder]:
    """Yield the reminders that `rule` asks for on `day`."""
    for what in occurrences:
        step = rule.step(day, what.due)
        if step is None:
            continue
        receivers = {"unit": what.unit, "bureau": what.bureau}
        chosen = {receivers[name].pk: receivers[name] for name in rule.to if receivers[name] is not None}
        yield from (Reminder(rule, step, what, unit) for unit in chosen.values())


def make(reminders: Iterable[Reminder], day: date) -> int:
    """Make the messages that do not exist yet, queue them and draft the notices; return how many."""
    found = {reminder.key: reminder for reminder in reminders}
    known = set(Message.objects.filter(key__in=list(found)).values_list("key", flat=True))
    new = [reminder for key, reminder in found.items() if key not in known]
    if not new:
        return 0
    with audit.action("reminders.made", actor="system", count=len(new)):
        messages = Message.objects.bulk_create(_message(reminder, day) for reminder in new)
        delivery.queue(messages, datetime.now())
        with clock.on(day):
            for reminder in new:
                if reminder.rule.answer_days is not None:
                    _draft_notice(reminder, day)
    return len(new)


def _message(reminder: Reminder, day: date) -> Message:
    what = reminder.what
    subject, text = words(reminder.rule.occasion, what, (what.due - day).days)
    return Message(
        key=reminder.key,
        division=what.division,
        rule=reminder.rule.id,
        tone=reminder.rule.tone,
        unit=reminder.unit,
        subject=str(subject)[:200],
        text=str(text),
        about=what.about,
        about_id=what.about_id,
        path=what.path,
        on=day,
    )


def words(occasion: str, what: Occurrence, left: int) -> tuple[Text, Text]:
    """Return subject and text of a reminder; `left` is the number of days that are left, below 0 past."""
    fields = {"name": what.name, "unit": str(what.unit), "due": what.due.isoformat(), "days": abs(left)}
    return {
        "duty_due": (
            Text("任务即将到期：{name}", **fields),
            Text("{unit}承担的“{name}”应于 {due} 完成，还有 {days} 天。", **fields),
        ),
        "duty_overdue": (
            Text("任务逾期：{name}", **fields),
            Text("{unit}承担的“{name}”应于 {due} 完成，已逾期 {days} 天。", **fields),
        ),
        "report_due": (
            Text("材料即将到报送期限：{name}", **fields),
            Text("{unit}应于 {due} 前报送“{name}”，还有 {days} 天。", **fields),
        ),
        "report_missing": (
            Text("材料缺报：{name}", **fields),
            Text("{unit}应于 {due} 前报送的“{name}”未收到，已过 {days} 天。", **fields),
        ),
        "case_due": (
            Text("督办即将到期：{name}", **fields),
            Text("{unit}应于 {due} 前反馈“{name}”，还有 {days} 天。", **fields),
        ),
        "case_overdue": (
            Text("督办逾期：{name}", **fields),
            Text("{unit}应于 {due} 前反馈的“{name}”未收到反馈，已逾期 {days} 天。", **fields),
        ),
    }[occasion]


def _draft_notice(reminder: Reminder, day: date) -> None:
    """Draft a supervision notice for the bureau to read and issue; it is not issued by a rule."""
    what = reminder.what
    _, text = words(reminder.rule.occasion, what, (what.due - day).days)
    cases.open_case(
        str(Text("关于“{name}”逾期的督办", name=what.name))[:200],
        str(text),
        division=what.division,
        unit=what.unit,
        deadline=day + timedelta(days=reminder.rule.answer_days or 0),
        actor="system",
        at=clock.now(),
        about=(what.about, what.about_id, what.name[:200]),
    )
