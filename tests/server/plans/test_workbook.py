"""The ledger as a workbook: out, edited in a spreadsheet program, and in again with a preview of changes."""

import csv
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bishui.errors import Conflict
from bishui.server.accounts import services as accounts
from bishui.server.core import audit, imports
from bishui.server.core.models import AuditEntry
from bishui.server.plans import duties, standings, workbook_import
from bishui.server.plans.models import Duty, Milestone, Plan, Task, TaskUnit
from bishui.server.plans.workbook import workbook
from bishui.server.plans.workbook_columns import forms
from tests.server.conftest import CITY, COUNTY_A

pytestmark = pytest.mark.django_db
DAY = date(2025, 5, 1)


def exported(tasks=None, title="甲市2025年度水污染防治工作计划"):
    standings.keep(CITY, DAY)
    found = Task.objects.all() if tasks is None else tasks
    return workbook(title, found.order_by("plan", "position"), DAY)


class Book:
    """An exported workbook in the hands of somebody who edits it."""

    def __init__(self, content=None):
        self.book = openpyxl.load_workbook(BytesIO(exported() if content is None else content))

    def sheet(self, form):
        return self.book[forms()[form].name.zh]

    def place(self, form, column):
        head = forms()[form].column(column).head.zh
        return next(cell.column for cell in self.sheet(form)[2] if cell.value == head)

    def cell(self, form, row, column):
        return self.sheet(form).cell(row, self.place(form, column))

    def put(self, form, row, column, value):
        self.cell(form, row, column).value = value
        return self

    def add(self, form, **values):
        """Write a row below all others."""
        row = self.sheet(form).max_row + 1
        for column, value in values.items():
            self.put(form, row, column, value)
        return row

    def saved(self):
        stream = BytesIO()
        self.book.save(stream)
        return stream.getvalue()


@pytest.fixture
def read(imported, instance):
    """Receive and read an edited file; give its session."""

    def one(content, name="ledger.xlsx", who="bureau_staff@city", division=CITY):
        content = content.saved() if isinstance(content, Book) else content
        session = imports.receive("ledger", [content], name, division=division, actor=instance.users[who])
        imports.read(session)
        session.refresh_from_db()
        return session

    return one


@pytest.fixture
def land(instance):
    """Commit a session that was read."""

    def one(session):
        imports.start_commit(session, actor=instance.users["bureau_staff@city"])
        imports.finish_commit(session)
        session.refresh_from_db()
        return session

    return one


@pytest.fixture
def task(imported):
    """The second task: 管网改造."""
    return Task.objects.get(position=2)


@pytest.fixture
def client(instance):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(
        instance.users["bureau_staff@city"], backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def found(session):
    """What a file would change: (sheet, column) → (old, new) for each cell, in the order of the file."""
    return [
        (row.form, cell.column, cell.old, cell.new)
        for row in workbook_import.changes(session)
        for cell in row.cells
    ]


def codes(session):
    return [problem["code"] for problem in imports.all_problems(session)]


# -- out -----------------------------------------------------------------------------------------------


def test_the_workbook_holds_tasks_duties_milestones_and_how_to_edit(imported):
    book = openpyxl.load_workbook(BytesIO(exported()))
    assert book.sheetnames == ["任务", "分工", "节点", "说明"]
    rows = list(book["任务"].iter_rows(min_row=3, values_only=True))
    assert [row[3] for row in rows] == [1, 2, 3]
    assert rows[1][6:10] == (
        "改造污水管网10公里以上。",
        "市住房城乡建设局",
        "市生态环境局",
        "各县、区人民政府",
    )
    assert (rows[1][11], rows[1][12], rows[1][13]) == (datetime(2025, 12, 31), 1, "工业")
    assert book["任务"].freeze_panes == "A3"
    assert len(list(book["分工"].iter_rows(min_row=3))) == Duty.objects.count()
    assert len(list(book["节点"].iter_rows(min_row=3))) == Milestone.objects.count()


def test_derived_cells_are_locked_editable_ones_open_and_the_keys_hidden(imported):
    book = Book()
    sheet = book.sheet("tasks")
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    for column in forms()["tasks"].columns:
        assert book.cell("tasks", 3, column.id).protection.locked == (column.mode != "edit"), column.id
    assert sheet.column_dimensions["A"].hidden
    assert not book.book["说明"].protection.sheet


def test_what_could_become_a_date_or_a_formula_is_text(imported, task):
    with audit.action("plans.weights_set", actor="system", task="x"):
        task.deadline, task.content = "1-2", "=HYPERLINK(1)"
        task.save()
    book = Book()
    assert (book.cell("tasks", 4, "deadline").value, book.cell("tasks", 4, "deadline").number_format) == (
        "1-2",
        "@",
    )
    assert book.cell("tasks", 4, "content").value == "'=HYPERLINK(1)"
    assert all(cell.data_type != "f" for sheet in book.book for row in sheet.iter_rows() for cell in row)


def test_fields_and_roles_are_chosen_from_lists(imported):
    book = Book()
    lists = [item for item in book.sheet("tasks").data_validations.dataValidation if item.type == "list"]
    assert "城镇生活" in lists[0].formula1
    assert [item.type for item in book.sheet("milestones").data_validations.dataValidation] == ["date"]


def test_the_same_ledger_gives_the_same_bytes(imported):
    assert exported() == exported()


def test_many_tasks_leave_duties_and_milestones_out_and_say_so(imported, monkeypatch):
    monkeypatch.setattr("bishui.server.plans.workbook._is_small", lambda tasks: False)
    book = openpyxl.load_workbook(BytesIO(exported()))
    assert book.sheetnames == ["任务", "说明"]
    assert any("从单个计划导出" in str(row[0]) for row in book["说明"].iter_rows(values_only=True))


def test_the_pages_give_the_workbook_of_what_they_show(imported, client):
    plan = Plan.objects.get()
    for address in (reverse("plans:export", args=[plan.pk]), reverse("plans:ledger_export")):
        whole = openpyxl.load_workbook(BytesIO(client.get(address).content))
        some = openpyxl.load_workbook(BytesIO(client.get(address + "?q=管网").content))
        assert (whole["任务"].max_row, some["任务"].max_row) == (5, 3)
        assert some["分工"].max_row < whole["分工"].max_row


# -- the law of the round trip -------------------------------------------------------------------------


def test_what_was_exported_and_is_read_back_changes_nothing(read):
    for content in (exported(), Book().saved()):
        session = read(content)
        assert session.summary["counts"] == {
            "changed": 0,
            "new": 0,
            "conflict": 0,
            "unchanged": 18,
            "rejected": 0,
        }
        assert (found(session), session.problems, session.summary["has_content"]) == ([], [], False)


def test_an_export_in_english_is_read_back_too(read, client):
    client.cookies["django_language"] = "en"
    content = client.get(reverse("plans:ledger_export"), headers={"accept-language": "en"}).content
    session = read(content)
    assert (found(session), session.problems) == ([], [])


_TEXT = st.text(st.sampled_from("甲乙=+-@'1２。\n <&\"_x0041"), min_size=1, max_size=12)
_CELLS = {
    "theme": _TEXT,  # a blank one takes the theme away
    "content": _TEXT.filter(str.strip),  # a blank one is refused
    "due": st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    "weight": st.decimals(0, 999, places=4),
    "field": st.sampled_from(["工业", "农业农村", "船舶港口"]),
}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(edits={(3, "field"): "工业", (3, "theme"): " "})
@given(
    edits=st.sets(st.tuples(st.integers(3, 5), st.sampled_from(sorted(_CELLS))), max_size=8).flatmap(
        lambda places: st.fixed_dictionaries({place: _CELLS[place[1]] for place in places})
    )
)
def test_any_set_of_allowed_edits_gives_just_these_changes(read, edits):
    book = Book()
    expected = {}
    for (row, column), value in edits.items():
        shown = f"'{value}" if isinstance(value, str) and value.startswith(("=", "'")) else value
        before = book.cell("tasks", row, column).value
        book.put("tasks", row, column, float(value) if isinstance(value, Decimal) else shown)
        after = value
        if isinstance(value, str):  # blanks at the ends of lines and of the text say nothing
            after = "\n".join(line.rstrip(" ") for line in value.split("\n")).strip()
        if isinstance(before, datetime):
            before = before.date()
        same = str(before).removeprefix("'") == after if isinstance(after, str) else before == after
        if not same:
            expected[row, column] = after
    session = read(book)
    changes = {
        (row.row, cell.column): cell.new for row in workbook_import.changes(session) for cell in row.cells
    }
    assert changes.keys() == expected.keys()
    for key, value in expected.items():
        assert Decimal(changes[key]) == value if isinstance(value, Decimal) else changes[key] == str(value)


# -- in ------------------------------------------------------------------------------------------------


def test_edits_are_shown_and_written_in_one_deed(read, land, task):
    book = Book()
    book.put("tasks", 4, "theme", "管网更新").put("tasks", 4, "weight", 2.5).put(
        "tasks", 4, "due", "2025年9月30日"
    )
    session = read(book)
    assert found(session) == [
        ("tasks", "theme", "管网改造", "管网更新"),
        ("tasks", "due", "2025-12-31", "2025-09-30"),
        ("tasks", "weight", "1", "2.5"),
    ]
    assert session.state == "previewed"
    before = AuditEntry.objects.count()
    land(session)
    task.refresh_from_db()
    assert (task.theme, task.weight, task.due) == ("管网更新", Decimal("2.5"), date(2025, 9, 30))
    deeds = list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True))[before:]
    assert deeds == ["core.transition", "core.import_landed"]


def test_milestones_by_rule_follow_the_day(read, land):
    land(read(Book().put("tasks", 3, "due", date(2025, 9, 30))))
    last = Milestone.objects.filter(task__position=1).order_by("-position").first()
    assert (last.due, last.edited) == (date(2025, 9, 30), False)


@pytest.mark.parametrize(
    "given_day",
    [
        datetime(2025, 8, 15),
        date(2025, 8, 15),
        "2025-08-15",
        "2025/8/15",
        "2025.8.15",
        "２０２５年８月１５日",
        45884,
    ],
)
def test_a_day_is_read_however_it_is_written(read, given_day):
    book = Book()
    book.cell("tasks", 4, "due").number_format = "@" if isinstance(given_day, str) else "yyyy-mm-dd"
    book.put("tasks", 4, "due", given_day)
    assert found(read(book)) == [("tasks", "due", "2025-12-31", "2025-08-15")]


def test_a_deadline_brings_its_day_along_unless_the_day_is_edited_too(read, task):
    session = read(Book().put("tasks", 4, "deadline", "9月底前"))
    assert found(session) == [
        ("tasks", "deadline", "全年", "9月底前"),
        ("tasks", "due", "2025-12-31", "2025-09-30"),
    ]
    book = Book().put("tasks", 4, "deadline", "9月底前").put("tasks", 4, "due", date(2025, 9, 1))
    assert found(read(book))[1] == ("tasks", "due", "2025-12-31", "2025-09-01")


def test_columns_may_be_moved_and_added_rows_sorted_and_left_blank(read):
    book = Book().put("tasks", 4, "theme", "管网更新")
    sheet = book.sheet("tasks")
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    order = list(range(len(rows[0])))[::-1]
    own = openpyxl.Workbook()
    own.active.append(["我的备注", "", *(rows[0][at] for at in order)])
    for row in (rows[3], [None] * len(order), rows[1], rows[2]):
        own.active.append(["记得核对", "", *(row[at] for at in order)])
    stream = BytesIO()
    own.save(stream)
    session = read(stream.getvalue())
    assert found(session) == [("tasks", "theme", "管网改造", "管网更新")]
    assert session.summary["counts"]["unchanged"] == 2


def test_a_csv_of_one_sheet_in_gbk_is_read(read):
    book = Book().put("tasks", 4, "due", date(2025, 8, 15))
    text = StringIO()
    writer = csv.writer(text)
    for row in book.sheet("tasks").iter_rows(values_only=True):
        writer.writerow(
            ["" if v is None else f"{v:%Y/%m/%d}" if isinstance(v, datetime | date) else v for v in row]
        )
    session = read(text.getvalue().encode("gbk"), "任务.csv")
    assert (found(session), session.problems) == ([("tasks", "due", "2025-12-31", "2025-08-15")], [])


def test_what_cannot_be_read_is_said_with_sheet_row_and_column(read):
    book = (
        Book()
        .put("tasks", 4, "due", "6月30日前后")
        .put("tasks", 4, "weight", "很重")
        .put("tasks", 5, "field", "天文")
    )
    book.put("tasks", 3, "content", None)
    session = read(book)
    assert found(session) == []
    assert sorted(codes(session)) == ["empty", "not-a-day", "not-a-field", "not-a-weight"]
    assert session.summary["counts"]["rejected"] == 3
    day = next(problem for problem in session.problems if problem["code"] == "not-a-day")
    assert (day["where"]["sheet"], day["where"]["row"], day["where"]["column"]) == ("任务", 4, "到期日")
    assert "6月30日前后" in day["what"]["zh"]


def test_derived_and_identifying_cells_are_ignored_and_that_is_said(read):
    book = (
        Book()
        .put("tasks", 4, "percent", 90)
        .put("tasks", 4, "plan", "别的计划")
        .put("tasks", 4, "theme", "新")
    )
    session = read(book)
    assert found(session) == [("tasks", "theme", "管网改造", "新")]
    assert sorted(codes(session)) == ["derived-edited", "fixed-edited"]


def test_a_missing_row_or_column_changes_nothing(read, imported):
    book = Book()
    book.sheet("tasks").delete_rows(5)
    book.sheet("tasks").delete_cols(book.place("tasks", "content"))
    session = read(book)
    assert (found(session), Task.objects.count()) == ([], 3)
    assert session.summary["missing"] == ["任务 · 任务内容"]


def test_a_file_of_something_else_is_refused(read):
    session = read("断面,监测时间\n甲,2025-01-01\n".encode(), "x.csv")
    assert session.state == "unreadable"
    assert "断面" in session.problems[0]["what"]["zh"]


# -- units, duties, milestones -------------------------------------------------------------------------


def test_units_are_added_and_dropped_by_name(read, land, task):
    book = (
        Book()
        .put("tasks", 4, "cooperating", "乙县生态环境局")
        .put("tasks", 4, "lead", "市住房城乡建设局；市生态环境局")
    )
    land(read(book))
    rows = TaskUnit.objects.filter(task=task).order_by("role", "position", "unit__code")
    assert [(row.role, row.written) for row in rows] == [
        ("cooperating", "乙县生态环境局"),
        ("lead", "市住房城乡建设局"),
        ("lead", "市生态环境局"),
        ("responsible", "各县、区人民政府"),
        ("responsible", "各县、区人民政府"),
    ]
    bearing = Duty.objects.filter(task=task).exclude(state="retired")
    assert {duty.unit.code: duty.role for duty in bearing}["city-bureau"] == "lead"


def test_an_unknown_unit_is_refused_with_candidates_and_found_once_it_is_registered(read, instance):
    session = read(Book().put("tasks", 4, "lead", "市住房城乡建设局、市生态环境保护局"))
    assert (found(session), codes(session)) == ([], ["unit-unknown"])
    assert "市生态环境局" in session.problems[0]["remedy"]["zh"]
    accounts.save_unit("new", "市生态环境保护局", division=CITY, actor="system", kind="department")
    workbook_import.compare_again(session, actor=instance.users["bureau_staff@city"])
    session.refresh_from_db()
    assert found(session) == [("tasks", "lead", "市住房城乡建设局", "市住房城乡建设局、市生态环境保护局")]


def test_a_row_at_the_end_is_a_new_unit_or_a_new_milestone(read, land, task):
    book = Book()
    book.add("duties", number=2, unit="乙县生态环境局", role="责任", weight=0.2)
    book.add("milestones", number=2, what="完成设计", due="2025-06-15", unit="乙县生态环境局")
    session = read(book)
    assert session.summary["counts"]["new"] == 2
    land(session)
    duty = Duty.objects.get(task=task, unit__code="a-bureau")
    assert (duty.role, duty.weight) == ("responsible", Decimal("0.2"))
    step = Milestone.objects.get(task=task, what="完成设计")
    assert (step.due, step.duty, step.weight) == (date(2025, 6, 15), duty, 1)
    assert read(Book()).summary["has_content"] is False


def test_a_copied_row_that_brings_its_key_along_is_a_new_one(read):
    book = Book()
    copied = [cell.value for cell in book.sheet("milestones")[3]]
    book.sheet("milestones").append(copied)
    last = book.sheet("milestones").max_row
    book.put("milestones", last, "what", "再报一次")
    session = read(book)
    assert [(row.record, row.row) for row in workbook_import.changes(session)] == [("", last)]
    assert read(Book()).summary["counts"]["new"] == 0


def test_a_task_stays_possible_to_finish(read, task):
    book = Book()
    for row in range(3, book.sheet("duties").max_row + 1):
        if book.cell("duties", row, "number").value == 2:
            book.put("duties", row, "weight", 0)
    session = read(book)
    assert found(session) == []
    assert "no-weight" in codes(session)


def test_a_milestone_needs_a_weight_and_a_unit_of_the_task(read):
    book = Book().put("milestones", 3, "weight", 0).put("milestones", 4, "unit", "乙县生态环境局")
    session = read(book)
    assert (found(session), sorted(codes(session))) == ([], ["not-a-bearer", "not-a-weight"])


# -- two at once ---------------------------------------------------------------------------------------


def test_what_others_changed_since_the_export_stays_unless_it_is_chosen(read, land, task, instance):
    book = Book().put("tasks", 4, "weight", 3).put("tasks", 3, "weight", 4)
    duties.set_weights(task, Decimal(2), {}, version=task.version, actor=instance.users["bureau_lead@city"])
    session = read(book)
    rows = workbook_import.changes(session)
    assert [(row.row, row.is_conflict) for row in rows] == [(3, False), (4, True)]
    assert (rows[1].cells[0].old, rows[1].by) == ("2", "bureau_lead@city")
    assert "权重" in rows[1].what
    land(session)
    task.refresh_from_db()
    assert task.weight == 2
    assert Task.objects.get(position=1).weight == 4


def test_a_conflict_that_was_chosen_is_written(read, land, task, instance):
    book = Book().put("tasks", 4, "weight", 3)
    duties.set_weights(task, Decimal(2), {}, version=task.version, actor="system")
    session = read(book)
    assert not session.summary["has_content"]
    staff = instance.users["bureau_staff@city"]
    workbook_import.choose(session, {0}, {0}, version=session.version, actor=staff)
    with pytest.raises(Conflict):
        workbook_import.choose(session, {0}, set(), version=session.version, actor=staff)
    session.refresh_from_db()
    land(session)
    task.refresh_from_db()
    assert task.weight == 3


def test_another_cell_of_the_row_that_moved_on_is_kept(read, land, task, instance):
    book = Book().put("tasks", 4, "theme", "管网更新")
    duties.set_weights(task, Decimal(2), {}, version=task.version, actor="system")
    session = read(book)
    row = workbook_import.changes(session)[0]
    assert (row.is_conflict, row.moved) == (False, ["weight"])
    land(session)
    task.refresh_from_db()
    assert (task.theme, task.weight) == ("管网更新", 2)


def test_a_change_between_preview_and_commit_refuses_the_whole_file(read, land, task):
    session = read(Book().put("tasks", 4, "weight", 3).put("tasks", 3, "theme", "别的"))
    duties.set_weights(task, Decimal(2), {}, version=task.version, actor="system")
    with pytest.raises(Conflict, match="预览"):
        land(session)
    session.refresh_from_db()
    assert session.state == "previewed"
    assert not Task.objects.filter(theme="别的").exists()
    task.refresh_from_db()
    assert task.weight == 2


def test_an_edited_row_can_be_left_out(read, land, task, instance):
    session = read(Book().put("tasks", 4, "weight", 3).put("tasks", 3, "weight", 4))
    workbook_import.choose(
        session, {0, 1}, {0}, version=session.version, actor=instance.users["bureau_staff@city"]
    )
    session.refresh_from_db()
    land(session)
    task.refresh_from_db()
    assert task.weight == 1


# -- back ----------------------------------------------------------------------------------------------


def test_taking_back_restores_units_milestones_weights_and_texts(read, land, task, instance):
    before = exported()
    book = Book().put("tasks", 4, "cooperating", "乙县生态环境局").put("tasks", 4, "deadline", "9月底前")
    book.put("duties", 3, "weight", 0.7).put("milestones", 3, "what", "换个说法")
    book.add("duties", number=1, unit="丙县生态环境局", role="配合")
    book.add("milestones", number=3, what="另报")
    session = land(read(book))
    imports.take_back(session, actor=instance.users["bureau_lead@city"], why="填错了")
    session.refresh_from_db()
    assert (session.state, session.summary["kept"]) == ("taken_back", [])
    assert shown(exported()) == shown(before)


def shown(content):
    """Return the visible cells of a workbook's sheets, whatever the keys of new rows are."""
    book = openpyxl.load_workbook(BytesIO(content))
    return [
        sorted(map(str, (row[2:] for row in book[name].iter_rows(values_only=True))))
        for name in book.sheetnames[:3]
    ]


def test_taking_back_leaves_what_was_changed_again(read, land, task, instance):
    session = land(read(Book().put("tasks", 4, "theme", "管网更新").put("tasks", 4, "weight", 3)))
    task.refresh_from_db()
    duties.set_weights(task, Decimal(5), {}, version=task.version, actor="system")
    imports.take_back(session, actor=instance.users["bureau_lead@city"], why="填错了")
    session.refresh_from_db()
    task.refresh_from_db()
    assert (task.theme, task.weight) == ("管网改造", 5)
    assert session.summary["kept_count"] == 1


# -- rights and pages ----------------------------------------------------------------------------------


def test_a_county_cannot_change_the_city_s_tasks(read):
    session = read(Book().put("tasks", 4, "weight", 3), division=COUNTY_A)
    assert (found(session), codes(session)) == ([], ["record-unknown"])


@pytest.mark.parametrize(("role", "status"), [("bureau_staff", 302), ("unit_reporter", 403), ("viewer", 403)])
def test_only_who_manages_the_ledger_may_import_it(imported, instance, role, status, settings):
    client = Client()
    client.force_login(instance.users[f"{role}@city"], backend="django.contrib.auth.backends.ModelBackend")
    file = BytesIO(Book().put("tasks", 4, "weight", 3).saved())
    file.name = "ledger.xlsx"
    assert client.post(reverse("core:upload", args=["ledger"]), {"file": file}).status_code == status


def test_the_preview_shows_each_change_and_keeps_the_choice(
    read, client, task, django_assert_max_num_queries
):
    book = Book().put("tasks", 4, "weight", 3).put("tasks", 3, "theme", "<b>核查</b>")
    duties.set_weights(task, Decimal(2), {}, version=task.version, actor="system")
    session = read(book)
    address = reverse("core:import", args=[session.pk])
    with django_assert_max_num_queries(30):
        page = client.get(address).content.decode()
    assert "<del>2</del> → <ins>3</ins>" in page
    assert "&lt;b&gt;核查&lt;/b&gt;" in page
    assert "未出现的行保持不变" in page
    chosen = {"shown": ["0", "1"], "take": ["1"], "version": str(session.version)}
    answer = client.post(reverse("plans:ledger_choose", args=[session.pk]), chosen)
    assert answer.status_code == 302
    session.refresh_from_db()
    assert (session.summary["take"], session.summary["leave"]) == ([1], [0])
    client.post(reverse("plans:ledger_again", args=[session.pk]))
    session.refresh_from_db()
    assert (session.summary["take"], session.summary["leave"]) == ([], [])
