"""Reports that are due, dated steps and projects of two plans, paired by what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bishui.documents.comparison.frame import Frame, Side
from bishui.documents.comparison.result import Change, Entry, Kind, Mention, Verdict
from bishui.documents.comparison.similarity import Space, best_pairs
from bishui.documents.comparison.tasks import changed_units
from bishui.documents.draft import Lines, PlanDraft, UnitCell
from bishui.documents.rulebook import any_of, pattern, rules
from bishui.documents.text import squeeze

_NOBODY = UnitCell()


@dataclass(frozen=True, slots=True)
class Record:
    """Something with a name, perhaps a day, organs and further texts by field."""

    index: int
    name: str
    lines: Lines
    due: str | None = None
    units: UnitCell = _NOBODY
    texts: tuple[tuple[str, str], ...] = ()

    @property
    def content(self) -> tuple[object, ...]:
        """Everything but its place."""
        return (self.name, self.due, self.units, self.texts)


def compare_reports(frame: Frame) -> list[Entry]:
    """Return what became of the reports, in no particular order."""
    return _compare(frame, "report", _reports(frame.before), _reports(frame.after))


def compare_milestones(frame: Frame) -> list[Entry]:
    """Return what became of the dated steps, in no particular order."""
    return _compare(frame, "milestone", _milestones(frame.before), _milestones(frame.after))


def compare_projects(frame: Frame) -> list[Entry]:
    """Return what became of the projects, in no particular order."""
    return _compare(frame, "project", _projects(frame.before), _projects(frame.after))


def _reports(plan: PlanDraft) -> list[Record]:
    return [
        Record(number, each.what, (each.line, each.line), each.due, texts=(("to", each.to),))
        for number, each in enumerate(plan.report_deadlines, start=1)
    ]


def _milestones(plan: PlanDraft) -> list[Record]:
    return [
        Record(number, each.text, (each.line, each.line), each.due)
        for number, each in enumerate(plan.milestones, start=1)
    ]


def _projects(plan: PlanDraft) -> list[Record]:
    return [
        Record(
            number,
            each.name,
            each.lines,
            units=each.units,
            texts=(
                ("content", each.content),
                ("years", each.years),
                ("investment", f"{each.investment}{each.investment_unit or ''}"),
            ),
        )
        for number, each in enumerate(plan.projects, start=1)
    ]


def _compare(frame: Frame, kind: Kind, before: Sequence[Record], after: Sequence[Record]) -> list[Entry]:
    texts = [
        [_called(frame.neutral(each.name, "before")) for each in before],
        [_called(frame.neutral(each.name, "after")) for each in after],
    ]
    space = Space([*texts[0], *texts[1]])
    pairs = best_pairs(
        [space.vector(text) for text in texts[0]],
        [space.vector(text) for text in texts[1]],
        rules("comparison")["pairing"]["record"],
        lambda i, j: _agreement(before[i], after[j]),
        ([each.content for each in before], [each.content for each in after]),
    )
    paired = ({pair.first for pair in pairs}, {pair.second for pair in pairs})
    entries = [_entry(frame, kind, before[pair.first], after[pair.second], pair.similarity) for pair in pairs]
    entries += [_alone(kind, each, "before") for i, each in enumerate(before) if i not in paired[0]]
    entries += [_alone(kind, each, "after") for j, each in enumerate(after) if j not in paired[1]]
    return entries


def _called(name: str) -> str:
    """Return a name with the words that mean the same made one."""
    for first, *others in rules("comparison")["wording"]["same_reports"]:
        name = pattern(any_of([first, *others])).sub(first, name)
    return name


def _agreement(before: Record, after: Record) -> int:
    texts = [first == second for first, second in zip(before.texts, after.texts, strict=True)]
    return sum((*texts, before.due == after.due, before.units == after.units, before.name == after.name))


def _entry(frame: Frame, kind: Kind, before: Record, after: Record, similarity: float) -> Entry:
    reworded = frame.changed_text("name", before.name, after.name)
    found: list[Change | None] = [reworded if _called(before.name) != _called(after.name) else None]
    found.append(frame.changed_deadline((before.due or "", after.due or ""), (before.due, after.due)))
    found.append(changed_units("units", before.units, after.units))
    for (name, first), (_, second) in zip(before.texts, after.texts, strict=True):
        if squeeze(first) != squeeze(second):
            found.append(frame.changed_text(name, first, second))
    changes = tuple(change for change in found if change is not None)
    verdicts = {change.verdict for change in changes}
    verdict: Verdict = "kept"
    if changes:
        verdict = verdicts.pop() if len(verdicts) == 1 else "changed"
    return Entry(kind, verdict, before.name, (_place(before),), (_place(after),), changes, similarity)


def _alone(kind: Kind, record: Record, side: Side) -> Entry:
    verdict: Verdict = "dropped" if side == "before" else "added"
    before, after = ((_place(record),), ()) if side == "before" else ((), (_place(record),))
    return Entry(kind, verdict, record.name, before, after)


def _place(record: Record) -> Mention:
    return Mention(
        record.index, None, f"{record.name} {record.due}" if record.due else record.name, record.lines
    )
