"""Daily air quality index by the edition of the day; good days."""

from datetime import date

import pytest

from bishui.assessment import LeftOut, air_day, good_days
from bishui.errors import CallError

DAY = date(2024, 6, 1)
CLEAN = {"so2_daily": 10, "no2_daily": 20, "pm10_daily": 40, "pm25_daily": 20, "carbon_monoxide_daily": 1,
         "o3_daily_max_8h": 80}  # fmt: skip


@pytest.mark.parametrize(
    ("pm25", "index", "level"),
    [
        (0, 0, 1),
        (35, 50, 1),
        (36, 52, 2),
        (75, 100, 2),
        (76, 102, 3),
        (115, 150, 3),
        (500, 500, 6),
        (900, 500, 6),
    ],
)
def test_the_index_is_rounded_up_and_graded(pm25, index, level):
    found = air_day(DAY, {"pm25_daily": pm25})
    assert (found.index, found.level.level, found.edition) == (index, level, "HJ 633-2012")


def test_the_edition_of_the_day_holds():
    before, after = (air_day(day, {"pm25_daily": 60}) for day in (date(2026, 2, 28), date(2026, 3, 1)))
    assert (before.edition, after.edition) == ("HJ 633-2012", "HJ 633-2026")
    assert after.index >= before.index


def test_the_primary_pollutant_is_the_worst_above_the_first_level():
    assert air_day(DAY, CLEAN).primary == ()
    assert air_day(DAY, CLEAN | {"o3_daily_max_8h": 150}).primary == ("o3_daily_max_8h",)
    assert air_day(DAY, CLEAN | {"o3_daily_max_8h": 170}).exceeding == ("o3_daily_max_8h",)


def test_good_days_count_complete_days_only():
    days = [
        air_day(DAY, CLEAN),
        air_day(DAY, CLEAN | {"pm25_daily": 80}),
        air_day(DAY, {"pm25_daily": 80}),  # lacks five, but is bad already
        air_day(DAY, {"pm25_daily": 20}),
        air_day(DAY, {"pm25_daily": None}),
    ]
    rate = good_days(days)
    assert (rate.met, rate.evaluated, dict(rate.left_out)) == (1, 3, {LeftOut.NO_DATA: 2})
    assert days[3].lacking[0] == "so2_daily"
    assert days[4].as_dict()["index"] is None


@pytest.mark.parametrize("values", [{"pm25_daily": -1}, {"dust": 1}])
def test_a_negative_value_or_an_unknown_pollutant_is_refused(values):
    with pytest.raises(CallError):
        air_day(DAY, values)
