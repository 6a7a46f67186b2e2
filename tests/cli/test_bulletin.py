"""``bishui bulletin``: from tables on disk to the page, DOCX, XLSX and JSON."""

import json
import re

import pytest

pytest.importorskip("click")
import docx
import openpyxl
from click.testing import CliRunner

from bishui.cli.root import cli

TABLE = """site,time,item,value,unit
A1,2024-01-03 08:00,氨氮,0.4,mg/L
A1,2024-02-03 08:00,氨氮,1.3,mg/L
A2,2024-01-03 08:00,氨氮,0.4,mg/L
A2,2024-02-03 08:00,氨氮,0.4,mg/L
"""
SITES = """id,name,water_type,水体
A1,=甲桥,river,甲河
A2,乙桥,river,甲河
A3,丙桥,river,甲河
"""


@pytest.fixture
def files(tmp_path):
    for name, text in (("t.csv", TABLE), ("s.csv", SITES)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def call(files, *more):
    arguments = ["bulletin", files / "t.csv", "--sites", files / "s.csv", "--place", "甲市", *more]
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_the_bulletin_reads_as_on_paper(files):
    found = call(files, "--period", "2024-02")
    assert found.exit_code == 0, found.output
    assert "甲市2024年2月水环境质量月报" in found.output
    assert "登记的3个地表水断面（点位）中，2个参加评价" in found.output.replace("\n", "")


def test_docx_xlsx_and_json_hold_the_same_figures(files):
    made = [files / name for name in ("b.docx", "b.xlsx")]
    found = call(files, "--period", "2024-02", "--docx", made[0], "--xlsx", made[1], "--json", "-")
    assert found.exit_code == 0, found.output
    content = json.loads(found.output)
    assert content["figures"]["state.good_percent"]["text"] == "50.0%"
    assert content["figures"]["state.good"]["behind"] == ["乙桥：Ⅱ类"]
    paper = "\n".join(paragraph.text for paragraph in docx.Document(str(made[0])).paragraphs)
    assert "占50.0%" in paper and "甲市生态环境局" in paper
    book = openpyxl.load_workbook(made[1])
    sheet = next(book[name] for name in book.sheetnames if "断面" in name and "附" not in name)
    assert sheet["A1"].value
    texts = [cell.value for page in book for row in page.iter_rows() for cell in row]
    assert "'=甲桥" in texts and "=甲桥" not in texts


def test_every_figure_of_every_file_opens_to_what_was_counted_to_limit_clause_and_settings(files):
    """One numbering: the appendix of the DOCX, the sheets of the XLSX and the end of the HTML tell the same."""
    made = {kind: files / f"b.{kind}" for kind in ("docx", "xlsx", "html")}
    options = [part for kind, path in made.items() for part in (f"--{kind}", path)]
    assert call(files, "--period", "2024-02", *options).exit_code == 0
    accounts, items = docx.Document(str(made["docx"])).tables[-2:]
    on_paper = [[cell.text for cell in row.cells] for row in accounts.rows][1:]
    book = openpyxl.load_workbook(made["xlsx"])
    in_sheet = [row[:3] for row in book["数据来源"].iter_rows(min_row=3, values_only=True) if row[1]]
    page = made["html"].read_text(encoding="utf-8")
    summaries = re.findall(r"<summary>(\d+)\. (.+?)</summary>", page)
    assert [row[:2] for row in on_paper] == [[str(row[0]), row[1]] for row in in_sheet]
    assert [(row[0], f"{row[1]}：{row[2]}") for row in on_paper] == summaries
    by_label = {row[1]: row for row in on_paper}
    assert (
        "计入：1 / 2 个参加评价的断面；另有 1 个未参加评价，不计入；乙桥：Ⅱ类"
        in by_label["Ⅰ～Ⅲ类（优良）断面比例"][3]
    )
    assert "Ⅲ类≤1.0" in by_label["断面定类的依据"][3] and "表1 第7项" in by_label["断面定类的依据"][3]
    assert "设置 先修约后比较" in by_label["数据统计和单因子评价的依据"][3]
    assert ["乙桥", "2024年2月", "Ⅱ类", "氨氮", "0.40"] in [
        [cell.text for cell in row.cells][:5] for row in items.rows
    ]


def test_every_link_of_the_files_has_its_place(files):
    made = {kind: files / f"b.{kind}" for kind in ("docx", "xlsx", "html")}
    options = [part for kind, path in made.items() for part in (f"--{kind}", path)]
    assert call(files, "--period", "2024-02", *options).exit_code == 0
    written = docx.Document(str(made["docx"])).element.xml
    anchors, places = re.findall(r'w:anchor="([^"]+)"', written), re.findall(r'w:name="(_R\d+)"', written)
    assert anchors and set(anchors) <= set(places) and len(places) == len(set(places))
    book = openpyxl.load_workbook(made["xlsx"])
    links = [c.hyperlink.location for sheet in book for row in sheet for c in row if c.hyperlink]
    led = {link.partition("!")[0].strip("'") for link in links if link}
    assert led >= {"数据来源", "计入的对象", "断面逐项结果"} and led <= set(book.sheetnames)
    page = made["html"].read_text(encoding="utf-8")
    places = re.findall(r'href="#([^"]+)"', page)
    assert places and all(page.count(f'id="{place}"') == 1 for place in places)


@pytest.mark.parametrize("period", ["2024-02-03", "2024-W06"])
def test_a_day_or_a_week_has_no_bulletin(files, period):
    found = call(files, "--period", period)
    assert found.exit_code == 2
