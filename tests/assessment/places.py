"""Results of sections for the tests of areas, lakes and changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bishui.assessment import Period, SectionResult, assess
from tests.assessment.tables import measurements, reading, sites, targets

MONTH = Period.month(2024, 2)

#: Ammonia nitrogen (mg/L) of each class 1–6.
AMMONIA = {1: "0.1", 2: "0.4", 3: "0.9", 4: "1.3", 5: "1.8", 6: "3"}


def results_of(
    values: Mapping[str, Mapping[str, str]],
    *,
    period: Period = MONTH,
    water_type: str = "river",
    target_class: int | None = None,
    **options: Any,
) -> list[SectionResult]:
    """Assess sections from one value of each item, sampled on the first day of the period."""
    time = f"{period.start.date().isoformat()}T08:00"
    rows = [
        reading(item, value, time, site=site) for site, of in values.items() for item, value in of.items()
    ]
    register = sites(*({"id": site, "water_type": water_type} for site in values))
    wanted = None
    if target_class is not None:
        day = {"period_from": period.start.date(), "period_to": period.end.date()}
        wanted = targets(*({"site": site, "target_class": target_class, **day} for site in values))
    return list(assess(measurements(rows), register, wanted, period=period, **options))


def of_classes(*ranks: int, period: Period = MONTH, **options: Any) -> list[SectionResult]:
    """Return one section of each class given, by ammonia nitrogen alone."""
    values = {f"S{number:02}": {"nh3n": AMMONIA[rank]} for number, rank in enumerate(ranks)}
    return results_of(values, period=period, **options)
