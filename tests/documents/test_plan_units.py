"""Responsible bodies in a cell: split at the top level, otherwise as written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.documents.names import split_units


@pytest.mark.parametrize(
    ("raw", "units"),
    [
        ("市甲局", ("市甲局",)),
        ("市甲局、乙局", ("市甲局", "乙局")),
        ("市甲局，乙局；丙局", ("市甲局", "乙局", "丙局")),
        ("市甲局、乙局、", ("市甲局", "乙局")),
        (
            "各县、区人民政府，东区、北部新区（西园、南园）管委会",
            ("各县、区人民政府", "东区", "北部新区（西园、南园）管委会"),
        ),
        ("相关县、区人民政府", ("相关县、区人民政府",)),
        ("各县、市、区人民政府", ("各县、市、区人民政府",)),
        ("各县（区）人民政府", ("各县（区）人民政府",)),
        ("云县、雾县、霞区人民政府", ("云县", "雾县", "霞区人民政府")),
        ("各乡镇、雁岭管理区", ("各乡镇", "雁岭管理区")),
        ("市住房和城乡建设局", ("市住房和城乡建设局",)),
        ("责任单位：市甲局，乙局负责", ("市甲局", "乙局")),
        ("市甲局（乙局配合", ("市甲局（乙局配合",)),
        ("市甲局和乙局", ("市甲局和乙局",)),
        ("市发展改革委及财政局", ("市发展改革委", "财政局")),
        ("县住房和城乡建设局和水利局", ("县住房和城乡建设局", "水利局")),
        ("各镇党委和政府", ("各镇党委和政府",)),
        ("云县（水利局和林业局）管委会", ("云县（水利局和林业局）管委会",)),
        ("各县（区）人民政府，各开发区管委会", ("各县（区）人民政府", "各开发区管委会")),
        ("云江生态\n环境局、\n区水利局", ("云江生态环境局", "区水利局")),
        ("市水利局\n市林业局", ("市水利局", "市林业局")),
        ("各镇人民政\n府、区开发区\n管委会", ("各镇人民政府", "区开发区管委会")),
        ("区水利\n局", ("区水利局",)),
        ("/", ()),
        ("", ()),
        ("—", ()),
        ("无", ()),
    ],
)
def test_units_of_a_cell(raw: str, units: tuple[str, ...]) -> None:
    assert split_units(raw).units == units


@pytest.mark.parametrize(
    ("raw", "units", "etc", "by_duty"),
    [
        ("市甲局、乙局等", ("市甲局", "乙局"), True, False),
        ("市甲局、乙局等有关部门", ("市甲局", "乙局"), True, False),
        ("市甲局、乙局按职责分工推进", ("市甲局", "乙局"), False, True),
        ("市甲局、乙局等按职责分工负责", ("市甲局", "乙局"), True, True),
        ("市甲局", ("市甲局",), False, False),
    ],
)
def test_open_lists_and_division_by_duty(raw: str, units: tuple[str, ...], etc: bool, by_duty: bool) -> None:
    cell = split_units(raw)
    assert (cell.units, cell.etc, cell.by_duty) == (units, etc, by_duty)
    assert cell.raw == raw


@given(
    st.lists(
        st.text(alphabet="甲乙丙丁戊己庚辛", min_size=2, max_size=6), min_size=1, max_size=8, unique=True
    )
)
def test_plain_names_come_back_in_order(names: list[str]) -> None:
    assert split_units("、".join(names)).units == tuple(names)


@given(st.text(alphabet="各县区人民政府、，（）()市局等/按职责分工 ", max_size=30))
def test_no_text_breaks_the_reader_or_gives_a_blank_name(raw: str) -> None:
    assert all(unit.strip() for unit in split_units(raw).units)
