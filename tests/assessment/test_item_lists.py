"""Item lists 21, 5+X, 9+X (环办监测函〔2020〕714号 二): X per section and year, stored with each class."""

from datetime import date

import pytest

from bishui.assessment import Period, PeriodKind, assess, item_lists
from bishui.errors import CallError
from bishui.standards import rules
from tests.assessment.tables import measurements, reading, sites, targets

FIVE = ("ph", "do", "codmn", "nh3n", "tp")


def table():
    """Fluoride was over class Ⅲ in July 2022, COD in March 2024; ammonia always is class Ⅱ."""
    rows = []
    for year in (2022, 2023, 2024):
        for month in (3, 7):
            time = f"{year}-{month:02}-05T08:00"
            rows += [reading("nh3n", "0.4", time), reading("cod", "18", time), reading("f", "0.5", time)]
    rows.append(reading("f", "1.8", "2022-07-06T08:00"))
    rows.append(reading("f", "1.8", "2022-07-07T08:00"))
    rows.append(reading("cod", "40", "2024-03-06T08:00"))
    return measurements(rows)


def lists(name="5+x", **options):
    whole = assess(table(), sites("S"), options.pop("goals", None), period=PeriodKind.MONTH)
    return item_lists(name, whole, **options)


def x_of(found, year):
    return [entry.item for entry in found.of("S", Period.year(year)).exceeded]


def test_x_are_the_items_that_exceeded_class_3_last_year_or_this_year():
    found = lists()
    assert {year: x_of(found, year) for year in (2022, 2023, 2024)} == {
        2022: ["f"],
        2023: ["f"],
        2024: ["cod"],
    }


def test_an_entry_tells_its_evidence():
    (entry,) = lists().of("S", Period.year(2023)).exceeded
    assert (entry.period.label, entry.rank, entry.worse_than) == ("2022-07", 4, 3)


def test_with_a_target_of_class_2_what_exceeded_class_2_is_in_x():
    goals = targets({"target_class": 2, "period_from": date(2022, 1, 1), "period_to": date(2024, 12, 31)})
    # COD 18 is class Ⅲ, worse than Ⅱ.
    assert x_of(lists(goals=goals), 2023) == ["cod", "f"]


def test_the_nine_are_never_in_x():
    rows = [reading("tp", "0.5", "2023-03-05T08:00"), reading("tn", "9", "2023-03-05T08:00")]
    whole = assess(measurements(rows), sites("S"), period=PeriodKind.MONTH)
    assert item_lists("5+x", whole).of("S", Period.year(2023)).exceeded == ()


def test_the_class_is_that_of_the_list_and_the_list_is_stored_with_it():
    period = Period.month(2024, 3)
    (whole,) = assess(table(), sites("S"), period=period)
    (by_list,) = assess(table(), sites("S"), period=period, item_list=lists())
    assert (whole.rank, whole.item_list_rule, set(whole.item_list)) == (4, None, {"nh3n", "cod", "f"})
    assert (by_list.rank, by_list.item_list_rule) == (4, "5+x@714-2020.1")
    assert set(by_list.item_list) == {"nh3n", "cod"}
    assert by_list.items_missing == ("ph", "do", "codmn", "tp")
    assert by_list.as_dict()["item_list_rule"] == "5+x@714-2020.1"


def test_an_item_outside_the_list_stays_beside_the_class():
    (found,) = assess(table(), sites("S"), period=Period.month(2022, 7), item_list=lists("21"))
    assert (found.rank, found.item_list_rule) == (4, "21@714-2020.1")
    period = Period.month(2023, 7)
    rows = measurements(
        [reading("nh3n", "0.4", "2023-07-05T08:00"), reading("cod", "90", "2023-07-05T08:00")]
    )
    none_known = item_lists("5+x", assess(rows, sites("S"), period=PeriodKind.YEAR))
    (result,) = assess(rows, sites("S"), period=period, item_list=none_known)
    assert (result.rank, result.items["cod"].rank, result.items["cod"].decides_class) == (2, 6, False)


def test_the_nine_of_a_lake_have_two_more_and_decide_what_the_five_do():
    whole = assess(table(), sites({"id": "S", "water_type": "lake"}), period=PeriodKind.MONTH)
    nine = item_lists("9+x", whole)
    assert nine.of("S", Period.year(2024)).base[-2:] == ("chla", "transparency")
    five = item_lists("5+x", whole)
    for period in (Period.month(2024, 3), Period.year(2023)):
        ranks = [
            assess(table(), sites({"id": "S", "water_type": "lake"}), period=period, item_list=chosen)
            .results[0]
            .rank
            for chosen in (nine, five)
        ]
        assert ranks[0] == ranks[1]


def test_which_list_is_official_depends_on_the_year():
    found = lists()
    assert {entry.year: entry.official for entry in found.entries} == {2022: True, 2023: True, 2024: True}
    assert not any(entry.official for entry in lists("21").entries)
    assert rules("item_list", date(2020, 12, 31))["official"] == "21"
    assert rules("item_list", date(2026, 3, 1))["official"] == "5+x"
    assert rules("item_list", date(2026, 3, 1)).settings["official"].certainty == "C"


def test_the_years_that_were_looked_at_are_told():
    years = {entry.year: entry.years for entry in lists().entries}
    assert years == {2022: (2022,), 2023: (2022, 2023), 2024: (2023, 2024)}


def test_x_may_hold_from_the_first_exceedance_on():
    found = lists(x_holds="from_exceedance")
    assert "f" not in found.on(Period.month(2022, 3))["S"]
    assert "f" in found.on(Period.month(2022, 7))["S"]
    assert "f" in found.on(Period.month(2023, 1))["S"]


def test_a_section_without_a_list_is_judged_by_all_it_has():
    (found,) = assess(
        measurements([reading("cod", "40", site="T")]),
        sites("T"),
        period=Period.month(2024, 2),
        item_list=lists(),
    )
    assert (found.rank, found.item_list_rule) == (5, None)


def test_an_unknown_list_is_refused_with_the_known_ones():
    with pytest.raises(CallError) as caught:
        lists("7+y")
    assert "5+x" in str(caught.value.remedy)


def test_the_table_of_results_says_what_the_objects_say():
    found = assess(table(), sites("S"), period=PeriodKind.MONTH, item_list=lists())
    rows = found.to_table().to_pylist()
    assert [(row["class"], row["items"]) for row in rows] == [
        (result.rank, ",".join(result.item_list)) for result in found
    ]
