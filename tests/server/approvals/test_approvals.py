"""Setting an outfall: the route by type, special areas judged by a person, consultation, two people, the outfall."""

import json
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse

from bishui.errors import Conflict, DataError, Forbidden
from bishui.server.approvals import areas, services
from bishui.server.approvals.models import Application, SpecialArea
from bishui.server.core import clock
from bishui.server.outfalls.models import Outfall
from tests.server.conftest import CITY, COUNTY_A

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)
SQUARE = [[109.0, 24.0], [109.2, 24.0], [109.2, 24.2], [109.0, 24.2], [109.0, 24.0]]


def file_of(*features):
    """Write areas as GeoJSON."""
    shapes = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for properties, ring in features
    ]
    return BytesIO(json.dumps({"type": "FeatureCollection", "features": shapes}).encode())


def zone(**changed):
    return {"code": "Z1", "name": "甲水源地", "kind": "drinking_water", "level": "一级"} | changed


@pytest.fixture
def lead(instance, data_dir):
    return instance.users["bureau_lead@city"]


@pytest.fixture
def staff(instance):
    return instance.users["bureau_staff@city"]


@pytest.fixture
def protected(lead):
    """One zone that holds from 2020 on."""
    content = file_of((zone(since="2020-01-01"), SQUARE))
    return areas.import_areas(content, "zones.geojson", source="某文〔2020〕1号", division=CITY, actor=lead)


def receive(actor, **changed):
    given = {
        "name": "某厂排污口",
        "division": COUNTY_A,
        "deed": "new",
        "kind": "hj1312-01",
        "applicant": "某厂",
    }
    place = {"lon": Decimal("109.1"), "lat": Decimal("24.1")}
    with clock.on(DAY):
        return services.receive(actor=actor, **given | place | changed)


def move(record, step, actor, **texts):
    with clock.on(DAY):
        services.move(
            record, step, actor=actor, texts={"text": "按批复执行", "paper": "某批〔2026〕1号"} | texts
        )


def ready(record, actor):
    """Say that no water works are affected, and accept."""
    with clock.on(DAY):
        services.consult(record, {"affects_water_works": "no"}, actor=actor)
    move(record, "accept", actor)


def test_the_type_decides_between_approval_and_registration(staff):
    assert receive(staff).route == "approval"
    assert receive(staff, kind="hj1312-19").route == "registration"
    with pytest.raises(DataError, match="不认识排污口类型"):
        receive(staff, kind="其他")
    with pytest.raises(DataError, match="没有指明"):
        receive(staff, deed="enlarge")


def test_nobody_takes_an_application_for_another_division(instance, data_dir):
    with pytest.raises(Forbidden):
        receive(instance.users["bureau_staff@a"], division="990000/990102/")
    assert receive(instance.users["bureau_staff@a"]).division == COUNTY_A


def test_working_days_count_from_acceptance_and_may_be_put_off_once(staff):
    record = receive(staff)
    assert record.due == date(2026, 3, 9)  # five working days to accept
    ready(record, staff)
    assert record.due == date(2026, 3, 30)  # twenty to decide
    services.extend(record, "需要专家论证", actor=staff)
    assert record.due == date(2026, 4, 14)  # ten more; 清明节 lies between
    with pytest.raises(Conflict):
        services.extend(record, "再延", actor=staff)


def test_a_place_in_a_special_area_waits_for_a_person(staff, lead, protected):
    record = receive(staff)
    assert [one["code"] for one in record.areas] == ["Z1"]
    assert "建议认定为禁止设置" in str(services.proposal(record))
    ready(record, staff)
    with pytest.raises(DataError, match="人员认定"):
        move(record, "grant", lead)
    with pytest.raises(DataError, match="理由"):
        services.judge_areas(record, "outside", " ", actor=staff)
    services.judge_areas(record, "forbidden", "水污染防治法第六十四条", actor=staff)
    with pytest.raises(DataError, match="不能准予"):
        move(record, "grant", lead)
    move(record, "refuse", lead)
    assert record.state == "refused" and not Outfall.objects.exists()


def test_an_area_holds_on_its_days_and_not_beyond_its_edge(staff, lead, protected):
    place = (Decimal("109.2"), Decimal("24.1"))
    assert areas.areas_at(COUNTY_A, *place, DAY)  # on the edge is inside
    assert not areas.areas_at(COUNTY_A, Decimal("109.2001"), Decimal("24.1"), DAY)
    assert not areas.areas_at(COUNTY_A, *place, date(2019, 12, 31))
    areas.end(protected[0], date(2026, 1, 1), actor=lead, why="范围调整")
    assert not areas.areas_at(COUNTY_A, *place, DAY)
    assert not areas.areas_at("980000/", *place, date(2025, 1, 1))


@pytest.mark.parametrize(
    ("properties", "ring", "said"),
    [
        (zone(kind="x"), SQUARE, "类别"),
        (zone(), [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]], "自相交"),
        (zone(since="明天"), SQUARE, "不是日期"),
    ],
)
def test_a_faulty_file_of_areas_is_refused_whole(lead, properties, ring, said):
    content = file_of((zone(code="Z0"), SQUARE), (properties, ring))
    with pytest.raises(DataError, match=said):
        areas.import_areas(content, "zones.geojson", source="某文", division=CITY, actor=lead)
    assert not SpecialArea.objects.exists()


def test_water_works_ask_for_the_water_authority_first(staff, lead):
    record = receive(staff)
    with clock.on(DAY):
        services.consult(record, {"affects_water_works": "yes"}, actor=staff)
    move(record, "accept", staff)
    with pytest.raises(DataError, match="征求"):
        move(record, "grant", lead)
    with clock.on(DAY):
        services.consult(
            record,
            {"affects_water_works": "yes", "consulted": "市水利局", "opinion": "agree"},
            actor=staff,
        )
    move(record, "grant", lead)
    assert record.state == "granted"


def test_who_accepted_does_not_decide_and_the_route_is_kept(staff, lead):
    record = receive(staff)
    ready(record, lead)
    with pytest.raises(Forbidden, match="另一人"):
        move(record, "grant", lead)
    other = receive(staff)
    ready(other, staff)
    with pytest.raises(Forbidden):
        move(other, "register", lead)


def test_what_was_granted_stands_in_the_register(staff, lead):
    record = receive(staff, volume=Decimal(500))
    ready(record, staff)
    move(record, "grant", lead)
    made = Outfall.objects.get()
    assert record.outfall == made
    assert (made.setting_status, made.setting_paper) == ("approved", "某批〔2026〕1号")
    assert (made.kind, made.responsible_name, made.above_scale) == ("hj1312-01", "某厂", "yes")
    changed = receive(staff, deed="enlarge", outfall=made.code, volume=Decimal(900), kind="hj1312-02")
    ready(changed, staff)
    move(changed, "grant", lead, paper="某批〔2026〕2号")
    assert Outfall.objects.get().setting_paper == "某批〔2026〕2号"


def test_without_a_network_the_page_says_so_and_hides_contacts(instance, staff):
    record = receive(staff, contact="张某", phone="13800000000")
    url = reverse("approvals:application", args=[record.pk])
    shown = {}
    for name in ("bureau_staff@city", "viewer@city"):
        client = Client(headers={"accept-language": "zh-hans"})
        client.force_login(instance.users[name], backend="django.contrib.auth.backends.ModelBackend")
        shown[name] = client.get(url).content.decode()
        assert client.get(reverse("approvals:list")).status_code == 200
    assert "河网" in shown["viewer@city"]
    assert "13800000000" in shown["bureau_staff@city"] and "13800000000" not in shown["viewer@city"]
    assert Application.objects.get().code == "SZ990101-2026-001"
