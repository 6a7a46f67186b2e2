"""Every cell of the project's tables against the reference tables, where those stand beside the checkout."""

import tomllib
from datetime import date
from decimal import Decimal

import pytest

from bishui.standards import Range, air_index, limit_rows

DAY = date(2024, 5, 1)
RENAMED = {"i": "iodide", "b": "boron", "v": "vanadium", "co": "cobalt"}
UNITS = {
    "°C": "℃",
    "dimensionless": "无量纲",
    "count/L": "个/L",
    "dilution factor": "倍",
    "Pt-Co unit": "铂钴色度单位",
    "-": "有/无",
    "MPN/100mL or CFU/100mL": "MPN/100mL",
    "µg/L": "μg/L",
    "µg/m³": "μg/m³",
}


@pytest.fixture
def reference(shared):
    """Read one reference file."""
    folder = shared / "reference" / "standards"

    def read(name):
        with (folder / name).open("rb") as stream:
            return tomllib.load(stream, parse_float=Decimal)

    return read


def held(standard, on=DAY, tables=None):
    """Return the project's limits: (table, no, item, band, unit, conditions) to the value as text."""
    return {
        (
            row.table,
            row.no,
            row.item,
            row.band,
            row.unit,
            tuple(sorted((name, str(value)) for name, value in row.conditions.items())),
        ): said(row)
        for row in limit_rows(standard, on)
        if tables is None or row.table in tables
    }


def said(row):
    """Return what a row limits, as text that keeps the digits."""
    if row.not_detectable:
        return "ND"
    if isinstance(row.limit, Range):
        return f"{row.limit.low}..{row.limit.high}"
    return f"{row.direction} {row.limit}"


def cells(entry, table, when=(), *, limits=None, bands=(), key=None):
    """Yield the cells of one reference entry in the form of `held`."""
    head = (table, entry["no"], key or entry["key"])
    unit = UNITS.get(entry["unit"], entry["unit"])
    when = tuple(sorted(when))
    if "limit" in entry:
        yield (*head, None, unit, when), f"max {entry['limit']}"
    if entry.get("limit_not_detectable"):
        yield (*head, None, unit, when), "ND"
    for band in entry.get("not_detectable_grades", []) + entry.get("not_detectable_classes", []):
        yield (*head, band, unit, when), "ND"
    for band, value in (limits if limits is not None else entry.get("limits", {})).items():
        yield (*head, band, unit, when), f"{entry['direction']} {value}"
    if isinstance(entry.get("low"), dict):
        for band, low in entry["low"].items():
            yield (*head, band, unit, when), f"{low}..{entry['high'][band]}"
    elif "low" in entry:
        for band in bands or [None]:
            yield (*head, band, unit, when), f"{entry['low']}..{entry['high']}"
    if entry["direction"] == "absent":
        for band in ("I", "II", "III", "IV"):
            yield (*head, band, unit, when), "absent None"


def named(entry):
    return RENAMED.get(entry["key"], entry["key"])


def test_gb3838_every_cell(reference):
    content = reference("gb3838-2002.toml")
    expected = {}
    for entry in content["basic"]:
        if entry["direction"] == "delta":
            rise, drop = entry["max_weekly_mean_rise"], entry["max_weekly_mean_drop"]
            expected["1", 1, "wtemp", None, "℃", ()] = f"{-drop}..{rise}"
            continue
        for water in ("river", "lake"):
            limits = entry.get("limits_lake" if water == "lake" else "limits", entry.get("limits", {}))
            if water == "river" and entry.get("lake_only"):
                continue
            expected |= dict(
                cells(entry, "1", [("water_type", water)], limits=limits, bands=["I", "II", "III", "IV", "V"])
            )
    for table, group in (("2", "drinking_supplementary"), ("3", "drinking_specific")):
        for entry in content[group]:
            expected |= dict(cells(entry, table, key=named(entry)))
    assert held("gb3838") == expected


def test_gb18918_every_cell(reference):
    content = reference("gb18918-2002.toml")
    expected = {}
    for entry in content["basic"]:
        expected |= dict(cells(entry, "1"))
        warm, cold = ("water_temperature_above", "12"), ("water_temperature_at_most", "12")
        old, new = ("built_to", "2005-12-31"), ("built_from", "2006-01-01")
        for name, when in (
            ("limits_above_threshold", warm),
            ("limits_at_or_below_threshold", cold),
            ("limits_built_to_2005_12_31", old),
            ("limits_built_from_2006_01_01", new),
        ):
            if name in entry:
                expected |= dict(cells(entry, "1", [when], limits=entry[name]))
        if rule := entry.get("removal_rule"):
            when = (("influent_above", str(rule["influent_above"])),)
            head = ("1", entry["no"], entry["key"], rule["grade"], "%", when)
            expected[head] = f"removal {rule['min_removal_percent']}"
    for table, group in (("2", "class_one"), ("3", "selective")):
        for entry in content[group]:
            expected |= dict(cells(entry, table))
    assert held("gb18918") == expected


def test_gb8978_every_cell(reference):
    content = reference("gb8978-1996.toml")
    expected = {}
    for entry in content["class_one"]:
        expected |= dict(cells(entry, "1"))
    for table, group, built in (
        ("2", "class_two_to_1997", ("built_to", "1997-12-31")),
        ("4", "class_two_from_1998", ("built_from", "1998-01-01")),
    ):
        for entry in content[group]:
            when = [built, ("scope", entry["scope"])]
            expected |= dict(cells(entry, table, when))
            for grade in "123":
                if rule := entry.get(f"grade_{grade}"):
                    head = (table, entry["no"], entry["key"], grade, entry["unit"], tuple(sorted(when)))
                    expected[head] = f"{rule['direction']} {rule['limit']}"
    assert held("gb8978") == expected


def test_gb14848_every_cell(reference):
    content = reference("gb14848-2017.toml")
    expected = {}
    for table, group in (("1", "regular"), ("2", "non_regular")):
        for entry in content[group]:
            key = "colour_platinum" if entry["key"] == "colour" else named(entry)
            expected |= dict(cells(entry, table, key=key))
    assert held("gb14848") == expected


@pytest.mark.parametrize(
    ("file", "limits", "on"),
    [
        ("gb3095-2012.toml", "limits", date(2026, 2, 28)),
        ("gb3095-2026.toml", "limits_transition", date(2026, 3, 1)),
        ("gb3095-2026.toml", "limits_transition", date(2030, 12, 31)),
        ("gb3095-2026.toml", "limits_final", date(2031, 1, 1)),
    ],
)
def test_gb3095_and_hj633_every_cell(reference, file, limits, on):
    content = reference(file)
    numbers = {}
    expected = {}
    for entry in content["limit"]:
        no = numbers.setdefault(entry["key"], len(numbers) + 1)
        key = "carbon_monoxide" if entry["key"] == "co" else entry["key"]
        when = [("period", entry["period"])]
        expected |= dict(cells({**entry, "no": no}, "1", when, limits=entry[limits], key=key))
    assert held("gb3095", on) == expected
    index = air_index(on)
    printed = {
        key.replace("co_", "carbon_monoxide_").replace("o3_8h", "o3_daily_max_8h"): tuple(points)
        for key, points in content["aqi"]["breakpoints"].items()
    }
    assert dict(index.breakpoints) == printed
    assert list(index.steps) == content["aqi"]["iaqi"]
    assert [(level.low, level.high, level.label.zh, level.rgb) for level in index.levels] == [
        (entry["low"], entry["high"], entry["label_zh"], "#{:02x}{:02x}{:02x}".format(*entry["rgb"]))
        for entry in content["aqi"]["level"]
    ]


def test_noise_every_cell(reference):
    for entry in reference("noise.toml")["standard"]:
        key = entry["code"].replace("GB ", "gb").partition("-")[0]
        on = date(2025, 6, 1) if "superseded" in entry["status"] else date(2026, 6, 1)
        expected = {
            ("1", 1, "noise", line["class"], "dB(A)", (("period", period),)): f"max {line[period]}"
            for line in entry["limits"]
            for period in ("day", "night")
        }
        assert held(key, on) == expected
        assert {row.edition for row in limit_rows(key, on)} == {entry["code"]}


def test_black_odorous_every_cell(reference):
    content = reference("black-odorous.toml")
    town, village = {}, {}
    for no, entry in enumerate(content["urban"]["indicator"], start=1):
        upper = entry["direction"] == "max"
        better, worse = ("light_low", "light_high") if upper else ("light_high", "light_low")
        head = ("1", no, entry["key"])
        town[*head, "none", entry["unit"], ()] = f"{entry['direction']} {entry[better]}"
        town[*head, "light", entry["unit"], ()] = f"{entry['direction']} {entry[worse]}"
    for no, entry in enumerate(content["rural"]["indicator"], start=1):
        border = entry.get("black_odorous_below", entry.get("black_odorous_above"))
        village["1", no, entry["key"], "none", entry["unit"], ()] = f"{entry['direction']} {border}"
    assert held("black_odorous_urban") == town
    assert held("black_odorous_rural") == village


def test_names_of_items_are_those_of_the_reference(reference):
    names = {
        (row.table, row.no, row.name.zh.removesuffix("（以N计）").removesuffix("（以P计）"))
        for row in limit_rows("gb8978", DAY)
    }
    content = reference("gb8978-1996.toml")
    for table, group in (("1", "class_one"), ("2", "class_two_to_1997"), ("4", "class_two_from_1998")):
        for entry in content[group]:
            name = entry["name_zh"].removesuffix("（以N计）").removesuffix("（以P计）")
            assert (table, entry["no"], name) in names
