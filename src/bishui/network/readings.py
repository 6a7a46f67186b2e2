"""Columns of figures in tables of sections and outfalls: what was measured, what is owed, the least load."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bishui.network.formats.heads import fold, words
from bishui.network.places import PlacesTable, amounts_by_key


def read_measured(path: Path) -> dict[str, dict[str, tuple[float, float]]]:
    """Read what sections measured: by key and pollutant the concentration and its standard deviation, mg/L.

    Without a standard deviation it is 0: then every difference counts.

    Raises
    ------
    DataError
        With every row that cannot be read.
    """
    table = PlacesTable(path)
    table.needs("key", "measured")
    values, deviations = table.amounts("measured"), table.amounts("deviation")
    table.done()
    return {
        key: {name: (value, (scatter or {}).get(name, 0.0)) for name, value in (read or {}).items()}
        for key, read, scatter in zip(table.texts("key"), values, deviations, strict=True)
    }


def read_floors(path: Path) -> dict[str, dict[str, float]]:
    """Read the loads that technology cannot go below (技术可行下限): by outfall and pollutant, g/s.

    Raises
    ------
    DataError
        With every row that cannot be read.
    """
    return amounts_by_key(path, "floor")


def read_base_flows(path: Path) -> dict[str, float]:
    """Read the base flow that sections are owed (生态流量), m³/s; those without one are left out.

    Raises
    ------
    DataError
        With every cell that is no number of 0 or more.
    """
    table = PlacesTable(path)
    table.needs("key", "base_flow")
    wanted = table.numbers("base_flow", np.nan)
    for record in np.flatnonzero(wanted < 0).tolist():
        table.problem(table.negative(record, "base_flow", float(wanted[record])))
    table.done()
    pairs = zip(table.texts("key"), wanted.tolist(), strict=True)
    return {key: value for key, value in pairs if not np.isnan(value)}


def read_intakes(path: Path) -> frozenset[str]:
    """Read which places of a table of sections are intakes (取水口): their kind (类型) says so.

    Raises
    ------
    DataError
        With every row that cannot be read.
    """
    table = PlacesTable(path)
    table.needs("key")
    table.done()
    kinds = (fold(text) for text in table.texts("kind"))
    said = tuple(words("places")["words"]["intake"])
    return frozenset(
        key for key, kind in zip(table.texts("key"), kinds, strict=True) if kind.startswith(said)
    )
