"""Every role against every route, and against other units' and other divisions' objects."""

import uuid

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests.server.conftest import CITY, COUNTY_A, COUNTY_B, OTHER_CITY

from bishui.server.core import guard, rights

pytestmark = pytest.mark.django_db
PLACES = ("city", "a")


def routes(patterns=None, namespace=""):
    """Yield (name, view) for each route of the project."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{namespace}{pattern.name}", pattern


def address(name, pattern):
    """Return an address of the route with made-up arguments."""
    values = {"uuid": uuid.uuid4(), "int": 1, "slug": "units", "str": "register:units", "path": "x"}
    arguments = {
        key: values[type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")]
        for key, converter in pattern.pattern.converters.items()
    }
    return reverse(name, kwargs=arguments)


NAMED = dict(routes())
OPEN = {"accounts:login", "accounts:password", "accounts:logout", "accounts:workspace", "set_language"}
#: What the public sees without sign-in; that nothing else is in it is tested with the portal.
OPEN |= {
    "portal:index",
    "portal:script",
    "portal:city",
    "portal:outfalls",
    "portal:settings",
    "portal:draws",
    "portal:milestones",
    "portal:bulletins",
    "portal:bulletin",
    "portal:outfall",
    "portal:report",
    "portal:reported",
    "portal:draw",
    "portal:draw_data",
}
#: The field page itself holds nobody's data; it is kept on the device and opened there without signal.
OPEN |= {"field:shell", "field:manifest", "field:worker"}


def test_every_route_says_who_may_open_it():
    undeclared = {
        name
        for name, pattern in NAMED.items()
        if not getattr(pattern.callback, "required_right", None)
        and not getattr(pattern.callback, "is_open", False)
    }
    assert {name for name in undeclared if not name.startswith("api")} <= {"set_language"}
    assert {name for name, pattern in NAMED.items() if getattr(pattern.callback, "is_open", False)} <= OPEN


@pytest.mark.parametrize("name", sorted(set(NAMED) - OPEN))
def test_nobody_enters_without_signing_in(name, db):
    response = Client().get(address(name, NAMED[name]))
    assert response.status_code in (302, 401, 403)
    if response.status_code == 302:
        assert response.url.startswith(reverse("accounts:login"))


GUARDED = sorted(name for name, pattern in NAMED.items() if getattr(pattern.callback, "required_right", None))


@pytest.mark.parametrize("role", sorted(rights.roles()))
def test_each_role_opens_just_the_routes_of_its_rights(role, instance, data_dir):
    for place in PLACES:
        client = Client(raise_request_exception=True)
        client.force_login(
            instance.users[f"{role}@{place}"], backend="django.contrib.auth.backends.ModelBackend"
        )
        for name in GUARDED:
            pattern = NAMED[name]
            may = pattern.callback.required_right in rights.roles()[role].actions
            status = client.get(address(name, pattern)).status_code
            if may:
                # a made-up object is not found, a view for writing only says so; nothing falls over
                assert status in (200, 204, 302, 400, 403, 404, 405), (role, name, status)
                if not pattern.pattern.converters:
                    assert status != 403, (role, name)
            else:
                assert status == 403, (role, name, status)


def test_a_user_without_any_role_opens_nothing(instance):
    client = Client()
    client.force_login(instance.users["nobody"], backend="django.contrib.auth.backends.ModelBackend")
    for name in GUARDED:
        assert client.get(address(name, NAMED[name])).status_code == 403


class Thing:
    """A record of some division that is the duty of some unit."""

    def __init__(self, division, units=()):
        self.division = division
        self._units = frozenset(units)

    def responsible_units(self):
        return self._units


@pytest.mark.parametrize("role", sorted(rights.roles()))
@pytest.mark.parametrize("action", sorted(rights.actions()))
def test_a_right_ends_at_the_border_of_its_division_and_its_unit(role, action, instance):
    own, foreign = str(instance.units["a-bureau"].pk), str(instance.units["b-bureau"].pk)
    user = instance.users[f"{role}@a"]
    reach = rights.roles()[role].actions.get(action)
    assert rights.allowed(user, action, Thing(COUNTY_A)) is (reach == "subtree")
    assert rights.allowed(user, action, Thing(COUNTY_A, [own])) is (reach is not None)
    assert rights.allowed(user, action, Thing(COUNTY_A, [foreign])) is (reach == "subtree")
    for division in (COUNTY_B, CITY, OTHER_CITY):
        assert not rights.allowed(user, action, Thing(division, [own]))
    city_user = instance.users[f"{role}@city"]
    assert rights.allowed(city_user, action, Thing(COUNTY_B)) is (reach == "subtree")


def test_an_unknown_action_is_an_error_not_a_permission(instance):
    with pytest.raises(KeyError):
        rights.holds(instance.users["administrator@city"], "no.such")
    with pytest.raises(KeyError):
        guard.requires("no.such")


def test_an_inactive_user_has_no_right(instance):
    user = instance.users["administrator@city"]
    user.is_active = False
    assert not rights.holds(user, "sites.view")


def test_why_not_is_explained(instance):
    user = instance.users["unit_reporter@a"]
    assert "不在您的辖区或单位之内" in str(rights.explain(user, "plans.report", Thing(COUNTY_B)))
    assert "角色不包含" in str(rights.explain(user, "audit.view", Thing(COUNTY_A)))
    own = Thing(COUNTY_A, [str(instance.units["a-bureau"].pk)])
    assert "本单位的任务" in str(rights.explain(user, "plans.report", own))
