"""The store of measurements: one Delta table, one import per commit.

The Delta log is the commit point. An import is one commit that carries its id as an application transaction,
so that it is wholly in or wholly out whenever the writer dies, and a second try recognises itself. Rows count
only while their import is active: the caller names the active imports at each read. A correction is a later
import whose rows take the place of earlier ones when they are read (`supersession`).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_
from pathlib import Path
from typing import IO
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pf
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.fs import DeltaStorageHandler

from bishui.errors import Problem, StoreError, Where
from bishui.i18n import Text
from bishui.observations.damage import RESTORE, check_file
from bishui.observations.few_sites import rows_of
from bishui.observations.landed import LOG, landed, rank
from bishui.observations.schema import MEASUREMENTS
from bishui.observations.supersession import effective

#: Delta keeps microseconds; the seam gives seconds.
_STORED_TIME = pa.timestamp("us")
_STORED = pa.schema(
    [
        *(field.with_type(_STORED_TIME) if field.name == "time" else field for field in MEASUREMENTS),
        pa.field("year", pa.int32(), nullable=False),
    ]
)
#: Columns by which files are left out of a read. Values are not: the log would hold them as floats.
_CONFIGURATION = {"delta.dataSkippingStatsColumns": "import_id,site,time,item"}
#: Rows of a group: what is left out of a read of few sites; fewer would make the reads of all of them slower.
_ROW_GROUP = 32_768
#: Bytes up to which a file is small: those of a year are joined to such ones.
_JOINED = 16 * 2**20
_BATCH = 131_072
#: Batches that are read ahead while one is worked on.
_AHEAD = 4
#: What an assessment looks at; words as dictionaries, one entry for many rows.
_SCANNED = ("import_id", "site", "time", "item", "value", "mark", "source")
_DICTIONARIES = frozenset({"import_id", "site", "item", "mark", "source"})
#: A read of so many sites asks for their rows alone; of more whole groups of rows are unpacked and filtered.
_FEW_SITES = 20


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """What an append did.

    Attributes
    ----------
    version
        Version of the table after it.
    rows
        Rows of the import.
    created
        False when the import had been committed before and nothing was written.
    """

    version: int
    rows: int
    created: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows of a store that are looked at batch by batch, because they are too many to hold.

    Attributes
    ----------
    store
        Where they are.
    rank
        The active imports, each with its place in the order in which they landed.
    time_from, time_to
        Only times from … to …, both included; None is without end.
    """

    store: MeasurementStore
    rank: Mapping[str, int]
    time_from: datetime | None = None
    time_to: datetime | None = None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield every stored row in the span, with words as dictionaries.

        Rows of imports that are not in `rank` may be among them, and rows that others take the place of.
        """
        return self.store._batches(self)

    def effective(self, sites: Collection[str], time_from: datetime, time_to: datetime) -> pa.Table:
        """Return the rows of some sites and times that count."""
        first = time_from if self.time_from is None else max(time_from, self.time_from)
        last = time_to if self.time_to is None else min(time_to, self.time_to)
        return self.store.read(imports=self.rank, sites=sites, time_from=first, time_to=last)

    def latest(self) -> datetime | None:
        """Return the time of the newest stored row, as the log has it; None without rows."""
        return self.time_to or self.store._latest()


class MeasurementStore:
    """Measurements in a Delta table, partitioned by year.

    Parameters
    ----------
    root_or_url
        A local folder (created at the first append) or the URL of one in object storage.
    storage_options
        Credentials and settings for object storage, as `deltalake` takes them.
    lock_timeout
        How many seconds to wait for another writer of a local store.
    """

    def __init__(
        self,
        root_or_url: str | Path,
        *,
        storage_options: Mapping[str, str] | None = None,
        lock_timeout: float = 30.0,
    ) -> None:
        self.url = str(root_or_url)
        self.folder = None if "://" in self.url else Path(self.url).absolute()
        self.storage_options = dict(storage_options) if storage_options else None
        self.lock_timeout = lock_timeout

    def append(self, import_id: str, table: pa.Table) -> CommitInfo:
        """Write the rows of one import in one commit, exactly once.

        Parameters
        ----------
        import_id
            Identity of the import; it is written into every row.
        table
            Rows of `MEASUREMENTS`; their `import_id` is not looked at.

        Returns
        -------
        CommitInfo
            `created` is False when this import was already there. When the call returns, the rows survive a
            loss of power (local stores: files, log entry and folders are flushed to the disk).

        Raises
        ------
        StoreError
            Another writer holds the store, or it cannot be written.
        """
        if not import_id:
            raise ValueError("import_id must not be empty")
        rows = _stored(import_id, table)
        with self._writing(), _store_faults(self.url):
            delta = self._open_or_create()
            if delta.transaction_version(import_id) is not None:
                return CommitInfo(delta.version(), rows.num_rows, created=False)
            before = delta.version()
            write_deltalake(
                delta,
                rows,
                mode="append",
                writer_properties=WriterProperties(compression="ZSTD", max_row_group_size=_ROW_GROUP),
                commit_properties=CommitProperties(
                    app_transactions=[Transaction(import_id, before + 1)],
                    custom_metadata={"import_id": import_id},
                ),
            )
            self._flush(delta, since=before)
            return CommitInfo(delta.version(), rows.num_rows, created=True)

    def has_import(self, import_id: str) -> bool:
        """Return whether the import has been committed."""
        delta = self._open()
        return delta is not None and delta.transaction_version(import_id) is not None

    def imports(self) -> set[str]:
        """Return the ids of the imports that have been committed, as the log has them."""
        delta = self._open()
        if delta is None:
            return set()
        with _store_faults(self.url):
            return set(self._landed(delta))

    def select(
        self,
        *,
        imports: Collection[str],
        time_from: datetime | None = None,
        time_to: datetime | None = None,
    ) -> Selection:
        """Return the rows of the active imports, to be looked at batch by batch; see `read`."""
        delta = self._open()
        with _store_faults(self.url):
            ranks = {} if delta is None else rank(self._landed(delta), imports)
        return Selection(self, ranks, time_from, time_to)

    def files(self) -> list[str]:
        """Return the paths or addresses of the Parquet files that hold the rows, for other engines."""
        delta = self._open()
        return [] if delta is None else list(delta.file_uris())

    def read(
        self,
        *,
        imports: Collection[str],
        sites: Collection[str] | None = None,
        items: Collection[str] | None = None,
        time_from: datetime | None = None,
        time_to: datetime | None = None,
    ) -> pa.Table:
        """Return the measurements that count (`MEASUREMENTS`).

        Parameters
        ----------
        imports
            The active imports; rows of others are not returned.
        sites, items
            Only these sites and item keys; None means all.
        time_from, time_to
            Only times from … to …, both included.
        """
        delta = self._open()
        if delta is None or not imports:
            return MEASUREMENTS.empty_table()
        with _store_faults(self.url):
            ranks = rank(self._landed(delta), imports)
            if sites is not None and len(sites) <= _FEW_SITES:
                found = rows_of(delta, sites=sites, items=items, time_from=time_from, time_to=time_to)
                active = pc.is_in(found["import_id"], value_set=pa.array(sorted(ranks), pa.string()))
                found = found.filter(active)
            else:
                found = _of_many_sites(delta, ranks, sites, items, _time_conditions(time_from, time_to))
        return effective(found, ranks)

    def _batches(self, wanted: Selection) -> Iterator[pa.RecordBatch]:
        delta = self._open()
        if delta is None or not wanted.rank:
            return
        from pyarrow.dataset import ParquetReadOptions  # loads pandas, where that is installed

        options = ParquetReadOptions(dictionary_columns=set(_DICTIONARIES))
        with _store_faults(self.url):
            dataset = delta.to_pyarrow_dataset(filesystem=self._filesystem(), parquet_read_options=options)
            conditions = _time_conditions(wanted.time_from, wanted.time_to)
            scanner = dataset.scanner(
                columns=list(_SCANNED),
                filter=reduce(and_, conditions) if conditions else None,
                batch_size=_BATCH,
                batch_readahead=_AHEAD,
                fragment_readahead=1,
            )
            yield from scanner.to_batches()

    def _latest(self) -> datetime | None:
        delta = self._open()
        if delta is None:
            return None
        actions = pa.table(delta.get_add_actions(flatten=True))
        newest: datetime | None = pc.max(actions["max.time"]).as_py() if actions.num_rows else None
        return newest

    def _filesystem(self) -> pf.FileSystem:
        """Return the file system whose root is the store."""
        if self.folder is not None:
            return pf.SubTreeFileSystem(str(self.folder), pf.LocalFileSystem())
        return pf.PyFileSystem(DeltaStorageHandler(self.url, self.storage_options))

    def _landed(self, delta: DeltaTable) -> Mapping[str, int]:
        """Return the version at which each committed import landed."""
        return landed(self.url, self._filesystem(), delta.version())

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Let nobody write to a local store while it lasts, so that its folder can be copied."""
        with self._writing():
            yield

    def small_files(self) -> int:
        """Return the number of small files in the year that has most of them; each costs a read its time."""
        delta = self._open()
        if delta is None:
            return 0
        actions = pa.table(delta.get_add_actions(flatten=True)).select(["partition.year", "size_bytes"])
        small = actions.filter(pc.less(actions["size_bytes"], _JOINED))
        counts = small.group_by("partition.year").aggregate([("size_bytes", "count")])
        return pc.max(counts["size_bytes_count"]).as_py() or 0

    def compact(self) -> int:
        """Join small files of each year; return by how many files the store has become smaller.

        No row is changed. Files that are large already stay as they are: a joined one is written once.
        """
        with self._writing(), _store_faults(self.url):
            delta = self._open()
            if delta is None:
                return 0
            before = delta.version()
            done = delta.optimize.compact(
                target_size=_JOINED,
                writer_properties=WriterProperties(compression="ZSTD", max_row_group_size=_ROW_GROUP),
            )
            delta.create_checkpoint()
            self._flush(delta, since=before)
            return int(done["numFilesRemoved"]) - int(done["numFilesAdded"])

    def sweep(self) -> int:
        """Delete files that belong to no commit of the last week; return how many there were.

        They are what killed writers and compaction leave behind; no read ever sees them.
        """
        with self._writing(), _store_faults(self.url):
            delta = self._open()
            return 0 if delta is None else len(delta.vacuum(dry_run=False, full=True))

    def check(self) -> list[Problem]:
        """Return what is wrong with the store: files that are missing, cut short or unreadable."""
        try:
            delta = self._open()
        except StoreError as error:
            return [Problem("store-unreadable", error.what, error.remedy or RESTORE)]
        if delta is None:
            return []
        actions = pa.table(delta.get_add_actions(flatten=True))
        dataset = delta.to_pyarrow_dataset()
        found = []
        for action in actions.select(["path", "size_bytes", "num_records"]).to_pylist():
            problem = check_file(dataset.filesystem, action)
            if problem is not None:
                found.append(problem)
        return found

    def _open(self) -> DeltaTable | None:
        try:
            with _store_faults(self.url):
                return DeltaTable(self.url, storage_options=self.storage_options)
        except TableNotFoundError:
            return None

    def _open_or_create(self) -> DeltaTable:
        found = self._open()
        if found is not None:
            return found
        return DeltaTable.create(
            self.url,
            _STORED,
            mode="ignore",
            partition_by=["year"],
            configuration=_CONFIGURATION,
            storage_options=self.storage_options,
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Be the only writer of a local store; object storage settles races by the log itself."""
        if self.folder is None:
            yield
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".writer.lock").open("a+b") as file:
            _lock(file, self.folder, self.lock_timeout)
            yield

    def _flush(self, delta: DeltaTable, since: int) -> None:
        """Flush to the disk what the commits after version `since` wrote: data, log, folders."""
        if self.folder is None:
            return
        log = self.folder / LOG
        entries = [log / f"{version:020}.json" for version in range(since + 1, delta.version() + 1)]
        files = [self.folder / path for path in _paths_added(entries)]
        first = [log / f"{0:020}.json"] if since == 0 else []
        for path in [*files, *first, *entries, *sorted({its.parent for its in files}), log, self.folder]:
            if path.exists():
                _flush_path(path)


def _of_many_sites(
    delta: DeltaTable,
    imports: Collection[str],
    sites: Collection[str] | None,
    items: Collection[str] | None,
    times: list[pc.Expression],
) -> pa.Table:
    """Return the rows of some imports (`MEASUREMENTS`) under the conditions on time."""
    conditions = [pc.field("import_id").isin(pa.array(sorted(imports), pa.string())), *times]
    for column, wanted in (("site", sites), ("item", items)):
        if wanted is not None:
            conditions.append(pc.field(column).isin(pa.array(sorted(wanted), pa.string())))
    found = delta.to_pyarrow_dataset().to_table(columns=MEASUREMENTS.names, filter=reduce(and_, conditions))
    return found.cast(MEASUREMENTS)


def _stored(import_id: str, table: pa.Table) -> pa.Table:
    """Return the rows as they are kept: with their import and year, sorted so that a series lies together."""
    table = table.select(MEASUREMENTS.names).cast(MEASUREMENTS).combine_chunks()
    order = np.lexsort(
        (
            table["time"].cast(pa.int64()).to_numpy(),
            _ranks(table["item"]),
            _ranks(table["site"]),
        )
    )
    table = table.take(pa.array(order))
    columns = {name: table[name] for name in MEASUREMENTS.names}
    columns["import_id"] = pa.array([import_id]).take(pa.array(np.zeros(len(order), dtype=np.int8)))
    columns["time"] = columns["time"].cast(_STORED_TIME)
    columns["year"] = pc.year(table["time"]).cast(pa.int32())
    return pa.table(columns, schema=_STORED)


def _ranks(column: pa.ChunkedArray) -> np.ndarray:
    """Return for each text its place among the distinct texts in their order."""
    encoded = pa.concat_arrays(column.chunks).dictionary_encode() if column.num_chunks else None
    if encoded is None:
        return np.zeros(0, dtype=np.int64)
    rank = np.empty(len(encoded.dictionary), dtype=np.int64)
    rank[pc.sort_indices(encoded.dictionary).to_numpy()] = np.arange(len(rank))
    ranks: np.ndarray = rank[encoded.indices.to_numpy()]
    return ranks


def _time_conditions(time_from: datetime | None, time_to: datetime | None) -> list[pc.Expression]:
    """Return the conditions on time, with literal years beside them so that whole partitions are left out."""
    conditions = []
    if time_from is not None:
        conditions.append(pc.field("year") >= time_from.year)
        conditions.append(pc.field("time") >= pa.scalar(time_from, _STORED_TIME))
    if time_to is not None:
        conditions.append(pc.field("year") <= time_to.year)
        conditions.append(pc.field("time") <= pa.scalar(time_to, _STORED_TIME))
    return conditions


def _lock(file: IO[bytes], folder: Path, timeout: float) -> None:
    """Take the writer's lock; the system lets it go when the process ends, however it ends."""
    import fcntl

    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                raise StoreError(
                    Text("另一个进程正在写入测量数据库，已等待 {seconds:.0f} 秒。", seconds=timeout),
                    remedy=Text("请等它完成后重试；只应运行一个后台任务进程（bishui worker）。"),
                    where=Where(file=str(folder)),
                ) from error
            time.sleep(0.05)


def _paths_added(entries: list[Path]) -> list[str]:
    actions = (
        json.loads(line) for entry in entries if entry.exists() for line in entry.open(encoding="utf-8")
    )
    return [unquote(action["add"]["path"]) for action in actions if "add" in action]


def _flush_path(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _store_faults(url: str) -> Iterator[None]:
    """Turn what the engine says into a sentence for the user."""
    try:
        yield
    except TableNotFoundError:
        raise
    except (DeltaError, pa.ArrowException, OSError) as error:
        raise StoreError(
            Text(
                "测量数据库“{url}”无法读写：{reason}",
                url=url,
                reason=str(error).splitlines()[0] if str(error) else "",
            ),
            remedy=Text("请检查磁盘空间、权限和网络；用 bishui doctor 检查数据库。"),
        ) from error
