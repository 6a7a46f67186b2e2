"""Case files of networks: reaches, pollutants and outfalls in, then what sections measure and who brings it.

The three input files are found beside the expectations by their headers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from bishui.errors import DataError, UnreadableFile, Where
from bishui.i18n import Text
from bishui.network.adjoint import Contribution, contributions
from bishui.network.flow import decay_rates
from bishui.network.graph import Network, build, find_edges
from bishui.network.solve import Solution, solve
from bishui.network.tables import DAY_S, Load, Pollutant, Reaches, ReachKind, Section
from bishui.network.worked_cases.figures import close, inputs_of, number, number_in
from bishui.verification import Case, Check, Layout, Outcome, read_cases, register_layout

_TO = "to(reach:fraction|...)"
_REACHES = frozenset({"case", "reach_id", "kind", "length_m", "velocity_m_s", "lateral_flow_m3_s", _TO})
_POLLUTANTS = frozenset({"case", "pollutant", "K20_per_d", "theta"})
_LOADS = frozenset({"case", "load_id", "reach_id", "chainage_m", "flow_m3_s", "conc_mg_L"})
_SECTIONS = frozenset({"case", "section_id", "reach_id", "chainage_m", "pollutant", "conc_mg_L"})
_SOURCES = frozenset({"case", "section_id", "pollutant", "source_id", "transmission"})
_BALANCES = frozenset({"case", "pollutant", "load_in_g_s", "load_out_g_s", "load_decayed_g_s"})

#: What a correct program in double precision reaches with room to spare, relative.
_EXACT, _BY_ADJOINT = 1e-12, 1e-11
_LATERAL = "lateral:"


@dataclass(frozen=True, eq=False)
class _Model:
    """One case: its network, solved, and its pollutants by name."""

    network: Network
    pollutants: Mapping[str, int]
    solution: Solution

    def section(self, case: Case) -> Section:
        row = _row(self.network.rows, case)
        return Section(case.get("section_id"), row, number(case, "chainage_m"))

    def column(self, case: Case) -> int:
        key = case.get("pollutant")
        if key not in self.pollutants:
            raise DataError(
                Text("算例没有给出污染物“{key}”的降解系数。", key=key),
                remedy=Text("请在污染物文件中补上。"),
                where=Where(line=case.line, column="pollutant"),
            )
        return self.pollutants[key]


def _row(rows: Mapping[str, int], case: Case) -> int:
    name = case.get("reach_id")
    if name not in rows:
        raise DataError(
            Text("河段“{name}”不在河段文件中。", name=name),
            remedy=Text("请核对河段编号。"),
            where=Where(line=case.line, column="reach_id"),
        )
    return rows[name]


def _stamps(folder: Path) -> tuple[tuple[str, int], ...]:
    return tuple((path.name, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.csv")))


@cache
def _tables(folder: Path, stamps: tuple[tuple[str, int], ...]) -> list[tuple[frozenset[str], list[Case]]]:
    """Return heads and rows of each file of a folder that can be read; `stamps` tell when to read anew."""
    found = []
    for name, _ in stamps:
        with suppress(UnreadableFile):
            header, rows = read_cases(folder / name)
            found.append((frozenset(header), rows))
    return found


def _rows(folder: Path, stamps: tuple[tuple[str, int], ...], needs: frozenset[str], case: str) -> list[Case]:
    """Return the rows of a case in the files that have these heads; files of expectations are no inputs."""
    others = {_SECTIONS, _SOURCES, _BALANCES} - {needs}
    return [
        row
        for heads, rows in _tables(folder, stamps)
        if needs <= heads and not any(other <= heads for other in others)
        for row in rows
        if row.get("case") == case
    ]


def _model(case: Case) -> _Model:
    """Return the solved network of a row's case.

    Raises
    ------
    DataError
        If its inputs are not in the folder, or are refused.
    """
    return _solved(case.folder, case.get("case"), _stamps(case.folder))


@cache
def _solved(folder: Path, name: str, stamps: tuple[tuple[str, int], ...]) -> _Model:
    reaches, pollutants, loads = (
        _rows(folder, stamps, needs, name) for needs in (_REACHES, _POLLUTANTS, _LOADS)
    )
    if not reaches or not pollutants:
        raise DataError(
            Text("同一文件夹中没有算例“{name}”的河段或污染物文件。", name=name),
            remedy=Text("请把河段、污染物、排口三个输入文件放在一起。"),
            where=Where(file=str(folder)),
        )
    network = _network(reaches)
    kinds = [
        Pollutant(row.get("pollutant"), number(row, "K20_per_d"), number(row, "theta")) for row in pollutants
    ]
    lateral = _lateral(reaches, kinds)
    points = [_load(row, network) for row in loads]
    solution = solve(network, kinds, points, lateral)
    return _Model(network, {kind.key: p for p, kind in enumerate(kinds)}, solution)


def _network(rows: Sequence[Case]) -> Network:
    def column(head: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array([number(row, head) if row.get(head) else np.nan for row in rows])

    tables = Reaches(
        np.array([row.get("reach_id") for row in rows]),
        np.array([_kind(row) for row in rows], np.int8),
        column("length_m"),
        column("velocity_m_s"),
        column("volume_m3"),
        column("temp_C"),
        column("lateral_flow_m3_s"),
    )
    ends = [
        (row.get("reach_id"), *_share(part, row)) for row in rows for part in row.get(_TO).split("|") if part
    ]
    shares = np.array([share for _, _, share in ends], np.float64)
    edges, wrong = find_edges(tables.ids, [end[0] for end in ends], [end[1] for end in ends], shares)
    return build(tables, edges, wrong)


def _kind(row: Case) -> int:
    word = row.get("kind").upper()
    if word not in ReachKind.__members__:
        raise DataError(
            Text("河段类型“{word}”未定义。", word=row.get("kind")),
            remedy=Text("请写 {words} 之一。", words="、".join(kind.name.lower() for kind in ReachKind)),
            where=Where(line=row.line, column="kind"),
        )
    return ReachKind[word].value


def _share(text: str, row: Case) -> tuple[str, float]:
    """Return the two parts of ``reach:fraction``; without a fraction it is all."""
    name, colon, share = text.rpartition(":")
    return (name.strip(), number_in(share, row, _TO)) if colon else (text.strip(), 1.0)


def _concentrations(row: Case, head: str) -> dict[str, float]:
    parts = inputs_of(row.get(head), row, head) if row.get(head) else {}
    return {key: number_in(value, row, head) for key, value in parts.items()}


def _lateral(rows: Sequence[Case], kinds: Sequence[Pollutant]) -> dict[str, np.ndarray]:
    given = [_concentrations(row, "lateral_conc_mg_L") for row in rows]
    return {kind.key: np.array([values.get(kind.key, 0.0) for values in given]) for kind in kinds}


def _load(row: Case, network: Network) -> Load:
    return Load(
        row.get("load_id"),
        _row(network.rows, row),
        number(row, "chainage_m"),
        number(row, "flow_m3_s"),
        _concentrations(row, "conc_mg_L"),
    )


def _sections(case: Case, _header: Sequence[str]) -> Iterable[Check]:
    """Compare rate, flow, load and concentration at a section."""
    model = _model(case)
    p = model.column(case)
    section = model.section(case)
    reading = model.solution.at(section)
    rate = float(decay_rates(model.network, model.solution.pollutants)[section.reach, p]) * DAY_S
    got = {
        "K_T_per_d": rate,
        "flow_m3_s": reading.flow,
        "load_g_s": float(reading.loads[p]),
        "conc_mg_L": float(reading.concentrations[p]),
    }
    name = f"{case.get('case')} {section.key} {case.get('pollutant')}"
    for head, value in got.items():
        if case.get(head):
            yield close(case, name, head, number(case, head), value, relative=_EXACT)


def _places(case: Case) -> dict[str, Section]:
    """Return where the sections of a case lie, from the file of sections beside."""
    model = _model(case)
    rows = _rows(case.folder, _stamps(case.folder), _SECTIONS, case.get("case"))
    return {row.get("section_id"): model.section(row) for row in rows}


def _listed(case: Case) -> dict[str, Contribution]:
    """Return who brings what to the section of a row, by the names that the files use."""
    model, places = _model(case), _places(case)
    model.column(case)
    if case.get("section_id") not in places:
        raise DataError(
            Text("同一文件夹中没有断面“{name}”的位置。", name=case.get("section_id")),
            remedy=Text("请把断面文件放在一起。"),
            where=Where(line=case.line, column="section_id"),
        )
    listed = contributions(model.solution, places[case.get("section_id")])[case.get("pollutant")]
    return {(_LATERAL if one.kind == "lateral" else "") + one.source: one for one in listed}


def _sources(_path: Path, cases: Sequence[Case], _header: Sequence[str]) -> Iterable[Check]:
    """Compare what each source brings, and that no other source brings anything."""
    groups: dict[tuple[str, str, str], list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.get("case"), case.get("section_id"), case.get("pollutant")].append(case)
    for key, rows in groups.items():
        name, first = " ".join(key), rows[0]
        try:
            listed = _listed(first)
        except DataError as fault:
            yield Check(first.line, name, "", "", "", Outcome.NOT_CHECKABLE, Text("{what}", what=fault))
            continue
        for row in rows:
            yield from _source(row, f"{name} {row.get('source_id')}", listed.get(row.get("source_id")))
        others = sorted(set(listed) - {row.get("source_id") for row in rows})
        missing = Outcome.DIFFERENT if others else Outcome.OK
        yield Check(
            first.line, name, "source_id", str(len(rows)), "、".join(others) or str(len(rows)), missing
        )


def _source(row: Case, name: str, one: Contribution | None) -> Iterable[Check]:
    got = (one.transmission, one.load, one.share) if one else (0.0, 0.0, 0.0)
    heads = ("transmission", "contribution_g_s", "share_of_section_load")
    for head, value in zip(heads, got, strict=True):
        if row.get(head):
            yield close(row, name, head, number(row, head), value, relative=_BY_ADJOINT)


def _balances(case: Case, _header: Sequence[str]) -> Iterable[Check]:
    """Compare what entered, left and decayed."""
    model = _model(case)
    p, balance = model.column(case), model.solution.balance
    got = {
        "load_in_g_s": balance.entered[p],
        "load_out_g_s": balance.left[p],
        "load_decayed_g_s": balance.decayed[p],
    }
    name = f"{case.get('case')} {case.get('pollutant')}"
    for head, value in got.items():
        if case.get(head):
            yield close(case, name, head, number(case, head), float(value), relative=_EXACT)


def _never(_case: Case, _header: Sequence[str]) -> Iterable[Check]:
    return ()


def _input(_path: Path, cases: Sequence[Case], _header: Sequence[str]) -> Iterable[Check]:
    note = Text("{count} 行输入，由同一文件夹中的其他算例文件使用。", count=len(cases))
    yield Check(0, "", "", "", "", Outcome.INPUT, note)


for _name, _needs in (
    ("network_reaches", _REACHES),
    ("network_pollutants", _POLLUTANTS),
    ("network_loads", _LOADS),
):
    register_layout(Layout(_name, _needs, _never, whole=_input))
register_layout(Layout("network_sections", _SECTIONS, _sections))
register_layout(Layout("network_sources", _SOURCES, _never, whole=_sources))
register_layout(Layout("network_balance", _BALANCES, _balances))
