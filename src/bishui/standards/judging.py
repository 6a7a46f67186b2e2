"""Judging one value against one standard: meets, exceeds, not limited, or which fact is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.standards.items import Item, unit_factor
from bishui.standards.limit_rows import LimitRow
from bishui.standards.limit_tables import StandardEdition, edition_on, split
from bishui.standards.local import Override
from bishui.standards.lookup import fitting, holds, known_band, own_rows, stated_conditions
from bishui.standards.substances import resolve_item
from bishui.standards.surface import Direction, Range, meets

Verdict = Literal["meets", "exceeds", "not_limited", "cannot_be_judged"]
Value = Decimal | Fraction | int


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a standard says about one value.

    Attributes
    ----------
    verdict
        ``meets``, ``exceeds``, ``not_limited`` (the standard sets no limit there), or ``cannot_be_judged``.
    row
        The limit that was applied.
    value
        The value in the unit of the row; for removal the removal rate.
    multiple
        ``value / limit − 1`` of an exceedance of an upper limit (超标倍数), exact and unrounded.
    reason
        Why no verdict was possible, or no limit applies.
    """

    verdict: Verdict
    row: LimitRow | None = None
    value: Fraction | None = None
    multiple: Fraction | None = None
    reason: Text | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "verdict": self.verdict,
            "row": self.row.as_dict() if self.row else None,
            "value": None if self.value is None else float(self.value),
            "multiple": None if self.multiple is None else float(self.multiple),
            "reason": self.reason.both() if self.reason else None,
        }


@dataclass(frozen=True, slots=True)
class Grading:
    """The best class or grade whose limit a value meets.

    Attributes
    ----------
    band, rank
        Class or grade; rank 1 is the best. Both None where the standard does not limit the item. Where no
        limit is met and the standard has no open class, `band` is None and `rank` one beyond the last.
    rows
        The limits compared, best class first.
    """

    verdict: Verdict
    band: str | None = None
    rank: int | None = None
    rows: tuple[LimitRow, ...] = ()
    reason: Text | None = None


def judge_against(
    standard: str,
    item: str,
    value: Value,
    on: date,
    conditions: Mapping[str, Any] | None = None,
    *,
    unit: str | None = None,
    detected: bool = True,
    override: Override | None = None,
) -> Judgement:
    """Judge one value against the limit that a standard sets for it.

    Parameters
    ----------
    standard, item
        Key of the standard; key or name of the item.
    value
        In `unit`, or in the item's own unit. Nothing is rounded: that is the method's business.
    on
        The day of the sample; its edition decides.
    conditions
        What is known, as for `limits`: ``band``, ``water_type``, ``scope``, ``built``, ``water_temperature``,
        ``influent``, ``period``. A missing fact on which the limit depends gives ``cannot_be_judged``,
        unless the standard's file says that the strictest row is taken.
    detected
        False for a result below the detection limit, with `value` what stands for it.
    override
        A bureau's own file.

    Raises
    ------
    CallError
        If the standard, the item, a condition or the unit is not known.
    NotInForce
        If no edition is in force on the day.
    """
    case = _Case(edition_on(standard, on), item, stated_conditions(conditions or {}), on, override)
    if not case.rows:
        return Judgement("not_limited", reason=case.not_limited())
    if case.bands and "band" not in case.stated:
        return Judgement("cannot_be_judged", reason=_missing(str(case.edition.band_name)))
    row, reason = case.choose(case.rows)
    if row is None:
        return Judgement("cannot_be_judged", reason=reason)
    return _judged(row, _converted(case.item, value, unit, row), case.stated, detected=detected)


def classify(
    standard: str,
    item: str,
    value: Value,
    on: date,
    conditions: Mapping[str, Any] | None = None,
    *,
    unit: str | None = None,
    detected: bool = True,
    override: Override | None = None,
    border: Literal["better", "worse"] = "better",
) -> Grading:
    """Return the best class or grade whose limit a value meets; parameters as for `judge_against`.

    `border` ``worse`` puts a value equal to a limit into the worse class.
    """
    stated = {
        name: known for name, known in (conditions or {}).items() if name not in ("band", "grade", "class_")
    }
    case = _Case(edition_on(standard, on), item, stated_conditions(stated), on, override)
    if not case.bands:
        return Grading("not_limited", reason=case.not_limited())
    compared: list[LimitRow] = []
    for band in case.bands:
        row, reason = case.choose([row for row in case.rows if row.band == band])
        if row is None:
            return Grading("cannot_be_judged", rows=tuple(compared), reason=reason)
        compared.append(row)
        number = _converted(case.item, value, unit, row)
        on_border = border == "worse" and number == row.limit
        if not on_border and _judged(row, number, case.stated, detected=detected).verdict == "meets":
            return Grading("meets", row.band, row.rank, tuple(compared))
    return _worst(case.edition, tuple(compared))


def _worst(edition: StandardEdition, rows: tuple[LimitRow, ...]) -> Grading:
    """Return what meets no limit: the item's own last class, the standard's open class, or none."""
    named = edition.bands.get(rows[-1].otherwise or "") or edition.open_band
    if named is not None:
        return Grading("exceeds", named.id, named.rank, rows)
    return Grading("exceeds", None, len(edition.bands) + 1, rows)


class _Case:
    """One item of one edition under what is known."""

    def __init__(
        self, edition: StandardEdition, item: str, stated: dict[str, Any], on: date, override: Override | None
    ) -> None:
        self.edition = edition
        self.item: Item = resolve_item(item, edition.items)
        self.stated = stated
        known_band(edition, stated)
        every = own_rows(edition.by_item.get(self.item.key, ()), override, on)
        self.rows = fitting(edition, every, stated, on)
        self.bands = tuple(dict.fromkeys(row.band for row in self.rows if row.band is not None))

    def not_limited(self) -> Text:
        return Text(
            "{edition} 在此条件下对“{item}”没有规定限值。", edition=self.edition.edition, item=self.item.name
        )

    def choose(self, rows: Sequence[LimitRow]) -> tuple[LimitRow | None, Text | None]:
        """Return the one row that applies, or the fact that is missing."""
        rows = self._without_left(rows)
        most = max(len(self._met(row)) for row in rows)
        rows = [row for row in rows if len(self._met(row)) == most or self._open(row)]
        unstated = {name for row in rows for name in self._open(row)}
        if len({(row.limit, row.not_detectable, row.direction) for row in rows}) == 1:
            return rows[0], None
        asked = [name for name in sorted(unstated) if self._policy(name) != "strictest"]
        if asked or not unstated:
            named = asked or sorted({split(name)[0] for row in rows for name in row.conditions})
            return None, _missing("、".join(str(self.edition.conditions[name].label) for name in named))
        return _strictest(rows), None

    def _without_left(self, rows: Sequence[LimitRow]) -> list[LimitRow]:
        kept = [row for row in rows if not any(self._policy(name) == "leave" for name in self._open(row))]
        return kept or list(rows)

    def _policy(self, name: str) -> str:
        return self.edition.conditions[name].unstated

    def _met(self, row: LimitRow) -> list[str]:
        return [name for name, bound in row.conditions.items() if holds(name, bound, self.stated)]

    def _open(self, row: LimitRow) -> list[str]:
        """Return the conditions of a row that nobody stated."""
        return [split(name)[0] for name in row.conditions if split(name)[0] not in self.stated]


def _missing(what: str) -> Text:
    return Text("缺少判定所需的条件：{what}。", what=what)


def _strictest(rows: Sequence[LimitRow]) -> LimitRow:
    def number(row: LimitRow) -> Decimal:
        return row.limit if isinstance(row.limit, Decimal) else Decimal(0)

    return max(rows, key=number) if rows[0].direction is Direction.MIN else min(rows, key=number)


def _converted(item: Item, value: Value, unit: str | None, row: LimitRow) -> Fraction:
    """Return a value in the unit of the row; removal keeps the item's own unit until it is formed."""
    into = item.unit if row.direction is Direction.REMOVAL else row.unit
    given, own = unit_factor(item, unit or item.unit), unit_factor(item, into)
    if given is None or own is None:
        raise CallError(
            Text(
                "“{item}”的单位“{unit}”不能换算为 {into}。", item=item.name, unit=unit or item.unit, into=into
            ),
            remedy=Text("请改用该项目的单位：{unit}。", unit=item.unit),
        )
    return Fraction(value) * Fraction(given) / Fraction(own)


def _judged(row: LimitRow, value: Fraction, stated: Mapping[str, Any], *, detected: bool) -> Judgement:
    """Return the verdict of one row on a value in its unit."""
    if row.not_detectable or row.direction is Direction.ABSENT:
        absent = not detected or value == 0
        return Judgement("meets" if absent else "exceeds", row, value)
    if row.direction is Direction.DELTA:
        return Judgement("cannot_be_judged", row, value, reason=Text("限制的是变化幅度，单次读数不能判定。"))
    if row.direction is Direction.REMOVAL:
        return _judged_removal(row, value, Fraction(stated["influent"]))
    return _compared(row, value)


def _judged_removal(row: LimitRow, effluent: Fraction, influent: Fraction) -> Judgement:
    return _compared(row, (influent - effluent) / influent * 100)


def _compared(row: LimitRow, value: Fraction) -> Judgement:
    assert row.limit is not None
    good = meets(value, row.limit, Direction.MIN if row.direction is Direction.REMOVAL else row.direction)
    if row.exclusive and not isinstance(row.limit, Range) and value == Fraction(row.limit):
        good = False
    if good:
        return Judgement("meets", row, value)
    upper = row.direction is Direction.MAX and isinstance(row.limit, Decimal) and row.limit > 0
    multiple = value / Fraction(row.limit) - 1 if upper and isinstance(row.limit, Decimal) else None
    return Judgement("exceeds", row, value, multiple)
