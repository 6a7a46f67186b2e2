"""Which imports the log of a store holds, and the order in which they landed.

The log is the only record of it. A process keeps what it read of a log until the log's newest entry is
another: a page would else read the log of hundreds of imports for each of them.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Collection, Mapping
from threading import Lock

import pyarrow.fs as pf
import pyarrow.parquet as pq

#: Folder of the log in a store.
LOG = "_delta_log"
_KEPT = 8

#: What tells one state of a log from another: its version; when its newest entry was written, and its size.
_State = tuple[int, int | None, int | None]

_known: OrderedDict[str, tuple[_State, Mapping[str, int]]] = OrderedDict()
_lock = Lock()


def landed(url: str, files: pf.FileSystem, version: int) -> Mapping[str, int]:
    """Return the version of the table at which each committed import landed.

    Parameters
    ----------
    url
        Names the store.
    files
        The file system whose root is the store.
    version
        The newest version of the table.
    """
    state = _state(files, version)
    with _lock:
        known = _known.get(url)
    if known is None or known[0] != state:
        known = state, _read(files, version)
        with _lock:
            _known[url] = known
            _known.move_to_end(url)
            while len(_known) > _KEPT:
                _known.popitem(last=False)
    return known[1]


def rank(landed: Mapping[str, int], imports: Collection[str]) -> dict[str, int]:
    """Return the committed ones of some imports with their place in the order of landing; 0 is the first."""
    order = sorted((landed[name], name) for name in set(imports) if name in landed)
    return {name: place for place, (_, name) in enumerate(order)}


def _state(files: pf.FileSystem, version: int) -> _State:
    newest = files.get_file_info(_entry(version))
    return version, newest.mtime_ns, newest.size


def _entry(version: int) -> str:
    return f"{LOG}/{version:020}.json"


def _read(files: pf.FileSystem, version: int) -> dict[str, int]:
    """Return the transactions in the log: those of the last checkpoint and of each entry after it."""
    found: dict[str, int] = {}
    first = 0
    last = f"{LOG}/_last_checkpoint"
    if files.get_file_info(last).is_file:
        with files.open_input_stream(last) as stream:
            checkpoint = json.loads(stream.read())["version"]
        with files.open_input_file(f"{LOG}/{checkpoint:020}.checkpoint.parquet") as file:
            transactions = pq.ParquetFile(file).read(columns=["txn.appId", "txn.version"])["txn"].drop_null()
        found.update((row["appId"], row["version"]) for row in transactions.to_pylist())
        first = checkpoint + 1
    for number in range(first, version + 1):
        with files.open_input_stream(_entry(number)) as stream:
            entries = [json.loads(line) for line in stream.read().splitlines() if line]
        found.update((entry["txn"]["appId"], entry["txn"]["version"]) for entry in entries if "txn" in entry)
    return found
