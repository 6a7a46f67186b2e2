"""Tables of outfalls, sections and pollutants beside a network: as loads, sections and decay on its reaches.

A place is given by reach and chainage, or by longitude and latitude; then it is snapped, and what is not
certain is refused with the candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bishui.errors import DataError, Problem, UnknownLayout, Where
from bishui.i18n import Text
from bishui.network.formats.heads import Heads, understand
from bishui.network.formats.model import NetworkFile
from bishui.network.formats.records import Records, bad_number, half_width, number, numbers, texts
from bishui.network.formats.sheets import read_sheet
from bishui.network.formats.values import concentrations
from bishui.network.settings import Settings, settings
from bishui.network.snapping import Snap, SnapConfidence, SnapPoint, decimals_of, snap
from bishui.network.tables import Floats, Load, Pollutant, Section

_NAMES = ("key", "pollutant", "kind")


@dataclass(frozen=True, slots=True)
class Placed:
    """A row that has a place on the network: key, reach row, chainage, and how it was found."""

    record: int
    key: str
    reach: int
    chainage: float
    snap: Snap | None = None


class PlacesTable:
    """A table of places: its columns by role, and what is wrong in it."""

    def __init__(self, path: Path) -> None:
        self.records: Records = read_sheet(path, vocabulary="places", names=_NAMES)
        self.heads: Heads = understand(
            self.records.columns, Where(file=self.records.file, sheet=self.records.table), "places"
        )
        self.problems: list[Problem] = [*self.heads.problems, *self.records.problems]

    def texts(self, role: str) -> list[str]:
        """Return the cells of a role; empty where there is no such column."""
        column = self.heads.columns.get(role)
        return [""] * len(self.records) if column is None else texts(self.records.columns[column.head])

    def numbers(self, role: str, default: float) -> Floats:
        """Return the numbers of a role; `default` where none is given."""
        column = self.heads.columns.get(role)
        if column is None:
            return np.full(len(self.records), default)
        values, wrong = numbers(self.records.columns[column.head], column.factor)
        for record in wrong.tolist():
            self.problem(bad_number(self.records, record, column.head))
        return np.where(np.isnan(values), default, values)

    def needs(self, *roles: str) -> None:
        """Refuse a table without these columns.

        Raises
        ------
        UnknownLayout
            One is missing.
        """
        missing = [role for role in roles if role not in self.heads.columns]
        if missing:
            raise UnknownLayout(
                Text("表中缺少列：{roles}。", roles="、".join(missing)),
                remedy=Text("见文档“network-files”中各表的表头。"),
                where=Where(file=self.records.file, sheet=self.records.table),
            )

    def problem(self, problem: Problem) -> None:
        """Add what is wrong."""
        self.problems.append(problem)

    def done(self) -> None:
        """Refuse the table if something is wrong in it.

        Raises
        ------
        DataError
            With every problem.
        """
        if self.problems:
            raise DataError(
                Text("“{file}”有 {count} 处错误。", file=self.records.file, count=len(self.problems)),
                remedy=Text("请逐处改正。"),
                problems=self.problems,
            )


def read_pollutants(path: Path) -> tuple[Pollutant, ...]:
    """Read pollutants: name, decay at 20 °C (1/d), temperature factor θ.

    Raises
    ------
    DataError
        A number is none, or a decay is negative.
    """
    table = PlacesTable(path)
    table.needs("pollutant", "decay")
    decay, theta = table.numbers("decay", 0.0), table.numbers("theta", 1.0)
    for record in np.flatnonzero(decay < 0).tolist():
        table.problem(_negative(table, record, "decay", float(decay[record])))
    table.done()
    names = table.texts("pollutant")
    return tuple(
        Pollutant(name, float(decay[row]), float(theta[row])) for row, name in enumerate(names) if name
    )


def read_loads(path: Path, file: NetworkFile, chosen: Settings | None = None) -> tuple[Load, ...]:
    """Read outfalls: key, place, flow (m³/s) and concentrations ``COD=60;NH3N=8`` (mg/L).

    Raises
    ------
    DataError
        With every row that has no certain place or cannot be read.
    """
    table = PlacesTable(path)
    table.needs("key", "flow", "concentrations")
    placed = places_of(table, file, chosen)
    flow = table.numbers("flow", 0.0)
    cells = table.texts("concentrations")
    loads = []
    for entry in placed:
        read = concentrations(cells[entry.record])
        if read is None:
            table.problem(not_concentrations(table, entry.record, cells[entry.record]))
        else:
            loads.append(Load(entry.key, entry.reach, entry.chainage, float(flow[entry.record]), read))
    table.done()
    return tuple(loads)


def read_sections(path: Path, file: NetworkFile, chosen: Settings | None = None) -> tuple[Section, ...]:
    """Read sections: key and place.

    Raises
    ------
    DataError
        With every row that has no certain place or cannot be read.
    """
    table = PlacesTable(path)
    table.needs("key")
    placed = places_of(table, file, chosen)
    table.done()
    return tuple(Section(entry.key, entry.reach, entry.chainage) for entry in placed)


def read_limits(path: Path) -> dict[str, dict[str, float]]:
    """Read what sections must keep: by key, ``COD=20;NH3N=1`` (mg/L); a section without limits is left out.

    Raises
    ------
    DataError
        With every row that cannot be read.
    """
    table = PlacesTable(path)
    table.needs("key")
    found: dict[str, dict[str, float]] = {}
    for record, (key, text) in enumerate(zip(table.texts("key"), table.texts("limits"), strict=True)):
        read = concentrations(text)
        if read is None:
            table.problem(not_concentrations(table, record, text))
        elif read:
            found[key] = read
    table.done()
    return found


def read_points(path: Path) -> list[SnapPoint]:
    """Read points with longitude and latitude, to be snapped.

    Raises
    ------
    DataError
        With every row whose coordinates are none.
    """
    table = PlacesTable(path)
    table.needs("key", "lon", "lat")
    points = _points(table, range(len(table.records)))
    table.done()
    return [point for point in points if point is not None]


def snap_points(points: Sequence[SnapPoint], file: NetworkFile, chosen: Settings | None = None) -> list[Snap]:
    """Return the places of points on the reaches of a file, with chainages in its lengths."""
    names = [str(name) for name in file.names.tolist()]
    return snap(points, file.lines, names, file.reaches.length, chosen)


def places_of(table: PlacesTable, file: NetworkFile, chosen: Settings | None) -> list[Placed]:
    """Return the place of each row: by reach and chainage where it gives both, else by its coordinates."""
    keys, reach, lon = table.texts("key"), table.texts("reach"), table.texts("lon")
    chainage = table.numbers("chainage", np.nan)
    rows = {half_width(str(name)): row for row, name in enumerate(file.reaches.ids.tolist())}
    rows |= {str(name): row for row, name in enumerate(file.reaches.ids.tolist())}
    found: list[Placed] = []
    # Records to be found by their coordinates, and the reach that they name.
    open_: dict[int, int | None] = {}
    for record, key in enumerate(keys):
        row = rows.get(reach[record], rows.get(half_width(reach[record])))
        if reach[record] and row is None:
            table.problem(_unknown_reach(table, record, key, reach[record]))
        elif row is not None and not np.isnan(chainage[record]):
            found.append(Placed(record, key, row, float(chainage[record])))
        elif row is not None and not lon[record]:
            table.problem(_no_chainage(table, record, key))
        else:
            open_[record] = row
    found += _snapped(table, file, open_, chosen)
    return sorted(found, key=lambda entry: entry.record)


def _snapped(
    table: PlacesTable, file: NetworkFile, records: Mapping[int, int | None], chosen: Settings | None
) -> list[Placed]:
    """Return the places of coordinates; where a row names its reach, only that one counts."""
    chosen = chosen or settings("snapping")
    points = _points(table, list(records))
    kept = [(record, point) for record, point in zip(records, points, strict=True) if point is not None]
    found = []
    snaps = snap_points([point for _, point in kept], file, chosen) if kept else []
    for (record, point), result in zip(kept, snaps, strict=True):
        place = result.place if result.confidence is SnapConfidence.CERTAIN else None
        if records[record] is not None:
            mine = (candidate for candidate in result.candidates if candidate.reach == records[record])
            place = next((its for its in mine if its.distance <= chosen.number("limit_m")), None)
        if place is None:
            table.problem(_uncertain(table, record, result, file))
        else:
            length = float(file.reaches.length[place.reach])
            found.append(Placed(record, point.key, place.reach, min(place.chainage, length), result))
    return found


def _points(table: PlacesTable, records: Sequence[int]) -> list[SnapPoint | None]:
    keys, water = table.texts("key"), table.texts("water")
    lon, lat = table.texts("lon"), table.texts("lat")
    found: list[SnapPoint | None] = []
    for record in records:
        east, north = number(lon[record]), number(lat[record])
        ok = east is not None and north is not None and abs(east) <= 180 and abs(north) <= 90
        if not ok or east is None or north is None:
            table.problem(_no_place(table, record, keys[record]))
            found.append(None)
        else:
            decimals = decimals_of(lon[record], lat[record])
            found.append(SnapPoint(keys[record], east, north, water[record], decimals))
    return found


def _negative(table: PlacesTable, record: int, role: str, value: float) -> Problem:
    return Problem(
        "negative",
        Text("数值 {value} 为负。", value=f"{value:g}"),
        Text("请填写不小于 0 的数。"),
        table.records.where(record, table.heads.head(role)),
        raw=f"{value:g}",
    )


def not_concentrations(table: PlacesTable, record: int, text: str) -> Problem:
    """Return the problem of a cell that should hold concentrations."""
    return Problem(
        "not-concentrations",
        Text("“{text}”不是浓度。", text=text[:80]),
        Text("写法：COD=10;NH3N=0.5，单位 mg/L。"),
        table.records.where(record, table.heads.head("concentrations")),
        raw=text,
    )


def _unknown_reach(table: PlacesTable, record: int, key: str, reach: str) -> Problem:
    return Problem(
        "unknown-reach",
        Text("“{key}”所在的河段“{reach}”不在河网中。", key=key, reach=reach),
        Text("请核对河段编号，或改填经纬度。"),
        table.records.where(record, table.heads.head("reach")),
        raw=reach,
    )


def _no_chainage(table: PlacesTable, record: int, key: str) -> Problem:
    return Problem(
        "no-chainage",
        Text("“{key}”没有里程。", key=key),
        Text("请填写距河段上端的里程（m），或改填经纬度。"),
        table.records.where(record, table.heads.head("chainage")),
    )


def _no_place(table: PlacesTable, record: int, key: str) -> Problem:
    return Problem(
        "no-place",
        Text("“{key}”既没有河段和里程，也没有有效的经纬度。", key=key),
        Text("请填写河段编号和里程，或经度、纬度（度，CGCS2000）。"),
        table.records.where(record),
    )


def _uncertain(table: PlacesTable, record: int, found: Snap, file: NetworkFile) -> Problem:
    listed = "；".join(
        str(
            Text(
                "{reach} {name} 距 {distance} m、里程 {chainage} m",
                reach=file.reaches.ids[candidate.reach],
                name=candidate.name,
                distance=f"{candidate.distance:.0f}",
                chainage=f"{candidate.chainage:.0f}",
            )
        )
        for candidate in found.candidates
    )
    doubts = "、".join(str(doubt.text) for doubt in found.doubts)
    return Problem(
        "uncertain-place",
        Text(
            "“{key}”的位置不能自动确定：{doubts}。候选：{listed}。",
            key=found.key,
            doubts=doubts,
            listed=listed or "—",
        ),
        Text("请核对坐标，或直接填写河段编号和里程。"),
        table.records.where(record),
        raw=found.key,
    )
