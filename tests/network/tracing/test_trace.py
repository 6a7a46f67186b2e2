"""Tracing: laws that hold for every trace, and plain cases whose answer is known."""

from dataclasses import replace

import numpy as np
import pytest

from bishui.errors import CallError
from bishui.network.tracing import LEAD, NothingToTrace, Verdict

from .conftest import CANDIDATES, ITEMS, SECTIONS, outfall, situation


def chances(found):
    return {suspect.key: suspect.probability for suspect in found.suspects}


def test_a_single_obvious_source_is_named(traced):
    assert traced.verdict is Verdict.NAMED
    assert traced.groups[0].keys == ("b",)
    assert traced.groups[0].probability > 0.8


def test_its_load_lies_in_the_interval(traced):
    load = next(suspect for suspect in traced.suspects if suspect.key == "b").loads["fluoride"]
    excess = 15.0 * 0.6 * 10.0 * 0.03
    assert load.low < excess < load.high
    assert load.low < load.median < load.high


def test_the_order_of_the_list_changes_nothing(one_source, traced):
    turned = one_source.with_candidates(reversed(CANDIDATES)).trace()
    assert turned.as_dict() == traced.as_dict()


def test_other_names_change_nothing_but_names(one_source, traced):
    names = dict(zip("abcdef", "uzyxwv", strict=True))
    renamed = one_source.with_candidates(replace(one, key=names[one.key]) for one in CANDIDATES).trace()
    assert chances(renamed) == {names[key]: chance for key, chance in chances(traced).items()}


def test_the_same_question_has_the_same_answer(one_source, traced):
    assert one_source.trace().as_dict() == traced.as_dict()


def test_duplicates_form_one_group(one_source):
    twin = replace(CANDIDATES[1], key="twin")
    found = one_source.with_candidates([*CANDIDATES, twin]).trace()
    first = found.groups[0]
    assert first.keys == ("b", "twin")
    assert first.size == 2
    each = chances(found)
    assert each["b"] == pytest.approx(each["twin"], abs=0.25)
    assert first.probability <= each["b"] + each["twin"] + 1e-9


def test_the_next_sample_lies_between_two_that_form_the_likeliest_group(one_source):
    further = replace(CANDIDATES[1], key="further", chainage=5_000.0)
    found = one_source.with_candidates([*CANDIDATES, further]).trace()
    assert set(found.groups[0].keys) == {"b", "further"}
    place = found.next_samples[0]
    assert place.reach == "r0"
    assert CANDIDATES[1].chainage < place.chainage < further.chainage


def test_probabilities_sum_to_the_expected_number_of_sources(traced):
    expected = sum(chances(traced).values()) + traced.none_listed
    assert 1.0 <= expected <= 3.0
    assert all(0.0 <= chance <= 1.0 for chance in chances(traced).values())
    assert sum(suspect.explained for suspect in traced.suspects) <= 1.0 + 1e-9
    assert traced.only_unlisted <= traced.none_listed


def test_twice_the_noise_widens_the_interval(one_source, traced):
    wider = one_source.trace(noise_low=0.2, noise_high=0.6, day_spread=0.3)
    width = {}
    for name, found in (("single", traced), ("double", wider)):
        load = next(suspect for suspect in found.suspects if suspect.key == "b").loads["fluoride"]
        width[name] = np.log(load.high / load.low)
    assert width["double"] > width["single"]


def test_an_absent_culprit_is_recognised(absent):
    found = absent.trace()
    assert found.none_listed > 0.5
    assert found.verdict is Verdict.NONE_LISTED


def test_who_is_not_upstream_has_no_chance(traced):
    last = next(suspect for suspect in traced.suspects if suspect.key == "e")
    outside = (
        situation({"b": 16.0}).with_candidates([*CANDIDATES, outfall("z", 5, "sewage", 5_900.0)]).trace()
    )
    below = next(suspect for suspect in outside.suspects if suspect.key == "z")
    assert below.probability == 0.0
    assert [clue.kind for clue in below.clues] == ["position"]
    assert last.probability < 0.2


def test_a_section_that_stayed_low_speaks_against_who_would_have_raised_it(traced):
    """The sections of the other tributaries are clean: their outfalls cannot be the only source."""
    paper = next(suspect for suspect in traced.suspects if suspect.key == "d")
    against = {clue.kind: clue.number for clue in paper.clues if not clue.supports}
    assert against


def test_every_result_says_first_that_it_is_a_lead_and_no_proof(traced):
    written = traced.as_dict()
    assert next(iter(written)) == "caution"
    assert "不是违法证据" in written["caution"]["zh"]
    assert written["caution"]["zh"] == LEAD.render("zh-hans")


def test_every_suspect_says_what_speaks_for_and_against(traced):
    for suspect in traced.as_dict()["suspects"]:
        clues = [*suspect["for"], *suspect["against"]]
        assert clues
        assert all(isinstance(clue["number"], float) and clue["text"]["zh"] for clue in clues)


def test_the_next_sample_is_a_place_above_the_exceedance(traced):
    place = traced.next_samples[0]
    assert place.reach in {f"r{n}" for n in range(6)}
    assert place.item in {item.key for item in ITEMS}
    assert 0.0 <= place.bits <= place.entropy


def test_the_settings_used_are_in_the_result(traced):
    assert traced.as_dict()["settings"]["settings"]["steps"]["value"] == 3000


def test_nothing_above_its_limit_is_nothing_to_trace():
    with pytest.raises(NothingToTrace, match="超过限值"):
        situation({}).trace()


def test_two_candidates_of_one_code_are_refused(one_source):
    with pytest.raises(CallError, match="重复"):
        one_source.with_candidates([*CANDIDATES, CANDIDATES[0]]).trace()


def test_a_result_of_no_section_is_refused(one_source):
    wrong = replace(one_source.samples, section=one_source.samples.section + len(SECTIONS))
    with pytest.raises(CallError, match="断面"):
        replace(one_source, samples=wrong).trace()
