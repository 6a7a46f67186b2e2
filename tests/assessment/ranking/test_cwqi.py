"""Comprehensive water quality index (CWQI): 环办监测〔2017〕51号."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.assessment import (
    NoIndex,
    Period,
    assess,
    city_index,
    index_change,
    quality_index,
    rank_ascending,
    rank_changes,
    rank_indices,
    section_index,
)
from bishui.errors import CallError, DataError
from bishui.standards import rules
from tests.assessment.tables import measurements, reading, sites, targets

ON = date(2024, 6, 30)
RULES = rules("cwqi", ON)
#: The worked example of the rules: river items, sum 2.225.
EXAMPLE = {"ph": "8", "do": "8.0", "codmn": "3.0", "nh3n": "0.30", "tp": "0.06"}


def values(**given):
    return {item: Decimal(value) for item, value in given.items()}


def index(means, water_type="river", **changes):
    chosen = RULES.with_settings(**changes)
    return quality_index("甲", {"S": means}, water_type, on=ON, chosen=chosen)


def table(*sections, month="2024-06"):
    """Readings of several sections: (site, {item: value})."""
    return measurements(
        reading(item, value, f"{month}-01T08:00", site=site)
        for site, given in sections
        for item, value in given.items()
    )


def assessed(*sections, lakes=(), period="2024-06", targeted=None):
    register = sites(
        *({"id": site, "water_type": "lake" if site in lakes else "river"} for site, _ in sections)
    )
    return list(assess(table(*sections), register, targeted, period=Period.parse(period)))


def city(name, *sections, lakes=(), targeted=None):
    return city_index(name, assessed(*sections, lakes=lakes, targeted=targeted), RULES)


class TestIndexOfOneItem:
    def test_worked_example(self):
        found = index(values(**EXAMPLE))
        assert [str(float(term.index)) for term in found.terms] == ["0.5", "0.625", "0.5", "0.3", "0.3"]
        assert found.total == Fraction("2.225")
        assert found.rounded == Decimal("2.2250")

    @pytest.mark.parametrize(
        ("ph", "expected"),
        [("7", "0"), ("6.5", "0.5"), ("6", "1"), ("5.5", "1.5"), ("9", "1"), ("9.5", "1.25")],
    )
    def test_ph_counts_from_7_to_either_end_of_its_range(self, ph, expected):
        terms = {term.item: term.index for term in index(values(do="5", ph=ph)).terms}
        assert terms["ph"] == Fraction(expected)

    def test_oxygen_is_the_limit_divided_by_the_value(self):
        (term,) = index(values(do="2.5")).terms
        assert (term.index, term.formula) == (2, "5 / 2.5")

    def test_lakes_have_their_own_limit_of_phosphorus_and_no_nitrogen(self):
        river = index(values(do="5", tp="0.1", tn="2"))
        lake = index(values(do="5", tp="0.1", tn="2"), "lake")
        assert (river.total, lake.total) == (Fraction("1.5"), 3)
        assert (river.beside, lake.beside) == (("tn",), ("tn",))

    def test_the_sum_opens_item_by_item_with_formula_and_settings(self):
        found = index(values(**EXAMPLE)).as_dict()
        assert [term["formula"] for term in found["terms"]] == [
            "(8 - 7) / (9 - 7)",
            "5 / 8",
            "3 / 6",
            "0.3 / 1.0",
            "0.06 / 0.2",
        ]
        assert (found["index"], found["rules"], found["standard"]) == ("2.2250", "51-2017.1", "GB 3838-2002")

    def test_nothing_is_rounded_inside(self):
        assert index({"do": Fraction(15, 7)}).total == Fraction(7, 3)


class TestNoIndex:
    @pytest.mark.parametrize(
        ("given", "reason", "item"),
        [
            ({"codmn": "3"}, NoIndex.ITEM_MISSING, "do"),
            ({"do": "0", "codmn": "3"}, NoIndex.INVALID_VALUE, "do"),
            ({"do": "5", "ph": "0"}, NoIndex.INVALID_VALUE, "ph"),
            ({"do": "5", "tp": "-0.1"}, NoIndex.INVALID_VALUE, "tp"),
            ({}, NoIndex.NO_DATA, "do"),
            ({"tn": "1"}, NoIndex.NO_DATA, "do"),
        ],
    )
    def test_it_says_why(self, given, reason, item):
        found = index(values(**given))
        assert (found.total, found.rounded) == (None, None)
        assert (found.reason, found.reason_item) == (reason, item)

    def test_a_concentration_of_zero_is_no_fault(self):
        assert index(values(do="5", tp="0")).total == 1

    def test_oxygen_may_be_declared_dispensable(self):
        assert index(values(codmn="3"), needed_items=()).total == Fraction(1, 2)


class TestCity:
    def test_river_and_lake_parts_weigh_by_their_numbers(self):
        found = city("甲市", ("r1", {"do": "5"}), ("r2", {"do": "2.5"}), ("l1", {"do": "2"}), lakes=("l1",))
        # River: mean DO 3.75, 5 / 3.75 = 4/3, two sections; lake: 5 / 2, one point.
        assert (found.river.total, found.lake.total) == (Fraction(4, 3), Fraction(5, 2))
        assert found.total == (Fraction(4, 3) * 2 + Fraction(5, 2)) / 3
        assert found.rounded == Decimal("1.7222")

    def test_means_are_taken_over_the_sections_before_dividing_and_stay_open(self):
        found = city("甲市", ("a", {"do": "4"}), ("b", {"do": "6"}))
        (term,) = found.river.terms
        assert (term.mean, term.members) == (5, {"a": Fraction(4), "b": Fraction(6)})

    def test_ph_is_averaged_as_hydrogen_ions(self):
        given = {"do": "5"}
        found = city("甲市", ("a", given | {"ph": "6"}), ("b", given | {"ph": "8"}))
        terms = {term.item: term for term in found.river.terms}
        assert float(terms["ph"].mean) == pytest.approx(6.2967, abs=1e-4)

    def test_sections_without_data_or_water_type_are_left_out_and_counted(self):
        results = assess(
            table(("a", {"do": "5"}), ("b", {"do": "5"})),
            sites("a", {"id": "b", "water_type": None}, "c"),
            period=Period.parse("2024-06"),
        )
        found = city_index("甲市", results, RULES)
        assert found.left_out == {"b": NoIndex.WATER_TYPE_UNKNOWN, "c": NoIndex.NO_DATA}
        assert (found.as_dict()["entered"], found.as_dict()["sites"]) == (1, 3)

    def test_months_of_all_sections_may_weigh_the_same_instead(self):
        rows = [reading("do", "3", f"2024-0{month}-01T08:00", site="a") for month in (1, 2, 3)]
        given = measurements([*rows, reading("do", "7", "2024-01-01T08:00", site="b")])
        results = list(assess(given, sites("a", "b"), period=Period.parse("2024-01~03")))
        assert city_index("甲市", results, RULES).river.terms[0].mean == 5
        pooled = city_index("甲市", results, RULES.with_settings(means_over="months"))
        assert pooled.river.terms[0].mean == 4

    def test_all_sections_may_give_the_weight_of_a_part(self):
        register = sites("a", "b", {"id": "l", "water_type": "lake"})
        given = table(("a", {"do": "5"}), ("l", {"do": "2"}))
        results = list(assess(given, register, period=Period.parse("2024-06")))
        assert city_index("甲市", results, RULES).total == Fraction(7, 4)
        every = RULES.with_settings(parts_weighted_by="all")
        assert city_index("甲市", results, every).total == Fraction(3, 2)

    def test_a_part_without_an_index_leaves_the_city_without_one(self):
        found = city("甲市", ("r", {"do": "5"}), ("l", {"codmn": "3"}), lakes=("l",))
        assert (found.total, found.reason) == (None, NoIndex.ITEM_MISSING)

    def test_results_of_several_periods_are_refused(self):
        months = [*assessed(("a", {"do": "5"})), *assessed(("a", {"do": "5"}), period="2024")]
        with pytest.raises(CallError, match="时段"):
            city_index("甲市", months)

    def test_a_section_has_its_own_index(self):
        (result,) = assessed(("a", EXAMPLE))
        assert section_index(result).rounded == Decimal("2.2250")
        (unknown,) = assess(table(("a", EXAMPLE)), period=Period.parse("2024-06"))
        assert section_index(unknown).reason is NoIndex.WATER_TYPE_UNKNOWN


#: Jilin department of ecology and environment, ranking January to June 2020 under 51号, first five.
JILIN = {"白山市": "3.0229", "通化市": "3.4643", "长白山": "3.8408", "吉林市": "4.2664", "延边州": "4.4195"}


def ranked(entries):
    places = rank_ascending(
        entries,
        value=lambda entry: Fraction(entry[1]),
        printed=lambda entry: round(Decimal(entry[1]), 4),
        name=lambda entry: entry[0],
    )
    return [(place.entry[0], place.rank) for place in places]


class TestRanking:
    @given(st.permutations(list(JILIN.items())))
    def test_published_order_whatever_the_order_of_input(self, entries):
        assert ranked(entries) == [(name, rank) for rank, name in enumerate(JILIN, 1)]

    def test_equal_printed_values_share_a_rank_and_the_next_is_skipped(self):
        entries = [("丁", "4"), ("丙", "3.00004"), ("乙", "3.00001"), ("甲", "2")]
        assert ranked(entries) == [("甲", 1), ("乙", 2), ("丙", 2), ("丁", 4)]

    @given(st.lists(st.decimals(0, 9, places=2), unique=True, min_size=1).flatmap(st.permutations))
    def test_ranks_of_different_values_are_their_places(self, numbers):
        entries = [(str(number), str(number)) for number in numbers]
        assert [rank for _, rank in ranked(entries)] == list(range(1, len(numbers) + 1))

    def test_cities_are_ranked_ascending_and_those_without_an_index_named(self):
        good, poor = city("甲市", ("a", {"do": "8"})), city("乙市", ("b", {"do": "4"}))
        none = city("丙市", ("c", {"do": "0"}))
        found = rank_indices([poor, none, good], RULES)
        assert [(place.rank, place.entry.name) for place in found.places] == [(1, "甲市"), (2, "乙市")]
        assert found.left_out == {"丙市": NoIndex.INVALID_VALUE}
        assert found.items == ("do",)

    def test_other_item_lists_are_refused_with_the_missing_items_named(self):
        whole, short = city("甲市", ("a", {"do": "8", "tp": "0.1"})), city("乙市", ("b", {"do": "4"}))
        with pytest.raises(DataError, match="不能排名") as refused:
            rank_indices([whole, short], RULES)
        (problem,) = refused.value.problems
        assert "乙市" in str(problem.what)
        assert "总磷" in str(problem.what)

    def test_equal_printed_values_may_be_told_apart_by_setting(self):
        twins = [city("甲市", ("a", {"do": "5.000001"})), city("乙市", ("b", {"do": "5"}))]
        assert [place.rank for place in rank_indices(twins, RULES).places] == [1, 1]
        apart = rank_indices(twins, RULES.with_settings(equal_values_share_a_rank=False))
        assert [(place.rank, place.entry.name) for place in apart.places] == [(1, "甲市"), (2, "乙市")]

    def test_a_bureau_may_rank_other_item_lists_by_setting(self):
        whole, short = city("甲市", ("a", {"do": "8", "tp": "0.1"})), city("乙市", ("b", {"do": "4"}))
        assert len(rank_indices([whole, short], RULES.with_settings(same_items=False)).places) == 2


class TestChange:
    def test_a_fall_is_negative_and_better_as_published_for_liaoyuan(self):
        # 辽源市, January to June 2020: −51.16 %. The base is chosen so that the sums stand in that ratio.
        now, before = city("辽源市", ("a", {"do": "10"})), city("辽源市", ("a", {"do": "4.884"}))
        assert index_change(now, before, RULES).rounded == Decimal("-51.16")

    def test_the_greatest_improvement_comes_first(self):
        base = [city("甲市", ("a", {"do": "4"})), city("乙市", ("b", {"do": "4"}))]
        now = [city("甲市", ("a", {"do": "5"})), city("乙市", ("b", {"do": "8"}))]
        found = rank_changes(now, base, RULES)
        assert [(place.entry.name, str(place.printed)) for place in found.places] == [
            ("乙市", "-50.00"),
            ("甲市", "-20.00"),
        ]

    def test_a_city_without_a_base_is_named(self):
        found = rank_changes([city("甲市", ("a", {"do": "5"}))], [], RULES)
        assert (found.places, found.left_out) == ((), {"甲市": NoIndex.NO_BASE})

    @pytest.mark.parametrize(
        ("oxygen", "target", "reason"),
        [("6.5", 2, NoIndex.GOOD_THROUGHOUT), ("6.5", 1, None), ("5.5", 3, None)],
    )
    def test_good_and_attaining_in_both_periods_is_not_ranked(self, oxygen, target, reason):
        aims = targets({"site": "a", "target_class": target})
        found = city("甲市", ("a", {"do": oxygen}), targeted=aims)
        change = index_change(found, found, RULES)
        assert (change.reason, change.rounded) == (reason, Decimal("0.00"))


def test_published_rankings_are_reproduced(shared):
    from bishui.verification import verify

    (report,) = verify([shared / "reference" / "assessment-cases" / "cwqi-ranking.csv"])
    assert (report.layout, report.failed) == ("cwqi-ranking", False)
