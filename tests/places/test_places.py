"""Published facts of real places: complete, with their line, and nothing beyond what was published."""

import csv
from collections import Counter
from decimal import Decimal

import pytest

from bishui.errors import NotFound
from bishui.places import place, places

FILES = {"liuzhou-2022": "liuzhou-2022-annual-plan.txt", "qinzhou-2024": "qinzhou-2024-annual-plan.txt"}


@pytest.fixture(scope="module", params=["liuzhou", "qinzhou"])
def one(request):
    return place(request.param)


@pytest.fixture(scope="module")
def printed(shared):
    """Lines of the published documents, without white space."""
    return {
        key: ["".join(line.split(" ")) for line in (shared / "plans" / name).read_text("utf-8").split("\n")]
        for key, name in FILES.items()
    }


def test_liuzhou_and_qinzhou_are_kept():
    assert [(p.key, p.division, p.name_zh) for p in places()] == [
        ("liuzhou", "450200", "柳州市"),
        ("qinzhou", "450700", "钦州市"),
    ]


def test_an_unknown_place_is_refused_with_the_known_ones():
    with pytest.raises(NotFound) as caught:
        place("atlantis")
    assert "atlantis" in str(caught.value)
    assert "liuzhou" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "controls"),
    [("liuzhou", {"国控": 10, "区控": 2}), ("qinzhou", {"国控": 7, "区控": 7, "市控": 4})],
)
def test_every_section_of_the_annexes_is_there(key, controls):
    assert Counter(section.control for section in place(key).sections) == controls


def test_the_registers_have_the_sizes_of_the_annexes():
    liuzhou, qinzhou = places()
    assert (len(liuzhou.sources), len(liuzhou.plants)) == (9, 11)
    assert Counter(source.level for source in qinzhou.sources) == {
        "市级": 4,
        "县级": 5,
        "镇级": 16,
        "村级": 4,
    }
    assert [(f.water, f.value, f.unit) for f in qinzhou.flow_targets] == [("茅岭江", "4.18", "立方米/秒")]
    assert [(b.water, b.length_km, b.year) for b in qinzhou.buffers] == [("钦江", "5.5", 2025)]


def test_ids_are_unique_and_divisions_exist(one):
    ids = [thing.id for thing in (*one.sections, *one.sources, *one.plants)]
    assert len(ids) == len(set(ids))
    codes = {division.code for division in one.divisions}
    assert all(set(thing.counties) <= codes for thing in (*one.sections, *one.sources))
    assert all(d.parent in codes for d in one.divisions if d.parent is not None)


def test_every_fact_stands_in_its_line_of_the_document(one, printed):
    for section in one.sections:
        line = printed[section.document][section.line - 1]
        for text in (section.name_zh, section.water, section.lon, section.lat, section.city):
            assert text is None or text in line, (section, text)
    for source in one.sources:
        line = printed[source.document][source.line - 1]
        for text in (source.name_zh, source.status, source.kind, source.lon, source.lat):
            assert text is None or text in line, (source, text)
    for plant in one.plants:
        cells = printed[plant.document][plant.line - 1].split("\t")
        assert {plant.name_zh, plant.capacity, plant.standard} <= set(cells)


def test_every_target_class_stands_in_its_line(one, printed):
    numerals = {2: ("Ⅱ类", "II类"), 3: ("Ⅲ类", "III类"), 4: ("Ⅳ类", "IV类")}
    for section in one.sections:
        for target in section.targets:
            line = printed[target.document][target.line - 1]
            assert any(written in line for written in numerals[target.target_class]), section


def test_every_quantitative_target_stands_in_its_line(one, printed):
    assert len(one.targets) == 19
    for target in one.targets:
        line = printed[target.document][target.line - 1]
        assert target.value in line, target
        assert target.unit is None or target.unit in line.replace("m³", "m³"), target
        assert len(target.indicator) <= 20


def test_no_sentence_of_a_document_is_kept(one):
    texts = [t.indicator for t in one.targets] + [s.name_zh for s in (*one.sections, *one.sources)]
    assert not [text for text in texts if "。" in text or "，" in text]


def test_another_name_in_the_same_document_is_kept_and_not_resolved(printed):
    section = next(s for s in place("qinzhou").sections if s.name_zh == "东边埇")
    assert [other.name for other in section.also_written] == ["东边涌"]
    other = section.also_written[0]
    assert other.name in printed[other.document][other.line - 1]
    assert section.name_zh not in printed[other.document][other.line - 1]


def test_a_target_holds_for_its_own_year_only(one):
    """The readings are of 2021, the plans of 2022 and 2024: no target may be applied to the readings."""
    for section in one.sections:
        assert section.targets
        assert section.target_of(one.readings.year) is None


def test_a_section_may_have_targets_of_two_years():
    """Qinzhou's note under annex 2: class IV in 2024, class III at the end of 2025."""
    section = next(s for s in place("qinzhou").sections if s.name_zh == "东边塘")
    assert [(t.year, t.target_class) for t in section.targets] == [(2024, 4), (2025, 3)]


def test_a_water_type_is_given_only_where_the_text_says_it(one, printed):
    words = {"river": "河流", "lake": "湖库"}
    for section in one.sections:
        if section.water_type is None:
            assert section.water_type_line is None
            continue
        line = printed[section.document][section.water_type_line - 1]
        assert section.water in line, section
        assert words[section.water_type] in line, section


def test_the_sections_with_readings_mostly_have_no_water_type():
    known = {
        s.name_zh: s.water_type for p in places() for s in p.sections if s.name_zh in p.readings.sections
    }
    assert {name for name, kind in known.items() if kind == "river"} == {"露塘", "象州运江老街", "钦江东"}
    assert Counter(known.values()) == {None: 6, "river": 3}


def test_one_section_of_liuzhou_lies_in_another_city():
    away = [(s.name_zh, s.city) for s in place("liuzhou").sections if s.city != s.assessed]
    assert away == [("象州运江老街", "来宾市")]


def test_coordinates_keep_their_printed_digits():
    liuzhou = place("liuzhou")
    assert {len(s.lon.partition(".")[2]) for s in liuzhou.sections} == {4}
    assert {len(s.lon.partition(".")[2]) for s in liuzhou.sources} == {2}
    assert all(s.lon is None for s in place("qinzhou").sections)
    assert all(109 < Decimal(s.lon) < 110 and 24 < Decimal(s.lat) < 26 for s in liuzhou.sections)


def rows_of(path):
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines()))


def test_each_section_with_readings_has_28_rows(one):
    head, *rows = rows_of(one.readings_path)
    column = head.index("断面名称")
    assert Counter(row[column] for row in rows) == dict.fromkeys(one.readings.sections, 28)
    assert set(one.readings.sections) <= {section.name_zh for section in one.sections}
    assert one.readings.source in one.provenance


def test_the_readings_are_the_published_rows_unchanged(one, shared):
    published = rows_of(shared / "data" / "cnemc_guangxi_4h_2021-04.csv")
    kept = [row for row in published[1:] if row[2] in one.readings.sections]
    assert rows_of(one.readings_path) == [published[0], *kept]
    days = {row[3][:5] for row in kept if row[3] != "*"}
    assert {min(days), max(days)} == {f"{one.readings.first_day:%m-%d}", f"{one.readings.last_day:%m-%d}"}


def test_the_readings_can_be_imported_with_the_year_of_their_folder(one):
    from bishui.observations import read_table

    result = read_table(one.readings_path)
    assert {time.year for time in result.table["time"].to_pylist()} == {one.readings.year}
    # The source itself prints two classes for one moment, which no import can decide.
    assert {(p.code, p.where.column) for p in result.problems} <= {("contradiction", "水质类别")}
