"""The invented plan: the same content in every format, and a truth that agrees with the text."""

import io
import json
import zipfile
from xml.etree import ElementTree

import pytest
from docx import Document
from lxml import html
from openpyxl import load_workbook

from bishui.documents import read_plan
from bishui.twin import build_city, plan_document, plan_truth, write_plan
from bishui.twin.plan import filled_rows, row_spans
from bishui.twin.plan_text import lay_out


@pytest.fixture(scope="module")
def city():
    return build_city()


@pytest.fixture(scope="module")
def document(city):
    return plan_document(city)


@pytest.fixture(scope="module")
def written(city, tmp_path_factory):
    return write_plan(city, tmp_path_factory.mktemp("plan"))


@pytest.fixture(scope="module")
def truth(written):
    return json.loads(written["truth"].read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lines(written):
    return written["txt"].read_text(encoding="utf-8").split("\n")


def test_every_format_is_written_again_with_the_same_bytes(city, written, tmp_path):
    again = write_plan(build_city(seed=9), tmp_path)
    assert set(again) == {"txt", "html", "docx", "xlsx", "pdf", "truth"}
    for kind, path in again.items():
        assert path.read_bytes() == written[kind].read_bytes(), kind


def test_the_plan_says_that_it_is_fiction(lines):
    assert any("虚构" in line for line in lines[:6])


def test_it_has_between_24_and_36_tasks_of_all_kinds_of_deadline(document):
    assert 24 <= len(document.tasks) <= 36
    norms = {task.deadline_norm for task in document.tasks}
    assert {"all year", "2025-12-31", "relative:+20 workdays"} < norms
    assert len([norm for norm in norms if norm.startswith("2025-")]) >= 10


def test_cells_of_all_kinds_occur(document):
    cells = [cell for t in document.tasks for cell in (t.lead, t.cooperating, t.responsible)]
    assert any(cell.etc for cell in cells)
    assert any(cell.by_duty for cell in cells)
    assert any(cell.raw == "/" and not cell.units for cell in cells)
    assert any(cell.raw == "" for cell in cells)
    assert any(not task.theme_in_cell for task in document.tasks)


def test_each_task_of_the_truth_stands_in_its_line(truth, lines):
    for task in truth["tasks"]:
        cells = lines[task["lines"][0] - 1].split("\t")
        assert cells[0] == str(task["seq"])
        assert cells[1] == (task["theme"] if task["theme_in_cell"] else "")
        assert cells[2] == task["content"]
        assert [cells[3], cells[4], cells[5]] == [
            task[role]["raw"] for role in ("lead", "cooperating", "responsible")
        ]
        assert cells[6] == task["deadline"]


def test_each_target_of_the_truth_is_written_in_its_line(truth, lines):
    assert len(truth["targets"]) >= 20
    for target in truth["targets"]:
        assert target["text"] in lines[target["line"] - 1]
        assert len(target["text"]) <= 30


def test_each_table_of_the_truth_stands_in_its_lines(truth, lines):
    for table in truth["tables"]:
        first, last = table["lines"]
        assert [line.split("\t") for line in lines[first - 1 : last]] == table["rows"]
        assert lines[first - 2].split("\t") == table["header"]


def test_every_line_is_accounted_for(truth, lines):
    assert [entry["lines"][0] for entry in truth["coverage"]] == list(range(1, len(lines)))
    assert lines[-1] == ""


def test_the_head_of_the_task_table_is_repeated(document, lines):
    head = "\t".join(document.tables[0].header)
    assert lines.count(head) == 1 + (len(document.tasks) - 1) // document.head["rows_per_page"]


def test_the_section_targets_are_those_of_the_city(city, truth):
    got = {
        row["section"]: (row["water"], row["level"], row["lon"], row["lat"])
        for row in truth["section_targets"]
    }
    assert got == {s.name_zh: (s.water, s.control, s.lon, s.lat) for s in city.sections}


def test_the_counts_in_the_text_are_those_of_the_annexes(city, lines):
    for size in ("small", "medium"):
        sections = build_city(size=size).sections
        for control in ("国控", "区控"):
            count = sum(section.control == control for section in sections)
            assert f"{count}个{control}断面" in "".join(lines)


def test_reading_the_text_gives_the_truth(written, truth):
    got = read_plan(written["txt"]).to_json()
    by_seq = {task["seq"]: task for task in got["tasks"]}
    assert set(by_seq) == {task["seq"] for task in truth["tasks"]}
    for task in truth["tasks"]:
        read = by_seq[task["seq"]]
        for field in ("theme", "content", "deadline", "deadline_norm", "section", "lines"):
            assert read[field] == task[field], (task["seq"], field)
        for role in ("lead", "cooperating", "responsible"):
            assert read[role]["units"] == task[role]["units"], (task["seq"], role)
            assert bool(read[role].get("etc")) == task[role].get("etc", False), (task["seq"], role)
    assert [table["rows"] for table in got["tables"] if table["annex"] != "附件1"] == [
        table["rows"] for table in truth["tables"]
    ]
    for part, key in (
        ("section_targets", "section"),
        ("source_targets", "source"),
        ("report_deadlines", "due"),
    ):
        assert {row[key] for row in got[part]} == {row[key] for row in truth[part]}
    values = [[float(t["value"]) for t in j["targets"] if not t.get("qualitative")] for j in (got, truth)]
    assert sorted(values[0]) == sorted(values[1])


def test_merged_cells_filled_from_above_leave_no_blank(document):
    for table in document.tables[1:]:
        for cells in filled_rows(table):
            assert all(cells[column] for column in table.merge)


def test_spans_cover_every_row_once(document):
    for table in document.tables:
        spans = row_spans(table)
        for column in range(len(table.header)):
            assert sum(row[column] for row in spans) == len(table.rows)


def grid_of_docx(path, number):
    return [[cell.text for cell in row.cells] for row in Document(str(path)).tables[number].rows]


def test_the_word_document_holds_every_table_with_merged_cells(document, written):
    """python-docx gives the text of a merged cell in each place that it covers."""
    for number, table in enumerate(document.tables):
        head, *rows = grid_of_docx(written["docx"], number)
        assert head == list(table.header)
        assert [cells for cells, row in zip(rows, table.rows, strict=True) if not row.heading] == [
            list(cells) for cells in filled_rows(table)
        ]
        for cells, row in zip(rows, table.rows, strict=True):
            if row.heading:
                assert set(cells) == {row.cells[0]}


def test_the_workbook_holds_every_table_as_text(document, written):
    book = load_workbook(written["xlsx"])
    for table in document.tables:
        sheet = book[f"附件{table.annex}"]
        values = [[cell or "" for cell in row] for row in sheet.iter_rows(min_row=2, values_only=True)]
        assert values[0] == list(table.header)
        assert values[1:] == [list(row.cells) for row in table.rows]
    merged = {str(cells) for cells in book["附件6"].merged_cells.ranges}
    assert {"A3:A4", "D3:D4"} <= merged


def test_the_web_page_holds_every_table(document, written):
    page = html.fromstring(written["html"].read_text(encoding="utf-8"))
    for table, element in zip(document.tables, page.findall(".//table"), strict=True):
        texts = [[cell.text or "" for cell in row] for row in element.findall(".//tbody/tr")]
        spans = row_spans(table)
        assert texts == [
            [row.cells[0]]
            if row.heading
            else [text for text, span in zip(row.cells, spans[i], strict=True) if span]
            for i, row in enumerate(table.rows)
        ]


def test_the_printed_plan_is_a_pdf_with_its_own_fonts(written):
    content = written["pdf"].read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"NotoSerifSC" in content


def test_the_office_files_hold_no_trace_of_the_day_they_were_made(written):
    for kind in ("docx", "xlsx"):
        with zipfile.ZipFile(io.BytesIO(written[kind].read_bytes())) as archive:
            assert {info.date_time[:3] for info in archive.infolist()} == {(2025, 2, 28)}
            core = ElementTree.fromstring(archive.read("docProps/core.xml"))
        stamps = [e.text for e in core.iter() if e.tag.endswith(("}created", "}modified"))]
        assert set(stamps) == {"2025-02-28T09:00:00Z"}


def test_a_bigger_city_has_the_same_tasks_and_more_sections(document):
    medium = plan_document(build_city(size="medium"))
    assert medium.tasks == document.tasks
    assert len(medium.tables[2].rows) > len(document.tables[2].rows)


def test_the_sentences_stand_in_no_real_plan(document, shared):
    """No run of fifteen characters is shared with a real plan."""
    real = "".join(path.read_text(encoding="utf-8") for path in sorted((shared / "plans").glob("*.txt")))
    real = "".join(real.split())
    texts = [task.content for task in document.tasks]
    texts += [block.text for block in document.blocks if getattr(block, "kind", "") == "text"]
    for text in texts:
        runs = {text[i : i + 15] for i in range(len(text) - 14)}
        assert not [run for run in runs if run in real]


def test_the_truth_depends_on_the_text_form_only(city, document, truth):
    assert json.loads(json.dumps(plan_truth(city, document))) == truth
    assert len(lay_out(document)) == len(truth["coverage"])
