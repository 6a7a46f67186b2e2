"""Keys for programs on their page: in both languages, of one city, one's own only."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from bishui.server.accounts import tokens
from bishui.server.accounts.models import User
from tests.server.conftest import CITY, OTHER_CITY
from tests.server.core.test_registers import signed_in

pytestmark = pytest.mark.django_db
PAGE = reverse("accounts:tokens")


def make(user, name="QGIS", division=CITY, days=30):
    return tokens.make(user, division, name, days, actor="tester")


@pytest.fixture
def viewer(instance):
    return instance.users["viewer@city"]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_names_the_address_and_each_key_with_its_state(viewer, language):
    make(viewer, "有效的")
    make(viewer, "过期的", days=-1)
    stopped, _ = make(viewer, "停用的")
    tokens.revoke(stopped, actor="tester")
    client = signed_in(viewer)
    client.cookies["django_language"] = language
    text = client.get(PAGE).content.decode()
    assert "http://testserver/api/features/" in text
    assert all(name in text for name in ("有效的", "过期的", "停用的"))
    assert text.count("/revoke/") == 1


def test_the_keys_of_another_city_and_of_other_people_are_not_listed(viewer, instance):
    make(viewer, "别市", OTHER_CITY)
    make(instance.users["auditor@city"], "别人")
    text = signed_in(viewer).get(PAGE).content.decode()
    assert "别市" not in text and "别人" not in text


def test_a_key_without_a_name_or_with_another_lifetime_is_not_made(viewer):
    client = signed_in(viewer)
    for given in (
        {"name": "", "days": "30"},
        {"name": "x", "days": "9999"},
        {"name": "x" * 61, "days": "30"},
    ):
        assert client.post(PAGE, given).status_code == 200
    assert not viewer.tokens.exists()


@pytest.mark.parametrize(("days", "valid"), [(0, True), (-1, False)])
def test_the_last_day_belongs_to_a_key(viewer, days, valid):
    token, key = make(viewer, days=days)
    assert token.expires_on == date.today() + timedelta(days=days)
    assert (tokens.of_key(key) is not None) is valid


def test_two_keys_are_never_the_same_and_hold_256_bits(viewer):
    keys = {make(viewer)[1] for _ in range(5)}
    assert len(keys) == 5
    assert all(len(key.removeprefix("bishui_")) == 43 for key in keys)


def test_revoking_twice_is_written_down_once(viewer):
    from bishui.server.core.models import AuditEntry

    token, _ = make(viewer)
    for _time in range(2):
        tokens.revoke(token, actor="tester")
    assert AuditEntry.objects.filter(action="accounts.token_revoked").count() == 1


def test_the_menu_leads_to_the_page(viewer):
    assert PAGE in signed_in(viewer).get(PAGE).content.decode()


def test_who_may_not_see_sites_has_no_keys(instance):
    assert signed_in(instance.users["nobody"]).get(PAGE).status_code == 403
    assert not User.objects.get(username="nobody").tokens.exists()
