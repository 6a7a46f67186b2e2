"""One small result of every kind that becomes rows of a table and opens down to its rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pyarrow as pa

from bishui.assessment import (
    Amount,
    Background,
    Body,
    BodyPoint,
    DayVolume,
    Discharge,
    FlowTarget,
    Period,
    Plant,
    RateTarget,
    Series,
    SourceKind,
    Stage,
    WaterSource,
    Zone,
    air_day,
    air_period,
    area_change,
    area_status,
    assess,
    assess_sources,
    assess_zones,
    city_index,
    deduct,
    discharge_result,
    ecological_flow,
    effluent,
    flood_season,
    grade_body,
    groundwater_classes,
    index_change,
    indicator_value,
    inlet_strength,
    lake_status,
    load_rates,
    mann_kendall_trend,
    measured_series,
    rank_indices,
    returns,
    room_left,
    section_change,
    section_index,
    sign_off,
    spearman_trend,
)
from bishui.observations import AIR_DAYS
from bishui.standards import rules
from tests.assessment.tables import measurements, reading, sites, targets

MONTH = Period.month(2024, 6)


def air_days() -> pa.Table:
    """A city's air of one day of the month."""
    row = {"id": "2", "place": "甲市", "day": date(2024, 6, 1), "pm25_daily": D(80), "below": []}
    return pa.Table.from_pylist([row], schema=AIR_DAYS)


REGISTER = sites({"id": "S", "name": "甲断面", "division": "990000"}, "T", {"id": "L", "water_type": "lake"})
TARGETS = targets({"target_class": 3, "source_file": "plan.docx", "source_line": 12})
ROWS = measurements(
    [
        *(
            reading(item, value, f"2024-06-{day:02}T08:00", site=site, source="manual")
            for site in ("S", "T", "L")
            for day in (5, 15)
            for item, value in (
                ("cod", "24"),
                ("codmn", "5"),
                ("nh3n", "0.4"),
                ("tp", "0.04"),
                ("tn", "1.2"),
                ("do", "7"),
                ("ph", "7.5"),
                ("bod5", "3"),
            )
        ),
        reading("chla", "0.01", "2024-06-05T08:00", site="L"),
        reading("transparency", "1.2", "2024-06-05T08:00", site="L"),
        reading("nh3n", None, "2024-06-20T08:00", site="S", mark="offline"),
        reading("flow", "12.5", "2024-06-01T08:00", site="H"),
        reading("flow", "9.9", "2024-06-02T08:00", site="H"),
        reading("nh3n", "16", "2024-06-01T08:00", site="B"),
        reading("do", "1.5", "2024-06-01T08:00", site="B"),
        reading("nh3n", "0.9", "2024-06-01T08:00", site="W"),
        reading("ph", "7.1", "2024-06-01T08:00", site="W"),
        reading("cod", "55", "2024-06-01T08:00", site="OUT"),
        reading("cod", "45", "2024-06-02T08:00", site="OUT"),
        reading("bod5", "110", "2024-06-01T08:00", site="IN"),
    ]
)
BASE = Period.month(2023, 6)
#: The same a year earlier: oxygen demand at class Ⅲ.
EARLIER = measurements(
    [
        reading(item, value, "2023-06-05T08:00", site=site, source="manual")
        for site in ("S", "T", "L")
        for item, value in (
            ("cod", "16"),
            ("codmn", "5"),
            ("nh3n", "0.4"),
            ("tp", "0.04"),
            ("tn", "1.2"),
            ("do", "7"),
            ("ph", "7.5"),
            ("bod5", "3"),
        )
    ]
)
PLANT = Plant("P", "甲污水处理厂", D(10000), inlet="IN", outlet="OUT", grade="1A")
VOLUMES = [DayVolume("P", date(2024, 6, 1), D(9000)), DayVolume("P", date(2024, 6, 2), D(8000))]


def every():
    """Return results by the name of their kind."""
    assessment = assess(ROWS, REGISTER, TARGETS, period=MONTH)
    by_site = {result.site: result for result in assessment}
    used = rules("cwqi", MONTH.last_day)
    before = {result.site: result for result in assess(EARLIER, REGISTER, TARGETS, period=BASE)}
    areas = [area_status("甲市", [of["S"], of["T"]], administrative=True) for of in (before, by_site)]
    cities = [city_index("甲市", [of["S"], of["L"]], used) for of in (before, by_site)]
    series = Series.of([D(1), D(2), D(3), None, D(4), D(5)], name="甲断面", item="tp")
    return {
        "section": by_site["S"],
        "area": area_status("甲河", [by_site["S"], by_site["T"]]),
        "change": section_change(before["S"], by_site["S"]),
        "change of an area": area_change(*areas),
        "index change": index_change(cities[1], cities[0], used),
        "area by shares": area_status("甲市", [by_site["S"], by_site["T"]], administrative=True),
        "lake": lake_status("甲湖", [by_site["L"]]),
        "zone": assess_zones(ROWS, REGISTER, [Zone("Z", "甲功能区", ("S",), 3)], MONTH).results[0],
        "source": assess_sources(ROWS, REGISTER, [WaterSource("Q", "甲水源", ("S",))], MONTH).results[0],
        "ground source": assess_sources(
            ROWS, REGISTER, [WaterSource("G", "乙水源", ("W",), SourceKind.GROUND)], MONTH
        ).results[0],
        "flow": ecological_flow(ROWS, [FlowTarget("H", D(10), source="方案第2页")], MONTH)[0],
        "body": grade_body(Body("R", "甲沟", (BodyPoint("B"),)), ROWS, MONTH),
        "well": groundwater_classes(ROWS, MONTH, sites=("W",))[0],
        "index": section_index(by_site["S"], used),
        "city index": city_index("甲市", [by_site["S"], by_site["L"]], used),
        "flood": flood_season(ROWS, TARGETS, year=2024, basin="珠江流域", sites=REGISTER)[0],
        "air_rate": air_period(air_days(), "甲市", MONTH),
        "air": air_day(date(2024, 6, 1), {"pm25_daily": D(80), "o3_daily_max_8h": D(120)}),
        "rank trend": spearman_trend(series),
        "measured trend": spearman_trend(
            measured_series(pa.concat_tables([EARLIER, ROWS]), site="S", item="cod", sites=REGISTER)
        ),
        "kendall trend": mann_kendall_trend(series),
        "loads": load_rates([PLANT], VOLUMES, MONTH, target=D(80)),
        "discharge": discharge_result(
            Discharge("OUT", "甲排污口", "gb18918", "1A", date(2010, 1, 1)), ROWS, MONTH
        ),
        "sign-off": sign_off(Body("R", "甲沟", (BodyPoint("B"),)), Stage.FIRST_RESULTS, ROWS, MONTH),
        "effluent": effluent(PLANT, ROWS, MONTH),
        "inlet": inlet_strength([PLANT], VOLUMES, ROWS, MONTH, "bod5"),
        "indicator": indicator_value(
            "plant_load_rate",
            {
                name: [Amount(value)]
                for name, value in (("treated", D(9)), ("capacity", D(10)), ("days", D(1)))
            },
            MONTH.last_day,
        ),
    }


def collections():
    """Return what holds many results: it opens to all of them, and has rows for its parts or its rates."""
    used = rules("cwqi", MONTH.last_day)
    body = Body("R", "甲沟", (BodyPoint("B"),))
    sections = {result.site: result for result in assess(ROWS, REGISTER, TARGETS, period=MONTH)}
    excluded = Background("S", "cod", date(2024, 1, 1), date(2024, 12, 31), None, "某办函〔2024〕1号")
    return {
        "zones": assess_zones(
            ROWS, REGISTER, [Zone("Z", "甲功能区", ("S",), 3)], MONTH, control_target=D(80)
        ),
        "sources": assess_sources(ROWS, REGISTER, [WaterSource("Q", "甲水源", ("S",))], MONTH),
        "ranking": rank_indices([section_index(sections[key], used) for key in ("S", "T")], used),
        "room": room_left(
            ROWS, REGISTER, TARGETS, on=date(2024, 6, 30), rates=[RateTarget("优良比例", ("S", "T"), D(50))]
        ),
        "return check": returns(body, date(2024, 3, 1), ROWS, date(2024, 6, 30))[0],
        "deduction": deduct(sections["S"], [excluded]),
    }
