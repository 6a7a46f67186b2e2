"""Sewers from an EPA SWMM model (排水管网): links as reaches, storage units as mixed reactors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely

from bishui.errors import Problem, Where
from bishui.i18n import Text
from bishui.network.formats.assemble import assemble
from bishui.network.formats.model import Account, Fate, NetworkFile, ReadingOptions
from bishui.network.formats.records import Records, number
from bishui.network.formats.swmm_sections import Line, Sections, read_sections, words
from bishui.network.formats.vector import to_lon_lat
from bishui.network.tables import Pollutant

_NODES = ("junctions", "outfalls", "storage", "dividers")
_LINKS = ("conduits", "pumps", "orifices", "weirs", "outlets")
#: Names the node behind a storage unit; no name in the file can hold a blank.
_BEHIND = " behind"


@dataclass(slots=True)
class _Link:
    """One link as it becomes a reach; elevations of its two ends where they are known, in the file's unit."""

    name: str
    upper: str
    lower: str
    line: int
    kind: str = "channel"
    length: float = 0.0
    velocity: float | None = None
    roughness: float | None = None
    slope: float | None = None
    volume: float | None = None
    flow: float = 0.0
    concentrations: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Model:
    """What is gathered while the sections are read."""

    sections: Sections
    metres: float
    flow: float
    elevation: dict[str, float] = field(default_factory=dict)
    links: dict[str, _Link] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    findings: list[Problem] = field(default_factory=list)

    def where(self, line: Line) -> Where:
        """Return the place of a line."""
        return Where(file=self.sections.file, line=line.number)

    def number(self, line: Line, place: int, default: float | None = None) -> float:
        """Return a number of a line; what is none is a problem and counts as `default` or 0."""
        text = line.get(place)
        value = number(text) if text else None
        if value is not None and not math.isnan(value):
            return value
        if default is None:
            self.problems.append(
                Problem(
                    "not-a-number",
                    Text(
                        "“{name}”的第 {place} 项“{text}”不是数。",
                        name=line.get(0),
                        place=place + 1,
                        text=text,
                    ),
                    Text("请在 SWMM 中打开模型核对。"),
                    self.where(line),
                    raw=text,
                )
            )
        return default or 0.0


def read_swmm(path: Path, reading: ReadingOptions | None = None) -> NetworkFile:
    """Read a SWMM model.

    Parameters
    ----------
    path
        The .inp file.
    reading
        Choices; `orient` turns conduits that rise in the direction they are drawn.

    Notes
    -----
    Steady dry-weather flow only: base flows of ``[DWF]`` and ``[INFLOWS]``; series, patterns and rain are not
    read, and said so. Velocity is Manning's at full section; a guess where it cannot be computed.
    """
    reading = reading or ReadingOptions()
    sections = read_sections(path)
    unit = words()["flow_units"].get(sections.option("FLOW_UNITS", "CFS"))
    model = _Model(sections, 1.0, 1.0)
    if unit is None:
        model.problems.append(_unknown_units(sections))
    else:
        model.metres, model.flow = unit["length"], unit["flow"]
    _read_nodes(model)
    _read_links(model, reading)
    _read_storage(model)
    pollutants = _pollutants(model)
    _read_inflows(model, {key.key for key in pollutants})
    lines = _geometry(model, reading)
    file = assemble(_records(model, lines), reading, velocity_setting="sewer_velocity")
    return replace(
        file,
        problems=(*model.problems, *file.problems),
        findings=(*model.findings, *file.findings),
        accounts=(_account(model, file),),
        pollutants=pollutants,
    )


def _unknown_units(sections: Sections) -> Problem:
    said = sections.option("FLOW_UNITS", "CFS")
    return Problem(
        "unknown-unit",
        Text("不认识流量单位“{unit}”（FLOW_UNITS）。", unit=said),
        Text("可用：{units}。", units="、".join(words()["flow_units"])),
        Where(file=sections.file),
        raw=said,
    )


def _read_nodes(model: _Model) -> None:
    for section in _NODES:
        for line in model.sections.of(section):
            model.elevation[line.get(0)] = model.number(line, 1)
            if section == "outfalls" and line.get(2).upper() in ("TIDAL", "TIMESERIES"):
                model.findings.append(_tidal(line, model.where(line)))


def _tidal(line: Line, where: Where) -> Problem:
    return Problem(
        "tidal-outfall",
        Text("出水口“{name}”的水位随时间变化（{kind}），可能倒灌。", name=line.get(0), kind=line.get(2)),
        Text("只有不倒灌时（有拍门或水位低于管底）结果才成立。"),
        where,
        raw=line.get(0),
    )


def _read_links(model: _Model, reading: ReadingOptions) -> None:
    shapes = {line.get(0): line for line in model.sections.of("xsections")}
    for section in _LINKS:
        for line in model.sections.of(section):
            if len(line.words) < 3:
                model.problems.append(_short(line, model.where(line)))
                continue
            link = _Link(line.get(0), line.get(1), line.get(2), line.number)
            if link.name in model.links:
                model.problems.append(_link_twice(line, model.where(line)))
                continue
            model.links[link.name] = link
            for node in (link.upper, link.lower):
                if node not in model.elevation:
                    model.problems.append(_unknown_node(link.name, node, model.where(line)))
            if section == "conduits":
                _read_conduit(model, line, link, shapes.get(link.name), reading)
            else:
                link.velocity = 1.0  # of no length, so no time passes in it


def _read_conduit(
    model: _Model, line: Line, link: _Link, shape: Line | None, reading: ReadingOptions
) -> None:
    """Read length, roughness and slope of a conduit, and its velocity at full section."""
    length = model.number(line, 3)
    link.length, link.roughness = length * model.metres, model.number(line, 4)
    top = _end(model, line, link.upper, 5)
    bottom = _end(model, line, link.lower, 6)
    if length > 0:
        link.slope = (top - bottom) / length
    if link.slope is not None and link.slope < 0:
        model.findings.append(_rises(link.name, reading.orient, model.where(line)))
        if reading.orient:
            link.upper, link.lower, link.slope = link.lower, link.upper, -link.slope
    radius = _radius(model, shape) if shape is not None else None
    if radius and link.roughness and link.slope and link.slope > 0:
        link.velocity = radius ** (2 / 3) * math.sqrt(link.slope) / link.roughness


def _end(model: _Model, line: Line, node: str, place: int) -> float:
    """Return the elevation of the bottom of a conduit at a node."""
    level = model.elevation.get(node, 0.0)
    if line.get(place) in ("", "*"):
        return level
    offset = model.number(line, place)
    return offset if model.sections.option("LINK_OFFSETS", "DEPTH") == "ELEVATION" else level + offset


def _radius(model: _Model, shape: Line) -> float | None:
    """Return the hydraulic radius of a full section, m; None for a shape that is not computed."""
    kind = shape.get(1).upper()
    if kind not in ("CIRCULAR", "FORCE_MAIN", "RECT_CLOSED", "RECT_OPEN", "TRAPEZOIDAL"):
        return None
    height, width, left, right = (model.number(shape, place, 0.0) * model.metres for place in range(2, 6))
    left, right = left / model.metres, right / model.metres  # side slopes have no unit
    if kind in ("CIRCULAR", "FORCE_MAIN"):
        return height / 4
    if kind == "RECT_CLOSED":
        wetted = 2 * (height + width)
    elif kind == "RECT_OPEN":
        wetted = 2 * height + width
    else:
        wetted = width + height * (math.hypot(1, left) + math.hypot(1, right))
        width += height * (left + right) / 2
    return height * width / wetted if wetted > 0 else None


def _read_storage(model: _Model) -> None:
    """Add a mixed reactor for each storage unit that holds water; its links then leave the node behind it."""
    leaving = {link.upper for link in model.links.values()}
    for line in model.sections.of("storage"):
        node = line.get(0)
        depth = model.number(line, 3)
        volume = _volume(model, line, depth)
        if not volume or node not in leaving:
            model.findings.append(_dry_storage(node, depth, model.where(line)))
            continue
        behind = node + _BEHIND
        for link in model.links.values():
            if link.upper == node:
                link.upper = behind
        name = node if node not in model.links else f"{node}·storage"
        model.links[name] = _Link(
            name, node, behind, line.number, "reservoir", velocity=1.0, volume=volume * model.metres**3
        )


def _volume(model: _Model, line: Line, depth: float) -> float | None:
    """Return the water that a storage unit holds at a depth; None for a shape that is not computed."""
    kind = line.get(4).upper()
    if kind == "FUNCTIONAL":
        factor, power, constant = (model.number(line, place) for place in (5, 6, 7))
        return float(factor * depth ** (power + 1) / (power + 1) + constant * depth)
    if kind == "TABULAR":
        return _volume_of_curve(model, line.get(5), depth)
    return None


def _volume_of_curve(model: _Model, name: str, depth: float) -> float | None:
    """Return the integral of area over depth of a curve of depth and area."""
    pairs: list[tuple[float, float]] = []
    for line in model.sections.of("curves"):
        if line.get(0) == name:
            given = [word for word in line.words[1:] if number(word) is not None]
            values = [float(word) for word in given]
            pairs += list(zip(values[::2], values[1::2], strict=False))
    if not pairs:
        return None
    heights, areas = (np.array(column) for column in zip(*sorted(pairs), strict=True))
    steps = np.unique(np.concatenate([[0.0], heights[heights < depth], [depth]]))
    return float(np.trapezoid(np.interp(steps, heights, areas), steps))


def _pollutants(model: _Model) -> tuple[Pollutant, ...]:
    """Return the pollutants with their decay; SWMM knows no temperature, so θ is 1."""
    return tuple(
        Pollutant(line.get(0), model.number(line, 5, 0.0), 1.0) for line in model.sections.of("pollutants")
    )


def _read_inflows(model: _Model, known: set[str]) -> None:
    """Hand base flows and their concentrations at nodes to the links that leave them."""
    flows, carried = _base_flows(model, known)
    for node, flow in flows.items():
        leaving = [link for link in model.links.values() if link.upper == node]
        if not leaving:
            model.findings.append(_no_link(node, Where(file=model.sections.file)))
            continue
        for link in leaving:
            link.flow += flow / len(leaving)
            if flow > 0:
                link.concentrations = {key: load / flow for key, load in carried.get(node, {}).items()}


def _base_flows(model: _Model, known: set[str]) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Return base flow (m³/s) and loads (g/s) by node; several inflows are mixed by flow."""
    units = {
        line.get(0): words()["concentration_units"].get(line.get(1).upper(), 1.0)
        for line in model.sections.of("pollutants")
    }
    flows: dict[str, float] = {}
    loads: dict[str, dict[str, float]] = {}
    for section, base, series in (("dwf", 2, None), ("inflows", 6, 2)):
        lines = model.sections.of(section)
        own = {
            line.get(0): model.number(line, base, 0.0) * model.flow
            for line in lines
            if line.get(1).upper() == "FLOW"
        }
        for node, flow in own.items():
            flows[node] = flows.get(node, 0.0) + flow
        for line in lines:
            if series is not None and line.get(series).strip('"'):
                model.findings.append(_series(line, model.where(line)))
            if line.get(1) in known:
                value = model.number(line, base, 0.0) * units[line.get(1)]
                here = loads.setdefault(line.get(0), {})
                here[line.get(1)] = here.get(line.get(1), 0.0) + value * own.get(line.get(0), 0.0)
    return flows, loads


def _geometry(model: _Model, reading: ReadingOptions) -> np.ndarray | None:
    """Return a line for each link from node to node through its vertices; None where the map has no place."""
    places = {line.get(0): _point(model, line) for line in model.sections.of("coordinates")}
    units = next(
        (line.get(1).upper() for line in model.sections.of("map") if line.get(0).upper() == "UNITS"), ""
    )
    if not places or (reading.crs is None and units != "DEGREES"):
        if places:
            model.findings.append(_no_crs(model.sections.file))
        return None
    bends: dict[str, list[tuple[float, float]]] = {}
    for line in model.sections.of("vertices"):
        bends.setdefault(line.get(0), []).append(_point(model, line))
    drawn = {line.get(0): line.get(1) for section in _LINKS for line in model.sections.of(section)}
    lines: list[shapely.LineString | None] = []
    for link in model.links.values():
        upper, lower = link.upper.removesuffix(_BEHIND), link.lower.removesuffix(_BEHIND)
        middle = bends.get(link.name, [])
        if drawn.get(link.name, upper) != upper:
            middle = middle[::-1]
        known = upper in places and lower in places and places[upper] != places[lower]
        lines.append(shapely.LineString([places[upper], *middle, places[lower]]) if known else None)
    return to_lon_lat(np.array(lines, dtype=object), reading.crs, model.sections.file)


def _point(model: _Model, line: Line) -> tuple[float, float]:
    return model.number(line, 1), model.number(line, 2)


def _records(model: _Model, lines: np.ndarray | None) -> Records:
    links = list(model.links.values())
    columns: dict[str, pa.Array] = {
        "reach_id": pa.array([link.name for link in links], pa.string()),
        "from_node": pa.array([link.upper for link in links], pa.string()),
        "to_node": pa.array([link.lower for link in links], pa.string()),
        "kind": pa.array([link.kind for link in links], pa.string()),
    }
    numeric: dict[str, Sequence[float | None]] = {
        "length_m": [link.length for link in links],
        "velocity_m_s": [link.velocity for link in links],
        "volume_m3": [link.volume for link in links],
        "lateral_flow_m3_s": [link.flow for link in links],
        "slope": [link.slope for link in links],
        "roughness": [link.roughness for link in links],
    }
    columns |= {head: pa.array(values, pa.float64()) for head, values in numeric.items()}
    said = [";".join(f"{key}={value!r}" for key, value in link.concentrations.items()) for link in links]
    columns["lateral_conc_mg_L"] = pa.array(said, pa.string())
    rows = np.array([link.line for link in links], np.int64)
    return Records(model.sections.file, None, columns, rows, lines)


def _account(model: _Model, file: NetworkFile) -> Account:
    """Return what became of every data line of the file."""
    (own,) = file.accounts
    fates = dict(zip(own.rows.tolist(), own.fate.tolist(), strict=True))
    reasons = dict(own.reasons)
    for section, lines in model.sections.lines.items():
        for line in lines:
            if line.number not in fates:
                fates[line.number] = Fate.UNREADABLE if section in _LINKS else Fate.IGNORED
                reasons[line.number] = Text("[{section}]：只用其中的数值", section=section.upper())
    for title, numbers in model.sections.others.items():
        for row in numbers:
            fates[row] = Fate.IGNORED
            reasons[row] = Text("{section}：不需要", section=title or "—")
    rows = np.array(sorted(fates), np.int64)
    return Account(
        file.origin.file, None, rows, np.array([fates[row] for row in rows.tolist()], np.int8), reasons
    )


def _short(line: Line, where: Where) -> Problem:
    return Problem(
        "wrong-number-of-cells",
        Text("管段“{name}”缺少起点或终点。", name=line.get(0)),
        Text("一行应有名称、起点、终点。"),
        where,
        raw=" ".join(line.words),
    )


def _link_twice(line: Line, where: Where) -> Problem:
    return Problem(
        "duplicate-id",
        Text("管段名“{name}”重复。", name=line.get(0)),
        Text("请在 SWMM 中改名。"),
        where,
        raw=line.get(0),
    )


def _unknown_node(link: str, node: str, where: Where) -> Problem:
    return Problem(
        "unknown-node",
        Text("管段“{link}”的节点“{node}”没有定义。", link=link, node=node),
        Text("请在 [JUNCTIONS]、[OUTFALLS]、[STORAGE] 或 [DIVIDERS] 中补上，或改正名称。"),
        where,
        raw=node,
    )


def _rises(name: str, done: bool, where: Where) -> Problem:
    what = (
        Text("管段“{name}”画的方向是逆坡，已反转。", name=name)
        if done
        else Text("管段“{name}”画的方向是逆坡，水流可能相反。", name=name)
    )
    return Problem(
        "drawn-against-flow", what, Text("请核对管底标高；可选择按坡向自动反转。"), where, raw=name
    )


def _dry_storage(node: str, depth: float, where: Where) -> Problem:
    return Problem(
        "storage-not-mixed",
        Text(
            "调蓄设施“{node}”初始水深 {depth}，没有算出蓄水量，按普通节点处理。",
            node=node,
            depth=f"{depth:g}",
        ),
        Text("需要按完全混合计算时，请给出初始水深和水深—面积关系。"),
        where,
        raw=node,
    )


def _no_link(node: str, where: Where) -> Problem:
    return Problem(
        "inflow-without-link",
        Text("节点“{node}”有入流，但没有离开它的管段，未计入。", node=node),
        Text("请核对节点和流向。"),
        where,
        raw=node,
    )


def _series(line: Line, where: Where) -> Problem:
    return Problem(
        "series-not-read",
        Text("节点“{node}”的入流序列“{series}”没有读取，只用了基流。", node=line.get(0), series=line.get(2)),
        Text("稳态计算请填写基流（Baseline）。"),
        where,
        raw=line.get(2),
    )


def _no_crs(file: str) -> Problem:
    return Problem(
        "no-coordinate-system",
        Text("模型坐标没有说明坐标系，未读取线形。"),
        Text("请指明坐标系，如 EPSG:4545。"),
        Where(file=file),
    )
