"""Case files of wrong networks: edges and flows that must be refused, with the error and whom it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.network.faults import Fault, NetworkFault
from bishui.network.graph import build, find_edges
from bishui.network.solve import solve
from bishui.network.tables import Load, Pollutant, Reaches
from bishui.network.worked_cases.figures import number_in
from bishui.verification import Case, Check, Layout, Outcome, register_layout

_EDGES, _FLOWS, _EXPECTED = "edges(from>to:fraction)", "flows", "expected_error"
_OUTLET = "0"

#: Codes of faults by the name of the error in the files.
_CODES: Mapping[str, frozenset[str]] = {
    "CycleError": frozenset({"cycle", "self-loop"}),
    "UnknownDownstreamError": frozenset({"unknown-downstream"}),
    "SplitError": frozenset({"split"}),
    "DuplicateEdgeError": frozenset({"duplicate-edge"}),
    "ZeroFlowError": frozenset({"zero-flow"}),
    "NegativeFlowError": frozenset({"lateral-flow"}),
}
_FLOW = re.compile(r"([^\s=;|,()]+)\s*=\s*([-+.\deE]+)(?:\s*\(load\s+([-+.\deE]+)\s*g/s\))?")
_SUM = re.compile(r"\bsum\s+([-+.\deE]*\d)")


def _refusals(case: Case, _header: Sequence[str]) -> Iterable[Check]:
    """Compare the error that an input gives with the one wanted."""
    expected = case.get(_EXPECTED)
    edges = _edges(case)
    names = {name for a, b, _ in edges for name in (a, b)} - {_OUTLET}
    found = _found(case, edges)
    fits = not found if expected.startswith("accepted") else _fits(expected, found, names)
    got = "；".join(f"{fault.code}：{fault.what}" for fault in found) or str(Text("接受"))
    outcome = Outcome.OK if fits else Outcome.DIFFERENT
    yield Check(case.line, case.get("case"), _EXPECTED, expected, got, outcome)


def _edges(case: Case) -> list[tuple[str, str, float]]:
    edges = []
    for part in case.get(_EDGES).split("|"):
        ends, colon, share = part.partition(":")
        above, arrow, below = ends.partition(">")
        if not arrow:
            raise DataError(
                Text("“{part}”不是“上游>下游:分流比”。", part=part),
                remedy=Text("请写成 a>b:1|b>c:1。"),
                where=Where(line=case.line, column=_EDGES),
            )
        edges.append((above.strip(), below.strip(), number_in(share, case, _EDGES) if colon else 1.0))
    return edges


def _found(case: Case, edges: Sequence[tuple[str, str, float]]) -> list[Fault]:
    """Return the faults of a case.

    Which reaches exist is not said. All that are named do; if then nothing is wrong, those that are named
    only as somebody's downstream do not: a reach flows on, or to ``0``.
    """
    given = {name: (flow, load) for name, flow, load in _FLOW.findall(case.get(_FLOWS))}
    upper = {above for above, _, _ in edges} | set(given)
    every = upper | {below for _, below, _ in edges if below != _OUTLET}
    return _try(case, edges, sorted(every), given) or _try(case, edges, sorted(upper), given)


def _try(
    case: Case,
    edges: Sequence[tuple[str, str, float]],
    names: Sequence[str],
    given: Mapping[str, tuple[str, str]],
) -> list[Fault]:
    count = len(names)
    kind = Pollutant("X", 0.1)
    flow = np.array([number_in(given[n][0], case, _FLOWS) if n in given else 0.0 for n in names])
    tables = Reaches(
        np.array(names),
        np.zeros(count, np.int8),
        np.full(count, 1000.0),
        np.full(count, 0.5),
        np.full(count, np.nan),
        np.full(count, 20.0),
        flow,
    )
    loads = [
        Load(name, row, 0.0, 0.0, rates={kind.key: number_in(given[name][1], case, _FLOWS)})
        for row, name in enumerate(names)
        if name in given and given[name][1]
    ]
    try:
        columns = [list(column) for column in zip(*edges, strict=True)]
        found, wrong = find_edges(tables.ids, columns[0], columns[1], np.array(columns[2]))
        solve(build(tables, found, wrong), [kind], loads)
    except NetworkFault as fault:
        return [problem for problem in fault.problems if isinstance(problem, Fault)]
    return []


def _fits(expected: str, found: Sequence[Fault], names: set[str]) -> bool:
    """Return whether one of the faults is of the wanted kind and names whom it should."""
    error, _, rest = re.sub(r"\([^)]*\)|;.*", "", expected).partition("naming")
    sentence, _, absent = rest.partition("and not")
    wanted = [word for word in re.split(r"[\s>,、]+", sentence) if word in names]
    unwanted = {word for word in re.split(r"[\s,、]+", absent) if word in names}
    total = _SUM.search(sentence)
    for fault in found:
        if fault.code not in _CODES.get(error.strip(), frozenset()):
            continue
        if not set(wanted) <= set(fault.reaches) or unwanted & set(fault.reaches):
            continue
        if "cycle" in fault.code and not _same_ring(wanted, fault.reaches):
            continue
        if total and abs(float(total[1]) - float(fault.raw or "nan")) > 1e-9:
            continue
        return True
    return False


def _same_ring(wanted: Sequence[str], got: Sequence[str]) -> bool:
    """Return whether two rings have the same members in the same order, wherever they begin."""
    turns = [[*got[k:], *got[:k]] for k in range(len(got))]
    return list(wanted) in turns


def _inputs(header: Sequence[str]) -> Text | None:
    return None if _FLOWS in header else Text("缺少“{head}”列。", head=_FLOWS)


register_layout(Layout("network_errors", frozenset({_EDGES, _EXPECTED}), _refusals, inputs=_inputs))
