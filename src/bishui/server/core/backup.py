"""What a backup holds: the records as of one moment, every kept file, the measurements, the key.

Order matters: records first, then what they name. Files and measurements are only ever added, so that
whatever the records speak of is there; an import that lands meanwhile is reconciled at the next start.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

import bishui
from bishui.errors import CallError, DataError
from bishui.i18n import Text
from bishui.observations import MeasurementStore
from bishui.server import archive
from bishui.server.archive import Member, Progress
from bishui.server.core import audit

RECORDS, DUMP = "records.sqlite3", "records.dump"
#: What is made anew at the next start, or belongs to the running processes only.
_LEFT_OUT = ("static", ".prepared", ".started-", ".part-", ".writer.lock", ".serving", RECORDS)


def write(out: Path, *, actor: Any, progress: Progress) -> dict[str, Any]:
    """Write a verified backup of this instance into one file; return its manifest.

    `progress` is told how far it is, once the records have been taken.

    Raises
    ------
    CallError
        If the file exists, lies in the data directory, or the database's own tool is missing.
    """
    root = Path(settings.DATA_DIR)
    if out.resolve().is_relative_to(root):
        raise CallError(
            Text("备份不能放在数据目录 {folder} 里。", folder=str(root)),
            remedy=Text("请放到另一块磁盘或另一台机器上。"),
        )
    with audit.action("core.backup", actor=actor, name=out.name):
        pass  # the trail in the backup says that it was made
    store = MeasurementStore(settings.STORE_URL)
    inside = store.folder is not None and store.folder.is_relative_to(root)
    with tempfile.TemporaryDirectory(prefix="bishui-backup-") as scratch:
        records = _records(Path(scratch))
        with store.standing_still():
            return archive.write(out, _members(root, records), _about(records.name, inside), progress)


def _about(records: str, store_inside: bool) -> dict[str, Any]:
    applied = sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
    return {
        "bishui": bishui.__version__,
        "at": datetime.now().isoformat(timespec="seconds"),
        "records": records,
        "measurements": "inside" if store_inside else "outside",
        "migrations": applied,
    }


def _records(scratch: Path) -> Path:
    """Write the records as of now into a file."""
    if connection.vendor == "sqlite":
        path = scratch / RECORDS
        with (
            closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as source,
            closing(sqlite3.connect(path)) as copy,
        ):
            source.backup(copy)
        return path
    path = scratch / DUMP
    _run(_tool("pg_dump"), "--format=custom", "--no-owner", f"--file={path}")
    return path


def load_records(folder: Path) -> None:
    """Put the records of an unpacked backup into the database, where that is not in the data directory.

    Raises
    ------
    CallError
        If backup and instance keep their records in databases of different kinds.
    """
    dump = folder / DUMP
    if (connection.vendor == "postgresql") != dump.exists():
        raise CallError(
            Text("备份与本机使用的数据库不同（SQLite 或 PostgreSQL）。"),
            remedy=Text("请按备份时的设置 BISHUI_DATABASE_URL 恢复。"),
        )
    if dump.exists():
        options = ("--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error")
        _run(_tool("pg_restore"), *options, f"--dbname={connection.settings_dict['NAME']}", str(dump))
        dump.unlink()


def refuse_half_restored(folder: Path) -> None:
    """Refuse a data directory whose records were unpacked but not yet put into the database.

    Raises
    ------
    CallError
        If a restoration was broken off there.
    """
    if (folder / DUMP).exists():
        raise CallError(
            Text("数据目录 {folder} 的恢复没有完成：记录还没有导入数据库。", folder=str(folder)),
            remedy=Text("请重新执行 bishui restore 备份文件 --replace。"),
        )


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise CallError(
            Text("找不到 PostgreSQL 的工具 {name}。", name=name),
            remedy=Text("请安装 PostgreSQL 客户端（postgresql-client）后再试。"),
        )
    return found


def _run(*command: str) -> None:
    given = connection.settings_dict
    names = {
        "PGHOST": "HOST",
        "PGPORT": "PORT",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
        "PGDATABASE": "NAME",
    }
    access = {name: str(given[key]) for name, key in names.items() if given.get(key)}
    done = subprocess.run(command, env={**os.environ, **access}, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["—"])[-1]
        raise DataError(
            Text("{tool} 没有完成：{said}", tool=Path(command[0]).name, said=said),
            remedy=Text("请按提示处理后再试；原有数据没有改动。"),
        )


def _members(root: Path, records: Path) -> Iterator[Member]:
    yield Member(records.name, records)
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(_LEFT_OUT))
        for name in sorted(names):
            if not name.startswith(_LEFT_OUT):
                path = Path(folder) / name
                yield Member(path.relative_to(root).as_posix(), path)
