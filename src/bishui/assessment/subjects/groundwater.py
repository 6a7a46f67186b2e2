"""Groundwater (地下水): the class of a well by its worst item, and what exceeds class Ⅲ (GB/T 14848)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa

from bishui.assessment.numbers import round_multiple
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period
from bishui.assessment.results import Reason
from bishui.assessment.site_means import SiteMean, by_site, site_means
from bishui.assessment.subjects.against_limits import judge_mean, worst_possible_rank
from bishui.standards import Grading, Judgement, Override, Rules, classify, edition_on, method, rules

STANDARD = "gb14848"


@dataclass(frozen=True, slots=True)
class GroundwaterItem:
    """One item of one well: its mean, its class, and its judgement by class Ⅲ.

    `multiple` is rounded for print; None where the item does not exceed or has none (pH). `could_be` is the
    class of the detection limit where results were below it.
    """

    mean: SiteMean
    grading: Grading
    judgement: Judgement
    multiple: Decimal | None
    could_be: int | None

    @property
    def exceeds(self) -> bool:
        """Whether class Ⅲ is exceeded."""
        return self.judgement.verdict == "exceeds"

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            **self.mean.as_dict(),
            "class": self.grading.band,
            "verdict": self.judgement.verdict,
            "clause": self.judgement.row.clause if self.judgement.row else None,
            "multiple": None if self.multiple is None else str(self.multiple),
        }


@dataclass(frozen=True, slots=True)
class GroundwaterResult:
    """The class of one well in one period.

    Attributes
    ----------
    rank
        1–5; None without a limited item, or where a detection limit could be in a worse class.
    deciding, exceeding
        Items of that class; items beyond class Ⅲ.
    items
        Every measured item that the standard limits, by key.
    """

    site: str
    period: Period
    rank: int | None
    reason: Reason | None
    deciding: tuple[str, ...]
    exceeding: tuple[str, ...]
    items: Mapping[str, GroundwaterItem]
    standard: str
    rules: str
    used: Rules = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "site": self.site,
            "period": self.period.label,
            "class": self.rank,
            "reason": self.reason.value if self.reason else None,
            "deciding": list(self.deciding),
            "exceeding": list(self.exceeding),
            "items": [item.as_dict() for item in self.items.values()],
            "standard": self.standard,
            "rules": self.rules,
        }


def groundwater_classes(
    measurements: pa.Table,
    period: Period,
    *,
    sites: tuple[str, ...] | None = None,
    flags: pa.Table | None = None,
    chosen: Rules | None = None,
    override: Overrides | None = None,
) -> tuple[GroundwaterResult, ...]:
    """Return the class of each well in a period (GB/T 14848-2017 clause 6: the worst item decides).

    Parameters
    ----------
    measurements
        Table of `observations.schema.MEASUREMENTS`.
    period
        A month or longer; its mean is judged.
    sites
        Only these wells.
    flags
        Table of `FLAGS`.
    chosen
        The rules; without them those in force on the period's last day.
    override
        A bureau's own limits and settings, as `assess` takes them.

    Raises
    ------
    NotInForce
        If no edition of the standard is in force on the period's last day.
    """
    own = override_on(override, period.last_day)
    used = chosen or rules("groundwater", period.last_day, own)
    means = site_means(measurements, flags, period, method(period.last_day, own), sites=sites)
    case = _Case(period, used, own)
    return tuple(_result(site, entries, case) for site, entries in by_site(means).items())


@dataclass(frozen=True, slots=True)
class _Case:
    """What every well of one call shares."""

    period: Period
    used: Rules
    own: Override | None


def _result(site: str, means: list[SiteMean], case: _Case) -> GroundwaterResult:
    period, used = case.period, case.used
    items = {}
    for mean in means:
        judged = _item(mean, case)
        if judged is not None:
            items[mean.item] = judged
    ranks = [item.grading.rank for item in items.values() if item.grading.rank is not None]
    rank, reason = max(ranks, default=None), None
    if rank is None:
        reason = Reason.NO_DATA
    elif any((item.could_be or 0) > rank for item in items.values()):
        rank, reason = None, Reason.CANNOT_BE_JUDGED
    return GroundwaterResult(
        site=site,
        period=period,
        rank=rank,
        reason=reason,
        deciding=tuple(
            key for key, item in items.items() if rank not in (None, 1) and item.grading.rank == rank
        ),
        exceeding=tuple(key for key, item in items.items() if item.exceeds),
        items=items,
        standard=edition_on(STANDARD, period.last_day).edition,
        rules=used.version,
        used=used,
    )


def _item(mean: SiteMean, case: _Case) -> GroundwaterItem | None:
    """Return one judged item; None where nothing was measured or the standard does not limit it."""
    if mean.value is None:
        return None
    on, used, own = case.period.last_day, case.used, case.own
    grading = classify(STANDARD, mean.item, mean.value, on, detected=mean.detected, override=own)
    if grading.verdict == "not_limited":
        return None
    band = tuple(edition_on(STANDARD, on).bands)[used["required_class"] - 1]
    rule = method(on, own)
    judgement = judge_mean(mean, STANDARD, rule, {"band": band}, override=own)
    if judgement is None:
        return None
    exact = judgement.multiple
    multiple = None if exact is None else round_multiple(exact, used["multiple_decimals"])
    worst = worst_possible_rank(mean, STANDARD, rule, override=own)
    return GroundwaterItem(mean, grading, judgement, multiple, worst)
