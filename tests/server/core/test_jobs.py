"""Jobs survive a killed worker."""

import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from tests.server.conftest import CITY, make_instance

from bishui.server.core import imports, jobs
from bishui.server.core.models import ImportSession, WorkerLease

UNITS_CSV = "单位编码,单位名称,类别,所属区划代码\nnew-1,市水利局,部门,990000\n".encode()


def received():
    return imports.receive("register:units", [UNITS_CSV], "units.csv", division=CITY, actor="system")


@pytest.mark.django_db(transaction=True)
def test_a_worker_reads_what_was_uploaded(data_dir):
    make_instance()
    session = received()
    jobs.read_import.enqueue(str(session.pk))
    jobs.run_worker(batch=True)
    session.refresh_from_db()
    assert session.state == "previewed"
    assert session.summary["created"] == 1
    assert not WorkerLease.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_job_of_a_dead_worker_goes_back_to_the_queue_and_is_done(data_dir):
    make_instance()
    session = received()
    jobs.read_import.enqueue(str(session.pk))
    job = DBTaskResult.objects.get()
    job.claim("dead-worker")
    WorkerLease.objects.create(worker="dead-worker", expires_at=datetime.now() - timedelta(seconds=1))
    jobs.run_worker(batch=True)
    job.refresh_from_db()
    session.refresh_from_db()
    assert job.status == TaskResultStatus.SUCCESSFUL
    assert session.state == "previewed"


@pytest.mark.django_db(transaction=True)
def test_the_job_of_a_living_worker_is_left_alone(data_dir):
    make_instance()
    jobs.read_import.enqueue(str(received().pk))
    DBTaskResult.objects.get().claim("busy-worker")
    jobs.renew("busy-worker")
    assert jobs.reap() == 0
    assert DBTaskResult.objects.get().status == TaskResultStatus.RUNNING


@pytest.mark.django_db(transaction=True)
def test_a_job_that_kills_each_worker_is_given_up(data_dir):
    make_instance()
    jobs.read_import.enqueue(str(received().pk))
    job = DBTaskResult.objects.get()
    for number in range(jobs.MAX_ATTEMPTS):
        job.claim(f"dead-{number}")
        assert jobs.reap() == 1
        job.refresh_from_db()
    assert job.status == TaskResultStatus.FAILED


SLOW_WORKER = """
import os, sys, time
import django
django.setup()
from bishui.server.core import imports, jobs
def slow(session, progress=None):
    print("working", flush=True)
    time.sleep(60)
imports.read = slow
jobs.run_worker(batch=True)
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_with_signal_9_loses_no_job(data_dir):
    """A real process, really killed; its lease runs out and another worker does the job."""
    make_instance()
    session = received()
    jobs.read_import.enqueue(str(session.pk))
    child = subprocess.Popen(
        [sys.executable, "-c", SLOW_WORKER],
        env={**os.environ, **_database(), "BISHUI_DATA": str(data_dir)},
        stdout=subprocess.PIPE,
    )
    assert child.stdout.readline() == b"working\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    reading = DBTaskResult.objects.get(task_path__endswith="read_import")
    assert reading.status == TaskResultStatus.RUNNING
    assert jobs.reap() == 0, "the lease still holds"
    WorkerLease.objects.update(expires_at=datetime.now() - timedelta(seconds=1))
    jobs.run_worker(batch=True)
    assert ImportSession.objects.get(pk=session.pk).state == "previewed"
    time.sleep(0)


@pytest.mark.django_db(transaction=True)
def test_a_commit_that_waits_in_the_queue_is_left_to_the_worker(transactional_db, data_dir):
    instance = make_instance()
    session = imports.receive(
        "observations",
        ["断面,时间,项目,结果,单位\n甲断面,2025-03-01 08:00,氨氮,0.1,mg/L".encode()],
        "long.csv",
        division=CITY,
        actor="system",
        options={"unknown_sites": "add"},
    )
    imports.read(session)
    session.refresh_from_db()
    imports.start_commit(session, actor=instance.users["administrator@city"])
    jobs.commit_import.enqueue(str(session.pk))
    assert jobs.queued_commits() == [str(session.pk)]
    jobs.run_worker(batch=True)
    assert ImportSession.objects.get(pk=session.pk).state == "active"


def _database():
    """Return the environment that makes a child process use the test database."""
    options = connection.settings_dict
    if connection.vendor == "sqlite":
        return {
            "BISHUI_TEST_SQLITE": str(options["NAME"]),
            "DJANGO_SETTINGS_MODULE": "tests.server.child_settings",
        }
    host, port = options["HOST"], options["PORT"]
    url = f"postgresql://{options['USER']}@{host}:{port}/{options['NAME']}"
    return {"BISHUI_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.server.child_settings"}
