"""An empty database is laid out at once, and is then the one that every step of the history leads to."""

import os
import re
import sqlite3
import subprocess
import sys

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from bishui.server.core import empty_database

_PARTS = re.compile(r",(?![^()]*\))")


def things_of(cursor):
    """Return what the database is made of; in which order a table names its columns does not count."""
    cursor.execute("SELECT type, name, sql FROM sqlite_master")
    return {
        (kind, name): sorted(
            part.strip() for part in _PARTS.split((sql or "").partition("(")[2].removesuffix(")"))
        )
        for kind, name, sql in cursor.fetchall()
    }


@pytest.mark.django_db
def test_a_database_that_was_laid_out_has_no_step_before_it():
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    assert not empty_database.is_empty(connection)


def migrated(folder, *options):
    """Return what an SQLite database is made of that a process of its own has migrated."""
    command = [sys.executable, "-m", "bishui.server", "migrate", *options, "--verbosity=0", "--skip-checks"]
    env = {key: value for key, value in os.environ.items() if not key.startswith("BISHUI_")}
    settings = {"BISHUI_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "bishui.server.settings"}
    subprocess.run(command, check=True, env=env | settings, timeout=300)
    [file] = folder.glob("*.sqlite3")
    with sqlite3.connect(file) as database:
        return things_of(database.cursor())


@pytest.mark.slow
def test_every_step_of_the_history_leads_to_the_same_tables(tmp_path):
    folders = [tmp_path / "at-once", tmp_path / "stepped"]
    for folder in folders:
        folder.mkdir()
    assert migrated(folders[0]) == migrated(folders[1], "--every-step")
