"""The audit trail: nothing is written outside it, and one changed byte is found."""

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from tests.server.conftest import CITY, OTHER_CITY

from bishui.errors import Conflict
from bishui.i18n import use_language
from bishui.server.accounts import services
from bishui.server.accounts.models import Unit
from bishui.server.core import audit
from bishui.server.core.ids import uuid7
from bishui.server.core.models import AuditEntry
from bishui.server.core.record_names import record_name
from bishui.server.core.records import Record

pytestmark = pytest.mark.django_db


def test_a_record_cannot_be_written_outside_an_action(instance):
    unit = instance.units["city-bureau"]
    unit.name = "市环保局"
    with pytest.raises(audit.UnauditedWrite):
        unit.save()
    with pytest.raises(audit.UnauditedWrite):
        unit.delete()
    with pytest.raises(audit.UnauditedWrite):
        Unit.objects.bulk_create([Unit(code="x", name="x", division=CITY, kind="other")])
    with pytest.raises(TypeError):
        Unit.objects.update(name="x")


def test_no_action_exists_without_its_log_message():
    with pytest.raises(KeyError), audit.action("core.no_such_action", actor="system"):
        pass
    assert all(message for message in audit.registered().values())


def test_an_entry_holds_who_when_from_where_why_before_and_after(instance):
    user = instance.users["administrator@city"]
    unit = Unit.objects.get(code="city-bureau")
    with audit.action("accounts.units_saved", actor=user, where="127.0.0.1", why="更名", name=unit.name):
        unit.name = "市环保局"
        unit.save()
    entry = AuditEntry.objects.first()
    assert (entry.actor_name, entry.where, entry.why) == ("administrator@city", "127.0.0.1", "更名")
    assert entry.changes[0]["fields"]["name"] == ["市生态环境局", "市环保局"]
    assert entry.division == CITY


def test_the_state_changes_with_every_write_and_with_nothing_else(instance):
    before = audit.state()
    assert audit.state() == before
    unit = Unit.objects.get(code="city-bureau")
    with audit.action("sites.saved", actor="system", name="x"):
        unit.name = "市环保局"
        unit.save()
        assert audit.state() is None
    assert audit.state() not in (None, before)


def test_a_password_never_enters_the_trail(instance):
    for entry in AuditEntry.objects.all():
        for change in entry.changes:
            assert change.get("fields", {}).get("password", ["…", "…"]) == ["…", "…"]


def test_a_failed_action_leaves_neither_record_nor_entry(instance):
    before = AuditEntry.objects.count()
    with pytest.raises(RuntimeError), audit.action("accounts.units_saved", actor="system", name="x"):
        Unit(code="y", name="y", division=CITY, kind="other").save()
        raise RuntimeError
    assert AuditEntry.objects.count() == before
    assert not Unit.objects.filter(code="y").exists()


def test_the_untouched_chain_is_whole(instance):
    count, problems = audit.verify()
    assert count == AuditEntry.objects.count() > 10
    assert problems == []


FIELDS = ["actor_name", "action", "why", "where", "division", "previous", "digest", "changes"]


@pytest.mark.parametrize("field", FIELDS)
def test_one_changed_field_of_one_entry_is_found(instance, field):
    number = AuditEntry.objects.count() // 2
    value = [] if field == "changes" else "0" * 64 if field in ("previous", "digest") else "x"
    AuditEntry.objects.filter(sequence=number).update(**{field: value})
    _, problems = audit.verify()
    assert problems
    assert problems[0].where.row in (number, number + 1)


@pytest.mark.parametrize("which", ["first", "middle", "last"])
def test_a_removed_entry_is_found(instance, which):
    count = AuditEntry.objects.count()
    AuditEntry.objects.filter(sequence={"first": 1, "middle": count // 2, "last": count}[which]).delete()
    assert audit.verify()[1]


def test_two_people_saving_at_once_lose_nothing(instance):
    mine, theirs = Unit.objects.get(code="a-bureau"), Unit.objects.get(code="a-bureau")
    services.save_unit("a-bureau", "乙县生态环境分局", division=theirs.division, actor="system")
    mine.name = "乙县环保局"
    with pytest.raises(Conflict), audit.action("accounts.units_saved", actor="system", name="x"):
        mine.save()
    assert Unit.objects.get(code="a-bureau").name == "乙县生态环境分局"


def test_the_trail_is_in_the_order_of_its_numbers_on_this_database(instance):
    numbers = list(AuditEntry.objects.order_by("sequence").values_list("sequence", flat=True))
    assert numbers == list(range(1, len(numbers) + 1)), connection.vendor


@given(st.integers(min_value=2, max_value=50))
def test_identifiers_are_unique_and_ordered_by_time(count):
    made = [uuid7() for _ in range(count)]
    assert len(set(made)) == count
    assert [item.version for item in made] == [7] * count
    stamps = [item.int >> 80 for item in made]
    assert stamps == sorted(stamps)


def test_an_entry_written_while_the_chain_is_checked_is_no_break(instance, monkeypatch):
    check, written = audit._check, []

    def while_somebody_writes(*given):
        if not written:
            written.append(True)
            with audit.action("core.first_start", actor="system"):
                pass
        return check(*given)

    monkeypatch.setattr(audit, "_check", while_somebody_writes)
    assert audit.verify()[1] == []
    assert written


def test_each_entry_opens_to_every_field_before_and_after(instance, client):
    user = instance.users["administrator@city"]
    unit = Unit.objects.get(code="city-bureau")
    with audit.action("accounts.units_saved", actor=user, why="更名", name=unit.name):
        unit.name = "市环保局"
        unit.save()
    entry = AuditEntry.objects.first()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    listed = client.get("/audit/").content.decode()
    assert f"/audit/{entry.sequence}/" in listed and "单位 × 1" in listed
    shown = client.get(f"/audit/{entry.sequence}/").content.decode()
    for part in ("市生态环境局", "市环保局", "更名", entry.digest, entry.previous):
        assert part in shown


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("from={day}&to={day}", True),
        ("from=2000-01-01&to=9999-12-31", True),
        ("to=2000-01-01", False),
        ("from=9999-12-31", False),
        ("from=yesterday&to=2025-02-30", True),  # no days: no bounds
    ],
)
def test_the_entries_of_some_days_are_listed(instance, client, asked, listed):
    user = instance.users["administrator@city"]
    unit = Unit.objects.get(code="city-bureau")
    with audit.action("accounts.units_saved", actor=user, why="更名", name=unit.name):
        unit.name = "市环保局"
        unit.save()
    entry = AuditEntry.objects.first()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/audit/?{asked.format(day=entry.at.date())}").content.decode()
    assert (f"/audit/{entry.sequence}/" in page) is listed


def test_an_entry_of_another_city_is_not_there(instance, client):
    with audit.action("accounts.units_saved", actor="system", division=OTHER_CITY, name="x"):
        pass
    entry = AuditEntry.objects.first()
    assert entry.division == OTHER_CITY
    client.force_login(
        instance.users["administrator@city"], backend="django.contrib.auth.backends.ModelBackend"
    )
    assert client.get(f"/audit/{entry.sequence}/").status_code == 404


def test_every_record_that_the_trail_may_name_has_a_word_in_both_languages():
    written = [model for model in apps.get_models() if issubclass(model, Record)]
    assert len(written) > 50
    for model in written:
        with use_language("zh"):
            zh = record_name(model._meta.label)
        with use_language("en"):
            en = record_name(model._meta.label)
        assert zh != model._meta.label and en.isascii(), model._meta.label
