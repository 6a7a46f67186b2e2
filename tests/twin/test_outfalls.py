"""The invented city's outfalls: every stage, equal for equal cities, no real name, no day after the city's."""

from collections import Counter
from importlib import resources

from bishui.outfalls import Level, check_credit_code, life_cycle, outfall_types
from bishui.places import places
from bishui.twin import build_city, outfall_owners, outfall_picture, outfall_stories

CITY = build_city()
STORIES = outfall_stories(CITY)


def test_about_sixty_outfalls_stand_at_every_stage_and_one_was_begun_anew():
    fates = Counter(story.fate for story in STORIES)
    assert 55 <= len(STORIES) <= 70
    assert fates["reopened"] == 1
    assert fates["signed_off"] >= 5
    assert len(fates) == 12


def test_the_five_that_the_rivers_know_are_the_same_outfalls():
    known = {outfall.id: outfall.name_zh for outfall in CITY.outfalls}
    assert {story.id: story.name_zh for story in STORIES if story.id in known} == known
    assert len({story.id for story in STORIES}) == len(STORIES)


def test_equal_cities_have_equal_stories_and_nothing_happens_after_their_day():
    assert outfall_stories(build_city()) == STORIES
    assert all(day <= CITY.as_of for story in STORIES for day in story.days.values())
    assert all(list(story.days.values()) == sorted(story.days.values()) for story in STORIES)


def test_kinds_categories_and_problems_are_those_of_the_rules():
    rules = life_cycle()
    for story in STORIES:
        assert not story.kind or story.kind in outfall_types()
        assert not story.category or story.category in rules.categories
        assert set(story.problems) <= set(rules.abnormalities)
        assert set(story.methods) <= set(rules.trace_methods)


def test_no_name_is_among_the_published_facts():
    folder = resources.files("bishui.places").joinpath("data")
    facts = "".join(folder.joinpath(f"{p.key}.toml").read_text(encoding="utf-8") for p in places())
    names = {story.name_zh for story in STORIES} | {story.village for story in STORIES if story.village}
    names |= {owner.name_zh for owner in outfall_owners(CITY)}
    assert not [name for name in names if name in facts]


def test_credit_codes_are_sound_but_of_no_real_province():
    codes = [owner.credit_code for owner in outfall_owners(CITY) if owner.credit_code]
    assert codes
    assert {check_credit_code(code).level for code in codes} == {Level.WARN}


def test_two_pictures_of_one_view_differ_and_equal_ones_are_equal():
    assert outfall_picture("before", 3) == outfall_picture("before", 3)
    assert outfall_picture("before", 3) != outfall_picture("after", 3)
