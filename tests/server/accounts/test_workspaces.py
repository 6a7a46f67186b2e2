"""The city worked in, and the part of it that what one writes belongs to."""

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from bishui.errors import Conflict, DataError
from bishui.server.accounts import services, workspaces
from bishui.server.accounts.models import Division
from bishui.server.core import audit
from tests.server.conftest import CITY, COUNTY_A, COUNTY_B, OTHER_CITY
from tests.server.core.test_registers import signed_in

PATHS = st.lists(st.sampled_from("1234"), max_size=3).map(
    lambda codes: "".join(f"{code}/" for code in [CITY.rstrip("/"), *codes])
)


@given(st.lists(PATHS, min_size=1, max_size=5))
def test_the_acting_path_is_the_narrowest_that_holds_every_grant(granted):
    found = workspaces.acting_path(CITY, granted)
    assert found.startswith(CITY)
    assert all(path.startswith(found) for path in granted)
    steps = [path[len(found) :].split("/")[0] for path in granted]
    assert "" in steps or len(set(steps)) > 1, "one step deeper would hold them all"


@given(st.lists(PATHS, min_size=1, max_size=5), st.permutations(range(5)))
def test_neither_order_nor_repetition_nor_another_city_changes_it(granted, order):
    found = workspaces.acting_path(CITY, granted)
    shuffled = [granted[number] for number in order if number < len(granted)]
    assert workspaces.acting_path(CITY, [*shuffled, *granted, OTHER_CITY]) == found


@given(st.lists(PATHS, max_size=4))
def test_a_grant_on_the_whole_instance_or_none_here_acts_for_the_city(granted):
    assert workspaces.acting_path(CITY, ["", *granted]) == CITY
    assert workspaces.acting_path(CITY, [OTHER_CITY]) == CITY


@pytest.mark.parametrize(
    ("granted", "acting"),
    [
        ([COUNTY_A], COUNTY_A),
        ([COUNTY_A, COUNTY_B], CITY),
        ([CITY, COUNTY_A], CITY),
        ([COUNTY_A, f"{COUNTY_A}990101001/"], COUNTY_A),
        (["990000/1/9/", "990000/2/9/"], CITY),
    ],
)
def test_a_countys_staff_act_for_their_county(granted, acting):
    assert workspaces.acting_path(CITY, granted) == acting


def test_one_works_only_in_a_city_where_one_holds_a_right(instance):
    user = instance.users["viewer@a"]
    assert [item.code for item in workspaces.of_user(user)] == ["990000"]
    client = signed_in(user)
    client.post(reverse("accounts:workspace"), {"code": "980000"})
    assert client.get("/").wsgi_request.workspace.code == "990000"


def test_the_chosen_city_stays_and_the_cities_are_never_mixed(instance):
    user = services.create_user("both", "x" * 12, actor="system")
    for city in (CITY, OTHER_CITY):
        services.grant(user, "administrator", city, actor="system")
    services.save_unit(
        "other-bureau", "丁市生态环境局", division=OTHER_CITY, actor="system", kind="department"
    )
    client = signed_in(user)
    units = reverse("core:register", args=["units"])
    assert "丁市生态环境局" not in client.get(units).content.decode()
    client.post(reverse("accounts:workspace"), {"code": "980000"})
    text = client.get(units).content.decode()
    assert "丁市生态环境局" in text
    assert "市住房城乡建设局" not in text


def test_only_an_invented_city_has_a_fixed_day(instance):
    from datetime import date

    services.save_division("990000", "甲市", actor="system", level="city", as_of=date(2025, 6, 30))
    services.save_division("980000", "丁市", actor="system", level="city", as_of=date(2025, 6, 30))
    invented, real = (workspaces.of_user(instance.users[f"viewer@{place}"])[0] for place in ("city", "other"))
    assert invented.today == date(2025, 6, 30)
    assert real.today == date.today()


def test_a_division_cannot_be_its_own_parent(instance):
    county = Division.objects.get(code="990102")
    county.parent = county.code
    with pytest.raises(DataError), audit.action("accounts.divisions_saved", actor="system", name="x"):
        county.save()


def test_a_division_with_records_of_its_own_cannot_move_away_from_them(instance):
    with pytest.raises(Conflict):
        services.save_division("990101", "乙县", parent="980000", actor="system", level="county")
    assert Division.objects.get(code="990101").division == "990000/990101/"
