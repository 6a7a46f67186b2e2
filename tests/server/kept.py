"""What a fixture wrote, kept as rows: put back for every test that asks for it, by one statement for each table.

Making the same units and users by their services again and again took most of the time of short tests. The rows
are those that the services wrote, so there is nothing that the platform would not have written itself.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection

from bishui.server.core import audit

#: Fewer values than the databases take in one statement.
_AT_ONCE = 200


@dataclass(frozen=True)
class Table:
    """Rows of one table under their primary keys."""

    name: str
    key: str
    columns: tuple[str, ...]
    rows: dict[Any, tuple[Any, ...]]

    def write(self) -> None:
        """Write the rows; a row that is there under the same key becomes as it is here."""
        columns = ", ".join(map(_quoted, self.columns))
        values = f"({', '.join(['%s'] * len(self.columns))})"
        anew = ", ".join(f"{_quoted(column)} = excluded.{_quoted(column)}" for column in self.columns)
        rows = iter(self.rows.values())
        with connection.cursor() as cursor:
            while some := list(islice(rows, _AT_ONCE)):
                cursor.execute(
                    f"INSERT INTO {_quoted(self.name)} ({columns}) VALUES {', '.join([values] * len(some))} "
                    f"ON CONFLICT ({_quoted(self.key)}) DO UPDATE SET {anew}",
                    [value for row in some for value in row],
                )


@dataclass(frozen=True)
class Kept:
    """Rows that were added or changed, the files written, and what was returned beside them."""

    tables: tuple[Table, ...]
    files: dict[Path, bytes]
    returned: bytes

    def put_back(self, folder: Path | None = None) -> Any:
        """Write the rows and files; give what was returned, as objects of their own."""
        for table in self.tables:
            table.write()
        for path, content in self.files.items():
            assert folder is not None
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        return pickle.loads(self.returned)


def keep(make: Callable[[], Any], folder: Path | None = None) -> Kept:
    """Do what only adds and changes rows, and files of the folder; keep these and what it returns."""
    before = _everything()
    returned = make()
    found = [_difference(before[name], after) for name, after in _everything().items()]
    paths = [path for path in folder.rglob("*") if path.is_file()] if folder else []
    files = {path.relative_to(folder): path.read_bytes() for path in paths if folder}
    return Kept(tuple(table for table in found if table.rows), files, pickle.dumps(returned))


_once: dict[tuple[str, str | None], Kept] = {}


def once(name: str, make: Callable[[], Any], folder: Path) -> Any:
    """Do what a fixture does where it is done for the first time, else put back what it wrote.

    The audit trail, which every record goes through, tells whether the database stands as it did then:
    where it does not, the fixture's work is done anew.
    """
    stands = name, audit.state()
    if stands not in _once:
        _once[stands] = keep(make, folder)
        return pickle.loads(_once[stands].returned)
    return _once[stands].put_back(folder)


def _everything() -> dict[str, Table]:
    return {model._meta.db_table: _read(model) for model in apps.get_models(include_auto_created=True)}


def _read(model: Any) -> Table:
    name, key = model._meta.db_table, model._meta.pk.column
    columns = tuple(field.column for field in model._meta.local_concrete_fields)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(map(_quoted, columns))} FROM {_quoted(name)}")
        rows = {row[columns.index(key)]: tuple(row) for row in cursor.fetchall()}
    return Table(name, key, columns, rows)


def _difference(before: Table, after: Table) -> Table:
    assert before.rows.keys() <= after.rows.keys(), f"rows of {after.name} were deleted"
    rows = {key: row for key, row in after.rows.items() if before.rows.get(key) != row}
    return Table(after.name, after.key, after.columns, rows)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
