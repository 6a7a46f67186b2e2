"""The register of outfalls: codes given once, files of several kinds in and out, duplicates merged by a person."""

import zipfile
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest

from bishui.errors import Conflict, DataError
from bishui.outfalls import legacy_types, local_code, outfall_types
from bishui.server.core import audit, imports, register_records, registers
from bishui.server.outfalls import merging, services
from bishui.server.outfalls.exchange.differences import compare
from bishui.server.outfalls.exchange.mapping import mappings
from bishui.server.outfalls.exchange.rows import read_rows
from bishui.server.outfalls.exchange.writing import geographic, mapped_workbook
from bishui.server.outfalls.models import ChainLink, Channel, Discharger, Outfall
from tests.server.conftest import CITY, COUNTY_A, COUNTY_B

pytestmark = pytest.mark.django_db
HEAD = "本系统编码,名称,所在县（市、区）,入河或入海,东经,北纬,坐标系,国家统一编码,责任主体类别"


def csv(*rows, head=HEAD):
    return "\n".join([head, *rows]).encode()


def read(content, name="outfalls.csv", division=CITY, mapping="own"):
    session = imports.receive(
        "register:outfalls", [content], name, division=division, actor="system", options={"mapping": mapping}
    )
    imports.read(session)
    session.refresh_from_db()
    return session


def bring(content, actor, **more):
    session = read(content, **more)
    imports.start_commit(session, actor=actor)
    imports.finish_commit(session)
    session.refresh_from_db()
    assert session.state == "active", session.summary
    return session


def counts(session):
    return tuple(session.summary[key] for key in ("created", "changed", "unchanged", "rejected"))


def codes(session):
    return [problem["code"] for problem in imports.all_problems(session)]


@pytest.fixture
def lead(instance, data_dir):
    return instance.users["bureau_lead@city"]


@pytest.fixture
def three(lead):
    bring(
        csv(
            ",甲排口,990101,入河,109.123450,24.5,CGCS2000,,",
            ",乙排口,990101,入河,109.2,24.6,CGCS2000,HA-990101-0001-GY-00,",
            ",丙排口,990102,入海,,,,,",
        ),
        lead,
    )
    return list(Outfall.objects.order_by("code"))


def test_the_choices_of_the_register_are_the_classifications():
    register = registers.load_all()["outfalls"]
    for name, known in (("kind", outfall_types()), ("legacy_kind", legacy_types())):
        shown = {choice.value: choice.label.zh for choice in register.field(name).choices}
        assert shown == {key: entry.name for key, entry in known.items()}


def test_a_row_without_a_code_is_a_new_outfall_with_the_next_code_of_its_county(three):
    assert [outfall.code[:13] for outfall in three] == ["L990101-00001", "L990101-00002", "L990102-00001"]
    assert [(one.division, one.stage, one.rounds.get().state) for one in three] == [
        (COUNTY_A, "suspected", "suspected"),
        (COUNTY_A, "suspected", "suspected"),
        (COUNTY_B, "suspected", "suspected"),
    ]
    assert (three[0].lon, three[0].coordinate_digits) == (Decimal("109.12345"), 6)


def test_a_code_is_never_given_again_not_after_an_import_was_taken_back(lead):
    session = bring(csv(",甲排口,990101,入河,,,,,"), lead)
    imports.take_back(session, actor=lead, why="误传")
    assert not Outfall.objects.exists()
    bring(csv(",乙排口,990101,入河,,,,,"), lead)
    assert Outfall.objects.get().code.startswith("L990101-00002")


def test_a_code_that_came_with_a_file_is_not_given_again(lead):
    bring(csv(f"{local_code('990101', 7)},甲排口,990101,入河,,,,,"), lead)
    assert services.find_outfall("乙排口", division=COUNTY_A, actor="system").code == local_code("990101", 8)


def test_what_was_exported_comes_back_unchanged(three):
    book = register_records.workbook(registers.load_all()["outfalls"], three)
    assert counts(read(book, "outfalls.xlsx")) == (0, 0, 3, 0)


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "zip"])
def test_a_file_of_points_comes_back_unchanged(three, ending):
    session = read(geographic(three, ending), f"outfalls.{ending}")
    assert (session.state, counts(session)) == ("previewed", (0, 0, 3, 0)), session.problems


def test_an_outside_system_knows_an_outfall_by_its_own_code(three, lead):
    rows = csv(
        "R-1,甲排口,990101,109.12345,24.5,有",
        "R-2,丁排口,990102,109.3,24.7,无",
        head="排污口编号,排污口名称,县（区）,东经,北纬,有无异常状况",
    )
    with audit.action("outfalls.saved", actor="system", division=CITY, name="x"):
        three[0].regional_code = "R-1"
        three[0].save()
    assert counts(bring(rows, lead, name="survey.csv", mapping="guangxi_survey")) == (1, 1, 0, 0)
    three[0].refresh_from_db()
    assert (three[0].abnormal, Outfall.objects.get(regional_code="R-2").abnormal) == ("yes", "no")


def test_the_list_of_differences_names_each_side_and_changes_nothing(three, tmp_path):
    with audit.action("outfalls.saved", actor="system", division=CITY, name="x"):
        three[0].regional_code = "R-1"
        three[0].save()
    path = tmp_path / "theirs.csv"
    path.write_bytes(csv("R-1,甲大排口,109.12345", "R-9,戊排口,", head="排污口编号,排污口名称,东经"))
    found = compare(three, read_rows(path, path.name), mappings()["guangxi_survey"])
    assert [(one.label, one.ours, one.theirs) for one in found.different] == [("名称", "甲排口", "甲大排口")]
    assert [raw["regional_code"] for raw in found.only_theirs] == ["R-9"]
    assert [one.name for one in found.only_ours] == ["乙排口", "丙排口"]


def test_a_mapped_file_has_the_other_sides_heads_and_words(three, tmp_path):
    three[0].abnormal = "yes"
    path = tmp_path / "ours.xlsx"
    path.write_bytes(mapped_workbook(three[:1], mappings()["guangxi_survey"]))
    ((_, row),) = read_rows(path, path.name).rows
    assert (row["排污口名称"], row["有无异常状况"]) == ("甲排口", "有")


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (",丁排口,990101,入河,,,,HA-990101-0001-GY-00,", "国家统一编码"),
        (",丁排口,990101,入河,,,,排口#1,", "国家统一编码"),
        (",丁排口,990101,入河,,,,,政府兜底", "责任主体类别"),
        (",,990101,入河,,,,,", "名称"),
        (",丁排口,999999,入河,,,,,", "所在县（市、区）"),
        (",丁排口,990101,入河,200,24,CGCS2000,,", "东经"),
    ],
)
def test_a_faulty_row_is_refused_with_its_place_and_the_others_go_on(three, row, column):
    session = read(csv(row, ",戊排口,990102,入河,,,,,"), name="faulty.csv")
    assert counts(session) == (1, 0, 0, 1)
    (problem,) = imports.all_problems(session)
    assert (problem["where"]["row"], problem["where"]["column"]) == (2, column)


def test_an_official_code_stands_once_in_a_file_however_it_is_written(lead):
    session = read(csv(",甲,990101,入河,,,,HA-1,", ",乙,990101,入河,,,,ｈａ－1,"))
    assert counts(session) == (1, 0, 0, 1) and codes(session) == ["repeated-key"]


def test_a_packed_file_without_a_shapefile_says_what_is_wanted(lead):
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("readme.txt", "x")
    session = read(stream.getvalue(), "points.zip")
    assert session.state == "unreadable" and "Shapefile" in str(session.summary["error"])


def test_merging_keeps_the_history_of_both_and_can_be_undone(three, lead):
    first, second, _ = three
    merging.merge(first, second, "同一口门", actor=lead)
    second.refresh_from_db()
    assert second.merged_into == first.code and second.rounds.count() == 1
    with pytest.raises(Conflict):
        merging.merge(first, second, "又一次", actor=lead)
    merging.part(second, "认错了", actor=lead)
    assert second.merged_into == "" and merging.merged_into(first) == []
    assert audit.verify()[1] == []


def test_two_that_were_kept_apart_are_not_asked_about_again(three, lead):
    with audit.action("outfalls.saved", actor="system", division=CITY, name="x"):
        three[1].lon, three[1].lat = Decimal("109.123451"), Decimal("24.500001")
        three[1].prepare()
        three[1].save()
    assert [pair.reasons for pair in merging.open_pairs(CITY)] == [("near",)]
    merging.keep_apart(three[0], three[1], "左右岸各一", actor=lead)
    assert merging.open_pairs(CITY) == []


# -- the chain -------------------------------------------------------------------------------------------


def link(**fields):
    record = ChainLink(code=fields.pop("code", "K1"), evidence="管网图 3 号", **fields)
    record.prepare()
    return record


@pytest.fixture
def chain(three):
    with audit.action("outfalls.saved", actor="system", division=CITY, name="x"):
        Discharger(code="D1", name="甲厂", division=COUNTY_A).save()
        for code in ("C1", "C2"):
            Channel(code=code, name=code, kind="pipe", division=COUNTY_A).save()
    return three[0]


def test_a_link_leads_from_what_is_registered_to_what_is_registered(chain):
    made = link(upper_kind="discharger", upper="D1", lower_kind="outfall", lower=chain.code)
    assert made.division == COUNTY_A
    with pytest.raises(DataError, match="没有“D9”"):
        link(upper_kind="discharger", upper="D9", lower_kind="outfall", lower=chain.code)


def test_channels_never_lead_back_to_themselves(chain):
    with audit.action("outfalls.saved", actor="system", division=CITY, name="x"):
        link(upper_kind="channel", upper="C1", lower_kind="channel", lower="C2").save()
    with pytest.raises(DataError, match="流回自身"):
        link(code="K2", upper_kind="channel", upper="C2", lower_kind="channel", lower="C1")


def test_an_ended_link_says_why(chain):
    ends = {"upper_kind": "discharger", "upper": "D1", "lower_kind": "outfall", "lower": chain.code}
    with pytest.raises(DataError, match="终止原因"):
        link(**ends, until=date(2025, 5, 1))
    held = link(**ends, since=date(2025, 1, 1), until=date(2025, 5, 1), ended_why="封堵")
    assert held.holds_on(date(2025, 5, 1)) and not held.holds_on(date(2025, 5, 2))
