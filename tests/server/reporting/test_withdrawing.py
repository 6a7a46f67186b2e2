"""A bulletin that was issued and is withdrawn: kept as it was, no longer in force, hidden from the public."""

import pytest
from django.test import Client
from django.urls import reverse

from bishui.errors import DataError, Forbidden
from bishui.server.portal import queries as public
from bishui.server.portal import services as portal
from bishui.server.reporting import periods, queries, services
from bishui.server.reporting.models import Edition
from tests.server.conftest import CITY
from tests.server.reporting.conftest import NOON, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def bulletin(planned):
    """The bulletin of June as a draft, in a city that shows its bulletins."""
    users = planned.users
    portal.set_release(CITY, "bulletins", True, actor=users["administrator@city"])
    scope = periods.scope_of(CITY, "water_month", 2025, 6, today=TODAY, as_of=None)
    return services.create(scope, actor=users["bureau_staff@city"], at=NOON)


@pytest.fixture
def withdraw(planned):
    def fire(report, actor="bureau_lead@city", text="总磷数据有误"):
        services.advance(report, "withdraw", actor=planned.users[actor], texts={"text": text})

    return fire


def test_a_withdrawn_edition_is_kept_and_no_longer_shown_to_the_public(bulletin, issue, withdraw):
    edition = issue(bulletin)
    assert public.public_bulletins(CITY) == [edition] and public.public_edition(edition.pk) == edition
    withdraw(bulletin)
    assert bulletin.state == "withdrawn" and queries.withdrawn_up_to(bulletin) == 1
    assert public.public_bulletins(CITY) == [] and public.public_edition(edition.pk) is None
    assert Edition.objects.get(pk=edition.pk).inputs == edition.inputs
    assert Client().get(reverse("portal:bulletin", args=[edition.pk])).status_code == 404


def test_a_corrected_edition_stands_again_and_the_withdrawn_one_does_not(bulletin, issue, withdraw, planned):
    first = issue(bulletin)
    withdraw(bulletin)
    staff = planned.users["bureau_staff@city"]
    services.advance(bulletin, "correct", actor=staff, texts={"text": "改正总磷"})
    assert public.public_bulletins(CITY) == []  # while it is being corrected, nothing is in force
    second = issue(bulletin)
    assert public.public_bulletins(CITY) == [second]
    assert public.public_edition(first.pk) is None and queries.withdrawn_up_to(bulletin) == 1


def test_only_the_one_who_issues_withdraws_and_says_why(bulletin, issue, withdraw):
    issue(bulletin)
    with pytest.raises(Forbidden):
        withdraw(bulletin, actor="bureau_staff@city")
    with pytest.raises(DataError):
        withdraw(bulletin, text="")
    assert queries.withdrawn_up_to(bulletin) == 0


def test_its_pages_say_so(bulletin, issue, withdraw, planned):
    issue(bulletin)
    client = Client()
    client.force_login(
        planned.users["bureau_staff@city"], backend="django.contrib.auth.backends.ModelBackend"
    )
    names = [("reporting:edition_page", [1]), ("reporting:edition", [1]), ("reporting:report", [])]
    pages = [reverse(name, args=[bulletin.pk, *rest]) for name, rest in names]
    before = [client.get(page).content.decode() for page in pages]
    assert "已撤回" not in "".join(before) and "现行" in before[1]
    withdraw(bulletin)
    after = [client.get(page).content.decode() for page in pages]
    assert "本版已撤回，不再对外公布" in after[0]
    assert all("已撤回" in page for page in after) and "总磷数据有误" in after[2]
