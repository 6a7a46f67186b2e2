"""Judging one value against one standard: meets, exceeds, not limited, or which fact is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any, Literal

from bishui.errors import CallError
from bishui.i18n import Bilingual, Text
from bishui.standards.finding import resolve_item
from bishui.standards.items import Item, unit_factor
from bishui.standards.limit_rows import LimitRow
from bishui.standards.limit_tables import StandardEdition, edition_on
from bishui.standards.local import Override
from bishui.standards.lookup import fitting, known_band, own_rows, stated_conditions
from bishui.standards.possible import Possible, by_strictness, possible_rows
from bishui.standards.surface import Direction, Range, meets

Verdict = Literal["meets", "exceeds", "not_limited", "cannot_be_judged"]
Value = Decimal | Fraction | int

#: What is done where the limit depends on a fact that is not known (`judge_against`).
UnknownFact = Literal["every_limit", "strictest", "undecided"]


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
        Why no verdict was possible, no limit applies, or a fact that is not known makes no difference.
    missing
        The facts that decide the limit and are not known, as `limits` names them.
    """

    verdict: Verdict
    row: LimitRow | None = None
    value: Fraction | None = None
    multiple: Fraction | None = None
    reason: Text | None = None
    missing: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "verdict": self.verdict,
            "row": self.row.as_dict() if self.row else None,
            "value": None if self.value is None else float(self.value),
            "multiple": None if self.multiple is None else float(self.multiple),
            "reason": self.reason.both() if self.reason else None,
            "missing": list(self.missing),
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
    unknown: UnknownFact = "every_limit",
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
        ``influent``, ``period``. A class or grade that is not stated gives ``cannot_be_judged``.
    detected
        False for a result below the detection limit, with `value` what stands for it.
    override
        A bureau's own file.
    unknown
        What is done where a fact is not known on which the limit depends. ``every_limit``: a value that meets
        every limit that may hold meets, one that exceeds every one exceeds, and between them it cannot be
        judged; ``strictest``: the strictest of them decides; ``undecided``: it cannot be judged.

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
        return _undecided([Text("{name}未登记", name=case.edition.band_name)], ("band",))
    return case.judged(case.rows, value, unit, detected=detected, unknown=unknown)


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
        rows = [row for row in case.rows if row.band == band]
        judged = case.judged(rows, value, unit, detected=detected, complies=border == "better")
        if judged.row is None or judged.verdict == "cannot_be_judged":
            return Grading("cannot_be_judged", rows=tuple(compared), reason=judged.reason)
        compared.append(judged.row)
        if judged.verdict == "meets":
            return Grading("meets", judged.row.band, judged.row.rank, tuple(compared))
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
        #: Every row that the facts allow, of whatever band: which cases the standard tells apart.
        of_any_band = {name: known for name, known in stated.items() if name != "band"}
        self.told_apart = fitting(edition, every, of_any_band, on)

    def not_limited(self) -> Text:
        return Text(
            "{edition} 在此条件下对“{item}”没有规定限值。", edition=self.edition.edition, item=self.item.name
        )

    def judged(
        self,
        rows: Sequence[LimitRow],
        value: Value,
        unit: str | None,
        *,
        detected: bool,
        unknown: UnknownFact = "every_limit",
        complies: bool = True,
    ) -> Judgement:
        """Judge a value by the row of one band that holds, or by all that may hold.

        `complies` tells whether a value equal to the limit meets it.
        """
        possible = possible_rows(self.edition, rows, self.told_apart, self.stated)
        chosen = by_strictness(possible.rows)
        if possible.unknown and unknown == "strictest":
            chosen = chosen[:1]
        found = [
            _judged(
                row,
                _converted(self.item, value, unit, row),
                self.stated,
                detected=detected,
                complies=complies,
            )
            for row in chosen
        ]
        if not possible.unknown or unknown == "strictest":
            return found[0]
        facts = [self.edition.conditions[name].missing for name in possible.unknown]
        if unknown == "undecided":
            return _undecided(facts, possible.unknown)
        return _together(found, possible, facts)


def _together(found: Sequence[Judgement], possible: Possible, facts: Sequence[Bilingual]) -> Judgement:
    """Return the verdict that every limit gives that may hold, strictest first; else the missing facts."""
    verdicts = {each.verdict for each in found}
    if verdicts == {"cannot_be_judged"} and all(each.reason for each in found):
        return found[0]
    reason = Text("{facts}，按各种情形的限值结论一致", facts=_listed(facts))
    if verdicts == {"meets"}:
        return replace(found[0], reason=reason, missing=possible.unknown)
    if verdicts == {"exceeds"} and possible.complete:
        return replace(found[-1], reason=reason, missing=possible.unknown)
    return _undecided(facts, possible.unknown)


def _undecided(facts: Iterable[Text | Bilingual], missing: tuple[str, ...]) -> Judgement:
    reason = Text("{facts}，无法判定", facts=_listed(facts))
    return Judgement("cannot_be_judged", reason=reason, missing=missing)


def _listed(facts: Iterable[Text | Bilingual]) -> Text | Bilingual:
    return reduce(lambda one, other: Text("{one}、{other}", one=one, other=other), facts)


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


def _judged(
    row: LimitRow, value: Fraction, stated: Mapping[str, Any], *, detected: bool, complies: bool
) -> Judgement:
    """Return the verdict of one row on a value in its unit."""
    if row.not_detectable or row.direction is Direction.ABSENT:
        absent = not detected or value == 0
        return Judgement("meets" if absent else "exceeds", row, value)
    if row.direction is Direction.DELTA:
        return Judgement("cannot_be_judged", row, value, reason=Text("限制的是变化幅度，单次读数不能判定。"))
    if row.direction is Direction.REMOVAL:
        return _judged_removal(row, value, stated.get("influent"))
    return _compared(row, value, complies=complies)


def _judged_removal(row: LimitRow, effluent: Fraction, influent: Fraction | None) -> Judgement:
    """Judge the removal rate; without the influent, by the weakest influent that the row holds for.

    A stronger influent only raises the rate: what meets there meets, anything else is open.
    """
    if influent is not None:
        return _compared(row, (influent - effluent) / influent * 100)
    weakest = Fraction(row.conditions["influent_above"])
    least = _compared(row, (weakest - effluent) / weakest * 100)
    return least if least.verdict == "meets" else Judgement("cannot_be_judged", row)


def _compared(row: LimitRow, value: Fraction, *, complies: bool = True) -> Judgement:
    assert row.limit is not None
    good = meets(value, row.limit, Direction.MIN if row.direction is Direction.REMOVAL else row.direction)
    borders = row.exclusive or not complies
    if borders and not isinstance(row.limit, Range) and value == Fraction(row.limit):
        good = False
    if good:
        return Judgement("meets", row, value)
    upper = row.direction is Direction.MAX and isinstance(row.limit, Decimal) and row.limit > 0
    multiple = value / Fraction(row.limit) - 1 if upper and isinstance(row.limit, Decimal) else None
    return Judgement("exceeds", row, value, multiple)
