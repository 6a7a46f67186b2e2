"""Sections (断面) and drinking-water sources (水源地) of two plans, paired by name and water."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bishui.documents.comparison.classes import better_class
from bishui.documents.comparison.frame import Frame, Side
from bishui.documents.comparison.result import Change, Entry, Mention, Verdict
from bishui.documents.draft import Lines, PlanDraft
from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import Compact, squeeze
from bishui.i18n import Text

_BRACKETS = re.compile(r"[（(][^（）()]*[）)]")
_SENTENCE = re.compile(r"[^。！？；]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A section or source with what it must reach; `stated`: named in a sentence, not in a table."""

    index: int
    name: str
    water: str
    level: str
    county: str
    asked: str
    lines: Lines
    stated: bool = False

    @property
    def content(self) -> tuple[str, ...]:
        """Everything but its place."""
        return (self.name, self.asked, self.water, self.level, self.county)

    @property
    def key(self) -> str:
        """The name without brackets, as it is compared."""
        return _BRACKETS.sub("", squeeze(self.name)) or squeeze(self.name)


def compare_sections(frame: Frame) -> list[Entry]:
    """Return what became of the classes of sections, in no particular order.

    A section that stands in one plan's table alone is looked for in the other plan's sentences.
    """
    before, after = _sections(frame.before), _sections(frame.after)
    return _compare(
        frame,
        "section",
        [*before, *_stated(frame.before, after, before)],
        [*after, *_stated(frame.after, before, after)],
    )


def compare_sources(frame: Frame) -> list[Entry]:
    """Return what became of the targets of drinking-water sources, in no particular order."""
    return _compare(frame, "source", _sources(frame.before), _sources(frame.after))


def _sections(plan: PlanDraft) -> list[Wanted]:
    return [
        Wanted(number, each.section, each.water, each.level, each.county, each.target_class, each.lines)
        for number, each in enumerate(plan.section_targets, start=1)
    ]


def _sources(plan: PlanDraft) -> list[Wanted]:
    return [
        Wanted(number, each.source, "", each.level, each.county, each.target, each.lines)
        for number, each in enumerate(plan.source_targets, start=1)
    ]


def _stated(plan: PlanDraft, others: Sequence[Wanted], own: Sequence[Wanted]) -> Iterator[Wanted]:
    """Give the sections of another plan that a sentence of this one gives a class to."""
    missing = {other.key: other for other in others if other.key not in {each.key for each in own}}
    if not missing:
        return
    rule = rules("comparison")["classes"]
    text = Compact.of("\n".join(plan.source_lines))
    starts = _line_starts(plan.source_lines)
    number = len(own)
    for sentence in _SENTENCE.finditer(text.text):
        hit = pattern(rule["stated"]).search(sentence.group())
        if hit is None or _is_share(sentence.group(), rule["share"]):
            continue
        for key in [key for key in missing if key in sentence.group()[: hit.start()]]:
            place = text.place(sentence.start() + sentence.group().index(key))
            line = bisect_right(starts, place)
            number += 1
            other = missing.pop(key)
            yield Wanted(number, other.name, other.water, "", "", hit["class"], (line, line), stated=True)


def _is_share(sentence: str, share: str) -> bool:
    return any(float(hit["share"]) < 100 for hit in pattern(share).finditer(sentence))


def _line_starts(lines: Sequence[str]) -> list[int]:
    starts, place = [], 0
    for line in lines:
        starts.append(place)
        place += len(line) + 1
    return starts


def _compare(
    frame: Frame, kind: Literal["section", "source"], before: Sequence[Wanted], after: Sequence[Wanted]
) -> list[Entry]:
    pairs = _pairs(before, after)
    left = (
        [each for each in before if not any(each is first for first, _ in pairs)],
        [each for each in after if not any(each is second for _, second in pairs)],
    )
    entries = [_entry(kind, first, second) for first, second in pairs]
    entries += [_alone(frame, kind, "before", each, left[1]) for each in left[0]]
    entries += [_alone(frame, kind, "after", each, left[0]) for each in left[1]]
    return entries


def _pairs(before: Sequence[Wanted], after: Sequence[Wanted]) -> list[tuple[Wanted, Wanted]]:
    """Pair the same names; where a name stands several times, those on the same water first."""
    ranked = sorted(
        (
            (_differs(first, second), sorted((first.content, second.content)), i, j)
            for i, first in enumerate(before)
            for j, second in enumerate(after)
            if first.key == second.key
        )
    )
    pairs: list[tuple[Wanted, Wanted]] = []
    for _, _, i, j in ranked:
        if not any(before[i] is first or after[j] is second for first, second in pairs):
            pairs.append((before[i], after[j]))
    return pairs


def _differs(first: Wanted, second: Wanted) -> tuple[bool, bool, bool]:
    return (
        bool(first.water and second.water and squeeze(first.water) != squeeze(second.water)),
        first.asked != second.asked,
        first.level != second.level,
    )


def _entry(kind: Literal["section", "source"], before: Wanted, after: Wanted) -> Entry:
    verdict = better_class(before.asked, after.asked)
    fields = [("class" if kind == "section" else "target", before.asked, after.asked, verdict)]
    if not (before.stated or after.stated):
        fields += [
            (field, first, second, "changed")
            for field, first, second in (
                ("water", before.water, after.water),
                ("level", before.level, after.level),
                ("county", before.county, after.county),
            )
            if first and second and squeeze(first) != squeeze(second)
        ]
    changes = tuple(Change(*_named(field)) for field in fields if field[3] != "kept")
    sentence = Text("正文把这一断面与其他断面一起写明，附表没有单独列出。")
    return Entry(
        kind,
        "changed" if verdict == "kept" and changes else verdict,
        before.name,
        (_place(before),),
        (_place(after),),
        changes,
        note=sentence if before.stated or after.stated else None,
    )


def _named(field: tuple[str, str, str, Verdict]) -> tuple[str, Verdict, str, str]:
    name, before, after, verdict = field
    return name, verdict, before, after


def _alone(
    frame: Frame, kind: Literal["section", "source"], side: Side, wanted: Wanted, others: Sequence[Wanted]
) -> Entry:
    verdict: Verdict = "dropped" if side == "before" else "added"
    if frame.outside(side, (wanted.county,)):
        verdict = "outside"
    near = tuple(_place(other) for other in sorted(others, key=_by_place) if _near(wanted, other))
    before, after = ((_place(wanted),), ()) if side == "before" else ((), (_place(wanted),))
    note = Text("另一份计划中有相近的名称，请核实是否为同一处。") if near else None
    if note is None and side == frame.relation.upper and frame.relation.kind == "levels":
        note = None if wanted.county else Text("上级计划没有注明所在县区，请核实是否属于下级。")
    return Entry(kind, verdict, wanted.name, before, after, near=near, note=note)


def _by_place(wanted: Wanted) -> tuple[Lines, str]:
    return wanted.lines, wanted.name


def _near(first: Wanted, second: Wanted) -> bool:
    """Tell whether two names may mean one place: one character apart, or one inside the other."""
    rule = rules("comparison")["pairing"]
    shortest = rule["near_shortest"]
    names = [pattern(rule["near_suffix"]).sub("", each.key) for each in (first, second)]
    one, other = sorted(names, key=len)
    if len(one) < shortest:
        return False
    if one == other:
        return True
    if len(one) == len(other):
        return len(one) > shortest and sum(a != b for a, b in zip(one, other, strict=True)) == 1
    return one in other


def _place(wanted: Wanted) -> Mention:
    water = f"（{wanted.water}）" if wanted.water else ""
    return Mention(wanted.index, None, f"{wanted.name}{water} {wanted.asked}", wanted.lines)
