"""The chart of a site: its series with the limits that judge them; of a works those of its points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bishui.assessment import Period
from bishui.server.core import remembered
from bishui.server.sites import bounds, choosing, queries
from bishui.server.sites.assessed import Results
from bishui.server.sites.charting import chart_data
from bishui.server.sites.counting import counts_text
from bishui.server.sites.kinds import Panel, limits_of_works
from bishui.server.sites.models import Site
from bishui.server.standards import queries as standards

#: Fewer readings than this in the chosen period, and the chart shows the year before it too.
_FEW = 60
_FORM = "3"
#: What is shown first where nothing fails and nothing decides.
_FIRST = ("nh3n", "do", "cod")
#: Of a works at its outlet.
_OF_WORKS = ("cod", "nh3n")


def chart_of(
    site: Site,
    results: Results,
    period: Period,
    section: Mapping[str, Any] | None,
    panel: Panel | None,
) -> dict[str, Any] | None:
    """Return the chart of a site in a period, or in the year up to it; None where nothing was measured.

    Parameters
    ----------
    section
        What was assessed of it as a section: the targets' limits, and which items to show first.
    panel
        What its own method says of it: the limits that judge it.
    """

    def make() -> dict[str, Any]:
        if site.kind == "sewage_plant":
            return _of_works(site, results, period)
        found = section["items"] if section else []
        first = [*section["attainment"]["failing"], *section["deciding"]] if section else []
        return _series(
            site,
            results,
            period,
            first=[*(panel.first if panel else ()), *first, *_FIRST],
            targets={item["item"]: item["target_limit"] for item in found if item["target_limit"]},
            judging=panel.lines if panel else bounds.none_of,
        )

    name = f"chart {_FORM} {site.pk} {period.label} {get_language()}"
    chart: dict[str, Any] = results.kept(name, make)
    return chart if chart["items"] else None


def _series(
    site: Site,
    results: Results,
    period: Period,
    *,
    first: Sequence[str],
    targets: Mapping[str, str],
    judging: bounds.Bounds,
) -> dict[str, Any]:
    return chart_data(
        _rows_until(results, site, period),
        site.name,
        water_type=site.water_type,
        flags=list(site.flags.filter(withdrawn_at=None)),
        selected=dict.fromkeys(first),
        target_limits=targets,
        judging=judging,
        by_class=site.kind in choosing.SURFACE and site.source_water != "ground",
        own=standards.by_day(results.workspace.division),
    )


def _of_works(works: Site, results: Results, period: Period) -> dict[str, Any]:
    """Return the series of a works' inlet and outlet in one chart, the outlet's first."""
    points = queries.points_of(works)
    of_kind = Counter(point.kind for point in points)
    names = {"plant_inlet": _("进水"), "plant_outlet": _("出水")}
    items: list[dict[str, Any]] = []
    for point in (works, *points):
        lines = limits_of_works(point, results, period)
        drawn = _series(point, results, period, first=(), targets={}, judging=lines)
        alone = of_kind[point.kind] == 1
        place = "" if point.pk == works.pk else names[point.kind] if alone else point.name
        items += [_at(point, place, item) for item in drawn["items"]]
    outlets = [point.code for point in points if point.kind == "plant_outlet"]
    wanted = [f"{code}-{key}" for code in outlets for key in _OF_WORKS]
    shown = [key for key in wanted if any(item["key"] == key for item in items)][:2]
    return {"title": works.name, "items": items, **({"selected": shown} if shown else {})}


def _at(point: Site, place: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return an item of a chart with the place that it was measured at."""
    if not place:
        return item
    name = _("%(place)s %(item)s") % {"place": place, "item": item["name"]}
    return {**item, "key": f"{point.code}-{item['key']}", "name": name}


def _rows_until(results: Results, site: Site, period: Period) -> pa.Table:
    """Return the rows of a period; of the year up to its end where the period has few."""
    rows = results.site_rows(str(site.pk), period.start, period.end)
    times = rows["time"].value_counts() if rows.num_rows else []
    if len(times) >= _FEW:
        return rows
    year_before = period.end.replace(year=period.end.year - 1, day=1)
    return results.site_rows(str(site.pk), min(year_before, period.start), period.end)


def marks_text(chart: Mapping[str, Any] | None) -> str:
    """Say how many readings of the drawn items are drawn apart, or have no number to draw."""
    counts = remembered.made_of(chart, "chart counts", lambda: _marked(chart)) if chart else Counter()
    words = {"flagged": _("已标记而不计入的读数（以叉号标出）")}
    texts = [f"{word} {counts[key]}" for key, word in words.items() if counts[key]]
    apart = counts_text(counts)
    return (
        _("图中各项目共有：%(counts)s。") % {"counts": _("、").join([*texts, apart] if apart else texts)}
        if texts or apart
        else ""
    )


def _marked(chart: Mapping[str, Any]) -> Counter[str]:
    """Return how many points of a chart have which mark."""
    return Counter(point[2] for item in chart["items"] for point in item["points"] if len(point) > 2)
