"""``bishui bulletin``: from tables on disk to the page, DOCX, XLSX and JSON."""

import json

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


@pytest.mark.parametrize("period", ["2024-02-03", "2024-W06"])
def test_a_day_or_a_week_has_no_bulletin(files, period):
    found = call(files, "--period", period)
    assert found.exit_code == 2
