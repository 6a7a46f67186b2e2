"""Reports that are due (报送) and dated steps of the body (milestones)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bishui.documents.deadlines import Found, find
from bishui.documents.draft import Milestone, ReportDeadline
from bishui.documents.layout import Passage
from bishui.documents.rulebook import any_of, pattern, rules
from bishui.documents.sentences import masked
from bishui.documents.targets import targets_in
from bishui.documents.text import Compact

_SENTENCE = re.compile(r"[^。！？；]+")
_SEGMENT = re.compile(r"[^，。；！？]+")
_DATED = re.compile(r"(?:20\d\d-\d\d-\d\d|every .*|relative:.*)")
_LONGEST_DATE = 40
_EVERY_YEAR = re.compile(r"每年度?")


@dataclass(frozen=True, slots=True)
class _Due:
    """One report of a sentence: when it is due, where that stands, and the words for what is reported."""

    due: str
    place: int
    what: str


def reports_in(passage: Passage, year: int | None, task: int | None = None) -> list[ReportDeadline]:
    """Return the reports that a passage asks for, each with its date and receiver.

    Parameters
    ----------
    passage
        The paragraph, or the content of a task.
    year
        The year of the plan, for dates that name none.
    task
        The position of the task the passage stands in, from 0; None in the body.
    """
    text = Compact.of(passage.text)
    hidden = masked(text)
    reports: list[ReportDeadline] = []
    if not re.search(rules("dated")["report"]["verb"], hidden):
        return reports
    found = [each for each in find(text, year) if each.norm and _DATED.fullmatch(each.norm)]
    for sentence in _SENTENCE.finditer(hidden):
        dates = [each for each in found if sentence.start() <= each.start < sentence.end()]
        for each in _reports(text, hidden, sentence.span(), dates):
            receiver = _receiver(hidden, sentence.start(), sentence.end(), each.place)
            line = passage.line_at(text.place(each.place))
            reports.append(ReportDeadline(each.what, each.due, receiver, line, task))
    return reports


def _reports(text: Compact, hidden: str, span: tuple[int, int], dates: list[Found]) -> Iterator[_Due]:
    """Give the reports of a sentence, one for each date that has something to report."""
    rule = rules("dated")["report"]
    sentence = hidden[span[0] : span[1]]
    named = re.search(any_of(rule["objects"]), sentence)
    if not dates or named is None or not re.search(rule["verb"], sentence):
        return
    yearly = _EVERY_YEAR.search(hidden, *span)
    ends = [date.start for date in dates[1:]] + [span[1]]
    spans = [_object(hidden, date.end, end) for date, end in zip(dates, ends, strict=True)]
    words = [text.original(*each) if each else None for each in spans]
    if not any(words):
        words = _named_before(text, hidden, span[0], dates)
    for date, what in zip(dates, _completed(words), strict=True):
        due = str(date.norm)
        if yearly and yearly.start() <= date.start and due.startswith("20"):
            due = f"every year {due[5:]}"
        if what is not None:
            yield _Due(due, date.start, what)


def _object(text: str, begin: int, end: int) -> tuple[int, int] | None:
    """Return the span of what is reported: behind the verb (报送……), or between 将 or 把 and the verb."""
    rule = rules("dated")["report"]
    taken = re.search(
        f"{rule['taken']}(?P<what>[^，。；]+?)(?:(?P<verb>{rule['verb']})|[，、。；]|$)", text[begin:end]
    )
    if taken and (taken["verb"] or _is_report(taken["what"])):
        return begin + taken.start("what"), begin + taken.end("what")
    verb = re.search(rule["verb"], text[begin:end])
    if verb is None:
        return None
    what = re.match(r"[^，。；]+", text[begin + verb.end() : end])
    if what is None or not re.search(any_of(rule["objects"]), what.group()):
        return None
    return begin + verb.end(), begin + verb.end() + what.end()


def _is_report(what: str) -> bool:
    """Tell whether words name a report, or the period of one (将年度、6月底前将上半年情况报送)."""
    rule = rules("dated")["report"]
    return bool(pattern(rule["period"]).fullmatch(what) or re.search(any_of(rule["objects"]), what))


def _named_before(text: Compact, hidden: str, begin: int, dates: list[Found]) -> list[str | None]:
    """Return what is reported where it is named before the dates: one for each, or the same for all."""
    rule = rules("dated")["report"]
    start = max(begin, *(hidden.rfind(mark, begin, dates[0].start) + 1 for mark in "，：:"))
    start += len(pattern(f"{rule['taken']}?").match(hidden[start:]).group())  # type: ignore[union-attr]
    end = start + len(pattern(rule["before_date"]).sub("", hidden[start : dates[0].start]))
    whole = text.original(start, end)
    if not re.search(any_of(rule["objects"]), whole):
        return [None for _ in dates]
    parts = re.split(rule["listed"], whole)
    return list(parts) if len(parts) == len(dates) else [whole for _ in dates]


def _completed(words: list[str | None]) -> Iterator[str | None]:
    """Give each report its noun: one that is only a period (年度) takes it from the one after it."""
    period = pattern(rules("dated")["report"]["period"])
    for place, what in enumerate(words):
        if what and period.fullmatch(what):
            following = next((each for each in words[place + 1 :] if each), "")
            yield what + period.sub("", following, count=1)
        else:
            yield what


def _receiver(text: str, begin: int, end: int, place: int) -> str:
    """Return to whom a report goes: named once in a sentence for all its reports, the nearest one counts."""
    rule = rules("dated")["report"]
    sentence = text[begin:end]
    hits = list(re.finditer(rule["to_before"], sentence))
    for after in rule["to_after"]:
        hits = hits or list(re.finditer(rule["verb"] + after, sentence))
    nearest = min(hits, key=lambda hit: abs(begin + hit.start() - place), default=None)
    return nearest["to"] if nearest else ""


def milestones_in(passage: Passage, year: int | None) -> list[Milestone]:
    """Return the dated steps of a paragraph that begins with a date (2023年底前，完成……；建成……).

    A step holds for the date its sentence begins with; a sentence that begins with none is no step.
    """
    if not _begins_with_date(passage.text, year):
        return []
    text = Compact.of(passage.text)
    found = [each for each in find(text, year) if str(each.norm).startswith("20")]
    hidden = masked(text)
    return [
        _milestone(text.original(begin, end), passage.line_at(text.place(begin)), str(date.norm), year)
        for date, begin, end in _steps(hidden, found)
    ]


def _begins_with_date(text: str, year: int | None) -> bool:
    found = find(Compact.of(text[:_LONGEST_DATE]), year)
    return bool(found) and found[0].start <= 1 and str(found[0].norm).startswith("20")


def _steps(hidden: str, found: list[Found]) -> Iterator[tuple[Found, int, int]]:
    """Give the date and the span of each step: a clause, with those after it that only go on with it."""
    verbs = pattern(rules("dated")["milestone"]["verbs"])
    date: Found | None = None
    step: tuple[int, int] | None = None
    for segment in _SEGMENT.finditer(hidden):
        own = next((each for each in found if 0 <= each.start - segment.start() <= 1), None)
        before = hidden[segment.start() - 1] if segment.start() else "。"
        goes_on = step is not None and before == "，" and own is None and not verbs.match(segment.group())
        if step is not None and not goes_on and date is not None:
            yield date, *step
        if goes_on and step is not None:
            step = step[0], segment.end()
            continue
        date = own or (None if before in "。！？" else date)
        begin = own.end if own else segment.start()
        step = (begin, segment.end()) if date is not None and begin < segment.end() else None
    if step is not None and date is not None:
        yield date, *step


def _milestone(written: str, line: int, due: str, year: int | None) -> Milestone:
    numbers = [each for each in targets_in(Passage(written, ((0, line),)), year, due) if not each.qualitative]
    number = numbers[0] if len(numbers) == 1 else None
    step, scope = _without_scope(written)
    return Milestone(
        due=due,
        text=step,
        kind=_kind(step),
        op=number.op if number else None,
        value=number.value if number else None,
        unit=number.unit if number else None,
        line=line,
        scope=scope,
    )


def _without_scope(written: str) -> tuple[str, str]:
    """Return a step without the list of places it has to happen in (甲江、乙江以及城区内), and that list."""
    hit = pattern(rules("dated")["milestone"]["scope"]).match(written)
    return (hit["verb"] + written[hit.end() :], hit["scope"]) if hit else (written, "")


def _kind(text: str) -> str:
    kinds = rules("dated")["milestone"]["kinds"]
    return next(str(entry["kind"]) for entry in kinds if pattern(entry["pattern"]).search(text))
