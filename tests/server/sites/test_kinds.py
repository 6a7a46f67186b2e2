"""Kinds of sites: each has the fields that decide its assessment, and no others."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from bishui.server.core import audit, imports, register_records, registers
from bishui.server.sites import deciding, queries, services
from bishui.server.sites.models import KINDS, Site, UseState
from bishui.standards import edition_on
from tests.server.conftest import CITY, COUNTY_A
from tests.server.sites.conftest import lead

REGISTER = registers.load_all()["sites"]
SOURCE = {
    "code": "W1",
    "name": "甲水源地",
    "kind": "饮用水水源地",
    "division": "990000",
    "source_level": "千吨万人",
    "source_water": "地表水",
    "use_state": "在用",
    "use_since": "2020-01-01",
    "daily_volume": "0.25",
}


def parsed(**written):
    return register_records.parse_row(
        REGISTER, {"code": "X1", "name": "某点", "division": "990000", **written}
    )


def codes(problems):
    return [(problem.code, str(problem.where.field)) for problem in problems]


def saved(**written):
    values, problems = register_records.parse_row(REGISTER, {**SOURCE, **written})
    assert problems == []
    former = register_records.find(REGISTER, values["code"])
    register_records.save(REGISTER, register_records.apply(REGISTER, values, former), actor=lead())
    return Site.objects.get(code=values["code"])


def test_the_register_and_the_model_name_the_same_kinds():
    assert {choice.value: choice.label.zh for choice in REGISTER.field("kind").choices} == {
        key: label.both()["zh"] for key, label in KINDS.items()
    }


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("section", {"water_type", "control_level", "function_class"}),
        ("lake_point", {"water_type", "control_level", "function_class", "water", "lake_position"}),
        (
            "drinking_water_source",
            {"water_type", "source_level", "source_water", "use_state", "use_since", "daily_volume"},
        ),
        ("function_zone", {"water_type", "function_class", "zone_type", "zone_items"}),
        ("hydrometric_station", {"base_flow", "guarantee_rate", "flow_form"}),
        ("sewage_plant", {"capacity", "discharge_grade", "built"}),
        ("plant_outlet", {"plant"}),
        ("outfall_point", {"outfall", "discharge_standard", "discharge_grade", "built", "trade"}),
        ("black_odorous_point", {"water", "surroundings"}),
        ("groundwater_well", {"control_level", "function_class", "aquifer"}),
    ],
)
def test_what_decides_the_assessment_of_each_kind(kind, wanted):
    assert {field.name for field in deciding.fields_of(kind)} == wanted


def test_the_trades_to_choose_from_are_those_that_the_standard_sets_limits_for():
    """GB 8978-1996 tables 2 and 4: every trade that a row names, and the other units."""
    named = {
        trade for scope in edition_on("gb8978", date(2024, 1, 1)).scopes.values() for trade in scope.trades
    }
    assert {choice.value for choice in REGISTER.field("trade").choices} == named | {"other"}


@pytest.mark.django_db
def test_a_field_is_required_only_of_its_kind(instance):
    assert codes(parsed(kind="断面")[1]) == []
    assert codes(parsed(kind="水文站")[1]) == [("required", "生态基流")]
    assert codes(parsed(kind="湖库点位", water="镜湖")[1]) == [("required", "湖库中的位置")]
    assert codes(parsed(kind="黑臭水体点位")[1]) == [("required", "所在水体"), ("required", "城市或农村")]


@pytest.mark.django_db
def test_what_a_kind_does_not_have_is_refused_and_never_kept_silently(instance):
    _, problems = parsed(kind="断面", base_flow="4.18")
    assert codes(problems) == [("not-of-this-kind", "生态基流")]
    assert "水文站" in str(problems[0].remedy)
    values, problems = parsed(kind="断面", base_flow=" ")
    assert (values["base_flow"], problems) == (None, [])


@pytest.mark.django_db
def test_an_unknown_kind_is_the_only_fault_of_its_row(instance):
    assert codes(parsed(kind="河口", base_flow="4.18")[1]) == [("choice", "类别")]


@pytest.mark.django_db
def test_an_outlet_names_a_plant_and_nothing_else(instance):
    services.save_site("S1", "甲断面", kind="section", division=CITY, actor="tester")
    services.save_site(
        "P1",
        "城南厂",
        kind="sewage_plant",
        division=CITY,
        actor="tester",
        capacity=Decimal("2.5"),
        discharge_grade="1A",
    )
    assert codes(parsed(kind="污水处理厂出水口", plant="甲断面")[1]) == [("reference-kind", "所属污水处理厂")]
    values, problems = parsed(kind="污水处理厂出水口", plant="城南厂")
    assert (values["plant"], problems) == ("P1", [])


@pytest.mark.django_db
def test_an_outlet_brings_the_capacity_and_grade_of_its_plant(instance):
    services.save_site(
        "P1",
        "城南厂",
        kind="sewage_plant",
        division=CITY,
        actor="tester",
        capacity=Decimal("2.5"),
        discharge_grade="1A",
    )
    services.save_site(
        "P1-out", "城南厂总排口", kind="plant_outlet", division=COUNTY_A, plant="P1", actor="tester"
    )
    (facts,) = queries.sites_of_kind(COUNTY_A, "plant_outlet")
    assert facts.attributes == {
        "plant": "P1",
        "capacity": Decimal("2.5000"),
        "discharge_grade": "1A",
        "built": None,
    }


@pytest.mark.django_db
def test_a_sources_state_of_use_has_a_history(instance):
    saved()
    saved(use_state="备用", use_since="2022-06-01")
    (facts,) = queries.sites_of_kind(CITY, "drinking_water_source")
    assert facts.use_states == ((date(2020, 1, 1), "in_use"), (date(2022, 6, 1), "standby"))
    assert facts.attributes["daily_volume"] == Decimal("0.25")


@pytest.mark.django_db
def test_a_corrected_date_overrules_what_was_stated_for_later(instance):
    saved()
    saved(use_state="备用", use_since="2022-06-01")
    saved(use_state="备用", use_since="2021-06-01")
    saved(use_state="在用", use_since="2020-01-01")
    (facts,) = queries.sites_of_kind(CITY, "drinking_water_source")
    assert facts.use_states == ((date(2020, 1, 1), "in_use"),)


@pytest.mark.django_db
def test_a_state_without_a_date_holds_as_far_back_as_the_data_reach(instance):
    saved(use_since="")
    saved(use_state="备用", use_since="2022-06-01")
    (facts,) = queries.sites_of_kind(CITY, "drinking_water_source")
    assert facts.use_states == ((None, "in_use"), (date(2022, 6, 1), "standby"))


@pytest.mark.django_db
def test_another_change_of_a_source_leaves_its_history_alone(instance):
    saved()
    saved(use_state="备用", use_since="2022-06-01")
    saved(use_state="备用", use_since="2022-06-01", daily_volume="0.3")
    assert UseState.objects.count() == 2


@pytest.mark.django_db
def test_each_kind_has_a_template_of_its_own_columns_and_it_can_be_read_back(instance, at, data_dir):
    client = at()
    address = reverse("core:register_export", args=["sites"]) + "?template=1&kind=hydrometric_station"
    book = load_workbook(BytesIO(client.get(address).content))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    assert "生态基流*" in heads
    assert not {"水体类型", "设计规模", "水源地级别*"} & set(heads)
    row = {
        "点位编码*": "F1",
        "点位名称*": "某水文站",
        "类别*": "水文站",
        "考核区划代码*": "990000",
        "生态基流*": "4.18",
    }
    sheet.append([row.get(head, "") for head in heads])
    stream = BytesIO()
    book.save(stream)
    session = imports.receive("register:sites", [stream.getvalue()], "f.xlsx", division=CITY, actor=lead())
    imports.run_now(session, actor=lead())
    session.refresh_from_db()
    assert session.state == "active", session.problems
    assert queries.sites_of_kind(CITY, "hydrometric_station")[0].attributes["base_flow"] == Decimal("4.18")


@pytest.mark.django_db
def test_an_import_of_sources_is_taken_back_as_a_whole(instance, data_dir):
    saved()
    record = Site.objects.get(code="W1")
    content = register_records.workbook(REGISTER, [record])
    with audit.action("sites.saved", actor=lead(), division=CITY, name=record.name):
        record.delete()
    session = imports.receive("register:sites", [content], "s.xlsx", division=CITY, actor=lead())
    imports.run_now(session, actor=lead())
    session.refresh_from_db()
    assert session.state == "active", session.problems
    assert UseState.objects.get().site.code == "W1"
    imports.take_back(session, actor=lead(), why="练习")
    assert not Site.objects.exists() and not UseState.objects.exists()


@pytest.mark.django_db
def test_the_form_asks_only_for_what_the_kind_has(instance, at):
    client, address = at(), reverse("core:register_new", args=["sites"])
    text = client.get(address + "?kind=hydrometric_station&name=某水文站").content.decode()
    assert 'name="base_flow"' in text and 'name="water_type"' not in text
    assert 'value="某水文站"' in text
    sent = {"code": "F1", "name": "某水文站", "kind": "hydrometric_station", "division": "990000"}
    assert "“生态基流”不能为空" in client.post(address, sent).content.decode()
    assert client.post(address, {**sent, "base_flow": "4.18"}).status_code == 302
    assert Site.objects.get(code="F1").base_flow == Decimal("4.18")


@pytest.mark.django_db
def test_the_register_is_filtered_by_kind_with_counts(instance, at):
    saved()
    services.save_site("S1", "甲断面", kind="section", division=CITY, actor="tester")
    address = reverse("core:register", args=["sites"])
    text = at().get(address + "?kind=section").content.decode()
    assert "甲断面" in text and "甲水源地" not in text
    assert "断面 1" in text and "饮用水水源地 1" in text and "水文站 0" in text


@pytest.mark.django_db
def test_the_sites_page_says_what_decides_and_what_is_missing(instance, at, data_dir):
    station = services.save_site("F1", "某水文站", kind="hydrometric_station", division=CITY, actor="tester")
    text = at().get(reverse("sites:site", args=[station.pk])).content.decode()
    assert "缺少生态基流，登记之前不能按该类别的方法评价" in text
    services.save_site(
        "F1", "某水文站", kind="hydrometric_station", division=CITY, base_flow=Decimal("4.18"), actor="tester"
    )
    text = at().get(reverse("sites:site", args=[station.pk])).content.decode()
    assert "4.18 m³/s" in text and "缺少生态基流" not in text


@pytest.mark.django_db
def test_the_list_is_filtered_by_kind_with_counts(instance, at, data_dir):
    saved()
    services.save_site("S1", "甲断面", kind="section", division=CITY, actor="tester")
    text = at().get(reverse("sites:list") + "?kind=drinking_water_source").content.decode()
    assert "甲水源地" in text and "甲断面" not in text
    assert "断面 1" in text and "水文站" not in text


@pytest.mark.django_db
def test_every_change_is_in_the_trail(instance):
    saved()
    saved(daily_volume="0.3")
    assert audit.verify()[1] == []
