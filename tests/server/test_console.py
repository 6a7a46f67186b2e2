"""The platform's commands, each in a process of its own: exit status, words, nothing but sentences."""

import json
import os
import sqlite3
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow
ROWS = "单位编码,单位名称,类别,所属区划代码\nn-1,市水利局,部门,990000\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A data directory with one city, its administrator and one unit."""
    folder = tmp_path_factory.mktemp("console")
    made = run(folder, "init", "--code", "990000", "--name", "甲市")
    assert made.returncode == 0, made.stderr
    assert "用户名 admin，密码 " in made.stdout
    assert "已登记 甲市（990000）" in made.stdout
    (folder / "units.csv").write_text(ROWS, encoding="utf-8")
    brought = run(folder, "register", "import", "units", str(folder / "units.csv"))
    assert brought.returncode == 0, brought.stderr
    assert "新增: 1" in brought.stdout
    return folder


def run(folder, *arguments):
    env = {key: value for key, value in os.environ.items() if not key.startswith(("BISHUI_", "DJANGO_"))}
    env |= {"BISHUI_DATA": str(folder / "data"), "BISHUI_LOG": "quiet"}
    done = subprocess.run(
        [sys.executable, "-m", "bishui", *arguments], env=env, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def records(folder):
    return sqlite3.connect(folder / "data" / "records.sqlite3")


def test_a_second_init_makes_no_second_administrator(home):
    again = run(home, "init")
    assert again.returncode == 0
    assert "密码 " not in again.stdout
    assert "bishui password" in again.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("init", "--code", "970000"), "--name"),
        (("init", "--code", "abc", "--name", "乙市"), "不是有效的区划代码"),
        (("observations", "import", "no-such.csv"), "没有文件“no-such.csv”"),
        (("observations", "import", "."), "没有文件"),
        (("observations", "template", "no/such/folder/t.xlsx"), "no/such/folder/t.xlsx"),
        (("register", "template", "units", "no/such/folder/t.xlsx"), "no/such/folder/t.xlsx"),
        (("register", "template", "no-such", "t.xlsx"), "可用的台账：divisions"),
        (("register", "import", "units", "no-such.csv"), "请核对路径和文件名"),
        (("plan", "import", "no-such.docx"), "请核对路径和文件名"),
        (("outfall", "export", "outfalls.doc"), ".xlsx、.gpkg、.zip、.geojson"),
        (("outfall", "import", "no-such.xlsx", "--system", "no-such"), "可用的：guangxi_survey"),
        (("password", "no-such-user"), "没有名为“no-such-user”的用户"),
    ],
)
def test_a_wrong_call_exits_2_with_the_remedy(home, arguments, said):
    done = run(home, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_a_wrong_city_exits_2_and_lists_the_cities_there_are(home):
    done = run(home, "register", "import", "units", str(home / "units.csv"), "--city", "123456")
    assert done.returncode == 2
    assert "990000 甲市" in done.stderr


def test_the_messages_are_english_where_english_is_asked_for(home):
    done = run(home, "--lang", "en", "observations", "import", "no-such.csv")
    assert done.returncode == 2
    assert "no-such.csv" in done.stderr
    assert done.stderr.isascii() or "没有" not in done.stderr


def test_faulty_rows_exit_1_with_the_list_and_the_sound_ones_are_in(home, tmp_path):
    file = tmp_path / "more.csv"
    file.write_text(f"{ROWS}n-2,市林业局,协会,990000\nn-3,市财政局,部门,990000\n", encoding="utf-8")
    done = run(home, "register", "import", "units", str(file))
    assert done.returncode == 1
    assert "第 3 行，“类别”列" in done.stderr
    found = records(home).execute("select code from accounts_unit order by code").fetchall()
    assert found == [("n-1",), ("n-3",)]


def test_outfalls_come_in_by_the_registers_door_and_go_out_as_they_are(home, tmp_path):
    county = "区划代码,名称,级别,上级区划代码\n990101,乙县,县（市、区）,990000\n"
    head = "名称,所在县（市、区）,入河或入海,东经\n"
    for name, text in (("d.csv", county), ("o.csv", f"{head}甲排口,990101,入河,\n乙排口,990101,入湖,999\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert run(home, "register", "import", "divisions", str(tmp_path / "d.csv")).returncode == 0
    done = run(home, "outfall", "import", str(tmp_path / "o.csv"))
    assert (done.returncode, "新增: 1" in done.stdout) == (1, True)
    assert "第 3 行，“入河或入海”列" in done.stderr
    assert "第 3 行，“东经”列" in done.stderr
    out = tmp_path / "out.xlsx"
    assert "1 个排污口" in run(home, "outfall", "export", str(out)).stdout
    again = run(home, "outfall", "import", str(out))
    assert (again.returncode, "无变化: 1" in again.stdout) == (0, True), again.stderr


def test_an_unreadable_file_exits_1_with_the_reason(home, tmp_path):
    file = tmp_path / "wrong.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    done = run(home, "register", "import", "units", str(file))
    assert done.returncode == 1
    assert "缺少列：单位编码" in done.stderr


def test_a_template_is_written_and_can_be_read_back(home, tmp_path):
    file = tmp_path / "template.xlsx"
    assert run(home, "register", "template", "units", str(file)).returncode == 0
    done = run(home, "register", "import", "units", str(file))
    assert done.returncode == 0, done.stderr
    assert file.read_bytes().startswith(b"PK")


def test_a_reset_password_is_shown_once(home):
    done = run(home, "password", "admin")
    assert done.returncode == 0
    assert "用户名 admin，密码 " in done.stdout


def test_before_the_first_start_the_doctor_says_what_is_missing(tmp_path):
    done = run(tmp_path, "doctor")
    assert done.returncode == 1
    assert "数据库缺少更新" in done.stdout


def test_the_doctor_passes_a_sound_instance_in_words_and_in_json(home):
    done = run(home, "doctor")
    assert done.returncode == 0, done.stdout
    assert "操作留痕: " in done.stdout
    found = json.loads(run(home, "doctor", "--json").stdout)
    assert all(item["problems"] == [] for item in found)
    assert {"数据库结构", "操作留痕", "原始文件", "导入批次"} <= {item["title"]["zh"] for item in found}


def test_the_doctor_exits_1_where_one_byte_of_a_stored_file_is_changed(home):
    stored = next(path for path in (home / "data" / "files").rglob("*") if path.is_file())
    content = stored.read_bytes()
    stored.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    done = run(home, "doctor")
    stored.write_bytes(content)
    assert done.returncode == 1
    assert "与登记的哈希不符" in done.stdout
    assert "请从备份中恢复" in done.stdout


def test_the_doctor_exits_1_where_the_trail_was_touched(home):
    with records(home) as connection:
        former = connection.execute("select why from core_auditentry where sequence = 2").fetchone()
        connection.execute("update core_auditentry set why = 'x' where sequence = 2")
    done = run(home, "doctor")
    with records(home) as connection:
        connection.execute("update core_auditentry set why = ? where sequence = 2", former)
    assert done.returncode == 1
    assert "第 2 条留痕的内容被改动" in done.stdout


def test_an_import_tells_what_became_of_each_row_and_what_was_left_unread(home):
    rows = "断面名称,采样时间,氨氮,天气\n单位,,mg/L,\n甲桥,2025-03-01 09:00,0.25,晴\n平均值,,0.25,\n"
    (home / "rows.csv").write_text(rows, encoding="utf-8")
    brought = run(home, "observations", "import", str(home / "rows.csv"), "--add-sites")
    assert (brought.returncode, brought.stderr) == (0, "")
    assert "逐行去向：采用 1 行，重复 0 行，不含可用结果 2 行，不能采用 0 行。" in brought.stdout
    assert "未读取的列：天气。" in brought.stdout
