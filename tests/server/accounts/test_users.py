"""Users: whom an administrator may manage, what may be granted, where a password appears."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from bishui.server.accounts import services
from bishui.server.accounts.models import User
from bishui.server.core import rights
from bishui.server.core.models import AuditEntry
from tests.server.conftest import CITY, COUNTY_A, COUNTY_B, PASSWORD
from tests.server.core.test_registers import signed_in

NEW = {"username": "new.person", "full_name": "某人", "role": "bureau_staff", "division": COUNTY_A}


@pytest.fixture
def county(instance):
    """The administrator of county A, signed in."""
    return signed_in(instance.users["administrator@a"])


def shown_password(response):
    return re.search(r"密码 ([\w-]{12,})（", response.content.decode())[1]


def enter(username, password):
    return Client().post(reverse("accounts:login"), {"username": username, "password": password})


def test_a_county_administrator_sees_only_users_all_of_whose_roles_lie_in_the_county(instance, county):
    text = county.get(reverse("accounts:users")).content.decode()
    assert "viewer@a" in text
    for other in ("viewer@city", "viewer@other", "nobody"):
        assert other not in text


@pytest.mark.parametrize("name", ["viewer@city", "administrator@city", "viewer@other", "nobody"])
@pytest.mark.parametrize("what", ["password", "stop", "allow"])
def test_a_county_administrator_does_nothing_to_anybody_outside(instance, county, name, what):
    user = instance.users[name]
    assert county.get(reverse("accounts:user", args=[user.pk])).status_code == 404
    assert county.post(reverse("accounts:user_act", args=[user.pk, what])).status_code == 404
    user.refresh_from_db()
    assert user.is_active
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize("division", ["", CITY, COUNTY_B, "980000/"])
def test_nobody_grants_a_role_above_or_beside_their_own_division(instance, county, division):
    response = county.post(reverse("accounts:user_new"), NEW | {"division": division})
    assert response.status_code in (200, 403)
    assert not User.objects.filter(username=NEW["username"]).exists()


def test_who_does_not_manage_users_makes_none(instance):
    client = signed_in(instance.users["bureau_lead@city"])
    assert client.post(reverse("accounts:user_new"), NEW).status_code == 403


def test_a_new_user_signs_in_with_the_password_that_was_shown_once(instance, county):
    response = county.post(reverse("accounts:user_new"), NEW, follow=True)
    password = shown_password(response)
    user = User.objects.get(username=NEW["username"])
    assert [(grant.role, grant.division) for grant in user.grants()] == [("bureau_staff", COUNTY_A)]
    assert password not in county.get(reverse("accounts:user", args=[user.pk])).content.decode()
    assert enter(user.username, password).status_code == 302
    assert password not in json.dumps(list(AuditEntry.objects.values("params", "changes", "why")))
    assert user.password not in json.dumps(list(AuditEntry.objects.values("params", "changes", "why")))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "viewer@a"}, "username"),
        ({"username": "a b"}, "username"),
        ({"role": "no-such"}, "role"),
        ({"role": "unit_reporter"}, "unit"),
        ({"full_name": ""}, "full_name"),
    ],
)
def test_a_faulty_form_is_shown_again_with_the_fault_at_its_field(instance, county, change, field):
    response = county.post(reverse("accounts:user_new"), NEW | change)
    assert response.status_code == 200
    assert field in response.context["form"].errors


def test_who_manages_users_everywhere_grants_a_role_everywhere(instance):
    manager = instance.users["administrator@a"]
    services.grant(manager, "administrator", "", actor="tester")
    signed_in(manager).post(reverse("accounts:user_new"), NEW | {"division": ""})
    user = User.objects.get(username=NEW["username"])
    assert [grant.division for grant in user.grants()] == [""]


def test_a_user_s_page_names_the_state_and_says_it(instance, county):
    text = county.get(reverse("accounts:user", args=[instance.users["viewer@a"].pk])).content.decode()
    assert "<dt>状态</dt>" in text and "可登录" in text


def test_the_list_is_searched_by_name_and_unit(instance, county):
    text = county.get(reverse("accounts:users"), {"q": "viewer"}).content.decode()
    assert "viewer@a" in text and "bureau_lead@a" not in text
    assert "viewer@a" not in county.get(reverse("accounts:users"), {"q": "没有的人"}).content.decode()


def test_a_reset_password_replaces_the_former(instance, county):
    user = instance.users["viewer@a"]
    address = reverse("accounts:user_act", args=[user.pk, "password"])
    password = shown_password(county.post(address, follow=True))
    assert enter(user.username, PASSWORD).status_code == 200
    assert enter(user.username, password).status_code == 302


def test_a_stopped_user_is_out_at_once_and_cannot_sign_in_until_allowed(instance, county):
    user = instance.users["viewer@a"]
    theirs = signed_in(user)
    assert theirs.get("/").status_code == 200
    county.post(reverse("accounts:user_act", args=[user.pk, "stop"]))
    assert theirs.get("/").status_code == 302
    assert enter(user.username, PASSWORD).status_code == 200
    county.post(reverse("accounts:user_act", args=[user.pk, "allow"]))
    assert enter(user.username, PASSWORD).status_code == 302


@pytest.mark.parametrize("what", ["stop", "allow", "password"])
def test_nobody_stops_or_resets_themselves(instance, county, what):
    user = instance.users["administrator@a"]
    assert county.post(reverse("accounts:user_act", args=[user.pk, what])).status_code == 404
    user.refresh_from_db()
    assert user.is_active
    assert user.check_password(PASSWORD)


def test_an_unknown_deed_is_not_found_and_a_get_does_nothing(instance, county):
    user = instance.users["viewer@a"]
    assert county.post(reverse("accounts:user_act", args=[user.pk, "explode"])).status_code == 404
    assert county.get(reverse("accounts:user_act", args=[user.pk, "stop"])).status_code == 405
    user.refresh_from_db()
    assert user.is_active


def change_own(client, old, new):
    data = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post(reverse("accounts:password"), data)


def test_ones_own_new_password_keeps_the_session_and_ends_the_others(instance):
    user, new = instance.users["viewer@a"], "another-long-one-42"
    here, elsewhere = signed_in(user), signed_in(user)
    assert change_own(here, PASSWORD, new).status_code == 302
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    assert enter(user.username, new).status_code == 302
    entry = AuditEntry.objects.filter(action="accounts.password_set").first()
    assert entry.actor_name == str(user)
    assert new not in json.dumps([entry.params, entry.changes])


@pytest.mark.parametrize(
    ("old", "new"), [("wrong", "another-long-one-42"), (PASSWORD, "short"), (PASSWORD, "password123")]
)
def test_a_wrong_old_or_weak_new_password_changes_nothing(instance, old, new):
    user = instance.users["viewer@a"]
    assert change_own(signed_in(user), old, new).status_code == 200
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_every_role_can_be_chosen_and_is_shown_by_name(instance, county):
    text = county.get(reverse("accounts:user_new")).content.decode()
    for role in rights.roles().values():
        assert str(role.label) in text
