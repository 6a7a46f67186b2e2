"""Reports that are due (报送) and dated steps of the body (milestones)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bishui.documents.deadlines import Found, find
from bishui.documents.draft import Milestone, ReportDeadline
from bishui.documents.layout import Passage
from bishui.documents.rulebook import pattern, rules
from bishui.documents.sentences import masked
from bishui.documents.targets import targets_in
from bishui.documents.text import Compact

_SENTENCE = re.compile(r"[^。！？；]+")
_DATED = re.compile(r"(?:20\d\d-\d\d-\d\d|every .*)")
_EVERY_YEAR = re.compile(r"每年度?")


def reports_in(passage: Passage, year: int | None, task: int | None = None) -> list[ReportDeadline]:
    """Return the reports that a passage asks for, each with its date and receiver."""
    text = Compact.of(passage.text)
    hidden = masked(text)
    found = find(text, year)
    reports: list[ReportDeadline] = []
    for sentence in _SENTENCE.finditer(hidden):
        dates = [
            each for each in found if sentence.start() <= each.start < sentence.end() and _is_dated(each)
        ]
        for due, begin, what in _items(hidden, sentence.start(), sentence.end(), dates):
            receiver = _receiver(hidden, sentence.start(), sentence.end(), begin)
            line = passage.line_at(text.place(begin))
            reports.append(ReportDeadline(text.original(*what), due, receiver, line, task))
    return reports


def _is_dated(found: Found) -> bool:
    return found.norm is not None and bool(_DATED.fullmatch(found.norm))


def _items(text: str, begin: int, end: int, dates: list[Found]) -> Iterator[tuple[str, int, tuple[int, int]]]:
    """Give the due date, its place and the object of each report in a sentence."""
    rule = rules("targets")["report"]
    verbs = list(re.finditer(rule["verb"], text[begin:end]))
    if not verbs or not dates or not any(word in text[begin:end] for word in rule["objects"]):
        return
    yearly = _EVERY_YEAR.search(text, begin, end)
    for number, date in enumerate(dates):
        until = dates[number + 1].start if number + 1 < len(dates) else end
        what = _object(text, date.end, until)
        if what is None:
            continue
        due = str(date.norm)
        if yearly and yearly.start() <= date.start and due.startswith("20"):
            due = f"every year {due[5:]}"
        yield due, date.start, what


def _object(text: str, begin: int, end: int) -> tuple[int, int] | None:
    """Return the span of what is reported: behind the verb (报送……), or between 将 and the verb."""
    rule = rules("targets")["report"]
    taken = re.search(f"将(?P<what>[^，。；]+?)(?:{rule['verb']}|[，、。；]|$)", text[begin:end])
    if taken:
        return begin + taken.start("what"), begin + taken.end("what")
    verb = re.search(rule["verb"], text[begin:end])
    if verb is None:
        return None
    what = re.match(r"[^，。；]+", text[begin + verb.end() : end])
    if what is None or not any(word in what.group() for word in rule["objects"]):
        return None
    return begin + verb.end(), begin + verb.end() + what.end()


def _receiver(text: str, begin: int, end: int, place: int) -> str:
    """Return to whom a report goes: named once in a sentence for all its reports, the nearest one counts."""
    rule = rules("targets")["report"]
    hits = [
        *re.finditer(rule["to_before"], text[begin:end]),
        *re.finditer(rule["verb"] + rule["to_after"], text[begin:end]),
    ]
    nearest = min(hits, key=lambda hit: abs(begin + hit.start() - place), default=None)
    return nearest["to"] if nearest else ""


def milestones_in(passage: Passage, year: int | None) -> list[Milestone]:
    """Return the dated steps of a paragraph that begins with a date (2023年底前，完成……；建成……)."""
    text = Compact.of(passage.text)
    found = find(text, year)
    if not found or found[0].start > 1 or not str(found[0].norm).startswith("20"):
        return []
    steps: list[Milestone] = []
    for step in re.finditer(
        r"[^，。；]+(?:，(?!基本|全面|完成|建成)[^，。；]+)*", masked(text)[found[0].end :]
    ):
        begin, end = found[0].end + step.start(), found[0].end + step.end()
        place = passage.line_at(text.place(begin))
        steps.append(_milestone(text.original(begin, end), place, str(found[0].norm), year))
    return steps


def _milestone(written: str, line: int, due: str, year: int | None) -> Milestone:
    numbers = [each for each in targets_in(Passage(written, ((0, line),)), year, due) if not each.qualitative]
    number = numbers[0] if len(numbers) == 1 else None
    return Milestone(
        due=due,
        text=written,
        kind=_kind(written),
        op=number.op if number else None,
        value=number.value if number else None,
        unit=number.unit if number else None,
        line=line,
    )


def _kind(text: str) -> str:
    kinds = rules("targets")["milestone"]["kinds"]
    return next(str(entry["kind"]) for entry in kinds if pattern(entry["pattern"]).search(text))
