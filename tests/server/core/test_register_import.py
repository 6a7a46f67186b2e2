"""A register's file in: nothing lost, each fault with its place, taken back as one or not at all."""

import pytest
from django.urls import reverse
from tests.server.conftest import CITY, COUNTY_A, COUNTY_B
from tests.server.core.test_registers import signed_in

from bishui.errors import BishuiError, Conflict
from bishui.server.accounts import services
from bishui.server.accounts.models import Division, Unit
from bishui.server.core import audit, imports, register_records
from bishui.server.core.registers import load_all

HEAD = "单位编码,单位名称,类别,所属区划代码"


def csv(*rows, head=HEAD):
    return "\n".join([head, *rows]).encode()


def read(content, name="units.csv", division=CITY, key="units"):
    session = imports.receive(f"register:{key}", [content], name, division=division, actor="system")
    imports.read(session)
    session.refresh_from_db()
    return session


@pytest.fixture
def lead(instance, data_dir):
    return instance.users["bureau_lead@city"]


@pytest.fixture
def administrator(instance, data_dir):
    return instance.users["administrator@city"]


def bring(content, actor, **more):
    session = read(content, **more)
    assert session.state == "previewed", session.summary
    imports.start_commit(session, actor=actor)
    imports.finish_commit(session)
    session.refresh_from_db()
    assert session.state == "active"
    return session


def counts(session):
    return {key: session.summary[key] for key in ("created", "changed", "unchanged", "rejected")}


def codes(session):
    return [problem["code"] for problem in imports.all_problems(session)]


def export(key="units"):
    register = load_all()[key]
    records = register.model.objects.filter(division__startswith=CITY).order_by(register.key_field)
    return register_records.workbook(register, list(records))


@pytest.mark.parametrize("key", ["units", "divisions"])
def test_what_was_exported_and_is_read_back_changes_nothing(lead, key):
    services.save_unit("risky", "=1+1", division=CITY, actor="system", kind="other", aliases="-；（二期）")
    session = read(export(key), name="export.xlsx", key=key)
    register = load_all()[key]
    total = register.model.objects.filter(division__startswith=CITY).count()
    assert counts(session) == {"created": 0, "changed": 0, "unchanged": total, "rejected": 0}
    with pytest.raises(Conflict):
        imports.start_commit(session, actor=lead)


def test_one_changed_cell_is_one_change(lead):
    content = csv("a-bureau,乙县生态环境分局,部门,990101", "b-bureau,丙县生态环境局,部门,990102")
    session = bring(content, lead)
    assert counts(session) == {"created": 0, "changed": 1, "unchanged": 1, "rejected": 0}
    assert Unit.objects.get(code="a-bureau").name == "乙县生态环境分局"
    assert Unit.objects.get(code="b-bureau").version == 1


def test_a_column_that_the_file_does_not_have_is_left_as_it_was(lead):
    services.save_unit("a-bureau", "乙县局", division=COUNTY_A, actor="system", aliases="乙环")
    bring(csv("a-bureau,乙县生态环境局,部门,990101"), lead)
    assert Unit.objects.get(code="a-bureau").aliases == "乙环"


def test_a_missing_column_is_named_and_nothing_is_read(lead):
    session = read(csv("n-1,市水利局", head="单位编码,单位名称"))
    assert session.state == "unreadable"
    assert "类别、所属区划代码" in session.problems[0]["what"]["zh"]
    assert "模板" in session.problems[0]["remedy"]["zh"]


def test_two_columns_for_one_field_are_refused_not_guessed(lead):
    session = read(csv("n-1,市水利局,部门,990000,n-2", head=f"{HEAD},Code"))
    assert session.state == "unreadable"
    assert "单位编码" in session.problems[0]["what"]["zh"]


def test_each_fault_has_its_row_its_column_its_text_and_a_remedy(lead):
    session = read(
        csv(
            "n-1,市水利局,部门,990000",
            "n-1,市林业局,部门,990000",
            "n-2,,部门,990000",
            "n-3,市财政局,协会,990000",
            "n-4,市公安局,部门,654321",
        )
    )
    assert counts(session) == {"created": 1, "changed": 0, "unchanged": 0, "rejected": 4}
    found = imports.all_problems(session)
    assert [(item["code"], item["where"]["row"], item["where"].get("column")) for item in found] == [
        ("repeated-key", 3, None),
        ("required", 4, "单位名称"),
        ("choice", 5, "类别"),
        ("reference", 6, "所属区划代码"),
    ]
    assert [item["raw"] for item in found] == ["n-1", "", "协会", "654321"]
    assert all(item["remedy"]["zh"] and item["remedy"]["en"] for item in found)
    assert all(item["where"]["file"] == "units.csv" for item in found)
    outcomes = imports.account(session).to_pylist()
    assert [row["row"] for row in outcomes] == [2, 3, 4, 5, 6]
    assert [row["outcome"] for row in outcomes] == ["created", *["rejected"] * 4]


def test_a_file_in_gbk_reads_like_one_in_utf8(lead):
    row = "n-1,市水利局（本级）,部门,990000"
    session = bring(f"{HEAD}\n{row}\n".encode("gb18030"), lead)
    assert session.summary["created"] == 1
    assert Unit.objects.get(code="n-1").name == "市水利局（本级）"


def test_a_county_brings_nothing_into_another_county_or_its_city(instance, data_dir):
    session = read(csv("n-1,水利局,部门,990102", "n-2,水利局,部门,990000"), division=COUNTY_A)
    assert codes(session) == ["outside", "outside"]
    assert session.summary["has_content"] is False


def test_a_county_does_not_take_another_countys_record_by_its_key(instance, data_dir):
    session = read(csv("b-bureau,丙县生态环境局,部门,990101"), division=COUNTY_A)
    assert codes(session) == ["outside"]
    assert COUNTY_B in imports.all_problems(session)[0]["what"]["zh"]
    assert Unit.objects.get(code="b-bureau").division == COUNTY_B


def test_an_import_makes_no_new_city(administrator):
    session = read("区划代码,名称,级别\n970000,戊市,市\n".encode(), key="divisions")
    assert codes(session) == ["outside"]


def test_taken_back_every_record_is_what_it_was(lead):
    before = [(unit.code, unit.name, unit.division) for unit in Unit.objects.all()]
    session = bring(csv("a-bureau,乙县生态环境分局,部门,990000", "n-1,市水利局,部门,990000"), lead)
    assert Unit.objects.get(code="a-bureau").division == CITY
    imports.take_back(session, actor=lead, why="填错")
    assert [(unit.code, unit.name, unit.division) for unit in Unit.objects.all()] == before
    assert session.state == "taken_back"
    assert audit.verify()[1] == []


def test_taking_back_asks_for_a_reason(lead):
    session = bring(csv("n-1,市水利局,部门,990000"), lead)
    with pytest.raises(BishuiError) as refused:
        imports.take_back(session, actor=lead, why="")
    assert refused.value.http_status in (400, 409, 422)
    assert Unit.objects.filter(code="n-1").exists()


def test_taking_back_is_refused_where_somebody_changed_a_record_since(lead):
    session = bring(csv("a-bureau,乙县生态环境分局,部门,990101", "n-1,市水利局,部门,990000"), lead)
    services.save_unit("a-bureau", "第三个名字", division=COUNTY_A, actor="system")
    with pytest.raises(Conflict) as refused:
        imports.take_back(session, actor=lead, why="填错")
    assert "第三个名字" in str(refused.value)
    session.refresh_from_db()
    assert session.state == "active"
    assert Unit.objects.filter(code="n-1").exists(), "all or nothing"


def test_taking_back_is_refused_where_a_user_belongs_to_the_unit(lead):
    session = bring(csv("n-1,市水利局,部门,990000"), lead)
    services.create_user("new", "x" * 12, actor="system", unit=Unit.objects.get(code="n-1"))
    with pytest.raises(Conflict) as refused:
        imports.take_back(session, actor=lead, why="填错")
    assert "已被其他记录使用" in str(refused.value)


@pytest.mark.parametrize("use", ["unit", "division", "grant", "site"])
def test_taking_back_is_refused_where_something_lies_in_the_division(instance, administrator, use):
    from bishui.server.sites.services import save_site

    session = bring(
        "区划代码,名称,级别,上级区划代码\n990103,戊县,县,990000\n".encode(), administrator, key="divisions"
    )
    path = Division.objects.get(code="990103").division
    if use == "unit":
        services.save_unit("n-1", "戊县局", division=path, actor="system", kind="other")
    elif use == "division":
        services.save_division("990103001", "己镇", parent="990103", actor="system", level="township")
    elif use == "grant":
        services.grant(instance.users["nobody"], "viewer", path, actor="system")
    else:
        save_site("S9", "某断面", kind="section", division=CITY, county=path, actor="system")
    with pytest.raises(Conflict):
        imports.take_back(session, actor=administrator, why="填错")
    assert Division.objects.filter(code="990103").exists()


def test_a_division_is_taken_back_after_those_below_it(administrator):
    head = "区划代码,名称,级别,上级区划代码\n990103,戊县,县,990000"
    session = bring(head.encode(), administrator, key="divisions")
    below = bring(f"{head}\n990103001,己镇,乡镇,990103\n".encode(), administrator, key="divisions")
    imports.take_back(below, actor=administrator, why="填错")
    imports.take_back(session, actor=administrator, why="填错")
    assert not Division.objects.filter(code__startswith="990103").exists()


def test_texts_come_back_from_a_workbook_as_they_are(lead):
    names = ["甲 & <乙>", "_x0041_局", "  丙  局", "=1+1局", "丁\"局'"]
    session = bring(
        csv(*(f'n-{n},"{name.replace(chr(34), chr(34) * 2)}",部门,990000' for n, name in enumerate(names))),
        lead,
    )
    kept = list(Unit.objects.filter(code__startswith="n-").values_list("name", flat=True))
    assert session.summary["created"] == len(kept) == len(names)
    assert counts(read(export(), "units.xlsx")) | {"unchanged": 0} == {
        "created": 0,
        "changed": 0,
        "unchanged": 0,
        "rejected": 0,
    }


def test_an_unused_division_is_taken_back(administrator):
    session = bring(
        "区划代码,名称,级别,上级区划代码\n990103,戊县,县,990000\n".encode(), administrator, key="divisions"
    )
    imports.take_back(session, actor=administrator, why="填错")
    assert not Division.objects.filter(code="990103").exists()


def test_what_changed_between_preview_and_commit_is_not_half_imported(lead):
    session = read(csv("n-1,市水利局,部门,990102", "n-2,市林业局,部门,990000"))
    county = Division.objects.get(code="990102")
    imports.start_commit(session, actor=lead)
    with audit.action("accounts.divisions_saved", actor="system", name="丙县"):
        county.code = "990199"
        county.save()
    with pytest.raises(Conflict):
        imports.finish_commit(session)
    session.refresh_from_db()
    assert session.state == "previewed"
    assert not Unit.objects.filter(code__startswith="n-").exists()


def test_the_preview_page_counts_what_would_happen(lead):
    session = read(csv("a-bureau,新名,部门,990101", "n-1,市水利局,部门,990000", "n-2,,部门,990000"))
    page = signed_in(lead).get(reverse("core:import", args=[session.pk])).content.decode()
    assert "“单位名称”不能为空" in page
    assert counts(session) == {"created": 1, "changed": 1, "unchanged": 0, "rejected": 1}


def test_a_row_with_a_cell_too_many_is_a_problem_and_not_lost(lead):
    session = read(csv("n-1,市水利局,部门,990000", "n-2,市林业局,部门,990000,多出,的"))
    assert counts(session) == {"created": 1, "changed": 0, "unchanged": 0, "rejected": 1}
    assert imports.all_problems(session)[0]["where"]["row"] == 3
    assert [row["row"] for row in imports.account(session).to_pylist()] == [2, 3]
