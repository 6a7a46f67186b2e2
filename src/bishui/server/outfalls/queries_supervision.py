"""Reads for supervision: who may be drawn, who is above scale, rain outfalls, what was sampled."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Max, Q, QuerySet

from bishui.outfalls import outfall_types
from bishui.server.outfalls.models import Discharger, Outfall, Sample, Visit, WaterBody
from bishui.server.outfalls.moving import CLOSED_REOPENED

_DAYS_A_YEAR = 365
_SUPERVISORY = "supervision"


def standing(division: str, day: date) -> QuerySet[Outfall]:
    """Return a division's outfalls that stand on a day: found, not removed, merged or judged to be none."""
    there = Q(removed_on__isnull=True) | Q(removed_on__gt=day)
    known = Q(found_at__isnull=True) | Q(found_at__lte=datetime.combine(day, time.max))
    found = not_merged().filter(there, known, division__startswith=division)
    return found.exclude(stage="not_outfall")


def pool(division: str, day: date) -> list[Outfall]:
    """Return the outfalls that the half-yearly draw is over, by code."""
    kinds = [one.id for one in outfall_types().values() if one.drawn]
    return list(standing(division, day).filter(kind__in=kinds).select_related("responsible").order_by("code"))


def untyped(division: str, day: date) -> int:
    """Return how many outfalls have no type yet, so that nobody can say whether the draw is over them."""
    return standing(division, day).filter(kind="").count()


def is_closed(outfall: Outfall) -> bool:
    """Tell whether the latest round of an outfall is closed, so that what is found now opens a new one."""
    latest = outfall.rounds.order_by("-number").first()
    return latest is not None and latest.state in CLOSED_REOPENED


def not_merged() -> QuerySet[Outfall]:
    """Return the outfalls that were not merged into another.

    Nearly all are: the condition is written so that no database looks them up by it.
    """
    return Outfall.objects.filter(~Q(merged_into__gt=""))


def by_codes(codes: Collection[str]) -> dict[str, Outfall]:
    """Return outfalls by their codes."""
    return {one.code: one for one in Outfall.objects.filter(code__in=list(codes))}


def of_kinds(division: str, kinds: Iterable[str], day: date) -> list[Outfall]:
    """Return the standing outfalls of some types, by code."""
    return list(standing(division, day).filter(kind__in=list(kinds)).order_by("code"))


def above_scale(division: str, day: date, *, a_day: Decimal, a_year: Decimal) -> tuple[list[Outfall], int]:
    """Return the outfalls above scale (规模以上) without an online monitor, and how many nobody can say.

    The answer in the register comes first; where it is empty, the greatest measured flow and the discharger's
    volume (m³/d) are compared with the thresholds.

    Parameters
    ----------
    a_day, a_year
        The thresholds in m³/d and m³/a; either is enough.
    """
    unmonitored = standing(division, day).exclude(online_monitor="yes").exclude(above_scale="no")
    flows = dict(Sample.objects.filter(flow__isnull=False).values_list("outfall").annotate(Max("flow")))
    volumes = dict(Discharger.objects.filter(volume__isnull=False).values_list("code", "volume"))
    found, unknown = [], 0
    for one in unmonitored.order_by("code"):
        known = [value for value in (flows.get(one.pk), volumes.get(one.discharger)) if value is not None]
        most = max(known, default=None)
        if one.above_scale == "yes":
            found.append(one)
        elif most is None:
            unknown += 1
        elif most >= a_day or most * _DAYS_A_YEAR >= a_year:
            found.append(one)
    return found, unknown


def sampled_days(division: str, first: date, last: date) -> dict[Any, list[date]]:
    """Return the days of supervisory samples in a span, by the key of the outfall."""
    found: dict[Any, list[date]] = {}
    span = (datetime.combine(first, time.min), datetime.combine(last, time.max))
    samples = Sample.objects.filter(division__startswith=division, made_at__range=span, purpose=_SUPERVISORY)
    for outfall, made_at in samples.values_list("outfall", "made_at"):
        found.setdefault(outfall, []).append(made_at.date())
    return found


def dry_visits(division: str, first: date, last: date, rain: Decimal) -> dict[Any, tuple[datetime, str]]:
    """Return the latest visit in dry weather in a span, by key of the outfall: when, and whether it flowed.

    Parameters
    ----------
    rain
        The rain of the last hours in mm below which a visit is one in dry weather.
    """
    span = (datetime.combine(first, time.min), datetime.combine(last, time.max))
    visits = Visit.objects.filter(division__startswith=division, made_at__range=span, rain__lt=rain)
    rows = visits.order_by("made_at").values_list("outfall", "made_at", "discharging")
    return {outfall: (made_at, discharging) for outfall, made_at, discharging in rows}


def sample_named(number: str, outfall: Outfall) -> Sample | None:
    """Return the sample of an outfall with a number, or None."""
    return Sample.objects.filter(number=number, outfall=outfall).first()


def water_name(code: str) -> str:
    """Return the name of a receiving water by its code; empty where there is none."""
    return WaterBody.objects.filter(code=code).values_list("name", flat=True).first() or ""


def water_names(codes: Collection[str]) -> dict[str, str]:
    """Return the names of receiving waters by their codes."""
    return dict(WaterBody.objects.filter(code__in=list(codes)).values_list("code", "name"))
