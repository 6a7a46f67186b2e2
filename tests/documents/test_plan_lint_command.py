"""``bishui plan lint``: what it prints and how it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from plan_samples import plan_with

from bishui.cli.root import cli

SOUND = "1\t题\t做事。\t市水利局\t\t\t年底前"
DOUBTFUL = "2\t题\t做事。\t市水利局、\t\t\t年底前"
WRONG = "3\t题\t做事。\t\t\t\t年底前"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sound.txt").write_bytes(plan_with(SOUND))
    (tmp_path / "doubtful.txt").write_bytes(plan_with(SOUND, DOUBTFUL))
    (tmp_path / "wrong.txt").write_bytes(plan_with(SOUND, DOUBTFUL, WRONG))
    return tmp_path


def test_a_sound_plan_ends_with_0(folder: Path) -> None:
    result = CliRunner().invoke(cli, ["plan", "lint", str(folder / "sound.txt")])
    assert result.exit_code == 0
    assert "错误 0 个，存疑 0 个，提示 0 个" in result.output


def test_doubts_are_shown_and_end_with_0(folder: Path) -> None:
    result = CliRunner().invoke(cli, ["plan", "lint", str(folder / "doubtful.txt")])
    assert result.exit_code == 0
    for text in ("第 9 行", "[存疑]", "市水利局、", "(dangling-unit)"):
        assert text in result.output


def test_errors_end_with_1_and_all_files_are_shown(folder: Path) -> None:
    files = [str(folder / name) for name in ("wrong.txt", "sound.txt")]
    result = CliRunner().invoke(cli, ["plan", "lint", *files])
    assert result.exit_code == 1
    assert "(duty-without-unit)" in result.output
    assert "错误 0 个" in result.output


def test_the_findings_as_json_in_both_languages(folder: Path) -> None:
    result = CliRunner().invoke(cli, ["plan", "lint", str(folder / "wrong.txt"), "--json"])
    assert result.exit_code == 1
    (record,) = json.loads(result.stdout)
    assert record["file"] == "wrong.txt"
    assert record["counts"] == {"error": 1, "warning": 1}
    assert {finding["rule"] for finding in record["findings"]} == {"duty-without-unit", "dangling-unit"}
    assert all({"zh", "en"} == set(finding["message"]) for finding in record["findings"])


def test_the_rule_is_named_in_the_language_of_the_user(folder: Path) -> None:
    result = CliRunner().invoke(cli, ["--lang", "en", "plan", "lint", str(folder / "wrong.txt")])
    assert "names nobody responsible" in result.output


def test_a_bad_call_ends_with_2(folder: Path) -> None:
    assert CliRunner().invoke(cli, ["plan", "lint"]).exit_code == 2
    assert CliRunner().invoke(cli, ["plan", "lint", str(folder / "none.txt")]).exit_code == 2
