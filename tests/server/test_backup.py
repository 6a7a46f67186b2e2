"""The whole instance in one file and back, by the commands, on the database in use."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

pytestmark = pytest.mark.slow
ROWS = (
    "断面,时间,项目,结果,单位\n甲桥,2025-03-01 09:00,总磷,0.12,mg/L\n甲桥,2025-03-02 09:00,总磷,<0.01,mg/L\n"
)
DATABASE = os.environ.get("BISHUI_DATABASE_URL", "")


@contextmanager
def database(name):
    """Give the URL of a database of the test's own; empty where records are in SQLite."""
    if not DATABASE:
        yield ""
        return
    import psycopg

    with psycopg.connect(DATABASE, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
        yield DATABASE.rsplit("/", 1)[0] + f"/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run(data, url, *arguments, **further):
    env = {key: value for key, value in os.environ.items() if not key.startswith(("BISHUI_", "DJANGO_"))}
    env |= {"BISHUI_DATA": str(data), "BISHUI_LOG": "quiet", "BISHUI_DATABASE_URL": url} | further
    command = [sys.executable, "-m", "bishui", *map(str, arguments)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """An instance with a city and two measurements, and its backup."""
    folder = tmp_path_factory.mktemp("backup")
    with database("bishui_backup_from") as url:
        assert run(folder / "data", url, "init", "--code", "990000", "--name", "甲市").returncode == 0
        (folder / "rows.csv").write_text(ROWS, encoding="utf-8")
        brought = run(folder / "data", url, "observations", "import", folder / "rows.csv", "--add-sites")
        assert brought.returncode == 0, brought.stderr
        made = run(folder / "data", url, "backup", folder / "b.tar.gz")
        assert made.returncode == 0, made.stderr
        assert "逐字节核验无误" in made.stdout
        assert made.stderr == ""
    return folder


def test_a_restored_instance_is_sound_and_has_everything(home, tmp_path):
    with database("bishui_backup_to") as url:
        back = run(tmp_path / "data", url, "restore", home / "b.tar.gz")
        assert (back.returncode, back.stderr) == (0, "")
        examined = run(tmp_path / "data", url, "doctor")
        assert examined.returncode == 0, examined.stdout
        again = run(tmp_path / "data", url, "observations", "import", home / "rows.csv")
        assert "重复: 2" in again.stdout


def test_a_backup_can_be_checked_and_a_damaged_one_is_told(home, tmp_path):
    assert run(tmp_path / "data", "", "backup", home / "b.tar.gz", "--check").returncode == 0
    damaged = tmp_path / "damaged.tar.gz"
    damaged.write_bytes((home / "b.tar.gz").read_bytes()[:-200])
    told = run(tmp_path / "data", "", "backup", damaged, "--check")
    assert told.returncode == 1
    assert "不是完整的备份" in told.stderr
    assert not (tmp_path / "data" / "records.sqlite3").exists()


def test_a_terminal_is_shown_what_is_done_and_how_far(home, tmp_path):
    with database("bishui_backup_shown") as url:
        checked = run(tmp_path / "data", url, "backup", home / "b.tar.gz", "--check", FORCE_COLOR="1")
        back = run(tmp_path / "data", url, "restore", home / "b.tar.gz", FORCE_COLOR="1")
    assert "核验" in checked.stderr
    for step in ("核验", "展开", "导入记录", "体检", "kB"):
        assert step in back.stderr, step
    assert "逐字节核验无误" in checked.stdout


def test_records_that_were_not_yet_put_into_the_database_are_refused(home, tmp_path):
    data = tmp_path / "data"
    assert run(data, "", "init").returncode == 0
    (data / "records.dump").write_bytes(b"PGDMP")  # what a restoration killed after unpacking leaves
    refused = run(data, "", "backup", tmp_path / "c.tar.gz")
    assert refused.returncode == 2
    assert "恢复没有完成" in refused.stderr


def test_an_instance_that_is_there_is_kept_and_a_damaged_backup_touches_nothing(home, tmp_path):
    with database("bishui_backup_other") as url:
        data = tmp_path / "data"
        assert run(data, url, "init").returncode == 0
        key = (data / "secret.key").read_text()
        refused = run(data, url, "restore", home / "b.tar.gz")
        assert refused.returncode == 2
        assert "--replace" in refused.stderr
        damaged = tmp_path / "damaged.tar.gz"
        damaged.write_bytes(b"no archive")
        assert run(data, url, "restore", damaged, "--replace").returncode == 1
        assert (data / "secret.key").read_text() == key
        assert run(data, url, "restore", home / "b.tar.gz", "--replace").returncode == 0
        former = next(tmp_path.glob("data.before-*"))
        assert (former / "secret.key").read_text() == key
        assert (data / "secret.key").read_text() != key


def test_a_backup_inside_the_data_directory_is_refused(home):
    inside = run(home / "data", "", "backup", home / "data" / "b.tar.gz")
    assert inside.returncode == 2
    assert "不能放在数据目录" in inside.stderr


def test_a_data_directory_in_use_is_not_replaced(home, tmp_path):
    import fcntl

    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / ".serving").open("a+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        refused = run(tmp_path / "data", "", "restore", home / "b.tar.gz", "--replace")
    assert refused.returncode == 2
    assert "正在使用" in refused.stderr
