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


@pytest.mark.slow
@pytest.mark.django_db
def test_every_step_of_the_history_leads_to_the_same_tables(tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("the long way is taken once, on SQLite")
    command = [
        sys.executable,
        "-m",
        "bishui.server",
        "migrate",
        "--every-step",
        "--verbosity=0",
        "--skip-checks",
    ]
    settings = {"BISHUI_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "bishui.server.settings"}
    subprocess.run(command, check=True, env={**os.environ, **settings}, timeout=300)
    with connection.cursor() as cursor:
        at_once = things_of(cursor)
    [file] = tmp_path.glob("*.sqlite3")
    with sqlite3.connect(file) as stepped:
        assert things_of(stepped.cursor()) == at_once
