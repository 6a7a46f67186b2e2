"""The same plan in Word, Excel and HTML gives the same tasks and targets; wrong files are refused with a remedy."""

import html
import io
from collections.abc import Iterator

import docx
import openpyxl
import pytest
from plan_samples import PLAN, TASK_HEAD, plan_with

from bishui.documents import PlanDraft, read_plan, read_plan_bytes
from bishui.errors import BishuiError, CallError, UnknownLayout, UnreadableFile


def runs() -> Iterator[str | list[list[str]]]:
    """The plan as paragraphs and tables; repeated heads are left to the text form."""
    table: list[list[str]] = []
    for line in PLAN.split("\n"):
        if "\t" in line:
            if line != TASK_HEAD or not table:
                table.append(line.split("\t"))
        elif line:
            if table:
                yield table
                table = []
            yield line


def as_word() -> bytes:
    document = docx.Document()
    for run in runs():
        if isinstance(run, str):
            document.add_paragraph(run)
            continue
        table = document.add_table(0, len(run[0]))
        for row in run:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
        for number, row in enumerate(run):
            if len(row) == 7 and sum(map(bool, row)) == 1:
                table.cell(number, 0).merge(table.cell(number, 6))
            elif row[0].isdigit() and not row[1] and run[number - 1][1]:
                table.cell(number - 1, 1).merge(table.cell(number, 1))
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def as_workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    line = 0
    for run in runs():
        if isinstance(run, str):
            line += 1
            sheet.cell(line, 1, run)
            continue
        for row in run:
            line += 1
            for column, text in enumerate(row, start=1):
                if text.replace(".", "").isdigit():
                    cell = sheet.cell(line, column, float(text) if "." in text else int(text))
                    cell.number_format = (
                        "0." + "0" * len(text.partition(".")[2]) if "." in text else "General"
                    )
                elif text:
                    sheet.cell(line, column, text)
        line += 1
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def as_page() -> bytes:
    parts = ["<!DOCTYPE html><html><head><title>不是正文</title><style>p {}</style></head><body>"]
    for run in runs():
        if isinstance(run, str):
            parts.append(f"<p>{html.escape(run)}</p>")
            continue
        parts.append("<table>")
        for number, row in enumerate(run):
            if len(row) == 7 and sum(map(bool, row)) == 1:
                parts.append(f"<tr><td colspan=7>{row[0]}</td></tr>")
                continue
            below = run[number + 1] if number + 1 < len(run) else row
            spans = number and row[1] and below is not row and below[0].isdigit() and not below[1]
            cells = [
                f"<td{' rowspan=2' if column == 1 and spans else ''}>{html.escape(text)}</td>"
                for column, text in enumerate(row)
                if not (column == 1 and row[0].isdigit() and not text and run[number - 1][1])
            ]
            parts.append(f"<tr>{''.join(cells)}</tr>")
        parts.append("</table>")
    return (
        "\n".join([*parts, "</body></html>"])
        .encode("gb18030")
        .replace(b"<head>", b'<head><meta charset="gbk">')
    )


def without_lines(draft: PlanDraft) -> dict[str, object]:
    """What a draft says, without where it stands."""

    def strip(value: object) -> object:
        if isinstance(value, dict):
            return {key: strip(each) for key, each in value.items() if key not in {"lines", "line", "file"}}
        return [strip(each) for each in value] if isinstance(value, list) else value

    record = draft.to_json()
    return {key: strip(value) for key, value in record.items() if key not in {"coverage", "places"}}


@pytest.mark.parametrize(
    ("name", "make"), [("p.docx", as_word), ("p.xlsx", as_workbook), ("p.html", as_page)]
)
def test_each_format_gives_what_the_text_gives(name: str, make: object) -> None:
    assert callable(make)
    draft = read_plan_bytes(make(), name)
    assert without_lines(draft) == without_lines(read_plan_bytes(PLAN.encode(), "p.txt"))
    assert [entry.line for entry in draft.coverage] == list(range(1, len(draft.source_lines) + 1))
    assert draft.source(draft.tasks[0].lines).split("\t")[2] == draft.tasks[0].content


def test_a_workbook_with_a_sheet_for_each_annex() -> None:
    book = openpyxl.Workbook()
    body = book.worksheets[0]
    body.append(["云川市2031年度水污染防治工作计划"])
    body.append(["为做好工作，制定本计划。"])
    tasks = book.create_sheet("附件1")
    tasks.append(["重点工作任务清单"])
    tasks.append(TASK_HEAD.split("\t"))
    tasks.append([1, "题", "内容一。", "市甲局", None, None, "全年"])
    tasks.append([2, None, "内容二。", "市乙局", None, None, "6月底前"])
    tasks.merge_cells("B3:B4")
    sections = book.create_sheet("附件2")
    sections.append(["市控断面水质目标表"])
    sections.append(["断面名称", "水质目标"])
    sections.append(["上渡", "Ⅱ类"])
    buffer = io.BytesIO()
    book.save(buffer)
    draft = read_plan_bytes(buffer.getvalue(), "p.xlsx")
    assert [(task.theme, task.theme_in_cell) for task in draft.tasks] == [("题", True), ("题", False)]
    assert (draft.tables[0].annex, draft.tables[0].name) == ("附件2", "市控断面水质目标表")
    assert [(each.section, each.level) for each in draft.section_targets] == [("上渡", "市控")]
    assert draft.doc.annexes == ("重点工作任务清单", "市控断面水质目标表")


@pytest.mark.parametrize(
    ("data", "name", "kind", "says"),
    [
        (b"", "a.txt", UnreadableFile, "空"),
        (b" \n\n", "a.txt", UnreadableFile, "空"),
        (b"\x00\x01\x02\x03", "a.txt", UnreadableFile, "0x00"),
        ("文字".encode() + b"\xff\xff", "a.txt", UnreadableFile, "第 6 字节"),
        (b"%PDF-1.7 ...", "a.pdf", UnreadableFile, "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(20), "a.doc", UnreadableFile, ".docx"),
        (b"\x89PNG\r\n", "a.png", UnreadableFile, "图片"),
        (b"PK\x03\x04 damaged", "a.docx", UnreadableFile, "Word"),
        (b"PK\x03\x04 damaged", "a.xlsx", UnreadableFile, "Excel"),
        ("文字".encode(), "a.docx", UnreadableFile, ".docx"),
        ("这里只有一句话。".encode(), "a.txt", UnknownLayout, "任务清单"),
        (plan_with("1\t市甲局\t全年", head="序号\t牵头单位\t完成时限"), "a.txt", UnknownLayout, "任务内容"),
    ],
)
def test_a_wrong_file_is_refused(data: bytes, name: str, kind: type[BishuiError], says: str) -> None:
    with pytest.raises(kind) as caught:
        read_plan_bytes(data, name)
    assert says in str(caught.value)
    assert caught.value.remedy is not None
    assert caught.value.where.file == name


def test_the_line_of_a_head_without_content_is_named() -> None:
    with pytest.raises(UnknownLayout) as caught:
        read_plan_bytes(plan_with("1\t市甲局\t全年", head="序号\t牵头单位\t完成时限"), "a.txt")
    assert caught.value.where.line == 7


def test_a_missing_file_is_a_wrong_call(tmp_path: object) -> None:
    with pytest.raises(CallError):
        read_plan(f"{tmp_path}/none.txt")
    with pytest.raises(UnreadableFile):
        read_plan(str(tmp_path))
