"""Flood-season pollution intensity (汛期污染强度): working rule of the settings, each named in the result."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.assessment import Period, Rain, flood_season
from bishui.errors import CallError
from bishui.standards import rules
from tests.assessment.tables import measurements, reading, sites, targets

RULES = rules("flood_season", date(2024, 12, 31))
TARGET = targets({"target_class": 3})
BASIN = "珠江流域"


def season(rows, **given):
    given.setdefault("sites", sites("S"))
    (found,) = flood_season(measurements(rows), TARGET, year=2024, basin=BASIN, **given)
    return found


def day(item, value, on, hour="08:00", site="S"):
    return reading(item, value, f"2024-{on}T{hour}", site=site)


#: Class Ⅲ: ammonia 1.0, phosphorus 0.2, permanganate index 6.
ROWS = [
    day("nh3n", "2", "04-10"),
    day("nh3n", "4", "04-10", "12:00"),
    day("tp", "0.3", "04-10"),
    day("nh3n", "0.5", "04-11"),
    day("tp", "0.5", "05-02"),
    day("codmn", "3", "05-02"),
    day("nh3n", "9", "03-31"),
    day("nh3n", "0.6", "11-05"),
]


class TestIntensity:
    def test_it_is_the_largest_daily_mean_divided_by_the_limit_of_the_target(self):
        found = season(ROWS)
        assert (found.leading.item, found.intensity, str(found.rounded)) == ("nh3n", 3, "3.0")
        assert found.leading.at.period == Period.day(date(2024, 4, 10))
        assert found.target_class == 3

    def test_only_days_of_the_season_count(self):
        # The 9 mg/L of 31 March lie outside.
        assert [value.period.label for value in season(ROWS).values] == [
            "2024-04-10",
            "2024-04-11",
            "2024-05-02",
        ]

    def test_each_item_has_its_largest_and_mean_ratio(self):
        by_item = {entry.item: entry for entry in season(ROWS).intensities}
        assert (by_item["nh3n"].largest, by_item["nh3n"].mean) == (3, Fraction(7, 4))
        assert (by_item["tp"].largest, by_item["tp"].mean) == (Fraction(5, 2), 2)

    def test_the_choices_are_settings_and_change_the_version(self):
        highest = RULES.with_settings(concentration="reading")
        assert season(ROWS, chosen=highest).intensity == 4
        typical = RULES.with_settings(statistic="mean")
        assert (season(ROWS, chosen=typical).intensity, season(ROWS, chosen=typical).leading.item) == (
            2,
            "tp",
        )
        assert season(ROWS, chosen=typical).as_dict()["rules"]["version"] == "393-2021.1+statistic=mean"

    def test_part_of_the_season_such_as_a_quarter(self):
        found = season(ROWS, within=Period.parse("2024-05"))
        assert (found.leading.item, found.intensity) == ("tp", Fraction(5, 2))
        with pytest.raises(CallError, match="不在汛期"):
            season(ROWS, within=Period.parse("2024-01"))

    def test_days_without_data_are_counted(self):
        found = season(ROWS)
        assert (len(found.values), found.missing_days) == (3, 183 - 3)

    def test_an_item_without_a_limit_is_named_and_not_divided(self):
        # Without a water type the limit of phosphorus is not known; that of ammonia is the same everywhere.
        found = season(ROWS, sites=sites({"id": "S", "water_type": None}))
        assert found.without_limit == ("tp",)
        assert found.leading.item == "nh3n"

    def test_a_section_without_a_value_has_no_intensity(self):
        found = flood_season(measurements(ROWS), TARGET, year=2024, basin=BASIN, sites=sites("S", "T"))
        assert [entry.site for entry in found] == ["S", "T"]
        assert (found[1].intensity, found[1].leading, found[1].traces) == (None, None, False)

    @settings(max_examples=20)
    @given(st.permutations(ROWS))
    def test_the_order_of_rows_changes_nothing(self, rows):
        assert season(rows).as_dict() == season(ROWS).as_dict()


class TestTrace:
    @pytest.mark.parametrize(("value", "traces"), [("1.999", False), ("2", True), ("2.5", True)])
    def test_from_the_threshold_on_a_trace_is_asked_for(self, value, traces):
        assert season([day("nh3n", value, "06-01")]).traces is traces


class TestMonthsAndContrast:
    def test_the_month_table_names_leading_pollutant_and_exceedances(self):
        april, may = season(ROWS).as_dict()["months"]
        assert (april["month"], april["leading"], april["intensity"]) == ("2024-04", "nh3n", "3")
        assert (april["values"], april["exceeding"]) == (2, 1)
        assert (may["leading"], may["intensity"], may["exceeding"]) == ("tp", "2.5", 1)

    def test_flood_and_other_months_are_contrasted_by_monthly_means(self):
        (contrast,) = (entry for entry in season(ROWS).contrast if entry.item == "nh3n")
        # April: mean of the days 3 and 0.5; the others: March 9 and November 0.6.
        assert (contrast.flood_mean, contrast.flood_largest) == (Fraction(7, 4), 3)
        assert (contrast.other_mean, contrast.other_largest) == (Fraction("4.8"), 9)
        assert contrast.ratio == Fraction(7, 4) / Fraction("4.8")

    def test_without_other_months_there_is_no_ratio(self):
        (contrast,) = season([day("nh3n", "1", "06-01")]).contrast
        assert (contrast.other_mean, contrast.ratio) == (None, None)


class TestRain:
    ROWS = [day("nh3n", "2", on) for on in ("06-01", "06-03", "06-05", "06-10")] + [
        day("nh3n", "0.5", "06-04")
    ]

    def rain(self, *entries):
        return {"S": [Rain(datetime.fromisoformat(f"2024-{at}"), Decimal(mm)) for at, mm in entries]}

    def test_the_share_of_exceedances_within_48_hours_after_10_millimetres(self):
        found = season(self.ROWS, rain=self.rain(("06-02T08:00", "12"), ("06-09T08:00", "9.9")))
        # After the rain of 2 June: the 3rd and the 4th, which does not exceed; 9.9 mm do not count.
        assert (len(found.exceeding), found.exceeding_after_rain) == (4, 1)
        assert found.as_dict()["exceeding_after_rain_percent"] == "25.0"
        assert found.mean_ratio_after_rain == Fraction(5, 4)

    def test_rain_adds_up_over_24_hours(self):
        hourly = self.rain(("06-02T01:00", "4"), ("06-02T12:00", "4"), ("06-02T23:00", "4"))
        assert season(self.ROWS, rain=hourly).exceeding_after_rain == 1
        apart = self.rain(("06-01T01:00", "6"), ("06-02T01:00", "6"))
        assert season(self.ROWS, rain=apart).exceeding_after_rain == 0

    def test_rain_of_the_day_itself_counts(self):
        assert season(self.ROWS, rain=self.rain(("06-10T06:00", "30"))).exceeding_after_rain == 1

    def test_without_rain_data_nothing_is_said(self):
        found = season(self.ROWS)
        assert (found.exceeding_after_rain, found.mean_ratio_after_rain) == (None, None)


def test_a_basin_needs_its_flood_season_as_a_setting():
    with pytest.raises(CallError, match="别处流域"):
        flood_season(measurements(ROWS), TARGET, year=2024, basin="别处流域")
    chosen = RULES.with_settings(seasons=(["别处流域", "06-01", "08-31"],))
    (found,) = flood_season(
        measurements(ROWS), TARGET, year=2024, basin="别处流域", sites=sites("S"), chosen=chosen
    )
    assert (found.season.first, found.season.days) == (date(2024, 6, 1), 92)
