"""The city as files, basin by basin: what is known, and apart from it the truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network import DAY_S, ReachKind
from bishui.twin.geometry import Line
from bishui.twin.network import concentrations
from bishui.twin.scaled import tables
from bishui.twin.scaled.basins import Basin, basins
from bishui.twin.scaled.layout import Layout, layout
from bishui.twin.scaled.parameters import days_of_year, parameters, version
from bishui.twin.scaled.series import Readings, Water, readings, water_at, weather_of
from bishui.twin.scaled.sheets import READINGS, TRUTH, Drawing, Long, Record, Sheet
from bishui.twin.scaled.surroundings import sampled_around, shown_around, surroundings_at
from bishui.twin.weather import STEP_HOURS, STEPS_PER_DAY, Weather

_FILES = {
    "reaches": "network/reaches.csv",
    "drawing": "network/reaches.geojson",
    "sections": "network/sections.csv",
    "outfalls": "network/outfalls.csv",
    "sites": "measurements/sites.csv",
    "targets": "measurements/targets.csv",
    "stations": "measurements/stations.parquet",
    "laboratory": "measurements/laboratory.parquet",
    "monitors": "measurements/monitors.parquet",
    "weather": "truth/weather.csv",
    "water": "truth/water.parquet",
    "events": "truth/events.csv",
    "arrivals": "truth/arrivals.csv",
    "loads": "truth/loads.csv",
    "outliers": "truth/outliers.csv",
    "notice": "虚构数据说明.txt",
}
_NOTICE = (
    "本文件夹内的河网、断面、排污口、排污单位、监测数据和事件均由软件生成，全部虚构，与任何真实地方和单位无关。\r\n"
    "All rivers, outfalls, dischargers, readings and events in this folder are invented by software.\r\n"
    "size={size} seed={seed} days={days} version={version}\r\n"
)


def write_scaled(size: int, seed: int, days: int, folder: Path) -> dict[str, Path]:
    """Write an invented city of a number of sections; equal arguments give equal bytes.

    One basin is held at a time, so that memory does not grow with the size.

    Parameters
    ----------
    size
        Number of sections.
    days
        Days of the year that are told, from its first.

    Returns
    -------
    dict
        ``reaches``, ``sections`` and ``outfalls`` as `bishui network` reads them, and ``drawing``, the
        reaches with lines (示意图); ``sites``, ``targets``, ``stations``, ``laboratory`` and ``monitors`` as
        `bishui assess` reads them; the truth: ``weather``, ``water`` (what each section holds every 4 hours),
        ``events``, ``arrivals`` (what each section sees of an event), ``loads`` (of all outfalls, hidden ones
        among them) and ``outliers`` (single readings that are plainly wrong); ``notice``, which says that all
        is invented.

    Raises
    ------
    CallError
        No section, a negative seed, or more days than the year has.
    """
    _check(size, seed, days)
    paths = {name: folder / place for name, place in _FILES.items()}
    for path in paths.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    said = _NOTICE.format(size=size, seed=seed, days=days, version=version())
    paths["notice"].write_bytes(said.encode("utf-8-sig"))
    weather = weather_of(seed)
    with ExitStack() as open_files:
        out = _Out.of(paths, open_files)
        out.sheets["weather"].write(_weather(weather, days * STEPS_PER_DAY))
        for basin in basins(size, seed, days):
            _write_basin(basin, weather, out)
    return paths


@dataclass(frozen=True, slots=True)
class _Out:
    """The open files, by name."""

    sheets: dict[str, Sheet]
    long: dict[str, Long]
    drawing: Drawing

    @staticmethod
    def of(paths: dict[str, Path], open_files: ExitStack) -> _Out:
        return _Out(
            {name: Sheet(path, open_files) for name, path in paths.items() if path.suffix == ".csv"},
            {
                name: Long(path, open_files, TRUTH if name == "water" else READINGS)
                for name, path in paths.items()
                if path.suffix == ".parquet"
            },
            Drawing(paths["drawing"], open_files, f"{tables.INVENTED}河网（示意图）"),
        )


def _write_basin(basin: Basin, weather: Weather, out: _Out) -> None:
    drawn = layout(basin.network, basin.number)
    waters = [water_at(basin, place, weather) for place in range(len(basin.sections))]
    around = [surroundings_at(basin, place, weather, water) for place, water in enumerate(waters)]
    for name, rows in _registers(basin, waters, drawn).items():
        out.sheets[name].write(rows)
    out.drawing.write(_drawing(basin, drawn))
    for place, shown in enumerate(readings(basin, waters)):
        out.long["monitors" if shown.monitor else "stations"].write(tables.measured(shown))
        if not shown.monitor:
            beside = shown_around(basin, place, around[place], shown)
            out.long["stations"].write(tables.measured_around(shown, beside))
        out.sheets["outliers"].write(_outliers(shown))
    out.long["laboratory"].write(tables.sampled(basin, waters))
    for place, truth in enumerate(around):
        hours = tables.sampling_hours(basin, place)
        beside = sampled_around(basin, place, truth, hours)
        out.long["laboratory"].write(tables.sampled_around(truth.section, hours, beside))
    for water, truth in zip(waters, around, strict=True):
        out.long["water"].write(tables.true_water(water, truth))


def _weather(weather: Weather, steps: int) -> Iterator[Record]:
    rain, flow = weather.rain_mm[:steps].tolist(), weather.flow[:steps].tolist()
    for time, fallen, index in zip(weather.time[:steps], rain, flow, strict=True):
        yield {
            "time": str(time).replace("T", " "),
            "rain_mm": round(fallen, 3),
            "flow_index": round(index, 5),
        }


def _check(size: int, seed: int, days: int) -> None:
    if size < 1 or seed < 0 or not 1 <= days <= days_of_year():
        raise CallError(
            Text(
                "不能生成这样的城市：断面 {size} 个，种子 {seed}，{days} 天。",
                size=size,
                seed=seed,
                days=days,
            ),
            remedy=Text("断面至少 1 个，种子不小于 0，天数从 1 到 {most}。", most=days_of_year()),
        )


def _registers(basin: Basin, waters: Sequence[Water], drawn: Layout) -> dict[str, Iterable[Record]]:
    return {
        "reaches": _reaches(basin),
        "sections": _sections(basin, drawn),
        "outfalls": _outfalls(basin, drawn),
        "sites": tables.sites(basin).to_pylist(),
        "targets": _targets(basin),
        "events": _events(basin),
        "arrivals": _arrivals(waters),
        "loads": _loads(basin, drawn),
    }


def _reaches(basin: Basin) -> Iterator[Record]:
    """Yield one row per edge, as tables of reaches have it; a bifurcation stands in several rows."""
    for name, own, below in _of_reaches(basin):
        for to, share in below or [("", 1.0)]:
            yield {"id": name, "to": to, "fraction": share, **own}


def _drawing(basin: Basin, drawn: Layout) -> Iterator[tuple[Line, Record]]:
    """Yield the line of each reach, with all that the table has of it."""
    for line, (name, own, below) in zip(drawn.lines, _of_reaches(basin), strict=True):
        # A canal is drawn by no line of its own: its edge stands in the lists.
        where = {"to": [to for to, _ in below], "fraction": [share for _, share in below]}
        yield line, {"id": name, **where, **{key: None if cell == "" else cell for key, cell in own.items()}}


def _of_reaches(basin: Basin) -> Iterator[tuple[str, Record, list[tuple[str, float]]]]:
    """Yield name, numbers, and the reaches below with their shares."""
    reaches, edges, items = basin.network.reaches, basin.network.edges, parameters()["item"]
    names = reaches.ids.tolist()
    for row, name in enumerate(names):
        below = np.flatnonzero(edges.upstream == row).tolist()
        background = {
            item["key"]: round(float(value), 4)
            for item, value in zip(items, basin.background[row], strict=True)
        }
        own = {
            "kind": ReachKind(int(reaches.kind[row])).name.lower(),
            "length_m": round(float(reaches.length[row]), 2),
            "velocity_m_s": round(float(reaches.velocity[row]), 4),
            "volume_m3": "" if np.isnan(reaches.volume[row]) else round(float(reaches.volume[row]), 1),
            "temp_C": round(float(reaches.temperature[row]), 2),
            "lateral_flow_m3_s": round(float(reaches.lateral_flow[row]), 6),
            "lateral_conc_mg_L": concentrations(background),
        }
        yield name, own, [(names[int(edges.downstream[at])], float(edges.fraction[at])) for at in below]


def _sections(basin: Basin, drawn: Layout) -> Iterator[Record]:
    for section in basin.sections:
        lon, lat = drawn.at(section.reach, section.chainage)
        yield {
            "section_id": section.key,
            "name": f"{tables.INVENTED}断面{section.key}",
            "reach": basin.network.name(section.reach),
            "chainage_m": round(section.chainage, 2),
            "lon": lon,
            "lat": lat,
        }


def _outfalls(basin: Basin, drawn: Layout) -> Iterator[Record]:
    """Yield what the registers know: candidates, each with its discharger and whether it is monitored."""
    names = {kind["key"]: kind["name_zh"] for kind in parameters()["kind"]}
    for row, outfall in enumerate(basin.outfalls[: basin.listed]):
        key = basin.outfall_key(row)
        items = [item["key"] for item in parameters()["item"]]
        allowed = dict(zip(items, basin.permitted[row].tolist(), strict=True))
        lon, lat = drawn.at(outfall.reach, outfall.chainage)
        yield {
            "outfall_id": key,
            "name": f"{tables.INVENTED}排污口{key}",
            "discharger": f"{names[outfall.kind]}{key}",
            "kind": outfall.kind,
            "reach": basin.network.name(outfall.reach),
            "chainage_m": round(outfall.chainage, 2),
            "flow_m3_d": round(outfall.flow * DAY_S, 1),
            "permitted": concentrations(allowed),
            "monitored": "是" if row in basin.monitored else "否",
            "lon": lon,
            "lat": lat,
        }


def _targets(basin: Basin) -> Iterator[Record]:
    for row in tables.targets(basin).to_pylist():
        limits = "; ".join(f"{item}={value.normalize():f}" for item, value in row["overrides"] or ())
        kept = {name: row[name] for name in ("id", "site", "target_class", "period_from", "period_to")}
        yield kept | {"overrides": limits}


def _events(basin: Basin) -> Iterator[Record]:
    items = [item["key"] for item in parameters()["item"]]
    for event in basin.events:
        start, end = tables.moments([event.start, event.end])
        kilograms = {
            key: round(float(grams) / 1000.0, 3) for key, grams in zip(items, event.grams, strict=True)
        }
        yield {
            "event": event.id,
            "kind": event.kind,
            "name_zh": event.settings["name_zh"],
            "at": event.at,
            "about": event.about,
            "start": str(start).replace("T", " "),
            "end": str(end).replace("T", " "),
            "effect": event.effect,
            "size": round(event.size, 4),
            "items": ";".join(items[row] for row in event.items),
            "mass_kg": concentrations(kilograms) if event.is_load else "",
            "hides": event.hides,
        }


def _arrivals(waters: Sequence[Water]) -> Iterator[Record]:
    items = [item["key"] for item in parameters()["item"]]
    for water in waters:
        for one in water.arrivals:
            first, peak, last = (
                str(moment).replace("T", " ") for moment in tables.moments([one.first, one.peak, one.last])
            )
            raised = dict(zip(items, (round(value, 5) for value in one.raised), strict=True))
            yield {
                "event": one.event,
                "section": one.section,
                "first": first,
                "peak": peak,
                "last": last,
                "raised_mg_L": concentrations(raised),
                "visible": "是" if one.visible else "否",
            }


def _loads(basin: Basin, drawn: Layout) -> Iterator[Record]:
    """Yield what every outfall ordinarily discharges, those on no list among them."""
    items = [item["key"] for item in parameters()["item"]]
    for row, outfall in enumerate(basin.outfalls):
        # An outlet on no list stands still but for its event.
        level = outfall.ordinary if row < basin.listed else np.zeros(len(items))
        ordinary = {key: round(float(value), 4) for key, value in zip(items, level, strict=True)}
        lon, lat = drawn.at(outfall.reach, outfall.chainage)
        yield {
            "outfall_id": basin.outfall_key(row),
            "on_a_list": "是" if row < basin.listed else "否",
            "kind": outfall.kind,
            "reach": basin.network.name(outfall.reach),
            "chainage_m": round(outfall.chainage, 2),
            "flow_m3_s": round(outfall.flow, 6),
            "ordinary": concentrations(ordinary),
            "lon": lon,
            "lat": lat,
        }


def _outliers(shown: Readings) -> Iterator[Record]:
    """Yield the single readings that are plainly wrong and were sent as if they were not."""
    for step, row in np.argwhere(shown.wrong & (shown.sent & ~shown.offline)[:, None]).tolist():
        item = parameters()["item"][row]
        yield {
            "about": shown.about,
            "item": item["monitor" if shown.monitor else "key"],
            "time": str(tables.moments([step * STEP_HOURS])[0]).replace("T", " "),
        }
