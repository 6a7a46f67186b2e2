"""Rates (达标率、保证率): a share of what was evaluated, with what left the denominator and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from bishui.assessment.numbers import Exact, round_half_up
from bishui.assessment.results import Reason, State, mean_text
from bishui.i18n import Text
from bishui.standards import Judgement


class LeftOut(StrEnum):
    """Why something that exists is not in the denominator; each reason is counted apart."""

    NO_DATA = "no_data"
    TOO_FEW_SAMPLES = "too_few_samples"
    NO_TARGET = "no_target"
    DRY = "dry"
    NOT_IN_USE = "not_in_use"
    NOT_VALID_THEN = "not_valid_then"
    WATER_TYPE_UNKNOWN = "water_type_unknown"
    CANNOT_BE_JUDGED = "cannot_be_judged"
    MIXED_WATER_TYPES = "mixed_water_types"
    VOLUME_UNKNOWN = "volume_unknown"
    NOT_DUE = "not_due"
    STANDARD_UNKNOWN = "standard_unknown"
    GRADE_UNKNOWN = "grade_unknown"
    TRADE_UNKNOWN = "trade_unknown"
    APPROVAL_DAY_UNKNOWN = "approval_day_unknown"
    WATER_TEMPERATURE_MISSING = "water_temperature_missing"
    INFLUENT_MISSING = "influent_missing"
    FACT_MISSING = "fact_missing"
    SINGLE_SAMPLE = "single_sample"

    @property
    def text(self) -> Text:
        """The reason in words."""
        return _TEXTS[self]

    @classmethod
    def of(cls, reason: Reason | None) -> LeftOut:
        """Return what a missing class or verdict means for a rate."""
        return cls(reason.value) if reason is not None else cls.NO_DATA

    @classmethod
    def of_judgement(cls, judgement: Judgement) -> LeftOut | None:
        """Return why a judgement has no verdict: the facts that are missing, or the detection limit."""
        if judgement.verdict != "cannot_be_judged":
            return None
        if not judgement.missing:
            return cls.CANNOT_BE_JUDGED
        return cls.first(_FACTS.get(name, cls.FACT_MISSING) for name in judgement.missing)

    @classmethod
    def first(cls, reasons: Iterable[LeftOut]) -> LeftOut:
        """Return the one of several reasons that is counted, always the same."""
        order = list(cls)
        return min(reasons, key=order.index)


_TEXTS = {
    LeftOut.NO_DATA: Text("无数据"),
    LeftOut.TOO_FEW_SAMPLES: Text("监测次数不足"),
    LeftOut.NO_TARGET: Text("无水质目标"),
    LeftOut.DRY: Text("断流"),
    LeftOut.NOT_IN_USE: Text("未启用"),
    LeftOut.NOT_VALID_THEN: Text("点位当时未启用"),
    LeftOut.WATER_TYPE_UNKNOWN: Text("水体类型不明"),
    LeftOut.CANNOT_BE_JUDGED: Text("检出限高于标准限值，无法判定"),
    LeftOut.MIXED_WATER_TYPES: Text("既有河流又有湖库，均值无从定类"),
    LeftOut.VOLUME_UNKNOWN: Text("取水量不明"),
    LeftOut.NOT_DUE: Text("未到期"),
    LeftOut.STANDARD_UNKNOWN: Text("排放标准未登记"),
    LeftOut.GRADE_UNKNOWN: Text("排放级别未登记"),
    LeftOut.TRADE_UNKNOWN: Text("行业未登记"),
    LeftOut.APPROVAL_DAY_UNKNOWN: Text("环评批准日未登记"),
    LeftOut.WATER_TEMPERATURE_MISSING: Text("水温缺测"),
    LeftOut.INFLUENT_MISSING: Text("进水浓度缺测"),
    LeftOut.FACT_MISSING: Text("缺少判定所需的条件"),
    LeftOut.SINGLE_SAMPLE: Text("单次监测值不按日均限值判定"),
}

#: What is missing where a limit depends on a condition that is not known, by the condition's name.
_FACTS = {
    "band": LeftOut.GRADE_UNKNOWN,
    "scope": LeftOut.TRADE_UNKNOWN,
    "built": LeftOut.APPROVAL_DAY_UNKNOWN,
    "water_temperature": LeftOut.WATER_TEMPERATURE_MISSING,
    "influent": LeftOut.INFLUENT_MISSING,
    "water_type": LeftOut.WATER_TYPE_UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Rate:
    """A share: `met` of `evaluated` (k of n), and the number of those `left_out` by reason.

    The two parts are counts, or volumes in one unit. Rounding is half up, as shares are printed.
    """

    met: Fraction
    evaluated: Fraction
    left_out: Mapping[LeftOut, int]
    decimals: int = 1

    @classmethod
    def count(cls, verdicts: Iterable[bool], left_out: Iterable[LeftOut] = (), *, decimals: int = 1) -> Rate:
        """Return the rate of some verdicts."""
        given = list(verdicts)
        return cls(Fraction(sum(given)), Fraction(len(given)), Counter(left_out), decimals)

    @property
    def exact(self) -> Fraction | None:
        """The rate in percent, unrounded; None where nothing was evaluated."""
        return 100 * self.met / self.evaluated if self.evaluated else None

    @property
    def percent(self) -> Decimal | None:
        """The rate in percent as it is printed."""
        return None if self.exact is None else round_half_up(self.exact, self.decimals)

    @property
    def missing(self) -> int:
        """How many left the denominator (m missing)."""
        return sum(self.left_out.values())

    def verdict(self, required: Decimal | None) -> State:
        """Tell whether the rate reaches what is required, in percent, compared at the digits of that number.

        A target of 100 % asks for every one, whatever the rounding.
        """
        if required is None:
            return State.NO_TARGET
        if self.exact is None:
            return State.NOT_JUDGED
        met = self.met == self.evaluated if required == 100 else reaches(self.exact, required)
        return State.ATTAINED if met else State.NOT_ATTAINED

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; decimals are strings."""
        return {
            "met": mean_text(self.met),
            "evaluated": mean_text(self.evaluated),
            "left_out": {reason.value: count for reason, count in sorted(self.left_out.items())},
            "percent": None if self.percent is None else str(self.percent),
        }


def reaches(value: Exact, target: Decimal, *, at_least: bool = True) -> bool:
    """Tell whether a value reaches a printed target: rounded half up to the target's digits, then compared.

    Six of seven sections are 85.714… % and reach a target printed 85.7; two of three are 66.666… % and
    reach a target printed 66.7 (our choice, needed because plans print rounded targets).

    Parameters
    ----------
    value
        Unrounded, in the unit of the target.
    target
        As printed; its digits after the point count.
    at_least
        True for ``≥`` (不低于), False for ``≤`` (不高于).
    """
    decimals = max(0, -int(target.as_tuple().exponent))
    rounded = round_half_up(value, decimals)
    return rounded >= target if at_least else rounded <= target
