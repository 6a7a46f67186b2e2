"""At each limit of GB 3838-2002 table 1, one unit in the last place to either side, at zero, below it: as written.

A negative concentration is refused when a table is read; where one stands in a table all the same it is compared
like any other number, and nothing else is made of it.
"""

import tomllib
from datetime import datetime
from decimal import Decimal as D
from pathlib import Path

import pytest

from bishui import standards
from bishui.assessment import Period, Reason, assess
from bishui.standards import items
from tests.assessment.tables import measurements, reading, sites

TABLE = tomllib.loads(
    (Path(standards.__file__).parent / "data" / "gb3838-2002.toml").read_text("utf-8"), parse_float=D
)
#: The 21 items of 环办〔2011〕22号 一.(一): table 1 without temperature, nitrogen in total, faecal coliforms.
JUDGED = [entry for entry in TABLE["criterion"] if entry["decides_class"]]
RANKS = ("I", "II", "III", "IV", "V")


def limits(entry, water):
    own = entry.get("limits_lake") if water == "lake" else None
    return [D(str((own or entry["limits"])[rank])) for rank in RANKS]


def clause(entry, water, value):
    """Return the class that the text of the table gives: the best whose limit the value meets."""
    if entry["direction"] == "range":
        return 1 if entry["low"] <= value <= entry["high"] else 6
    meets = (lambda limit: value >= limit) if entry["direction"] == "min" else (lambda limit: value <= limit)
    return next((rank for rank, limit in enumerate(limits(entry, water), 1) if meets(limit)), 6)


def around(entry, water, unit):
    both = entry["direction"] == "range"
    ends = [D(entry["low"]), D(entry["high"])] if both else limits(entry, water)
    return sorted({end + step for end in ends for step in (-unit, D(0), unit)} | {D(0), -unit})


def cases(water, *, rounded):
    """Yield (item, value) around each limit, at the digits of evaluation or at the finest that is kept."""
    for entry in JUDGED:
        item = items()[entry["item"]]
        unit = D(1).scaleb(-item.evaluation_decimals if rounded else -item.scale)
        yield from ((entry, value) for value in around(entry, water, unit))


def test_the_21_items_are_those_of_the_measures():
    assert len(JUDGED) == 21
    assert not {"wtemp", "tn", "fecal_coliform"} & {entry["item"] for entry in JUDGED}


@pytest.mark.parametrize("water", ["river", "lake"])
@pytest.mark.parametrize(("year", "rounded"), [(2019, False), (2024, True)])
def test_a_value_at_a_limit_belongs_to_the_better_class_and_one_unit_beyond_to_the_next(water, year, rounded):
    """环办监测函〔2020〕82号 rounds before comparing from 2020 on; before, the unrounded value is compared."""
    given = list(cases(water, rounded=rounded))
    rows = [
        reading(entry["item"], f"{value:f}", datetime(year, 6, 1), site=f"{place:04}")
        for place, (entry, value) in enumerate(given)
    ]
    register = sites(*({"id": row["site"], "water_type": water} for row in rows))
    found = {
        result.site: result for result in assess(measurements(rows), register, period=Period.month(year, 6))
    }
    wrong = [
        (entry["item"], str(value), found[f"{place:04}"].rank)
        for place, (entry, value) in enumerate(given)
        if found[f"{place:04}"].rank != clause(entry, water, value)
    ]
    assert len(given) > 200
    assert wrong == []


@pytest.mark.parametrize("water", ["river", "lake"])
def test_an_item_without_a_value_is_neither_good_nor_bad(water):
    """Nothing measured is not evaluated (reference 0.5): no class, and no item of the list counts as met."""
    rows = [reading(entry["item"], None, mark="no_reading") for entry in JUDGED]
    (found,) = assess(
        measurements(rows), sites({"id": "S", "water_type": water}), period=Period.month(2024, 2)
    )
    assert (found.rank, found.reason) == (None, Reason.NO_DATA)
    assert {item.rank for item in found.items.values()} == {None}
    assert {item.counts.entered for item in found.items.values()} == {0}
