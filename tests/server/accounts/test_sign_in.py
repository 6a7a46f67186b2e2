"""Signing in: locked after too many failures, written down, never a way to another site."""

import pytest
from django.test import Client
from django.urls import reverse

from bishui.server.accounts import services
from bishui.server.accounts.models import User
from bishui.server.core.models import AuditEntry
from tests.server.conftest import PASSWORD
from tests.server.core.test_registers import signed_in
from tests.server.core.test_rights import NAMED, address

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/sign-in/"
ELSEWHERE = [
    "https://example.org/",
    "//example.org/",
    "/\\example.org",
    "javascript:alert(1)",
    "http:example.org",
]


def enter(client, username="viewer@a", password=PASSWORD, **more):
    return client.post(LOGIN, {"username": username, "password": password}, **more)


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "登录失败次数过多"), ("en", "Too many")])
def test_after_the_limit_even_the_right_password_is_refused_for_a_while(instance, settings, language, said):
    client = Client()
    client.cookies["django_language"] = language
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        assert enter(client, password="wrong").status_code == 200
    locked = enter(client, password="wrong")
    assert locked.status_code == 429
    assert said in locked.content.decode()
    assert enter(client).status_code == 429
    assert enter(Client(), "viewer@city").status_code == 302, "another user is not locked with them"


def test_a_good_sign_in_forgets_the_failures(instance, settings):
    for _ in range(2):
        client = Client()
        for _ in range(settings.AXES_FAILURE_LIMIT - 1):
            enter(client, password="wrong")
        assert enter(client).status_code == 302


def test_good_and_failed_sign_ins_stand_in_the_trail_without_the_password(instance):
    enter(Client(), password="wrong-secret", REMOTE_ADDR="10.1.2.3")
    enter(Client(), REMOTE_ADDR="10.1.2.4")
    entries = list(AuditEntry.objects.filter(action__startswith="accounts.sign"))[:2]
    assert [(entry.action, entry.where) for entry in entries] == [
        ("accounts.signed_in", "10.1.2.4"),
        ("accounts.sign_in_failed", "10.1.2.3"),
    ]
    assert all(entry.actor_name == "viewer@a" for entry in entries)
    assert "wrong-secret" not in str([(entry.params, entry.changes) for entry in entries])


def test_an_unknown_name_is_answered_like_a_wrong_password(instance):
    unknown, wrong = enter(Client(), "no-such-user"), enter(Client(), password="wrong")
    assert unknown.status_code == wrong.status_code == 200
    errors = [answer.context["form"].non_field_errors() for answer in (unknown, wrong)]
    assert errors[0] == errors[1]


def test_nobody_signs_in_as_the_command_line(instance):
    services.console_user()
    for password in ("", "console", "!"):
        assert enter(Client(), services.CONSOLE, password).status_code == 200


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_address_leads_to_another_site(instance, target):
    answers = [Client().post(f"{LOGIN}?next={target}", {"username": "viewer@a", "password": PASSWORD})]
    answers.append(enter(Client(), next=target))
    client = signed_in(instance.users["viewer@city"])
    answers.append(client.post(reverse("accounts:workspace"), {"code": "990000", "next": target}))
    answers.append(client.post(reverse("set_language"), {"language": "en", "next": target}))
    answers.append(client.post(reverse("accounts:logout"), {"next": target}))
    for answer in answers:
        assert answer.status_code in (302, 303)
        assert "example" not in answer.url
        assert answer.url.startswith("/")


def test_after_signing_in_one_arrives_where_one_wanted_to_go(instance):
    assert Client().post(f"{LOGIN}?next=/registers/", {"username": "viewer@a", "password": PASSWORD}).url == (
        "/registers/"
    )


def test_signing_out_needs_a_post(instance):
    client = signed_in(instance.users["viewer@a"])
    assert client.get(reverse("accounts:logout")).status_code == 405
    assert client.get("/").status_code == 200
    client.post(reverse("accounts:logout"))
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("name", sorted(name for name in NAMED if not name.startswith("api")))
def test_a_post_without_the_pages_token_is_refused_on_every_route(instance, data_dir, name):
    client = Client(enforce_csrf_checks=True)
    user = User.objects.get(username="administrator@city")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    before = AuditEntry.objects.count()
    assert client.post(address(name, NAMED[name]), {"username": "x", "password": "y"}).status_code == 403
    assert AuditEntry.objects.count() == before


PAGES = ["/", LOGIN, "/registers/", "/registers/units/new/", "/imports/", "/audit/", "/no/such/page/"]


@pytest.mark.parametrize("path", [*PAGES, "/accounts/users/", "/api/v1/registers/units", "/api/openapi.json"])
@pytest.mark.parametrize("who", ["administrator@city", None])
def test_every_answer_has_the_headers_that_keep_a_browser_safe(instance, data_dir, path, who):
    client = signed_in(instance.users[who]) if who else Client()
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in headers["Cache-Control"]
