"""What is proposed for a name in a file: the nearest first, with the difference; never a decision."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.server.sites.near import Candidate, compare, proposals

KNOWN = [
    Candidate("1", "东边埇", "镜江"),
    Candidate("2", "西边涌", "镜江"),
    Candidate("3", "苇镜桥", "苇河"),
    Candidate("4", "高速公路西桥"),
    Candidate("5", "鹭眠水库坝首"),
]
NAMES = st.text(alphabet="东西边涌埇桥坝首断面甲乙", min_size=1, max_size=8)


def test_a_character_of_like_shape_or_reading_is_proposed_first():
    first, second = proposals("东边涌", KNOWN)
    assert (first.site, second.site) == ("1", "2")
    assert "涌／埇" in str(first.why) and "易混" in str(first.why)


@pytest.mark.parametrize("written", ["苇镜桥断面", "苇镜大桥", "苇镜桥国控断面", "韦镜桥"])
def test_words_that_files_add_do_not_hide_a_site(written):
    assert proposals(written, KNOWN)[0].site == "3"


def test_a_name_that_is_near_to_none_gets_no_proposal():
    assert proposals("北门水厂", KNOWN) == []


def test_the_same_water_counts_for_a_site():
    candidates = [Candidate("1", "甲一", "东河"), Candidate("2", "甲二", "西河")]
    assert proposals("甲三", candidates, "西河")[0].site == "2"


def test_a_site_of_several_names_is_proposed_once():
    candidates = [Candidate("1", "东边埇"), Candidate("1", "东边冲")]
    assert len(proposals("东边涌", candidates)) == 1


@given(NAMES, NAMES)
def test_nearness_is_symmetric_and_one_only_for_the_same_name(one, other):
    there, back = compare(one, Candidate("x", other)), compare(other, Candidate("x", one))
    assert there.nearness == pytest.approx(back.nearness)
    assert (there.nearness == 1) is (one == other)
