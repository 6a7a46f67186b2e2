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
from bishui.network.places import PlacesTable, places_of
from bishui.network.settings import Settings
from bishui.network.tables import Pollutant, Section
from bishui.network.tracing import Candidate, Fingerprint, Samples

_BELOW = re.compile(r"^(?:<|＜)\s*(?P<under>[0-9.]+)$|^(?P<mark>[0-9.]+)\s*[Ll]$")
_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T ]*(\d{1,2})(?:[:时点](?:(\d{1,2})(?:[:分](?:(\d{1,2})秒?)?)?)?)?)?(?:\.0+)?"
)
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
    kind, flow, permitted = table.texts("kind"), table.numbers("flow", 0.0), table.amounts("concentrations")
    found = []
    for entry in places_of(table, file, chosen):
        read, share = permitted[entry.record], float(flow[entry.record])
        if read is not None:
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
    factor = table.heads.columns["value"].factor
    values = [_value(table, record, text, factor) for record, text in enumerate(table.texts("value"))]
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

    A further column may tell concentrations while treatment fails, see `Fingerprint.failing`.

    Raises
    ------
    DataError
        With every row that cannot be read.
    """
    table = PlacesTable(path)
    table.needs("kind", "concentrations", "spread")
    spread = table.numbers("spread", 1.0)
    found: dict[str, Fingerprint] = {}
    typical, failing = table.amounts("concentrations"), table.amounts("failing")
    cells = zip(table.texts("kind"), typical, spread.tolist(), failing, strict=True)
    for kind, read, scatter, gone_wrong in cells:
        if read is not None:
            found[kind] = Fingerprint(kind, read, scatter, gone_wrong or {})
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
    found = moment(text)
    if np.isnat(found):
        table.problem(
            Problem(
                "not-a-time",
                Text("“{text}”不是时间。", text=text),
                Text("写法：2025-06-03 08:00（北京时间）。"),
                table.records.where(record, table.heads.head("time")),
                raw=text,
            )
        )
    return found


def moment(text: str) -> np.datetime64:
    """Return the moment of 2025-06-03 08:00, 2025/6/3 8:00 or 2025年6月3日8时; not a time for other texts."""
    found = _MOMENT.fullmatch(half_width(text))
    year, *others = [int(part) for part in found.groups(default="0")] if found else [0]
    try:
        month, day, hour, minute, second = others
        return np.datetime64(datetime(year, month, day, hour, minute, second), "s")
    except ValueError:
        return np.datetime64("NaT", "s")


def _value(table: PlacesTable, record: int, text: str, factor: float) -> tuple[float, bool]:
    below = _BELOW.match(half_width(text))
    given = number((below["under"] or below["mark"]) if below else text)
    if given is None or np.isnan(given) or given < 0:
        table.problem(
            Problem(
                "not-a-value",
                Text("“{text}”不是监测结果。", text=text),
                Text("请填写数值，单位写在表头里（不写为 mg/L）；低于检出限写 <0.05 或 0.05L。"),
                table.records.where(record, table.heads.head("value")),
                raw=text,
            )
        )
        return 0.0, False
    return given * factor, below is not None


def _unknown(table: PlacesTable, record: int, role: str, text: str, known: Sequence[str]) -> Problem:
    return Problem(
        "unknown-name",
        Text("“{text}”不在断面表或污染物表中。", text=text),
        Text("现有：{names}。", names="、".join(known[:20])),
        table.records.where(record, table.heads.head(role)),
        raw=text,
    )
