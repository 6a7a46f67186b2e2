"""The map of a trace: the sections, the suspects with the number of their group, and the next sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.server.network.held import Held
from bishui.server.network.mapping import SIGNS, map_data, spot
from bishui.server.network.models import TraceRun
from bishui.server.network.traced import Told


def trace_map(found: Held, run: TraceRun, answered: Told) -> dict[str, Any]:
    """Return what the map of a trace draws.

    Parameters
    ----------
    found
        The network that the trace was made with.
    """
    rows = found.rows({entry["reach"] for entry in _entries(run)})
    own = run.asked["alert"]["site"]
    exceeding = next((one for one in run.asked["sections"] if one["key"] == f"site:{own}"), None)
    marks: dict[int, str] = {}
    if exceeding is not None and exceeding["reach"] in rows:
        marks = dict.fromkeys(found.network.upstream(rows[exceeding["reach"]]).tolist(), "side")
    spots = (
        spot(found, rows[entry["reach"]], entry["chainage_m"], look, _address(entry["reach"], side))
        for entry, look, side in _spots(run, answered)
        if entry["reach"] in rows
    )
    division = found.version.division
    return map_data(
        found, (), division, marks, lambda row: _address(found.network.name(row), "up"), spots=spots
    )


def _entries(run: TraceRun) -> Iterator[Mapping[str, Any]]:
    yield from run.asked["sections"]
    yield from run.asked["candidates"]
    yield from (run.result or {})["next_samples"][:1]


def _spots(run: TraceRun, answered: Told) -> Iterator[tuple[Mapping[str, Any], tuple[str, str, str], str]]:
    """Yield each place with its look, sign and name, and the side that a click shows."""
    for entry in run.asked["sections"]:
        yield entry, ("section", str(SIGNS["section"]), entry["name"]), "up"
    group_of = {one.key: group.number for group in answered.groups for one in group.suspects}
    for entry in run.asked["candidates"]:
        number = group_of.get(entry["code"])
        look = ("outfall", str(SIGNS["outfall"])) if number is None else ("suspect", str(number))
        yield entry, (*look, entry["name"]), "down"
    for entry in (run.result or {})["next_samples"][:1]:
        yield entry, ("sample", str(SIGNS["sample"]), _("建议采样点")), "up"


def _address(reach: str, side: str) -> str:
    return f"{reverse('network:map')}?{urlencode({'at': reach, 'side': side})}"
