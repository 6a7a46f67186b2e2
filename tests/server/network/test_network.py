"""The network from its file to places, sides and room: what is in force, who lies where, what binds."""

import io
import sys
import zipfile
from datetime import datetime, time
from decimal import Decimal

import pytest

from bishui.errors import DataError, NotFound
from bishui.server.core import audit, imports
from bishui.server.network import queries, services
from bishui.server.network.held import held, needed
from bishui.server.network.models import NetworkVersion
from bishui.server.network.placing import places
from bishui.server.network.spill import Question, answer
from bishui.server.network.walking import downstream, upstream
from tests.server.conftest import CITY, COUNTY_A
from tests.server.network.conftest import DAY, bring, geojson, lead, place_site

pytestmark = pytest.mark.django_db
DAY_AT_EIGHT = datetime.combine(DAY, time(8))


def place_of(key):
    return next(entry for entry in places(needed(CITY), CITY) if entry.thing.key == key)


def site(river, name):
    return f"site:{river[name].pk}"


# -- versions ------------------------------------------------------------------------------------------


def test_the_newest_version_is_in_force_and_the_one_before_it_again_when_it_is_taken_back(river):
    assert queries.network_of(CITY).number == 1
    second = bring(geojson(c={"velocity": 0.7}), "corrected.geojson")
    assert queries.network_of(CITY).name == "corrected.geojson"
    assert needed(CITY).network.reaches.velocity.tolist() == [0.5, 0.25, 0.7]
    imports.take_back(second, actor=lead(), why="流速有误")
    assert queries.network_of(CITY).number == 1
    assert needed(CITY).network.reaches.velocity.tolist() == [0.5, 0.25, 0.5]
    assert NetworkVersion.objects.count() == 2


def test_a_network_is_in_force_in_the_counties_too_but_not_in_another_city(river):
    assert queries.network_of(COUNTY_A).number == 1
    assert held("980000/") is None


def test_a_network_that_was_read_once_is_not_read_again_by_another_process(river, monkeypatch):
    module = sys.modules["bishui.server.network.held"]
    read = needed(CITY)
    module._kept.clear()
    monkeypatch.setattr(module, "read_stored", None)
    again = needed(CITY)
    assert again.file is not read.file
    assert again.network.upstream(again.row("c")).tolist() == read.network.upstream(read.row("c")).tolist()
    assert again.name(again.row("b")) == "北溪 b"
    assert again.file.lateral["nh3n"].tolist() == read.file.lateral["nh3n"].tolist()


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"c": {"downstream": "a"}}, "cycle", "河段首尾相接成环：a → c → a"),
        ({"c": {"downstream": "x"}}, "unknown-downstream", "河段“c”的下游“x”不在河段表中"),
        ({"b": {"river": "湖", "kind": "湖泊"}}, "", "湖库“b”没有蓄水量"),
    ],
)
def test_a_wrong_network_is_refused_with_what_is_wrong_and_how_to_mend_it(things, changes, code, said):
    session = bring(geojson(**changes))
    assert (session.state, session.summary["has_content"]) == ("previewed", False)
    problem = next(entry for entry in session.problems if said in entry["what"]["zh"])
    assert code in ("", problem["code"])
    assert problem["remedy"]["zh"]
    assert queries.network_of(CITY) is None


def test_a_county_cannot_bring_a_network_of_its_own(things):
    session = bring(geojson(), division=COUNTY_A)
    assert session.state == "unreadable"
    assert "市级" in session.problems[0]["what"]["zh"]


def test_the_parts_of_a_shapefile_come_in_one_archive(things):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../outside/river.geojson", geojson())
    assert bring(packed.getvalue(), "river.zip").state == "active"
    assert len(needed(CITY).network) == 3
    assert bring(b"PK no archive", "river2.zip").state == "unreadable"


# -- places --------------------------------------------------------------------------------------------


def test_a_place_follows_from_the_coordinates_where_they_are_certain(river):
    found = place_of(site(river, "up"))
    assert (found.level, found.reach) == ("certain", 0)
    assert found.chainage == pytest.approx(2000, abs=5)


def test_a_coarse_place_waits_for_a_person_and_is_then_used_by_all(river):
    coarse = place_site("W9", "老水厂", "109.46", "drinking_water_source", lat="24.32", water_type="river")
    key = f"site:{coarse.pk}"
    assert not place_of(key).usable
    made = services.decide_place(
        needed(CITY), place_of(key).thing, "c", Decimal(900), reason="现场核对", actor=lead()
    )
    assert (place_of(key).level, place_of(key).chainage) == ("decided", 900.0)
    bring(geojson(c={"velocity": 0.6}), "corrected.geojson")
    assert place_of(key).usable
    with audit.action("core.register_saved", actor="tester", division=CITY, register="点位", name="老水厂"):
        coarse.lon = Decimal("109.47")
        coarse.save()
    assert place_of(key).level == "moved"
    services.drop_place(made, actor=lead())
    assert not place_of(key).usable


@pytest.mark.parametrize(("reach", "chainage"), [("x", 10), ("a", 5001), ("a", -1)])
def test_nothing_is_placed_beside_the_network(river, reach, chainage):
    thing = place_of(site(river, "up")).thing
    with pytest.raises(DataError):
        services.decide_place(needed(CITY), thing, reach, Decimal(chainage), reason="试", actor=lead())


# -- sides ---------------------------------------------------------------------------------------------


def test_upstream_of_a_section_are_those_whose_water_it_sees_with_distance_and_time(river):
    found, placed = needed(CITY), places(needed(CITY), CITY)
    there = {
        entry.placed.thing.name: entry
        for entry in upstream(found, place_of(site(river, "low")).section, placed).there
    }
    assert set(there) == {"上断面", "下断面", "东河口", "北溪口"}
    assert there["上断面"].km == pytest.approx(6.0, abs=0.02)
    assert there["上断面"].hours[0] == pytest.approx(6000 / 0.5 / 3600, abs=0.02)
    assert there["北溪口"].hours[0] > 3000 / 0.5 / 3600


def test_downstream_is_told_the_same_way_and_agrees_with_upstream(river):
    found, placed = needed(CITY), places(needed(CITY), CITY)
    above, below = place_of("outfall:P2"), place_of(site(river, "low"))
    down = {entry.placed.thing.key: entry for entry in downstream(found, above.section, placed).there}
    up = {entry.placed.thing.key: entry for entry in upstream(found, below.section, placed).there}
    assert set(down) == {"outfall:P2", below.thing.key, site(river, "intake")}
    assert down[below.thing.key].km == pytest.approx(up["outfall:P2"].km)
    assert down[below.thing.key].hours == pytest.approx(up["outfall:P2"].hours)


# -- room ----------------------------------------------------------------------------------------------


def test_what_may_still_be_discharged_is_bound_by_the_section_that_allows_least(river):
    near = queries.remaining_room(CITY, "P1", "tp", on=DAY)
    point = (Decimal("109.4150"), Decimal("24.3157"))
    far = queries.remaining_room(CITY, point, "tp", on=DAY)
    assert near.binding == "下断面"
    # Total phosphorus is not reduced on the way: 5.11 m³/s at 0.2 mg/L less what is carried.
    carried = 5 * 0.05 + 0.11 * 0.5
    margin = 1 - near.kg_per_day / (86.4 * (5.11 * 0.2 - carried))
    assert 0 <= margin < 0.3
    assert (far.binding, far.kg_per_day < near.kg_per_day) == ("上断面", True)
    assert "受断面“下断面”约束" in str(near.said)


def test_ammonia_has_more_room_farther_up_because_it_decays(river):
    rooms = [
        queries.remaining_room(CITY, (Decimal(lon), Decimal("24.3157")), "nh3n", on=DAY).kg_per_day
        for lon in ("109.4300", "109.4700")
    ]
    assert rooms[0] > rooms[1] > 0


def test_below_the_last_section_nothing_can_be_said_and_far_from_the_river_neither(river):
    last = queries.remaining_room(CITY, (Decimal("109.4950"), Decimal("24.3157")), "nh3n", on=DAY)
    assert (last.kg_per_day, last.binding) == (None, "")
    with pytest.raises(NotFound):
        queries.remaining_room(CITY, (Decimal("110.9000"), Decimal("24.3157")), "nh3n", on=DAY)


# -- spills --------------------------------------------------------------------------------------------


def test_a_spill_reaches_the_intake_after_the_section_and_nothing_above_it(river):
    found, placed = needed(CITY), places(needed(CITY), CITY)
    begin = DAY_AT_EIGHT
    drilled = answer(found, placed, CITY, Question(0, 4000.0, "nh3n", "", 500.0, 1.0, begin))
    names = [entry.placed.thing.name for entry in drilled.struck]
    assert names == ["下断面", "水厂"]
    assert {entry.thing.name for entry in drilled.clear} == {"上断面"}
    first = drilled.struck[0]
    assert first.km == pytest.approx(4.0, abs=0.02)
    early, likely, late = first.moments("arrival")
    assert begin < early < likely < late
    assert first.hit.receptor.limit == 1.0
