"""Tables that a trace needs (溯源): candidates, results of samples, what kinds of discharger look like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from bishui.errors import Problem
from bishui.i18n import Text
from bishui.network.formats.model import NetworkFile
from bishui.network.formats.records import half_width, number
from bishui.network.formats.values import concentrations
from bishui.network.places import PlacesTable, not_concentrations, places_of
from bishui.network.settings import Settings
from bishui.network.tables import Pollutant, Section
from bishui.network.tracing import Candidate, Fingerprint, Samples

_BELOW = re.compile(r"^(?:<|＜)\s*(?P<under>[0-9.]+)$|^(?P<mark>[0-9.]+)\s*[Ll]$")
_YES = ("1", "是", "自动", "true", "yes", "y")


def read_candidates(path: Path, file: NetworkFile, chosen: Settings | None = None) -> tuple[Candidate, ...]:
    """Read who may have done it: key, place, kind, permitted flow and concentrations.

    Raises
    ------
    DataError
        With every row that has no certain place or cannot be read.
    """
    table = PlacesTable(path)
    table.needs("key", "kind", "flow", "concentrations")
    kind, flow, permitted = table.texts("kind"), table.numbers("flow", 0.0), table.texts("concentrations")
    found = []
    for entry in places_of(table, file, chosen):
        read = concentrations(permitted[entry.record])
        if read is None:
            table.problem(not_concentrations(table, entry.record, permitted[entry.record]))
            continue
        share = float(flow[entry.record])
        found.append(Candidate(entry.key, entry.reach, entry.chainage, kind[entry.record], share, read))
    table.done()
    return tuple(found)


def read_samples(path: Path, sections: Sequence[Section], pollutants: Sequence[Pollutant]) -> Samples:
    """Read results: section, pollutant, time, value (mg/L; ``<0.05`` or ``0.05L`` is below detection).

    Raises
    ------
    DataError
        With every row whose section or pollutant is not known, or whose time or value cannot be read.
    """
    table = PlacesTable(path)
    table.needs("key", "pollutant", "time", "value")
    section = _rows(table, "key", {section.key: row for row, section in enumerate(sections)})
    item = _rows(table, "pollutant", {pollutant.key: row for row, pollutant in enumerate(pollutants)})
    times = [_time(table, record, text) for record, text in enumerate(table.texts("time"))]
    values = [_value(table, record, text) for record, text in enumerate(table.texts("value"))]
    automatic = [half_width(text).casefold() in _YES for text in table.texts("automatic")]
    table.done()
    return Samples(
        np.array(section, np.int64),
        np.array(item, np.int64),
        np.array(times, "datetime64[s]"),
        np.array([value for value, _ in values], np.float64),
        np.array([below for _, below in values], np.bool_),
        np.array(automatic, np.bool_),
    )


def read_fingerprints(path: Path) -> dict[str, Fingerprint]:
    """Read what kinds of discharger look like: kind, typical concentrations, spread of their logarithm.

    Raises
    ------
    DataError
        With every row that cannot be read.
    """
    table = PlacesTable(path)
    table.needs("kind", "concentrations", "spread")
    spread = table.numbers("spread", 1.0)
    found: dict[str, Fingerprint] = {}
    for record, (kind, text) in enumerate(
        zip(table.texts("kind"), table.texts("concentrations"), strict=True)
    ):
        read = concentrations(text)
        if read is None:
            table.problem(not_concentrations(table, record, text))
        else:
            found[kind] = Fingerprint(kind, read, float(spread[record]))
    table.done()
    return found


def _rows(table: PlacesTable, role: str, known: Mapping[str, int]) -> list[int]:
    found = []
    for record, text in enumerate(table.texts(role)):
        row = known.get(text, known.get(half_width(text), -1))
        if row < 0:
            table.problem(_unknown(table, record, role, text, list(known)))
        found.append(row)
    return found


def _time(table: PlacesTable, record: int, text: str) -> np.datetime64:
    folded = half_width(text).replace("/", "-").replace(" ", "T")
    moment = _parsed(folded)
    if np.isnat(moment):
        table.problem(
            Problem(
                "not-a-time",
                Text("“{text}”不是时间。", text=text),
                Text("写法：2025-06-03 08:00（北京时间）。"),
                table.records.where(record, table.heads.head("time")),
                raw=text,
            )
        )
    return moment


def _parsed(text: str) -> np.datetime64:
    """Return a moment, not a time where the text is none."""
    try:
        return np.datetime64(datetime.fromisoformat(text), "s")
    except ValueError:
        return np.datetime64("NaT", "s")


def _value(table: PlacesTable, record: int, text: str) -> tuple[float, bool]:
    below = _BELOW.match(half_width(text))
    given = number((below["under"] or below["mark"]) if below else text)
    if given is None or np.isnan(given) or given < 0:
        table.problem(
            Problem(
                "not-a-value",
                Text("“{text}”不是监测结果。", text=text),
                Text("请填写 mg/L 的数值；低于检出限写 <0.05 或 0.05L。"),
                table.records.where(record, table.heads.head("value")),
                raw=text,
            )
        )
        return 0.0, False
    return given, below is not None


def _unknown(table: PlacesTable, record: int, role: str, text: str, known: Sequence[str]) -> Problem:
    return Problem(
        "unknown-name",
        Text("“{text}”不在断面表或污染物表中。", text=text),
        Text("现有：{names}。", names="、".join(known[:20])),
        table.records.where(record, table.heads.head(role)),
        raw=text,
    )
