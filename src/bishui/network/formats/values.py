"""Lengths, velocities, flows of the reaches of a table; what is missing is derived, or assumed and said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bishui.errors import Problem, Where
from bishui.i18n import Text
from bishui.network.diffuse import Diffuse
from bishui.network.formats.heads import Heads, fold, reach_kinds
from bishui.network.formats.ledger import Ledger
from bishui.network.formats.lines import lengths
from bishui.network.formats.model import Assumption
from bishui.network.formats.records import bad_number, number, numbers, texts
from bishui.network.formats.topology import Topology
from bishui.network.settings import Settings
from bishui.network.tables import Floats, Integers, Reaches, ReachKind

#: Columns of numbers that are kept beside the reaches.
ATTRIBUTES = ("width", "depth", "slope", "roughness", "area", "total_flow", "from_measure", "to_measure")
_MIXED = tuple(kind.value for kind in ReachKind if kind.mixed)


@dataclass(slots=True)
class Values:
    """Reads the columns of numbers of the reaches of one table.

    `part` is the share of its line that a reach is, where lines were cut: what a row says of a length, a
    volume or a lateral flow is shared out by it.
    """

    heads: Heads
    ledger: Ledger
    records: Integers
    lines: NDArray[np.object_]
    settings: Settings
    part: Floats | None = None
    assumed: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    assumptions: list[Assumption] = field(default_factory=list)

    def column(self, role: str) -> Floats:
        """Return the numbers of a role for each reach; not a number where there is none."""
        column = self.heads.columns.get(role)
        if column is None:
            return np.full(len(self.records), np.nan)
        table = self.ledger.records
        values, wrong = numbers(table.columns[column.head], column.factor)
        mine = np.isin(wrong, self.records)
        for record in wrong[mine].tolist():
            self.ledger.refuse(record, bad_number(table, record, column.head))
        return values[self.records]

    def shared(self, role: str) -> Floats:
        """Return the numbers of a role that belongs to the line as a whole, for each piece of it."""
        values = self.column(role)
        return values if self.part is None else values * self.part

    def texts(self, role: str) -> list[str]:
        """Return the cells of a role for each reach; empty where there is none."""
        column = self.heads.columns.get(role)
        if column is None:
            return [""] * len(self.records)
        cells = texts(self.ledger.records.columns[column.head])
        return [cells[record] for record in self.records.tolist()]

    def assume(
        self, quantity: str, values: Floats, where: NDArray[np.bool_], setting: str, name: Text
    ) -> Floats:
        """Put the value of a setting where none is given, mark it as a guess and say so."""
        said = self._said(quantity)
        entry = self.settings.settings[setting]
        mask = where | said
        count = int(mask.sum())
        if count:
            self.assumed[quantity] = mask
            text = Text(
                "{name}：{total} 个河段中有 {count} 个没有给出，假定为 {value} {unit}（设置 {setting}）。",
                name=name,
                total=len(values),
                count=count,
                value=entry.value,
                unit=entry.unit,
                setting=setting,
            )
            value = f"{entry.value:g}"
            self.assumptions.append(Assumption(quantity, count, len(values), value, setting, True, text))
        return np.where(where, float(entry.value), values)

    def derive(self, quantity: str, count: int, source: str, text: Text) -> None:
        """Say that a quantity was derived from others."""
        if count:
            total = len(self.records)
            self.assumptions.append(Assumption(quantity, count, total, "", source, False, text))

    def _said(self, quantity: str) -> NDArray[np.bool_]:
        """Return where the file itself marks a value as assumed (our own exports do)."""
        marked = np.zeros(len(self.records), np.bool_)
        if "assumed" in self.heads.columns:
            cells = self.texts("assumed")
            marked = np.array([quantity in cell.split(";") for cell in cells], np.bool_)
        return marked


def read_reaches(
    topology: Topology, values: Values, diffuse: Diffuse | None, velocity_setting: str = "velocity"
) -> tuple[Reaches, dict[str, Floats]]:
    """Return the reaches and their further numbers."""
    kind = _kinds(values)
    attributes = {name: values.column(name) for name in ATTRIBUTES if name in values.heads.columns}
    mixed = np.isin(kind, _MIXED)
    length = _lengths(values, mixed)
    along = np.zeros(len(kind)) if diffuse is None else diffuse.flow * length
    reaches = Reaches(
        ids=topology.ids,
        kind=kind,
        length=length,
        velocity=_velocities(values, attributes, mixed, velocity_setting),
        volume=values.shared("volume"),
        temperature=_temperatures(values),
        lateral_flow=_lateral_flows(topology, values, attributes, along),
    )
    return reaches, attributes


def _kinds(values: Values) -> NDArray[np.int8]:
    known = reach_kinds()
    found = np.zeros(len(values.records), np.int8)
    if "kind" not in values.heads.columns:
        return found
    for row, text in enumerate(values.texts("kind")):
        kind = known.get(fold(text)) if text else ReachKind.RIVER
        if kind is None:
            record = int(values.records[row])
            values.ledger.refuse(record, _unknown_kind(values, record, text))
        else:
            found[row] = kind
    return found


def _unknown_kind(values: Values, record: int, text: str) -> Problem:
    return Problem(
        "unknown-kind",
        Text("不认识河段类型“{text}”。", text=text),
        Text("可用：河流、渠道、排污通道、湖泊、水库、感潮、干涸。"),
        values.ledger.records.where(record, values.heads.head("kind")),
        raw=text,
    )


def _lengths(values: Values, mixed: NDArray[np.bool_]) -> Floats:
    given = values.shared("length")
    missing = np.isnan(given)
    drawn = lengths(values.lines) if missing.any() else np.full(len(given), np.nan)
    taken = missing & ~np.isnan(drawn)
    length = np.where(taken, drawn, given)
    values.derive(
        "length",
        int(taken.sum()),
        "geometry",
        Text(
            "长度：{total} 个河段中有 {count} 个没有给出，按线形在椭球面上量算。",
            total=len(given),
            count=int(taken.sum()),
        ),
    )
    length = np.where(np.isnan(length) & mixed, 0.0, length)
    for row in np.flatnonzero(np.isnan(length)).tolist():
        record = int(values.records[row])
        if values.ledger.fate[record] == 0:
            values.ledger.refuse(record, _no_length(values, record))
    return np.where(np.isnan(length), 0.0, length)


def _no_length(values: Values, record: int) -> Problem:
    return Problem(
        "length-missing",
        Text("没有河段长度，也没有线形可以量算。"),
        Text("请补上长度列（m 或 km），或给出带线形的文件。"),
        values.ledger.records.where(record, values.heads.head("length")),
    )


def _velocities(
    values: Values, attributes: Mapping[str, Floats], mixed: NDArray[np.bool_], setting: str
) -> Floats:
    given = values.column("velocity")
    with np.errstate(invalid="ignore", divide="ignore"):
        if {"total_flow", "width", "depth"} <= attributes.keys():
            through = attributes["total_flow"] / (attributes["width"] * attributes["depth"])
            given = _filled(values, given, np.where(through > 0, through, np.nan), "continuity")
        if {"roughness", "slope", "depth"} <= attributes.keys():
            # Manning with the depth for the hydraulic radius: right where a channel is wide.
            manning = attributes["depth"] ** (2 / 3) * np.sqrt(attributes["slope"]) / attributes["roughness"]
            given = _filled(values, given, manning, "manning")
    return values.assume("velocity", given, np.isnan(given) & ~mixed, setting, Text("流速"))


def _filled(values: Values, given: Floats, computed: Floats, source: str) -> Floats:
    """Return velocities with those computed where none is given, and say how many and how."""
    taken = np.isnan(given) & np.isfinite(computed)
    total, count = len(given), int(taken.sum())
    said = {
        "continuity": Text(
            "流速：{total} 个河段中有 {count} 个没有给出，由流量除以河宽与水深之积算出。",
            total=total,
            count=count,
        ),
        "manning": Text(
            "流速：{total} 个河段中有 {count} 个没有给出，由糙率、比降、水深按曼宁公式算出（宽浅断面）。",
            total=total,
            count=count,
        ),
    }
    values.derive("velocity", count, source, said[source])
    return np.where(taken, computed, given)


def _temperatures(values: Values) -> Floats:
    given = values.column("temperature")
    return values.assume("temperature", given, np.isnan(given), "temperature", Text("水温"))


def _lateral_flows(
    topology: Topology, values: Values, attributes: Mapping[str, Floats], along: Floats
) -> Floats:
    """Return what enters at the tops, apart from what enters along the reaches."""
    given = values.shared("lateral_flow")
    total = attributes.get("total_flow")
    if total is not None and np.isnan(given).any():
        given = _from_totals(topology, values, given, total, along)
    given = np.where(np.isnan(given) & (along > 0), 0.0, given)
    return values.assume("lateral_flow", given, np.isnan(given), "lateral_flow", Text("区间流量"))


def _from_totals(topology: Topology, values: Values, given: Floats, total: Floats, along: Floats) -> Floats:
    """Return what each reach adds to the flow of those above it; where flow is lost, nothing is added.

    What enters along the reach, m³/s, is a part of what it adds.
    """
    edges = topology.edges
    arriving = np.bincount(
        edges.downstream, weights=edges.fraction * total[edges.upstream], minlength=len(total)
    )
    gained = total - arriving - along
    taken = np.isnan(given) & np.isfinite(gained)
    lost = taken & (gained < 0)
    values.derive(
        "lateral_flow",
        int(taken.sum()),
        "total_flow",
        Text(
            "区间流量：{total} 个河段中有 {count} 个由累积流量之差算出。",
            total=len(total),
            count=int(taken.sum()),
        ),
    )
    if lost.any():
        worst = int(np.argmin(np.where(lost, gained, 0.0)))
        values.ledger.finding(
            Problem(
                "flow-lost",
                Text(
                    "{count} 个河段的流量小于上游之和，区间流量按 0 计；差最多的是“{name}”（{loss} m³/s）。",
                    count=int(lost.sum()),
                    name=topology.ids[worst],
                    loss=f"{-gained[worst]:.4g}",
                ),
                Text("请核对流量；取水、渗漏不能填成负的区间流量。"),
                values.ledger.records.where(int(values.records[worst]), values.heads.head("total_flow")),
            )
        )
    return np.where(taken, np.maximum(gained, 0.0), given)


def amounts(text: str, factor: float = 1.0) -> dict[str, float] | None:
    """Return ``COD=10;NH3N=0.5`` as numbers by pollutant, times a factor; None where it cannot be read."""
    found: dict[str, float] = {}
    for part in text.replace("；", ";").replace("，", ";").split(";"):
        if not part.strip():
            continue
        name, sign, given = part.replace("＝", "=").partition("=")
        value = number(given)
        if not sign or not name.strip() or value is None or np.isnan(value):
            return None
        found[name.strip()] = value if factor == 1.0 else value * factor
    return found


def read_lateral(values: Values) -> dict[str, Floats]:
    """Return the concentrations of the lateral flow by pollutant; 0 where a row does not name one."""
    return _by_pollutant(values, "lateral_concentrations")


def read_diffuse(values: Values) -> Diffuse | None:
    """Return what enters all along the reaches: water with its concentrations, and loads beside; or None."""
    heads = values.heads.columns
    if not {"diffuse_flow", "diffuse_concentrations", "diffuse_loads"} & heads.keys():
        return None
    flow = np.nan_to_num(values.column("diffuse_flow"))
    for row in np.flatnonzero(flow < 0).tolist():
        _refuse_negative(values, row, "diffuse_flow")
    rates = {key: flow * found for key, found in _by_pollutant(values, "diffuse_concentrations").items()}
    if rates and "diffuse_flow" not in heads:
        values.ledger.problem(_without_water(values))
    for key, found in _by_pollutant(values, "diffuse_loads").items():
        rates[key] = rates[key] + found if key in rates else found
    return Diffuse(flow, rates)


def _by_pollutant(values: Values, role: str) -> dict[str, Floats]:
    """Return the amounts of a column by pollutant; 0 where a row does not name one."""
    found: dict[str, Floats] = {}
    column = values.heads.columns.get(role)
    if column is None:
        return found
    for row, text in enumerate(values.texts(role)):
        read = amounts(text, column.factor)
        if read is None:
            record = int(values.records[row])
            values.ledger.refuse(record, _bad_amounts(values, record, role, text))
            continue
        if any(value < 0 for value in read.values()):
            _refuse_negative(values, row, role)
        for name, value in read.items():
            found.setdefault(name, np.zeros(len(values.records)))[row] = value
    return found


def _refuse_negative(values: Values, row: int, role: str) -> None:
    record, head = int(values.records[row]), values.heads.columns[role].head
    records = values.ledger.records
    raw = str(records.columns[head][record].as_py())
    problem = Problem(
        "negative",
        Text("数值 {value} 为负。", value=raw),
        Text("请填写不小于 0 的数。"),
        records.where(record, head),
        raw=raw,
    )
    values.ledger.refuse(record, problem)


def _bad_amounts(values: Values, record: int, role: str, text: str) -> Problem:
    return Problem(
        "not-concentrations",
        Text("“{text}”不是按污染物写的数值。", text=text[:80]),
        Text("写法：COD=10;NH3N=0.5；单位写在表头里，浓度不写单位时为 mg/L。"),
        values.ledger.records.where(record, values.heads.head(role)),
        raw=text,
    )


def _without_water(values: Values) -> Problem:
    records, head = values.ledger.records, values.heads.head("diffuse_concentrations")
    return Problem(
        "no-diffuse-flow",
        Text("有“{head}”而没有沿程入流的水量。", head=head),
        Text("请补上“沿程入流（m³/(s·km)）”列；只知道负荷的，改填“沿程负荷（kg/(d·km)）”。"),
        Where(file=records.file, sheet=records.table, column=head),
    )


def missing_lines(count: int) -> NDArray[np.object_]:
    """Return a column of no lines."""
    return np.full(count, None, dtype=object)
