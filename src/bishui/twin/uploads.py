"""The city's measurements as spreadsheets that users have: published layout, laboratory, faulty."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from bishui.observations.schema import Mark
from bishui.standards import any_item
from bishui.twin.city import load
from bishui.twin.history import history
from bishui.twin.model import City
from bishui.twin.places import place_readings, places
from bishui.twin.writers import write_json
from bishui.twin.writers.archive import repack

Record = Mapping[str, Any]

#: Heads of the published national layout (国家地表水水质自动监测), with the item behind each.
_PUBLISHED = (
    ("水温(℃)", "wtemp"),
    ("pH(无量纲)", "ph"),
    ("溶解氧(mg/L)", "do"),
    ("电导率(μS/cm)", "conductivity"),
    ("浊度(NTU)", "turbidity"),
    ("高锰酸盐指数(mg/L)", "codmn"),
    ("氨氮(mg/L)", "nh3n"),
    ("总磷(mg/L)", "tp"),
    ("总氮(mg/L)", "tn"),
    ("叶绿素α(mg/L)", None),
    ("藻密度(cells/L)", None),
)
_PUBLISHED_HEAD = ("省份", "流域", "断面名称", "监测时间", "水质类别")
_LONG_HEAD = ("断面名称", "监测时间", "项目", "结果", "单位", "标记")


def measurement_files(city: City, folder: Path) -> dict[str, Path]:
    """Write the city's measurements up to `City.as_of` as users would upload them.

    Parameters
    ----------
    city
        The city that measured.
    folder
        Where the files go; it is made where it is missing.

    Returns
    -------
    dict
        ``history``: CSV long table of the years before, sampled by hand; ``automatic``: CSV in the
        published national layout, GBK, times without a year (the file name has it); ``manual``: XLSX long
        table of the laboratory; ``faulty``: CSV long table with deliberate faults; ``faults``: JSON that
        names each of them by row and column; ``places``: CSV long table of the other places (sources,
        plants, outfalls, stations, wells, lake points, zones).
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = {
        "history": folder / f"lanjin-history-{city.year - load('history.toml')['years']}-{city.year - 1}.csv",
        "automatic": folder / f"lanjin-automatic-{city.year}.csv",
        "manual": folder / f"lanjin-manual-{city.year}.xlsx",
        "faulty": folder / f"lanjin-faulty-{city.year}.csv",
        "faults": folder / f"lanjin-faulty-{city.year}.truth.json",
        "places": folder / f"lanjin-places-{city.year}.csv",
    }
    rows = city.measurements(until=city.as_of).to_pylist()
    automatic = [row for row in rows if row["source"] == "automatic"]
    manual = [row for row in rows if row["source"] == "manual"]
    paths["history"].write_bytes(_csv(_long(city, history(city).to_pylist())).encode("utf-8-sig"))
    paths["automatic"].write_bytes(_csv(_published(city, automatic)).encode("gbk"))
    paths["manual"].write_bytes(_workbook(city, manual))
    faulty, faults = _with_faults(_long(city, manual)[: load("faults.toml")["rows"]])
    paths["faulty"].write_bytes(_csv(faulty).encode("utf-8-sig"))
    write_json(faults, paths["faults"])
    paths["places"].write_bytes(_csv(_other_places(city)).encode("utf-8-sig"))
    return paths


def _csv(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV with the line ends that spreadsheet programs write."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _published(city: City, rows: Sequence[Record]) -> list[list[str]]:
    """Return one row per station and time in the published layout; the class is not given (``*``)."""
    names = {section.id: section.name_zh for section in city.sections}
    province = next(division.name_zh for division in city.divisions if division.parent is None)
    lines = [[*_PUBLISHED_HEAD, *(head for head, _ in _PUBLISHED), "站点情况"]]
    groups: dict[tuple[Any, Any], dict[str, Record]] = {}
    for row in rows:
        groups.setdefault((row["site"], row["time"]), {})[row["item"]] = row
    basin = city.sections[0].basin
    for (site, time), items in groups.items():
        cells = [items[key]["raw"] if key else "*" for _, key in _PUBLISHED]
        lines.append(
            [province, basin, names[site], f"{time:%m-%d %H:%M}", "*", *cells, _status(items.values())]
        )
    return lines


def _status(readings: Iterable[Record]) -> str:
    """Return the station's condition (站点情况) for one moment."""
    readings = list(readings)
    if all(row["mark"] != Mark.OFFLINE for row in readings):
        return "正常"
    return "停站" if all(row["raw"] == "--" for row in readings) else "维护"


def _long(city: City, rows: Sequence[Record]) -> list[list[str]]:
    """Return rows of the long table, head included."""
    names = {section.id: section.name_zh for section in city.sections}
    items = {item["key"]: item["name_zh"] for item in load("items.toml")["item"]}
    lines = [list(_LONG_HEAD)]
    for row in rows:
        time = f"{row['time']:%Y-%m-%d %H:%M}"
        lines.append([names[row["site"]], time, items[row["item"]], row["raw"], row["unit"], ""])
    return lines


def _other_places(city: City) -> list[list[str]]:
    """Return the readings beside the sections as rows of the long table, head included."""
    names = {place.id: place.name_zh for place in places(city)}
    names |= {source.id: source.name_zh for source in city.sources}
    lines = [list(_LONG_HEAD)]
    for reading in place_readings(city, city.as_of):
        time, item = f"{reading.time:%Y-%m-%d %H:%M}", any_item(reading.item)
        lines.append([names[reading.site], time, item.name_zh, reading.raw, reading.unit, ""])
    return lines


def _workbook(city: City, rows: Sequence[Record]) -> bytes:
    """Return the laboratory's table as XLSX: numbers as numbers, ``0.01L`` as text."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "手工监测"
    for line, row in zip(_long(city, rows), [None, *rows], strict=True):
        sheet.append(line)
        if row is not None and row["mark"] == Mark.MEASURED:
            cell = sheet.cell(sheet.max_row, _LONG_HEAD.index("结果") + 1)
            digits = len(row["raw"].partition(".")[2])
            cell.value = row["value"]
            cell.number_format = "0." + "0" * digits if digits else "0"
    packed = io.BytesIO()
    book.save(packed)
    return repack(packed.getvalue())


def _with_faults(lines: list[list[str]]) -> tuple[list[list[str]], list[dict[str, Any]]]:
    """Return the table with the faults of the data file put in, and where each stands (row from 1)."""
    lines = [list(line) for line in lines]
    truth = []
    for fault in load("faults.toml")["fault"]:
        if "copy_of" in fault:
            lines.append(list(lines[fault["copy_of"] - 1]))
            row = len(lines)
        else:
            row = fault["row"]
        if "column" in fault:
            lines[row - 1][_LONG_HEAD.index(fault["column"])] = fault["raw"]
        truth.append({**fault, "row": row})
    return lines, truth
