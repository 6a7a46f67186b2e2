"""The filing of counties' own plans: who has to, by which working day, and the event of a missing one."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from bishui.server.core import audit, workflow
from bishui.server.core import evidence as handed_in
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
    """Fire a transition of a filing; the file of ``file`` is kept with it, all or nothing.

    Raises
    ------
    BishuiError
        As `bishui.server.core.workflow.fire`; a file that is refused stops the whole.
    """
    with audit.action(
        "core.transition",
        actor=actor,
        where=where,
        division=filing.division,
        name=str(filing),
        transition=workflow.of(filing).transitions[transition].label.zh,
    ):
        if transition not in {item.id for item in workflow.available(filing, actor)}:
            workflow.fire(filing, transition, actor=actor, where=where)  # says why not, before a file is kept
        evidence = {"text": text}
        if transition == "file":
            evidence = {}
            filing.filed_on = day
            if upload is not None:
                filing.file = handed_in.keep(*upload, division=filing.division)
                evidence = {"file": str(filing.file.pk)}
        workflow.fire(filing, transition, actor=actor, evidence=evidence, where=where)
