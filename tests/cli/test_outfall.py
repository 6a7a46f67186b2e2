"""``bishui outfall check`` and ``draw``."""

import json

import pytest
from click.testing import CliRunner

from bishui.cli.root import cli
from bishui.outfalls import local_code


@pytest.fixture
def run():
    def call(*arguments):
        return CliRunner().invoke(cli, ["outfall", *map(str, arguments)])

    return call


@pytest.fixture
def names(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text(
        "# 名单\n" + "".join(f"{local_code('450222', n)}\n" for n in range(1, 24)), encoding="gb18030"
    )
    return path


def test_a_refused_code_ends_with_one_and_says_why(run):
    result = run("check", "credit-code", "91130200699229617X", "91130200699289617X")
    assert result.exit_code == 1
    assert "校验码" in result.output


def test_a_doubtful_code_is_kept(run):
    result = run("check", "permit", "91130200699229617X001V", "--json", "-")
    assert result.exit_code == 0
    (code,) = json.loads(result.output)["codes"]
    assert (code["level"], code["normalised"]) == ("warn", "91130200699229617X001V")


def test_without_the_public_number_only_the_commitment_is_shown(run, names):
    shown = json.loads(run("draw", names, "--id", "450222-2024H2").output)
    assert (shown["size"], shown["count"]) == (23, 3)
    assert shown["list_hash"].startswith("7fdb9a33")
    assert "drawn" not in shown


def test_the_published_draw_comes_out(run, names, tmp_path):
    apart = tmp_path / "apart.csv"
    apart.write_text("L450222-00011-3,E02\n", encoding="utf-8")
    people = [part for one in ("E01", "E02", "E03", "E04") for part in ("--inspector", one)]
    result = run(
        "draw", names, "--id", "450222-2024H2", "--random", "2024-10-08:07 12 15 21 28 33 + 06",
        *people, "--recused", apart, "--json", "-",
    )  # fmt: skip
    shown = json.loads(result.output)
    assert shown["drawn"] == ["L450222-00011-3", "L450222-00015-W", "L450222-00014-Y"]
    assert shown["inspectors"]["L450222-00015-W"] == ["E04", "E02"]


def test_a_table_of_recusals_with_a_missing_column_is_named(run, names, tmp_path):
    apart = tmp_path / "apart.csv"
    apart.write_text("L450222-00011-3,E02\nE03\n", encoding="utf-8")
    result = run("draw", names, "--id", "a", "--random", "1", "--inspector", "E01", "--recused", apart)
    assert result.exit_code == 1
    assert "apart.csv" in result.output
    assert "2" in result.output
