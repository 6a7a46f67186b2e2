"""What opens a closed outfall again (反弹), as the records show it; what people find, they say themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bishui.outfalls.life_cycle.data import LifeCycle, Trigger, life_cycle
from bishui.outfalls.life_cycle.snapshot import SampleSeen, Snapshot, VisitSeen


def trigger_of_visit(visit: VisitSeen, known: Snapshot, rules: LifeCycle | None = None) -> Trigger | None:
    """Return what a visit at a closed outfall shows that opens it again; None where it shows nothing.

    Parameters
    ----------
    visit
        The visit.
    known
        The outfall: its type by both classifications (``kind``, ``legacy_kind``), ``keep``, ``category``.
    """
    used = rules or life_cycle()
    return next(
        (one for one in used.triggers.values() if one.test in _SEEN and _SEEN[one.test](visit, known, used)),
        None,
    )


def trigger_of_sample(sample: SampleSeen, rules: LifeCycle | None = None) -> Trigger | None:
    """Return the trigger of a sample that fails; None where it passes or could not be judged."""
    if sample.passes is not False:
        return None
    return next(one for one in (rules or life_cycle()).triggers.values() if one.test == "sample_fails")


def is_rain_outfall(known: Snapshot, rules: LifeCycle | None = None) -> bool:
    """Tell whether an outfall is for rain alone (雨洪排口), by its type or, without one, its older class."""
    return bool(known.value("rain_outfall", rules or life_cycle()) == "yes")


def _mouth_discharges(visit: VisitSeen, known: Snapshot, rules: LifeCycle) -> bool:
    return visit.discharging == "yes" and known.value("mouth_gone", rules) == "yes"


def _borrowed(visit: VisitSeen, known: Snapshot, rules: LifeCycle) -> bool:
    return "borrowed_channel" in visit.abnormal_kinds


def _dry_flow(visit: VisitSeen, known: Snapshot, rules: LifeCycle) -> bool:
    return visit.discharging == "yes" and visit.dry(rules) and is_rain_outfall(known, rules)


_SEEN: Mapping[str, Callable[[VisitSeen, Snapshot, LifeCycle], bool]] = {
    "mouth_discharges": _mouth_discharges,
    "borrowed": _borrowed,
    "dry_flow": _dry_flow,
}
