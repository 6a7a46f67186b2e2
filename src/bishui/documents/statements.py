"""What a clause says about a number in it: the ways in which a sentence asks for a figure, tried in order."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from bishui.documents.quantities import Value
from bishui.documents.rulebook import any_of, pattern, rules
from bishui.documents.sentences import Clause

_LINKS = "、和与及或"
_NAMED_BEFORE = 20  # characters before a clause in which its frequency may be named (频次为：每半年一次)
_NEAR = 4  # characters between a verb and a number in words: further off it describes (连接南北的两条廊道)
_OPERATORS = {
    "at_least": ">=",
    "at_most": "<=",
    "increase": "increase",
    "decrease": "decrease",
    "reach": "reach",
    "done": "reach",
    "equal": "=",
}


@dataclass(frozen=True, slots=True)
class Stated:
    """What a clause states, as spans of the compact text.

    `op` is ``reach`` where 达到 leaves open which side is better; `unit` replaces the value's own.
    """

    op: str
    indicator: tuple[tuple[int, int], ...]
    begin: int
    end: int
    unit: str | None = None


Way = Callable[[str, Clause, int, Value], Stated | None]
"""How a sentence may ask for a figure; the parameters are those of `statement`."""


def statement(text: str, clause: Clause, begin: int, value: Value) -> Stated | None:
    """Return what is stated about a value, or None where the value states nothing to be reached.

    Parameters
    ----------
    text
        The compact text with brackets and titles masked.
    clause
        The clause that the value stands in.
    begin
        Where the part of the clause begins that no value before this one has used.
    value
        The number.
    """
    ways: Sequence[Way] = _WAYS
    if _is_condition(text, clause, value):
        ways = (_share_of, _worked) if value.unit in _units("shares") else ()
    for way in ways:
        stated = way(text, clause, begin, value)
        if stated is not None:
            return stated
    return None


def _is_condition(text: str, clause: Clause, value: Value) -> bool:
    """Tell whether a value says which things are meant (浓度低于100mg/L的城市) or, of a share, how many."""
    after = text[value.end : clause.end]
    return any(re.match(condition, after) for condition in _words()["condition_after"])


def _words() -> dict[str, Any]:
    words: dict[str, Any] = rules("targets")["words"]
    return words


def _units(kind: str) -> list[str]:
    units: list[str] = rules("targets")["units"][kind]
    return units


@cache
def comparison() -> re.Pattern[str]:
    """Return the pattern of a comparison, before the value or before a noun phrase that ends with 的."""
    kinds = "|".join(f"(?P<{kind}>{any_of(_words()[kind])})" for kind in _OPERATORS)
    return re.compile(f"(?:{kinds})(?:约|到)?")


def operator(hit: re.Match[str]) -> str:
    """Return the operator of a comparison."""
    return _OPERATORS[str(hit.lastgroup)]


def after_link(text: str, start: int) -> int:
    """Return the first place from `start` that is no link between two things (、和与及或)."""
    while start < len(text) and text[start] in _LINKS:
        start += 1
    return start


def _often(text: str, clause: Clause, begin: int, value: Value) -> Stated | None:
    """How often: 每季度至少一次, 监测频次为每月1次; 每月测一次 alone describes the work."""
    if value.unit != "次":
        return None
    hit = pattern(_words()["often"]).search(text, clause.start, value.start)
    if hit is None:
        return None
    least = pattern(_words()["at_least_often"]).search(hit.group())
    named = pattern(_words()["often_named"]).search(text, max(0, clause.start - _NAMED_BEFORE), hit.start())
    if not (least or named or hit["halves"]):
        return None
    spans = [named.span("indicator")] if named else [(hit.start(), value.start), (value.end, clause.end)]
    span = "半年" if hit["halves"] else hit["span"].removeprefix("每").removeprefix("个")
    op = ">=" if least else value.after or "="
    start = named.start("indicator") if named else hit.start()
    return Stated(op, tuple(spans), start, value.end, f"次/{span}")


def _compared(text: str, clause: Clause, begin: int, value: Value) -> Stated | None:
    """Indicator, comparison, value: 收集率达到60%; or 抽查比例不低于……总数量的10%."""
    start = max(begin, clause.begin_after_deadline(value.start))
    hits = list(comparison().finditer(text, start, value.start))
    adjacent = [hit for hit in hits if hit.end() == value.start]
    distant = (
        [hit for hit in hits if hit["at_least"] or hit["at_most"]] if text[value.start - 1] in "的之" else []
    )
    hit = next(iter(adjacent or distant), None)
    if hit is None or hit.start() <= start:
        return None
    if value.unit is None and not _ends_an_indicator(text[start : hit.start()]):
        return None
    if hit["done"] and value.unit not in _units("shares"):
        return None
    if hit.group() == "在" and value.after is None:
        return None
    if value.unit in _units("shares") and _share_after(text, clause, value):
        return None
    op = operator(hit)
    op = op if op in {"increase", "decrease"} else value.after or op
    if value.unit in _units("counts") and op == "=":
        return None
    return Stated(op, ((after_link(text, start), hit.start()),), after_link(text, start), value.end)


def _share_of(text: str, clause: Clause, begin: int, value: Value) -> Stated | None:
    """A share of a kind that does something: 95%以上养殖场建立台账, 公务车等100%使用新能源."""
    if value.unit not in _units("shares"):
        return None
    first = clause.begin_after_deadline(value.start)
    lead_in = pattern(_words()["lead_in"]).sub("", text[first : value.start])
    begins = not lead_in or _is_scope(lead_in)
    if begins and pattern(_words()["share_of"]).match(text, value.end, clause.end):
        spans = ((first, value.start), (value.end, clause.end))
        return Stated(value.after or "=", spans, first, clause.end)
    hit = _right_before(text, first, value)
    if hit is not None and _share_after(text, clause, value):
        spans = ((first, hit.start()), (value.end, clause.end))
        return Stated(value.after or operator(hit), spans, first, clause.end)
    if value.start > first and pattern(_words()["share_verb"]).match(text, value.end, clause.end):
        return Stated(value.after or "=", ((first, value.start), (value.end, clause.end)), first, clause.end)
    return None


def _share_after(text: str, clause: Clause, value: Value) -> bool:
    """Tell whether a compared share is of what follows it: 每个村超过60%的农户污水得到处理."""
    first = clause.begin_after_deadline(value.start)
    before = _right_before(text, first, value)
    if before is None or not before["at_least"]:
        return False
    begins = before.start() == first or _is_scope(text[first : before.start()])
    return begins and bool(pattern("的[^，；。]{2,20}").match(text, value.end, clause.end))


def _is_scope(text: str) -> bool:
    whole = any_of(rules("targets")["scope"]["whole"])
    return bool(re.fullmatch(f"{whole}|(?:按照?)?每个[^，；。]{{1,8}}", text))


def _worked(text: str, clause: Clause, begin: int, value: Value) -> Stated | None:
    """A verb that asks for an amount of work: 完成45个行政村的农村生活污水治理, 新建灌溉面积2万亩."""
    if value.unit is None or (value.unit == "次" and value.in_words and value.after is None):
        return None
    first = clause.begin_after_deadline(value.start)
    hit = re.search(any_of(_words()["work"]), text[first : value.start])
    if hit is None:
        return None
    verb = first + hit.start()
    if value.in_words and value.start - first - hit.end() > _NEAR and value.end < clause.end:
        return None
    if _ends_an_indicator(text[first : value.start]) and not _opens(text[first:verb]):
        return None
    start = max(begin, verb + len("完成") if hit.group() == "完成" else verb)
    compared = _right_before(text, start, value)
    end = value.end
    spans = [(after_link(text, start), compared.start() if compared else value.start)]
    share = value.unit in _units("shares")
    if share and hit.group() not in _words()["shared_work"]:
        return None
    if _takes_what_follows(text, clause, value):
        end = _end_of_item(text, value.end, clause.end)
        spans.append((value.end, end))
    elif share and text[value.start - 1] != "的":
        return None
    return Stated(value.after or ">=", tuple(spans), after_link(text, max(begin, verb)), end)


def _right_before(text: str, start: int, value: Value) -> re.Match[str] | None:
    """Return the comparison that ends where a value begins, if there is one."""
    hits = comparison().finditer(text, start, value.start)
    return next((hit for hit in hits if hit.end() == value.start), None)


def _opens(text: str) -> bool:
    """Tell whether a verb behind `text` is the sentence's own: only 全市, 力争 and the like before it."""
    left = pattern(_words()["lead_in"]).sub("", text)
    return not left or _is_scope(left) or bool(pattern(_words()["before_verb"]).fullmatch(left))


def _takes_what_follows(text: str, clause: Clause, value: Value) -> bool:
    if text[value.end : value.end + 1] in tuple(_LINKS):
        return False
    if value.unit in _units("counts") or text[value.end : clause.end].startswith("的"):
        return True
    follows = pattern("[\u4e00-\u9fff]{3}").match(text, value.end, clause.end)
    return value.unit in _units("amounts") and follows is not None


def _taken_up(text: str, clause: Clause, begin: int, value: Value) -> Stated | None:
    """Things counted that something is done to: 对26家重点单位进行调查."""
    if value.unit not in _units("counts"):
        return None
    start = max(begin, clause.begin_after_deadline(value.start))
    if not re.search(_words()["object_before"], text[start : value.start]):
        return None
    if not pattern(_words()["object_after"]).match(text, value.end, clause.end):
        return None
    end = _end_of_item(text, value.end, clause.end)
    return Stated(value.after or ">=", ((value.end, end),), after_link(text, start), end)


def _bare(text: str, clause: Clause, begin: int, value: Value) -> Stated | None:
    """An indicator with the value right after it: 无害化处理率100%."""
    start = max(begin, clause.begin_after_deadline(value.start))
    if value.unit is None or not _ends_an_indicator(text[start : value.start]):
        return None
    return Stated(value.after or "=", ((after_link(text, start), value.start),), start, value.end)


_WAYS: Sequence[Way] = (_often, _compared, _share_of, _worked, _taken_up, _bare)


def _ends_an_indicator(text: str) -> bool:
    stripped = pattern(_words()["lead_out"]).sub("", text).rstrip("□")
    return stripped.endswith(tuple(_words()["indicator_end"]))


def _end_of_item(text: str, begin: int, end: int) -> int:
    """Return where the item that a count belongs to ends: at 、, before another count, or with the clause."""
    link = pattern(r"、|[和及](?=[^、]*?\d)").search(text, begin, end)
    return link.start() if link else end
