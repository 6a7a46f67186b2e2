"""Standing ledgers from tasks and projects, typed ledgers, and filings by the working-day clock."""

from datetime import date
from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from bishui.errors import DataError
from bishui.server.core import audit, registers, workflow
from bishui.server.ledgers import filings, gather
from bishui.server.ledgers.models import Filing, ManureUse, Project
from bishui.server.plans import duties
from bishui.server.plans.models import Plan, Task, TaskUnit
from tests.server.conftest import CITY, COUNTY_A

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 plan"


@pytest.fixture
def plan(instance):
    """A plan issued on 31 March 2025 whose second task asks the counties to file their own."""
    with audit.action("plans.targets_recorded", actor="system", division=CITY, title="计划"):
        plan = Plan(division=CITY, title="甲市 2025 年计划", kind="annual_plan", year=2025)
        plan.period_from, plan.period_to = date(2025, 1, 1), date(2025, 12, 31)
        plan.issued = date(2025, 3, 31)
        plan.save()
        texts = [
            ("industry", "园区整治。", ["city-housing"]),
            ("other", "各县制定年度计划，并将年度计划抄 送市生态环境局备案。", ["a-bureau", "b-bureau"]),
        ]
        for position, (field, content, units) in enumerate(texts, start=1):
            task = Task(
                division=CITY, plan=plan, position=position, seq=position, field=field, content=content
            )
            task.deadline, task.deadline_norm = "公布后20个工作日内", "relative:+20 workdays"
            task.save()
            for unit in units:
                bearer = instance.units[unit]
                TaskUnit(
                    division=CITY, task=task, role="responsible", position=0, written=bearer.name, unit=bearer
                ).save()
    duties.renew_plan(plan)
    return plan


def project(**values):
    record = Project(division=CITY, code="P1", name="污水管网", field="industry", stage="building")
    for name, value in values.items():
        setattr(record, name, value)
    record.prepare()
    with audit.action("core.register_saved", actor="system", register="项目", name="P1"):
        record.save()
    return record


def client_of(instance, name):
    client = Client()
    client.force_login(instance.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_ledger_holds_the_tasks_and_projects_of_its_field_and_says_what_is_missing(plan):
    project(end=date(2025, 5, 1))
    found = {item.id: item for item in gather.ledgers(CITY, date(2025, 6, 1))}
    assert {
        "industry",
        "urban",
        "rural",
        "shipping",
        "risk",
        "structure",
        "saving",
        "basin",
        "ecology",
    } <= set(found)
    industry = found["industry"]
    assert (len(industry.tasks), len(industry.projects), industry.late) == (1, 1, 2), (
        "the task by its working days, the project"
    )
    assert {gap.what for gap in industry.gaps()} >= {"无总投资", "无到位资金", "无责任单位"}
    assert found["shipping"].percent is None


def test_the_overview_counts_as_each_ledger_does(plan):
    project(end=date(2025, 5, 1))
    day = date(2025, 6, 1)
    counted = {
        item.id: (
            item.tasks.total,
            item.tasks.finished,
            item.tasks.percent,
            item.late,
            item.funds,
            item.gaps,
            list(item.projects),
        )
        for item in gather.overviews(CITY, day)
    }
    assert counted == {
        item.id: (
            len(item.tasks),
            item.finished,
            item.percent,
            item.late,
            item.funds,
            len(item.gaps()),
            list(item.projects),
        )
        for item in gather.ledgers(CITY, day)
    }
    assert counted["industry"][0] == counted["other"][0] == 1


@pytest.mark.parametrize(
    "values", [{"begin": date(2025, 5, 1), "end": date(2025, 4, 1)}, {"funds": 10, "funds_spent": 11}]
)
def test_a_project_that_cannot_be_is_refused(values, db):
    with pytest.raises(DataError):
        project(**values)


def test_more_manure_used_than_produced_is_refused():
    with pytest.raises(DataError):
        ManureUse(produced=10, used=11).prepare()


@pytest.mark.parametrize(
    "key", ["projects", "scattered_polluters", "manure_use", "medical_sewage", "black_odorous"]
)
def test_every_typed_ledger_is_a_register_with_form_list_and_template(key, instance):
    register = registers.load_all()[key]
    names = {field.name for field in register.model._meta.get_fields()}
    assert {field.name for field in register.fields} <= names
    client = client_of(instance, "bureau_staff@city")
    assert client.get(f"/registers/{key}/").status_code == 200
    assert client.get(f"/registers/{key}/new/").status_code == 200
    template = load_workbook(BytesIO(client.get(f"/registers/{key}/export/?template=1").content))
    assert len(list(template.worksheets[0].iter_cols())) == len(register.fields)


def test_twenty_working_days_from_31_march_2025_end_on_28_april(plan):
    """Qingming takes 4 April, 27 April is worked instead of a day of the May holiday."""
    assert filings.renew(CITY) == 2
    assert filings.renew(CITY) == 0
    assert {filing.due for filing in Filing.objects.all()} == {date(2025, 4, 28)}


def test_without_a_day_of_issue_no_clock_starts(plan):
    with audit.action("plans.targets_recorded", actor="system", division=CITY, title="计划"):
        plan.issued = None
        plan.save()
    assert filings.renew(CITY) == 0


def test_a_missing_filing_is_an_event_of_the_day_after(plan):
    filings.renew(CITY)
    assert filings.note_missing(CITY, date(2025, 4, 28)) == 0
    assert filings.note_missing(CITY, date(2025, 4, 29)) == 2
    assert filings.note_missing(CITY, date(2025, 4, 30)) == 0
    assert set(Filing.objects.values_list("state", "missed_on")) == {("missing", date(2025, 4, 29))}


def test_a_county_files_and_another_person_records_it(plan, instance):
    from django.core.files.uploadedfile import SimpleUploadedFile

    filings.renew(CITY)
    filing = Filing.objects.get(unit=instance.units["a-bureau"])
    unit = client_of(instance, "unit_reporter@city")
    assert unit.get(f"/ledgers/filings/{filing.pk}/").status_code == 404, "another unit's"
    bureau = client_of(instance, "bureau_staff@city")
    address = f"/ledgers/filings/{filing.pk}/do"
    bureau.post(f"{address}/file/", {"file": SimpleUploadedFile("plan.pdf", b"<html>")})
    filing.refresh_from_db()
    assert filing.state == "due" and filing.file is None, "a page called .pdf is refused, with nothing kept"
    bureau.post(f"{address}/file/", {"file": SimpleUploadedFile("plan.pdf", PDF)})
    bureau.post(f"{address}/record/", {})
    filing.refresh_from_db()
    assert filing.state == "filed", "who filed does not record"
    client_of(instance, "bureau_lead@city").post(f"{address}/record/", {})
    filing.refresh_from_db()
    assert filing.state == "recorded" and workflow.of(filing).states["recorded"].final
    kept = bureau.get(f"/ledgers/filings/{filing.pk}/file/")
    assert b"".join(kept.streaming_content if kept.streaming else [kept.content]) == PDF
    assert "attachment" in kept["Content-Disposition"]


def test_pages_and_workbook_open(plan, instance):
    project(name="=cmd()")
    client = client_of(instance, "bureau_staff@city")
    for address in ("/ledgers/", "/ledgers/fields/industry/", "/ledgers/filings/"):
        assert client.get(address).status_code == 200
    assert client.get("/ledgers/fields/no-such/").status_code == 404
    book = load_workbook(BytesIO(client.get("/ledgers/export/").content))
    assert len(book.sheetnames) == 3
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_a_county_sees_its_own_projects_only(plan, instance):
    project(division=COUNTY_A)
    other = client_of(instance, "viewer@other")
    assert "污水管网" not in other.get("/ledgers/fields/industry/").content.decode()
