"""The city as files, basin by basin: what is known, and apart from it the truth."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network import DAY_S, ReachKind
from bishui.observations.schema import MEASUREMENTS
from bishui.twin.network import concentrations
from bishui.twin.scaled import tables
from bishui.twin.scaled.basins import Basin, basins
from bishui.twin.scaled.parameters import days_of_year, parameters, version
from bishui.twin.scaled.series import Readings, Water, readings, water_at, weather_of
from bishui.twin.weather import STEP_HOURS, STEPS_PER_DAY

Record = Mapping[str, Any]

_SCHEMA = pa.schema([field for field in MEASUREMENTS if field.name not in ("import_id", "row")])
_FILES = {
    "reaches": "network/reaches.csv",
    "sections": "network/sections.csv",
    "outfalls": "network/outfalls.csv",
    "sites": "measurements/sites.csv",
    "targets": "measurements/targets.csv",
    "stations": "measurements/stations.parquet",
    "laboratory": "measurements/laboratory.parquet",
    "monitors": "measurements/monitors.parquet",
    "weather": "truth/weather.csv",
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
        ``reaches``, ``sections`` and ``outfalls`` as `bishui network` reads them; ``sites``, ``targets``,
        ``stations``, ``laboratory`` and ``monitors`` as `bishui assess` reads them; the truth: ``weather``,
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
    steps = days * STEPS_PER_DAY
    with ExitStack() as open_files:
        sheets = {name: _Sheet(path, open_files) for name, path in paths.items() if path.suffix == ".csv"}
        long = {
            name: open_files.enter_context(pq.ParquetWriter(path, _SCHEMA, compression="zstd"))
            for name, path in paths.items()
            if path.suffix == ".parquet"
        }
        sheets["weather"].write(
            {"time": str(time).replace("T", " "), "rain_mm": round(rain, 3), "flow_index": round(flow, 5)}
            for time, rain, flow in zip(
                weather.time[:steps],
                weather.rain_mm[:steps].tolist(),
                weather.flow[:steps].tolist(),
                strict=True,
            )
        )
        for basin in basins(size, seed, days):
            waters = [water_at(basin, place, weather) for place in range(len(basin.sections))]
            for name, rows in _registers(basin, waters).items():
                sheets[name].write(rows)
            for shown in readings(basin, waters):
                _append(long["monitors" if shown.monitor else "stations"], tables.measured(shown))
                sheets["outliers"].write(_outliers(shown))
            _append(long["laboratory"], tables.sampled(basin, waters))
    return paths


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


class _Sheet:
    """A CSV file that takes rows as they come; the first row tells the heads."""

    def __init__(self, path: Path, open_files: ExitStack) -> None:
        self._file = open_files.enter_context(path.open("w", encoding="utf-8-sig", newline=""))
        self._writer: csv.DictWriter[str] | None = None

    def write(self, rows: Iterable[Record]) -> None:
        for row in rows:
            if self._writer is None:
                self._writer = csv.DictWriter(self._file, list(row), lineterminator="\r\n")
                self._writer.writeheader()
            self._writer.writerow(row)


def _append(writer: pq.ParquetWriter, rows: pa.Table) -> None:
    if rows.num_rows:
        writer.write_table(rows.select(_SCHEMA.names).combine_chunks())


def _registers(basin: Basin, waters: Sequence[Water]) -> dict[str, Iterable[Record]]:
    return {
        "reaches": _reaches(basin),
        "sections": _sections(basin),
        "outfalls": _outfalls(basin),
        "sites": tables.sites(basin).to_pylist(),
        "targets": _targets(basin),
        "events": _events(basin),
        "arrivals": _arrivals(waters),
        "loads": _loads(basin),
    }


def _reaches(basin: Basin) -> Iterator[Record]:
    """Yield one row per edge, as tables of reaches have it; a bifurcation stands in several rows."""
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
        targets = [(names[int(edges.downstream[at])], float(edges.fraction[at])) for at in below]
        for to, share in targets or [("", 1.0)]:
            yield {"id": name, "to": to, "fraction": share} | own


def _sections(basin: Basin) -> Iterator[Record]:
    for section in basin.sections:
        yield {
            "section_id": section.key,
            "name": f"{tables.INVENTED}断面{section.key}",
            "reach": basin.network.name(section.reach),
            "chainage_m": round(section.chainage, 2),
        }


def _outfalls(basin: Basin) -> Iterator[Record]:
    """Yield what the registers know: candidates, each with its discharger and whether it is monitored."""
    names = {kind["key"]: kind["name_zh"] for kind in parameters()["kind"]}
    for row, outfall in enumerate(basin.outfalls[: basin.listed]):
        key = basin.outfall_key(row)
        items = [item["key"] for item in parameters()["item"]]
        allowed = dict(zip(items, basin.permitted[row].tolist(), strict=True))
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


def _loads(basin: Basin) -> Iterator[Record]:
    """Yield what every outfall ordinarily discharges, those on no list among them."""
    items = [item["key"] for item in parameters()["item"]]
    for row, outfall in enumerate(basin.outfalls):
        # An outlet on no list stands still but for its event.
        level = outfall.ordinary if row < basin.listed else np.zeros(len(items))
        ordinary = {key: round(float(value), 4) for key, value in zip(items, level, strict=True)}
        yield {
            "outfall_id": basin.outfall_key(row),
            "on_a_list": "是" if row < basin.listed else "否",
            "kind": outfall.kind,
            "reach": basin.network.name(outfall.reach),
            "chainage_m": round(outfall.chainage, 2),
            "flow_m3_s": round(outfall.flow, 6),
            "ordinary": concentrations(ordinary),
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
