"""Two people at once on a real database: nothing is lost, nobody is overwritten in silence."""

import threading

import pytest
from django.db import connections

from bishui.errors import BishuiError, Conflict
from bishui.server.core import audit, imports
from bishui.server.core.models import ImportSession
from bishui.server.plans import rereading
from bishui.server.plans import review_corrections as review
from bishui.server.plans.models import DraftCorrection, Plan
from tests.server.conftest import CITY, make_instance
from tests.server.plans.conftest import PLAN

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db, data_dir):
    users = make_instance().users
    return users["bureau_staff@city"], users["bureau_lead@city"]


@pytest.fixture
def session(people):
    found = imports.receive("plan", [PLAN.encode()], "plan.txt", division=CITY, actor=people[0])
    imports.read(found)
    found.refresh_from_db()
    return found


def at_once(*deeds):
    """Do all at the same moment, each on a connection of its own; give what each was refused with, or None."""
    gate, refused = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(index, deed):
        gate.wait(60)
        try:
            deed()
        except BishuiError as error:
            refused[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return refused


def correction(session, path, text, actor, seen=0):
    return lambda: review.correct(session, path, text, seen=seen, actor=actor)


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_who_correct_one_field_at_once_one_is_told(session, people, attempt):
    first, second = people
    refused = at_once(
        correction(session, "tasks/0/theme", "甲", first), correction(session, "tasks/0/theme", "乙", second)
    )
    assert sorted(error is None for error in refused) == [False, True]
    assert isinstance(next(error for error in refused if error), Conflict)
    row = DraftCorrection.objects.get()
    assert row.corrected == ("甲" if refused[0] is None else "乙")
    assert row.version == 1
    assert audit.verify()[1] == []


def test_different_fields_do_not_disturb_each_other(session, people):
    first, second = people
    fields = ["theme", "content", "deadline", "lead"]
    refused = at_once(
        *(
            correction(session, f"tasks/0/{name}", f"改{name}", (first, second)[n % 2])
            for n, name in enumerate(fields)
        )
    )
    assert refused == [None] * 4
    assert DraftCorrection.objects.count() == 4


def test_a_later_change_of_one_field_too_is_only_made_by_who_has_seen_it(session, people):
    first, second = people
    review.correct(session, "tasks/0/theme", "甲", seen=0, actor=first)
    refused = at_once(
        correction(session, "tasks/0/theme", "乙", second, 1),
        lambda: review.reset(session, "tasks/0/theme", "field", seen=1, actor=first),
    )
    assert sorted(error is None for error in refused) == [False, True]
    assert DraftCorrection.objects.get().version == 2


def test_nothing_is_corrected_behind_the_back_of_a_submission(session, people):
    first, second = people

    def submit():
        imports.submit(ImportSession.objects.get(pk=session.pk), actor=second)

    refused = at_once(submit, correction(session, "tasks/0/theme", "甲", first))
    session.refresh_from_db()
    if refused[0] is None:
        assert session.state == "submitted"
        assert (refused[1] is None) == DraftCorrection.objects.exists()
    else:
        assert session.state == "previewed"


def test_two_who_confirm_at_once_land_one_plan(session, people):
    first, second = people
    imports.submit(session, actor=first)

    def confirm():
        found = ImportSession.objects.get(pk=session.pk)
        imports.start_commit(found, actor=second)
        imports.finish_commit(found)

    refused = at_once(confirm, confirm)
    assert sum(error is None for error in refused) >= 1
    assert Plan.objects.count() == 1


def test_of_two_who_read_a_plan_again_at_once_one_is_told(session, people):
    first, second = people
    imports.submit(session, actor=first)
    imports.start_commit(session, actor=second)
    imports.finish_commit(session)
    plan = Plan.objects.get()
    refused = at_once(
        lambda: rereading.reread(plan, actor=first), lambda: rereading.reread(plan, actor=second)
    )
    assert sorted(error is None for error in refused) == [False, True]
    assert ImportSession.objects.filter(options__amends=str(plan.pk)).count() == 1
