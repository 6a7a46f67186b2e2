"""The discharge chain from two tables, and river and chain as one network that every command can take."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bishui.errors import DataError
from bishui.network import (
    Load,
    NetworkFile,
    Pollutant,
    Section,
    build_file,
    join_chain,
    joined_file,
    read_chain,
    read_network,
    solve,
    write_network,
)

OBJECTS = """编号,类别,名称,长度（m）,流速,里程
p1,排污单位,示例纸厂,,,
c1,管道,,800,0.5,
w1,排口,,,,4000
a,受纳水体,,,,
"""
EDGES = """上游,下游,比例（%）,开始日期,结束日期,证据类型,证据
p1,c1,100,2024/1/1,2026年1月1日,示踪,示踪记录 3 号
c1,w1,,,,,没有说是哪一种
w1,a,,,,管道内窥,视频 12
"""
RIVER = """河段编号,下游编号,长度（km）,流速,水温,区间流量,区间浓度,沿程入流（m³/(s·km)）,沿程负荷
a,b,8.64,0.5,20,4,COD=15,0.01,COD=5
b,,3,0.5,20,0.5,COD=9,,
"""


def table(folder: Path, text: str, name: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def river(tmp_path: Path) -> NetworkFile:
    return read_network(table(tmp_path, RIVER, "river.csv"))


def test_a_chain_of_two_tables_has_dates_shares_and_evidence(tmp_path: Path) -> None:
    chain = read_chain(table(tmp_path, OBJECTS, "o.csv"), table(tmp_path, EDGES, "e.csv"))
    day = chain.as_of(date(2025, 6, 1))
    ((way, share),) = day.ways("p1")
    assert ([edge.downstream for edge in way], share) == (["c1", "w1", "a"], 1.0)
    assert [(edge.upstream, edge.downstream) for edge in day.hypotheses] == [("c1", "w1")]
    assert chain.as_of(date(2026, 1, 1)).ways("p1") == (), "it ends on that day"


def test_every_wrong_row_of_a_chain_is_named(tmp_path: Path) -> None:
    rows = ["p1,a,1,,,,", "zz,c1,1,,,,", "p1,c1,2,,,,", "p1,c1,1,六月,,听说,", "p1,c1,1,,,,"]
    wrong = "\n".join(["上游,下游,比例,开始日期,结束日期,证据类型,证据", *rows])
    with pytest.raises(DataError) as caught:
        read_chain(table(tmp_path, OBJECTS, "o.csv"), table(tmp_path, wrong, "e.csv"))
    assert sorted({problem.where.row or 0 for problem in caught.value.problems}) == [2, 3, 4, 5, 6]
    with pytest.raises(DataError) as caught:
        read_chain(table(tmp_path, OBJECTS + "p1,湖,,,,\n", "o.csv"), table(tmp_path, EDGES, "e.csv"))
    assert {problem.code for problem in caught.value.problems} == {"duplicate-id", "unknown-kind"}


def test_the_joined_network_carries_the_river_unchanged_and_reads_back(
    tmp_path: Path, river: NetworkFile
) -> None:
    day = read_chain(table(tmp_path, OBJECTS, "o.csv"), table(tmp_path, EDGES, "e.csv")).as_of(
        date(2025, 6, 1)
    )
    joined = join_chain(day, river.reaches, river.edges)
    write_network(joined_file(joined, river), tmp_path / "joined.gpkg")
    file, cod = read_network(tmp_path / "joined.gpkg"), Pollutant("COD", 0.25)
    network = build_file(file)
    before = solve(build_file(river), [cod], [], river.lateral, river.diffuse)
    after = solve(network, [cod], [], file.lateral, file.diffuse)
    for reach, place in (("a", 3000.0), ("a", 6000.0), ("b", 3000.0)):
        alone = before.at(Section("s", river.row_of(reach), place))
        together = after.at(joined.section("s", reach, place))
        assert together.flow == pytest.approx(alone.flow, rel=1e-12)
        np.testing.assert_allclose(together.loads, alone.loads, rtol=1e-12)
    load = Load("p1", file.row_of("p1"), 0.0, 0.1, {"COD": 100.0})
    more = solve(network, [cod], [load], file.lateral, file.diffuse).at(joined.section("s", "a", 4000.0))
    less = after.at(joined.section("s", "a", 4000.0))
    decay = np.exp(-0.25 / 86_400 * 800 / 0.5)
    assert more.loads[0] - less.loads[0] == pytest.approx(10 * decay), "800 m of pipe are a reach"
