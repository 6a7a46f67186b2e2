"""Reads of this app: the duties of a half-year with their proof, and who still has to be visited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from bishui.outfalls import Fulfilment, HalfYear, Owed, class_of, drawn_classes, fulfilment, share_of
from bishui.server.inspections import norms
from bishui.server.inspections.models import Draw, DrawnOutfall, Finding, Inspection
from bishui.server.outfalls import queries_supervision as outfalls


def draws_of(division: str) -> list[Draw]:
    """Return the draws of a division's subtree, newest first."""
    return list(Draw.objects.filter(division__startswith=division))


def draw_named(code: str) -> Draw | None:
    """Return a draw by its name, in any state; `public_of` says what of it may be shown."""
    return Draw.objects.filter(code=code).first()


def named_of(draw: Draw) -> list[DrawnOutfall]:
    """Return the outfalls that a draw named, in order, with their inspections."""
    return list(
        draw.named.select_related("outfall", "steps_in_for")
        .prefetch_related("inspections")
        .order_by("position")
    )


def _span(period: HalfYear) -> tuple[datetime, datetime]:
    return datetime.combine(period.first, time.min), datetime.combine(period.last, time.max)


def _sampled(inspections: Iterable[Inspection]) -> bool:
    return any(one.sample or one.no_sample_why for one in inspections)


@dataclass(frozen=True, slots=True)
class DrawCount:
    """What became of a draw in one class, or in all of them, up to a day; who was drawn is not in it."""

    draw: Draw
    duty: Fulfilment
    drawn: int
    inspected: int
    findings: int


def draw_counts(division: str, period: HalfYear, day: date) -> list[DrawCount]:
    """Return how far the draws of a half-year were carried out at the end of a day.

    Of each draw all classes together come first, then each class.
    """
    draws = Draw.objects.filter(division__startswith=division, year=period.year, half=period.half)
    found = []
    for draw in draws.filter(committed_at__lte=datetime.combine(day, time.max)).order_by("code"):
        owed = _owed(draw, day)
        findings = _findings(draw, day)
        for duty in _duty(draw, owed):
            mine = [one for one in owed if duty.group in ("", one.group)]
            found.append(
                DrawCount(
                    draw,
                    duty.without_names(),
                    len(mine),
                    sum(one.visited for one in mine),
                    sum(findings.values()) if duty.group == "" else findings[duty.group],
                )
            )
    return found


def _findings(draw: Draw, day: date) -> Counter[str]:
    """Return how many findings the inspections of a draw made in each class."""
    end = datetime.combine(day, time.max)
    made = Finding.objects.filter(inspection__named__draw=draw, inspection__made_at__lte=end).order_by()
    return Counter(class_of(kind) for kind in made.values_list("inspection__named__kind", flat=True))


def draw_duty(draw: Draw) -> list[Fulfilment]:
    """Return how far a draw is carried out: all classes together first, then each.

    Before the drawing nothing is named, so that what is wanted is short in full.
    """
    return _duty(draw, _owed(draw, date.max))


def _owed(draw: Draw, day: date) -> list[Owed]:
    """Return whom a draw named, without those that another one stepped in for, and what was done by a day."""
    found = []
    for one in named_of(draw):
        if not one.gone:
            done = [each for each in one.inspections.all() if each.made_at.date() <= day]
            found.append(Owed(one.code, class_of(one.kind), bool(done), _sampled(done)))
    return found


def _duty(draw: Draw, owed: Sequence[Owed]) -> list[Fulfilment]:
    needs = bool(norms.settings(draw.division, draw.listed_on)["draw_needs_sample"])
    whole = fulfilment("", len(draw.listed), owed, wanted=draw.count, needs_sample=needs)
    parts = []
    for group in drawn_classes():
        size = sum(class_of(entry["kind"]) == group for entry in draw.listed)
        wanted = share_of(draw.percent, size) if draw.by_class else None
        mine = [one for one in owed if one.group == group]
        parts.append(fulfilment(group, size, mine, wanted=wanted, needs_sample=needs))
    return [whole, *parts]


@dataclass(frozen=True, slots=True)
class Watch:
    """A duty over outfalls by name in a half-year: what became of each, and the count.

    `unknown` are outfalls of which nobody can say whether the duty holds for them.
    """

    period: HalfYear
    rows: tuple[tuple[Any, str, date | None], ...]
    whole: Fulfilment
    unknown: int = 0


def monitoring_duty(division: str, period: HalfYear, today: date) -> Watch:
    """Return the supervisory samples (监督性监测) at outfalls above scale without online monitor.

    Each row is an outfall, ``done`` or ``missing``, and the day of its latest supervisory sample.
    """
    settings = norms.settings(division, min(today, period.last))
    day = min(today, period.last)
    pool, unknown = outfalls.above_scale(
        division, day, a_day=Decimal(settings["scale_per_day"]), a_year=Decimal(settings["scale_per_year"])
    )
    sampled = outfalls.sampled_days(division, period.first, day)
    least = int(settings["duty_samples"])
    rows, owed = [], []
    for one in pool:
        days = sorted(sampled.get(one.pk, []))
        done = len(days) >= least
        rows.append((one, "done" if done else "missing", days[-1] if days else None))
        owed.append(Owed(one.code, "", bool(days), done))
    return Watch(period, tuple(rows), fulfilment("", len(pool), owed), unknown)


def storm_duty(division: str, period: HalfYear, today: date) -> Watch:
    """Return the visits in dry weather to rain outfalls (雨洪排口旱天巡查) of a half-year.

    Each row is an outfall, ``dry`` (no flow), ``flow`` (dry-weather flow) or ``missing``, and the day.
    """
    settings = norms.settings(division, min(today, period.last))
    rain = Decimal(settings["dry_rain"])
    pool = outfalls.of_kinds(division, settings["storm_kinds"], min(today, period.last))
    latest = outfalls.dry_visits(division, period.first, period.last, rain)
    own = Inspection.objects.filter(
        division__startswith=division, made_at__range=_span(period), rain__lt=rain
    ).order_by("made_at")
    for outfall, made_at, flowing in own.values_list("outfall", "made_at", "flowing"):
        if outfall not in latest or latest[outfall][0] <= made_at:
            latest[outfall] = (made_at, flowing)
    rows, owed = [], []
    for one in pool:
        at, flowing = latest.get(one.pk, (None, ""))
        state = "missing" if at is None else "flow" if flowing == "yes" else "dry"
        rows.append((one, state, at.date() if at else None))
        owed.append(Owed(one.code, "", at is not None, True))
    return Watch(period, tuple(rows), fulfilment("", len(pool), owed, needs_sample=False))


def inspections_of(division: str) -> Any:
    """Return the inspections of a division's subtree, newest first."""
    found = Inspection.objects.filter(division__startswith=division)
    return found.select_related("outfall").order_by("-made_at", "-id")


def inspections_at(outfall: Any) -> Sequence[Inspection]:
    """Return the inspections of an outfall, newest first, for its file (一口一档)."""
    return list(Inspection.objects.filter(outfall=outfall).prefetch_related("findings"))


def open_findings(division: str) -> list[Finding]:
    """Return the findings that are no case yet, the next deadline first."""
    found = Finding.objects.filter(division__startswith=division, case="")
    return list(found.select_related("inspection__outfall"))


def latest_results(outfalls_shown: Iterable[Any]) -> dict[Any, tuple[date, bool]]:
    """Return the latest inspection of each outfall that may be told: of a draw only once it is published."""
    found = Inspection.objects.filter(outfall__in=[one.pk for one in outfalls_shown])
    rows = found.exclude(pk__in=confidential().values("pk")).order_by("made_at")
    return {
        outfall: (at.date(), passed)
        for outfall, at, passed in rows.values_list("outfall", "made_at", "passed")
    }


def public_of(draw: Draw) -> dict[str, Any]:
    """Return what everybody may know of a draw: the commitment at once, list and results once published."""
    found: dict[str, Any] = {
        "algorithm": "bishui-draw-v1",
        "draw_id": draw.code,
        "state": draw.state,
        "listed_on": draw.listed_on.isoformat(),
        "size": len(draw.listed),
        "percent": draw.percent,
        "count": draw.count,
        "by_class": draw.by_class,
        "list_hash": draw.list_hash,
        "people_hash": draw.people_hash,
        "committed_at": draw.committed_at.isoformat(),
        "random_source": draw.random_source,
        "random_at": draw.random_at.isoformat(),
        "former_sources": draw.former_sources,
    }
    if draw.state != "published":
        return found
    return found | {
        "ids": list(draw.codes),
        "classes": {entry["code"]: class_of(entry["kind"]) for entry in draw.listed},
        "public_random": draw.public_random,
        "random_reference": draw.random_reference,
        "seed": draw.seed,
        "drawn": [_public_entry(one) for one in named_of(draw)],
        "duty": [one.as_dict() for one in draw_duty(draw)],
    }


def _public_entry(one: DrawnOutfall) -> dict[str, Any]:
    done = list(one.inspections.all())
    last = max(done, key=lambda each: each.made_at) if done else None
    return {
        "code": one.code,
        "name": one.name,
        "role": one.role,
        "steps_in_for": one.steps_in_for.code if one.steps_in_for else None,
        "gone_why": one.gone_why or None,
        "visited_on": last.made_at.date().isoformat() if last else None,
        "passed": last.passed if last else None,
    }


def commitment_entry(draw: Draw) -> tuple[int, str] | None:
    """Return number and hash of the audit entry that holds the commitment: its time stamp in the chain."""
    from bishui.server.core.models import AuditEntry

    found = AuditEntry.objects.filter(
        action="inspections.draw_committed", division=draw.division, params__code=draw.code
    )
    row = found.values_list("sequence", "digest").first()
    return (int(row[0]), str(row[1])) if row else None


def confidential() -> Any:
    """Return the inspections that tell who was drawn, while the draw is not published."""
    return Inspection.objects.filter(named__isnull=False).exclude(named__draw__state="published")
