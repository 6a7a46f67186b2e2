"""``bishui plan read``: what it prints, what it writes, how it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from five_year_samples import as_cell_lines
from plan_samples import PLAN

from bishui.cli.root import cli


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.txt"
    path.write_text(PLAN, encoding="utf-8")
    return path


def test_it_prints_a_summary(plan: Path) -> None:
    result = CliRunner().invoke(cli, ["plan", "read", str(plan)])
    assert result.exit_code == 0
    for text in ("云川市2031年度水污染防治工作计划", "任务 3 项", "管好园区", "附件2", "空行"):
        assert text in result.output


def test_it_counts_what_a_five_year_plan_holds(tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    path.write_bytes(as_cell_lines())
    result = CliRunner().invoke(cli, ["plan", "read", str(path)])
    assert result.exit_code == 0
    summary = "指标表 1 张共 7 行，专栏 3 个，工程项目 4 个，标题 5 个"
    assert summary in result.output.replace("\n", "")


def test_it_shows_the_lines_that_were_not_understood(plan: Path) -> None:
    plan.write_text(PLAN + "\n\n没有位置的一句", encoding="utf-8")
    result = CliRunner().invoke(cli, ["plan", "read", str(plan)])
    assert "没有位置的一句" in result.output
    assert "lines-not-understood" in result.output


def test_it_writes_json_to_a_file_and_to_the_screen(plan: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert CliRunner().invoke(cli, ["plan", "read", str(plan), "--json", str(out)]).exit_code == 0
    shown = CliRunner().invoke(cli, ["plan", "read", str(plan), "--json", "-"])
    assert json.loads(shown.stdout) == json.loads(out.read_text(encoding="utf-8"))


def test_bad_data_ends_with_1_and_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.write_bytes(b"")
    result = CliRunner().invoke(cli, ["plan", "read", str(path)])
    assert result.exit_code == 1
    assert "empty.txt" in result.stderr
    assert "重新导出" in result.stderr


def test_a_bad_call_ends_with_2(plan: Path, tmp_path: Path) -> None:
    assert CliRunner().invoke(cli, ["plan", "read", str(tmp_path / "none.txt")]).exit_code == 2
    assert (
        CliRunner()
        .invoke(cli, ["plan", "read", str(plan), "--json", str(tmp_path / "no" / "out.json")])
        .exit_code
        == 2
    )
    assert CliRunner().invoke(cli, ["plan", "read"]).exit_code == 2
