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
from bishui.network.formats.values import amounts
from bishui.network.settings import Settings, settings
from bishui.network.snapping import Snap, SnapConfidence, SnapPoint, decimals_of, snap
from bishui.network.tables import Floats, Load, Pollutant, ReachKind, Section

_NAMES = ("key", "pollutant", "kind")
#: A chainage so little beyond the end of its reach is at the end: lengths come from km.
_ROUNDING_M = 1e-3


@dataclass(frozen=True, slots=True)
class Placed:
    """A row that has a place on the network: key, reach row, chainage, and how it was found."""

    record: int
    key: str
    reach: int
    chainage: float
    snap: Snap | None = None


class PlacesTable:
    """A table of places: its columns by role, and what is wrong in it.

    `vocabulary` names the words of the heads, `names` the roles of which such a table has one.
    """

    def __init__(self, path: Path, vocabulary: str = "places", names: tuple[str, ...] = _NAMES) -> None:
        self.records: Records = read_sheet(path, vocabulary=vocabulary, names=names)
        self.heads: Heads = understand(
            self.records.columns, Where(file=self.records.file, sheet=self.records.table), vocabulary
        )
        self.problems: list[Problem] = [*self.heads.problems, *self.records.problems]

    def texts(self, role: str) -> list[str]:
        """Return the cells of a role; empty where there is no such column."""
        column = self.heads.columns.get(role)
        return [""] * len(self.records) if column is None else texts(self.records.columns[column.head])

    def numbers(self, role: str, default: float, *, scaled: bool = True) -> Floats:
        """Return the numbers of a role, in our units unless not `scaled`; `default` where none is given."""
        column = self.heads.columns.get(role)
        if column is None:
            return np.full(len(self.records), default)
        values, wrong = numbers(self.records.columns[column.head], column.factor if scaled else 1.0)
        for record in wrong.tolist():
            self.problem(bad_number(self.records, record, column.head))
        return np.where(np.isnan(values), default, values)

    def amounts(self, role: str) -> list[dict[str, float] | None]:
        """Return the amounts by name of a role, in our units; None (and a problem) for an unreadable cell."""
        column = self.heads.columns.get(role)
        factor = 1.0 if column is None else column.factor
        found = []
        for record, text in enumerate(self.texts(role)):
            found.append(amounts(text, factor))
            if found[-1] is None:
                self.problem(_not_concentrations(self, record, role, text))
            for value in (found[-1] or {}).values():
                if value < 0:
                    self.problem(self.negative(record, role, value))
        return found

    def keys(self) -> list[str]:
        """Return the keys; one that is missing or stands twice is a problem."""
        head, first = self.heads.head("key") or "", dict[str, int]()
        keys = self.texts("key")
        for record, key in enumerate(keys):
            if not key:
                self.problem(_no_key(self, record, head))
            elif key in first:
                self.problem(_key_twice(self, record, key, first[key]))
            else:
                first[key] = int(self.records.rows[record])
        return keys

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

    def reach_rows(self, file: NetworkFile, keys: Sequence[str]) -> list[int | None]:
        """Return the row of the reach that each record names; None where it names one that is not there."""
        rows = {half_width(str(name)): row for row, name in enumerate(file.reaches.ids.tolist())}
        rows |= {str(name): row for row, name in enumerate(file.reaches.ids.tolist())}
        found: list[int | None] = []
        for record, (key, reach) in enumerate(zip(keys, self.texts("reach"), strict=True)):
            found.append(rows.get(reach, rows.get(half_width(reach))))
            if found[-1] is None:
                self.problem(_unknown_reach(self, record, key, reach))
        return found

    def negative(self, record: int, role: str, value: float) -> Problem:
        """Return the problem of a number below 0."""
        return Problem(
            "negative",
            Text("数值 {value} 为负。", value=f"{value:g}"),
            Text("请填写不小于 0 的数。"),
            self.records.where(record, self.heads.head(role)),
            raw=f"{value:g}",
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
        table.problem(table.negative(record, "decay", float(decay[record])))
    table.done()
    names = table.texts("pollutant")
    return tuple(
        Pollutant(name, float(decay[row]), float(theta[row])) for row, name in enumerate(names) if name
    )


def read_loads(path: Path, file: NetworkFile, chosen: Settings | None = None) -> tuple[Load, ...]:
    """Read outfalls: key, place, flow (m³/s) with concentrations ``COD=60;NH3N=8`` (mg/L), loads beside.

    What is known as a load, from coefficients for instance, stands in a column of loads (kg/d).

    Raises
    ------
    DataError
        With every row that has no certain place or cannot be read.
    """
    table = PlacesTable(path)
    table.needs("key", *(() if "loads" in table.heads.columns else ("flow", "concentrations")))
    placed = places_of(table, file, chosen)
    flow = table.numbers("flow", 0.0)
    for record in np.flatnonzero(flow < 0).tolist():
        table.problem(table.negative(record, "flow", float(flow[record])))
    cells, beside = table.amounts("concentrations"), table.amounts("loads")
    table.done()
    return tuple(
        Load(
            entry.key,
            entry.reach,
            entry.chainage,
            float(flow[entry.record]),
            cells[entry.record] or {},
            beside[entry.record] or {},
        )
        for entry in placed
    )


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


def amounts_by_key(path: Path, column: str) -> dict[str, dict[str, float]]:
    """Read one column of amounts (``COD=20;NH3N=1``) by the key of its row; an empty cell is left out.

    Raises
    ------
    DataError
        With every row that cannot be read.
    """
    table = PlacesTable(path)
    table.needs("key")
    found = table.amounts(column)
    table.done()
    return {key: read for key, read in zip(table.texts("key"), found, strict=True) if read}


def read_limits(path: Path) -> dict[str, dict[str, float]]:
    """Read what sections must keep: by key, ``COD=20;NH3N=1`` (mg/L); a section without limits is left out.

    Raises
    ------
    DataError
        With every row that cannot be read.
    """
    return amounts_by_key(path, "limits")


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
    keys, reach, lon = table.keys(), table.texts("reach"), table.texts("lon")
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
            found.append(Placed(record, key, row, _within(file, row, float(chainage[record]))))
            inside = 0 <= found[-1].chainage <= file.reaches.length[row]
            if not (inside or ReachKind(int(file.reaches.kind[row])).mixed):
                table.problem(_beyond(table, file, found[-1]))
        elif row is not None and not lon[record]:
            table.problem(_no_chainage(table, record, key))
        else:
            open_[record] = row
    found += _snapped(table, file, open_, chosen)
    return sorted(found, key=lambda entry: entry.record)


def _within(file: NetworkFile, row: int, chainage: float) -> float:
    """Return a chainage, that of the reach's end where it is beyond by less than rounding can be."""
    length = float(file.reaches.length[row])
    return length if length < chainage <= length + _ROUNDING_M else chainage


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


def _not_concentrations(table: PlacesTable, record: int, role: str, text: str) -> Problem:
    return Problem(
        "not-concentrations",
        Text("“{text}”不是按污染物写的数值。", text=text[:80]),
        Text("写法：COD=10;NH3N=0.5；单位写在表头里，浓度不写单位时为 mg/L。"),
        table.records.where(record, table.heads.head(role)),
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


def _no_key(table: PlacesTable, record: int, head: str) -> Problem:
    return Problem(
        "no-id",
        Text("“{head}”是空的。", head=head),
        Text("请填写编号；每一行都要有。"),
        table.records.where(record, head),
    )


def _key_twice(table: PlacesTable, record: int, key: str, first: int) -> Problem:
    return Problem(
        "duplicate-id",
        Text("“{key}”在第 {row} 行已经有了。", key=key, row=first),
        Text("请给出不同的编号；同一排口的各项目写在一格里：COD=60;NH3N=8。"),
        table.records.where(record, table.heads.head("key")),
        raw=key,
    )


def _beyond(table: PlacesTable, file: NetworkFile, placed: Placed) -> Problem:
    return Problem(
        "beyond-reach",
        Text(
            "“{key}”的里程 {chainage} m 不在河段“{reach}”内（长 {length} m）。",
            key=placed.key,
            chainage=f"{placed.chainage:g}",
            reach=file.reaches.ids[placed.reach],
            length=f"{file.reaches.length[placed.reach]:g}",
        ),
        Text("里程从河段上端起算，单位写在表头里（不写为 m）；请核对河段和里程。"),
        table.records.where(placed.record, table.heads.head("chainage")),
        raw=f"{placed.chainage:g}",
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
