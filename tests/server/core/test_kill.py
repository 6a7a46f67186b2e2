"""kill -9 at any line of a commit: the import is wholly in or wholly out, in both stores."""

import multiprocessing

import pytest
from django.conf import settings
from django.db import connection, connections
from tests.server.conftest import CITY, make_instance
from tests.server.core.test_jobs import _database

from bishui.observations import MeasurementStore
from bishui.server.core import audit, imports
from bishui.server.core.models import ImportSession

POINTS = 24
ROWS = 30


def long_table():
    """Return a small long table of one section."""
    lines = ["断面,时间,项目,结果,单位"]
    lines += [f"测试断面,2025-03-{day:02d} 08:00,氨氮,0.{day:02d},mg/L" for day in range(1, ROWS + 1)]
    return "\n".join(lines).encode()


@pytest.fixture
def forks(data_dir, monkeypatch):
    """A server of fresh processes that have the modules loaded and the test database open to them."""
    for key, value in {**_database(), "BISHUI_DATA": str(data_dir)}.items():
        monkeypatch.setenv(key, value)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.server.core.kill_child"])
    return context


def confirmed_session():
    session = imports.receive(
        "observations",
        [long_table()],
        "long.csv",
        division=CITY,
        actor="system",
        options={"unknown_sites": "add"},
    )
    imports.read(session)
    session.refresh_from_db()
    assert session.state == "previewed", session.summary
    return session


def run_child(forks, session, kill_at):
    """Run the commit in a process of its own; return how many lines ran, or None when it was killed."""
    from tests.server.core import kill_child

    connections.close_all()
    receive, send = forks.Pipe(duplex=False)
    child = forks.Process(target=kill_child.commit, args=(str(session.pk), kill_at, send))
    child.start()
    send.close()
    child.join(120)
    if child.exitcode == 0:
        return receive.recv()
    assert child.exitcode == -9, child.exitcode
    return None


def counted_rows():
    """Return how many rows count: those of active imports only."""
    active = imports.active_ids("observations")
    store = MeasurementStore(settings.STORE_URL)
    return store.read(imports=active).num_rows if active else 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_import_killed_at_any_line_is_wholly_in_or_wholly_out(forks, instance_of_users):
    admin = instance_of_users.users["administrator@city"]
    session = confirmed_session()
    imports.start_commit(session, actor=admin)
    run_child(forks, session, kill_at=0)  # the first import also registers the section
    assert _taken_back(session, admin) == ROWS
    session = confirmed_session()
    imports.start_commit(session, actor=admin)
    total = run_child(forks, session, kill_at=0)
    assert total > 100, connection.vendor
    assert _taken_back(session, admin) == ROWS
    seen = set()
    for step in range(POINTS):
        kill_at = 1 + step * (total * 19 // 20) // (POINTS - 1)
        seen.add(_kill_once(forks, admin, kill_at))
    assert seen == {"active", "previewed"}, "both sides of the commit point were met"
    assert audit.verify()[1] == []


def _taken_back(session, admin):
    """Take the import back; return how many of its rows counted before."""
    counted = counted_rows()
    session.refresh_from_db()
    imports.take_back(session, actor=admin, why="重来")
    assert counted_rows() == 0
    return counted


def _kill_once(forks, admin, kill_at):
    """Kill one commit, let the next start mend it, then finish it by retry; return what was found."""
    session = confirmed_session()
    imports.start_commit(session, actor=admin)
    assert run_child(forks, session, kill_at) is None, "the process was killed"
    imports.reconcile()
    found = ImportSession.objects.get(pk=session.pk)
    assert found.state in ("active", "previewed")
    assert counted_rows() == (ROWS if found.state == "active" else 0), kill_at
    state = found.state
    if state == "previewed":
        imports.start_commit(found, actor=admin)
        imports.finish_commit(found)
        found.refresh_from_db()
    assert found.state == "active"
    assert _taken_back(found, admin) == ROWS, "a retry does not duplicate"
    return state


@pytest.fixture
def instance_of_users(transactional_db):
    return make_instance()
