"""Tables of outfalls, sections and results: units of the heads, faults row by row, dates as they are typed."""

from pathlib import Path

import numpy as np
import pytest

from bishui.errors import DataError
from bishui.network import (
    Pollutant,
    read_intakes,
    read_limits,
    read_loads,
    read_network,
    read_samples,
    read_sections,
)
from bishui.network.formats import NetworkFile


def table(folder: Path, text: str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def network(tmp_path: Path) -> NetworkFile:
    text = "河段编号,下游编号,长度（km）,流速\na,b,12.3456,0.5\nb,,1,0.5\n"
    return read_network(table(tmp_path, text, "reaches.csv"))


def codes(caught: pytest.ExceptionInfo[DataError]) -> list[tuple[str, int | None]]:
    return sorted((problem.code, problem.where.row) for problem in caught.value.problems)


def test_concentrations_and_limits_have_the_unit_of_their_head(tmp_path: Path, network: NetworkFile) -> None:
    text = "排口编号,河段编号,里程（km）,流量（万t/d）,浓度（μg/L）\no,a,2,8.64,TP=1500\n"
    (load,) = read_loads(table(tmp_path, text), network)
    assert (load.chainage, load.flow) == (2000.0, pytest.approx(1.0))
    assert load.concentrations == {"TP": pytest.approx(1.5)}
    limits = read_limits(table(tmp_path, "断面编号,限值（ug/L）\ns,TP=200\n"))
    assert limits == {"s": {"TP": pytest.approx(0.2)}}


def test_what_is_known_as_a_load_stands_beside_flow_and_concentrations(
    tmp_path: Path, network: NetworkFile
) -> None:
    text = "排口编号,河段编号,里程,流量,浓度,负荷（t/a）\no,a,2,0.5,COD=20,\np,a,3,,,COD=31.536;TP=3.1536\n"
    own, only = read_loads(table(tmp_path, text), network)
    assert (own.rate("COD"), own.rate("TP")) == (10.0, 0.0)
    assert (only.flow, only.rate("COD"), only.rate("TP")) == (0.0, pytest.approx(1.0), pytest.approx(0.1))


def test_every_wrong_row_of_outfalls_is_named(tmp_path: Path, network: NetworkFile) -> None:
    rows = ["o1,a,100,1,COD=5", "o1,a,200,1,COD=7", "o2,a,20000,1,COD=5", "o3,q,1,1,COD=5", "o4,b,1,-1,COD=5"]
    rows += ["o5,b,1,1,COD:5", ",b,1,1,COD=1", "o6,b,1,1,COD=-1"]
    with pytest.raises(DataError) as caught:
        read_loads(table(tmp_path, "\n".join(["排口编号,河段编号,里程,流量,浓度", *rows])), network)
    assert codes(caught) == [
        ("beyond-reach", 4),
        ("duplicate-id", 3),
        ("negative", 6),
        ("negative", 9),
        ("no-id", 8),
        ("not-concentrations", 7),
        ("unknown-reach", 5),
    ]


def test_the_end_of_a_reach_whose_length_is_in_kilometres_is_on_it(
    tmp_path: Path, network: NetworkFile
) -> None:
    (section,) = read_sections(table(tmp_path, "断面编号,河段编号,里程\ns,a,12345.6\n"), network)
    assert section.chainage == network.reaches.length[0]


def test_places_at_which_water_is_taken_are_told_by_their_kind(tmp_path: Path) -> None:
    text = "断面编号,类型\ns1,国控断面\nq1,取水口（县级）\nq2,饮用水水源地\ns2,\n"
    assert read_intakes(table(tmp_path, text)) == {"q1", "q2"}


def test_results_as_people_type_them(tmp_path: Path, network: NetworkFile) -> None:
    places = read_sections(table(tmp_path, "断面编号,河段编号,里程\ns,a,100\n"), network)
    rows = [
        "s,TP,2025-06-03 08:00,200",
        "s,TP,2025/6/3 8:00,<50",
        "s,TP,2025年6月3日8时,50L",
        "s,TP,2025.6.3,２００",
    ]
    text = "\n".join(["断面,项目,监测时间,结果（μg/L）", *rows])
    found = read_samples(table(tmp_path, text), places, [Pollutant("TP", 0.1)])
    assert found.value.tolist() == pytest.approx([0.2, 0.05, 0.05, 0.2])
    assert found.below.tolist() == [False, True, True, False]
    assert found.time.tolist()[:3] == [found.time.tolist()[0]] * 3
    assert found.time[3] == np.datetime64("2025-06-03T00:00:00")
    wrong = "断面,项目,监测时间,结果\ns,TP,2025/13/3,1\ns,TP,六月,1\ns,TP,2025-06-03,未检出\n"
    with pytest.raises(DataError) as caught:
        read_samples(table(tmp_path, wrong), places, [Pollutant("TP", 0.1)])
    assert codes(caught) == [("not-a-time", 2), ("not-a-time", 3), ("not-a-value", 4)]
