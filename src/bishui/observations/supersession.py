"""Which row counts where several imports bring one: a correction is a later import, and nothing is rewritten.

Of rows for one site, time, item and source the latest import's count. A number is never displaced by a row
that only says that there is none: so a file gives the same whether it comes whole or in parts, whichever part
comes first. The rows that give way stay in the store, and count again when the later import is taken back.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from bishui.observations.duplicates import WEIGHT, combine
from bishui.observations.schema import TIME_TYPE

_KEY = ("site", "item", "source")


def effective(table: pa.Table, rank: Mapping[str, int]) -> pa.Table:
    """Return the rows that count, in the order given.

    Parameters
    ----------
    table
        Rows of `MEASUREMENTS`, each with its `import_id`.
    rank
        Place of each import in the order in which they landed; 0 is the earliest.
    """
    if not table.num_rows:
        return table
    ranks = _codes(table, "import_id", rank)
    if (ranks == ranks[0]).all():
        return table
    weights = {mark.value: weight for mark, weight in WEIGHT.items()}
    strength = _codes(table, "mark", weights) * (max(rank.values()) + 1) + ranks
    second = table["time"].cast(TIME_TYPE).cast(pa.int64()).to_numpy()
    key = combine(*(_codes(table, name) for name in _KEY), second - second.min())
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    strongest = np.maximum.reduceat(strength[order], starts) % (max(rank.values()) + 1)
    winner = np.empty(len(key), np.int64)
    winner[order] = np.repeat(strongest, np.diff(np.append(starts, len(key))))
    return table.filter(pa.array(winner == ranks))


def _codes(table: pa.Table, name: str, meaning: Mapping[str, int] | None = None) -> np.ndarray:
    """Return a code for each word of a column: its meaning, or its place among the words."""
    column = table[name].combine_chunks()
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    codes: np.ndarray = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    if meaning is None:
        return codes
    places: np.ndarray = np.array([meaning[word] for word in encoded.dictionary.to_pylist()], np.int64)[codes]
    return places
