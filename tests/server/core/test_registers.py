"""One validation for the form, the import and the API: what each type of field takes and refuses."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from tests.server.conftest import CITY, COUNTY_A

from bishui.errors import Problem
from bishui.i18n import Bilingual
from bishui.server.accounts import services
from bishui.server.accounts.models import Unit
from bishui.server.core import register_records
from bishui.server.core.registers import Choice, Field, load_all, parse

BACKEND = "django.contrib.auth.backends.ModelBackend"


def field(kind, **more):
    return Field(
        name="x", type=kind, label=Bilingual("数值", "Value"), help=Bilingual("填数。", "A."), **more
    )


def code_of(found):
    assert isinstance(found, Problem), found
    assert found.remedy.both()["zh"]
    return found.code


def signed_in(user):
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5.50", "5.50"),
        ("５．５", "5.5"),
        (" 1,234.5 ", "1234.5"),
        ("１，２３４", "1234"),
        ("-0.02", "-0.02"),
        ("−3", "-3"),
        (".5", "0.5"),
        ("1e-3", "0.001"),
    ],
)
def test_a_decimal_is_exact_however_its_digits_are_written(text, value):
    assert parse(field("decimal"), text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["abc", "1,2", "1_000", "12,34,567", "nan", "inf", "1e999999999", "1.2.3", "5mg/L", "--"]
)
def test_what_is_not_plainly_a_number_is_refused_and_never_guessed(text):
    assert code_of(parse(field("decimal"), text)) == "number"
    assert code_of(parse(field("integer"), text)) == "number"


def test_an_integer_may_be_written_with_a_zero_fraction_but_not_with_another():
    assert parse(field("integer"), "２０２１") == 2021
    assert parse(field("integer"), "2021.0") == 2021
    assert code_of(parse(field("integer"), "2021.5")) == "integer"


@pytest.mark.parametrize(
    ("low", "high", "text", "said"),
    [
        (Decimal(73), Decimal(136), "72.99", "“数值”应在 73 与 136 之间，不能是 72.99。"),
        (Decimal(0), None, "-1", "“数值”不能小于 0：-1"),
        (None, Decimal(100), "100.1", "“数值”不能大于 100：100.1"),
    ],
)
def test_a_range_is_said_with_the_value_and_without_a_bound_that_does_not_exist(low, high, text, said):
    problem = parse(field("decimal", minimum=low, maximum=high), text)
    assert code_of(problem) == "range"
    assert problem.what.both()["zh"] == said


@given(st.decimals(min_value=-1000, max_value=1000, places=3))
def test_every_number_inside_the_range_is_taken_exactly_and_every_other_refused(value):
    found = parse(field("decimal", minimum=Decimal(-100), maximum=Decimal(100)), str(value))
    assert found == value if -100 <= value <= 100 else code_of(found) == "range"


def test_more_digits_than_allowed_are_refused_not_rounded():
    assert parse(field("decimal", digits=2), "1.25") == Decimal("1.25")
    assert code_of(parse(field("decimal", digits=2), "1.251")) == "digits"


@pytest.mark.parametrize(
    "text",
    ["2025-06-30", "2025/6/30", "2025.6.30", "2025年6月30日", "２０２５-０６-３０", "2025-06-30 00:00:00"],
)
def test_a_date_may_be_written_in_several_forms(text):
    assert parse(field("date"), text) == date(2025, 6, 30)


@pytest.mark.parametrize(
    "text", ["2025-02-30", "30-06-2025", "2025-6", "2025", "45838", "2025-06-30 08:00:00"]
)
def test_what_is_not_one_day_is_no_date(text):
    assert code_of(parse(field("date"), text)) == "date"


@pytest.mark.parametrize("text", ["river", "河流", "River", " RIVER ", "河流*"])
def test_a_choice_is_taken_by_its_value_or_its_name_in_either_language(text):
    choices = (Choice("river", Bilingual("河流", "River")), Choice("lake", Bilingual("湖库", "Lake")))
    assert parse(field("choice", choices=choices), text) == "river"


def test_a_wrong_choice_is_answered_with_the_allowed_ones():
    problem = parse(field("choice", choices=(Choice("river", Bilingual("河流", "River")),)), "溪")
    assert code_of(problem) == "choice"
    assert "河流" in str(problem.what)
    assert "溪" in str(problem.what)


def test_a_name_stays_as_it_was_written_and_a_code_is_brought_to_one_form():
    assert parse(field("text"), " 某某厂（二期）；Ａ区 ") == "某某厂（二期）；Ａ区"
    assert parse(field("text", pattern=r"\d{6}"), "９９０１０１") == "990101"
    assert code_of(parse(field("text", pattern=r"\d{6}"), "99010")) == "pattern"
    assert code_of(parse(field("text", max_length=3), "一二三四")) == "too-long"


@pytest.mark.parametrize(
    ("kind", "blank"),
    [("text", ""), ("choice", ""), ("reference", ""), ("integer", None), ("decimal", None), ("date", None)],
)
def test_a_blank_is_no_value_where_it_may_be_and_a_problem_where_it_may_not(kind, blank):
    assert parse(field(kind), "  ") == blank
    assert parse(field(kind), None) == blank
    assert code_of(parse(field(kind, required=True), " ")) == "required"


def unit_row(**more):
    return {"code": "n-1", "name": "市水利局", "kind": "部门", "division": "990000"} | more


@pytest.mark.parametrize("written", ["990101", "乙县", "９９０１０１"])
def test_a_reference_is_found_by_key_or_by_name(instance, written):
    values, problems = register_records.parse_row(load_all()["units"], unit_row(division=written))
    assert problems == []
    assert values["division"] == COUNTY_A


def test_a_reference_by_a_name_that_two_records_bear_is_refused(instance):
    services.save_division("990103", "乙县", parent="990000", actor="system", level="county")
    _, problems = register_records.parse_row(load_all()["units"], unit_row(division="乙县"))
    assert [problem.code for problem in problems] == ["reference"]


def test_the_form_refuses_with_the_words_of_the_import(instance):
    client = signed_in(instance.users["administrator@city"])
    bad = unit_row(kind="department", division="123456", valid_from="去年")
    _, problems = register_records.parse_row(load_all()["units"], bad)
    page = client.post(reverse("core:register_new", args=["units"]), bad)
    assert page.status_code == 200
    assert {problem.code for problem in problems} == {"reference", "date"}
    for problem in problems:
        assert str(problem.what) in page.content.decode()
    assert not Unit.objects.filter(code="n-1").exists()


def test_the_form_saves_once_and_refuses_a_key_that_exists(instance):
    client = signed_in(instance.users["administrator@city"])
    url, row = reverse("core:register_new", args=["units"]), unit_row(kind="department")
    assert client.post(url, row).status_code == 302
    assert Unit.objects.get(code="n-1").division == CITY
    assert "该编码已经存在" in client.post(url, row).content.decode()


def test_the_form_does_not_move_a_record_to_a_division_beyond_ones_own(instance):
    client = signed_in(instance.users["bureau_lead@a"])
    unit = instance.units["a-bureau"]
    url = reverse("core:register_edit", args=["units", unit.pk])
    row = unit_row(code="a-bureau", kind="department", division="990102", version=unit.version)
    assert client.post(url, row).status_code == 403
    assert (
        client.post(reverse("core:register_new", args=["units"]), unit_row(kind="other")).status_code == 403
    )
    foreign = reverse("core:register_edit", args=["units", instance.units["b-bureau"].pk])
    assert client.post(foreign, row).status_code == 404
    assert Unit.objects.get(code="a-bureau").division == COUNTY_A


def test_two_people_who_save_the_same_record_the_second_is_told_and_nothing_is_lost(instance):
    first, second = (signed_in(instance.users[f"{role}@city"]) for role in ("administrator", "bureau_lead"))
    unit = instance.units["a-bureau"]
    url = reverse("core:register_edit", args=["units", unit.pk])
    opened = [who.get(url).context["form"]["version"].value() for who in (first, second)]
    rows = [
        unit_row(code="a-bureau", name=name, kind="department", division="990101", version=version)
        for name, version in zip(("乙县生态环境分局", "乙县环保局"), opened, strict=True)
    ]
    assert first.post(url, rows[0]).status_code == 302
    refused = second.post(url, rows[1])
    assert refused.status_code == 409
    assert "已被他人修改" in refused.content.decode()
    assert Unit.objects.get(pk=unit.pk).name == "乙县生态环境分局"


def sheet_of(content):
    return [[cell.value for cell in row] for row in load_workbook(BytesIO(content)).worksheets[0].iter_rows()]


@pytest.mark.parametrize("key", ["units", "divisions", "sites"])
def test_the_template_is_the_export_of_no_records(instance, key):
    client = signed_in(instance.users["administrator@city"])
    url = reverse("core:register_export", args=[key])
    template, export = client.get(url, {"template": "1"}), client.get(url)
    assert sheet_of(template.content) == sheet_of(export.content)[:1]
    assert template["Content-Disposition"].startswith("attachment")
    register = load_all()[key]
    for head, expected in zip(sheet_of(template.content)[0], register.fields, strict=True):
        assert register.field_of_head(head) == expected


def test_a_field_is_found_by_its_head_in_either_language_with_star_and_spaces():
    register = load_all()["units"]
    for head in ("单位编码", "单位编码*", " Code ", "code", "ＣＯＤＥ"):
        assert register.field_of_head(head).name == "code"
    assert register.field_of_head("颜色") is None


def test_the_export_holds_only_the_city_and_what_may_be_seen(instance):
    client = signed_in(instance.users["viewer@a"])
    rows = sheet_of(client.get(reverse("core:register_export", args=["units"])).content)
    assert [row[0] for row in rows[1:]] == ["a-bureau"]


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "'=1"])
def test_a_text_that_a_spreadsheet_would_run_is_escaped_in_the_export(instance, name):
    services.save_unit("risky", name, division=CITY, actor="system", kind="other")
    content = register_records.workbook(load_all()["units"], [Unit.objects.get(code="risky")])
    cell = load_workbook(BytesIO(content)).worksheets[0]["B2"]
    assert cell.data_type == "s"
    assert cell.value == f"'{name}"


def test_a_control_character_neither_gets_in_nor_breaks_the_export(instance):
    assert code_of(parse(field("text"), "市\x0b局")) == "control-character"
    assert parse(field("text"), "第一行\r\n第二行") == "第一行\r\n第二行"
