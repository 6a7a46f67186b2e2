"""Case files of published city rankings: digits of the index, and order with shared ranks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from bishui.assessment.numbers import round_half_even
from bishui.assessment.ranking.places import rank_ascending
from bishui.assessment.worked_cases.cells import given, number
from bishui.errors import DataError
from bishui.i18n import Text
from bishui.standards import rules
from bishui.verification import Case, Check, Layout, Outcome, compare, register_layout

_INDEX, _RANK = "published_CWQI", "published_rank"


@dataclass(frozen=True, slots=True)
class _Entry:
    case: Case
    name: str
    index: Decimal


def _name(case: Case) -> str:
    return f"{case.get('city')} {case.get('period')}".strip()


def _index(case: Case) -> Decimal:
    return number(case.get(_INDEX), case.line, _INDEX)


def _readable(case: Case) -> bool:
    """Tell whether the index can be read; `_digits` says of its own row why it cannot."""
    try:
        _index(case)
    except DataError:
        return False
    return True


def _digits(case: Case, _header: Sequence[str]) -> Iterable[Check]:
    """Check that the index is printed with the digits of the rules; a final zero may be missing."""
    if not given(case, _INDEX):
        return
    index = _index(case)
    printed = round_half_even(index, rules("cwqi", date.today())["index_decimals"])
    outcome = Outcome.OK if printed == index else Outcome.DIFFERENT
    note = Text("指数的小数位数")
    yield Check(case.line, _name(case), _INDEX, case.get(_INDEX), str(printed), outcome, note)


def _ranks(_path: Path, cases: Sequence[Case], _header: Sequence[str]) -> Iterable[Check]:
    """Rank the cities of each period by the published index, and compare the ranks."""
    periods: dict[str, list[_Entry]] = {}
    for case in cases:
        if given(case, _INDEX) and not _readable(case):
            continue
        if given(case, _INDEX):
            entry = _Entry(case, _name(case), _index(case))
            periods.setdefault(case.get("period"), []).append(entry)
        elif given(case, _RANK):
            note = Text("没有公布的指数，无法排名。")
            yield Check(case.line, _name(case), _RANK, case.get(_RANK), "—", Outcome.NOT_CHECKABLE, note)
    for entries in periods.values():
        places = rank_ascending(
            entries,
            value=lambda entry: Fraction(entry.index),
            printed=lambda entry: entry.index,
            name=lambda entry: entry.name,
        )
        note = Text("同一时段 {count} 个城市按指数升序", count=len(entries))
        for place in places:
            if expected := given(place.entry.case, _RANK):
                yield compare(
                    place.entry.case,
                    place.entry.name,
                    _RANK,
                    expected=expected,
                    got=str(place.rank),
                    note=note,
                )


RANKING = Layout("cwqi-ranking", frozenset({"period", "city", _INDEX, _RANK}), _digits, whole=_ranks)

register_layout(RANKING)
