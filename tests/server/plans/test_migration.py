"""An instance of the first edition is brought to this one: what was typed as a percentage stays as a note."""

from datetime import date, datetime

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from bishui.server.plans import duties, queries
from bishui.server.plans.models import Duty, Progress, Task
from bishui.server.plans.states import STATES

pytestmark = pytest.mark.django_db(transaction=True)
OLD = [("plans", "0001_initial")]
CITY = "990000/"


def migrate(targets):
    """Bring the database to these migrations; return the models as they are there."""
    MigrationExecutor(connection).migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.fixture
def first_edition():
    """The tables of the first edition; afterwards those of this one again, whatever happened."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield migrate(OLD), newest
    migrate(newest)


def rows_of_the_first_edition(apps):
    """Write a plan with a task and two reports: one in difficulties with a file, one at 100 percent."""

    def make(app, model, **values):
        return apps.get_model(app, model).objects.create(division=CITY, **values)

    unit = make("accounts", "Unit", code="u1", name="某局", kind="department")
    plan = make("plans", "Plan", title="旧计划", kind="annual_plan", year=2025)
    task = make(
        "plans", "Task", plan=plan, position=1, section=["一、总则", "（一）工业"], content="整治园区。"
    )
    file = make("core", "StoredFile", sha256="0" * 64, name="佐证.pdf", size=4, at=datetime(2025, 5, 1, 9, 0))
    common = {"task": task, "unit": unit, "text": "进行中。", "by": "某人"}
    at = datetime(2025, 5, 1, 9, 0)
    make("plans", "Progress", number=1, at=at, percent=35, state="difficult", evidence=file, **common)
    make("plans", "TaskUnit", task=task, role="lead", position=1, written="某局", unit=unit)
    make("plans", "Progress", number=2, at=at, percent=100, state="normal", **common)


def test_a_typed_percentage_becomes_a_note_and_counts_only_after_its_review(first_edition):
    apps, newest = first_edition
    rows_of_the_first_edition(apps)
    migrate(newest)
    difficult, whole = Progress.objects.order_by("number")
    assert (difficult.note, difficult.outlook, difficult.state) == (
        "原填报完成比例 35%",
        "difficult",
        "handed_in",
    )
    assert (whole.note, whole.outlook, whole.state) == ("原填报完成比例 100%", "normal", "handed_in")
    assert [item.file.name for item in difficult.files.all()] == ["佐证.pdf"]
    assert not whole.files.exists()
    task = Task.objects.get()
    assert task.heading == "一、总则 › （一）工业"
    standing = queries.standings(Task.objects.all(), date(2025, 6, 1))[task.pk]
    assert (standing.percent, standing.waiting, standing.state in STATES) == (0, 2, True)
    assert not Duty.objects.exists()
    duties.daily(date(2025, 6, 1))
    assert [(duty.unit.name, duty.state) for duty in Duty.objects.all()] == [("某局", "issued")]
