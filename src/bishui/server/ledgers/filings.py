"""The filing of counties' own plans: who has to, by which working day, and the event of a missing one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from bishui.server.core import advancing, audit, workflow
from bishui.server.core.models import StoredFile
from bishui.server.ledgers.models import Filing
from bishui.server.plans import obligations, standings
from bishui.standards import add_workdays


@cache
def rules() -> dict[str, Any]:
    """Return the data of ``rules/filings.toml``."""
    return tomllib.loads((Path(__file__).parent / "rules" / "filings.toml").read_text(encoding="utf-8"))


def workdays_of(norm: str) -> int:
    """Return the number of working days that a normalised deadline names, or the usual one."""
    named = re.fullmatch(r"relative:\+(\d+) workdays", norm)
    return int(named[1]) if named else int(rules()["workdays"])


def renew(division: str) -> int:
    """Make the filings that the plans of a city ask for and that do not exist yet; return how many.

    A plan without a day of issue starts no clock: its filings come once that day is known.
    """
    known = set(Filing.objects.filter(division__startswith=division).values_list("plan_id", "unit_id"))
    new = [
        _filing(plan, task, unit)
        for plan, task, units in obligations.asking(division, rules()["asks"])
        if plan.issued is not None
        for unit in units
        if (plan.pk, unit.pk) not in known
    ]
    if new:
        with audit.action("ledgers.filings_made", actor="system", division=division, count=len(new)):
            Filing.objects.bulk_create({(item.plan_id, item.unit_id): item for item in new}.values())
    return len(new)


def _filing(plan: Any, task: Any, unit: Any) -> Filing:
    workdays = workdays_of(task.deadline_norm)
    reached = add_workdays(plan.issued, workdays)
    return Filing(
        division=plan.division,
        plan=plan,
        task=task,
        unit=unit,
        began=plan.issued,
        workdays=workdays,
        due=reached.day,
        calendar_sure=reached.verified,
    )


def note_missing(division: str, day: date) -> int:
    """Record each filing that was due before `day` and has not come as missing; return how many."""
    late = Filing.objects.filter(division__startswith=division, state="due", due__lt=day)
    count = 0
    for filing in late.select_related("unit", "plan"):
        filing.missed_on = day
        workflow.fire(filing, "miss", actor="system")
        count += 1
    return count


def daily(day: date) -> None:
    """Make new filings and record the missing ones in every city, on `day` or its own fixed day."""
    for division, fixed in standings.roots():
        renew(division)
        note_missing(division, fixed or day)


def advance(
    filing: Filing,
    transition: str,
    *,
    actor: Any,
    day: date,
    text: str = "",
    upload: tuple[BinaryIO, str] | None = None,
    where: str = "",
) -> None:
    """Fire a transition of a filing; what is filed is kept with its day.

    Raises
    ------
    BishuiError
        As `bishui.server.core.advancing.advance`.
    """

    def prepare(kept: Mapping[str, StoredFile]) -> None:
        if transition == "file":
            filing.filed_on = day
            filing.file = kept.get("file")

    files = {"file": upload} if transition == "file" and upload is not None else {}
    advancing.advance(
        filing,
        transition,
        actor=actor,
        texts={"text": text} if transition != "file" else {},
        uploads=files,
        prepare=prepare,
        where=where,
    )
