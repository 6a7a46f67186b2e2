"""A result opens down to its rows, its means, its rounding and its clause."""

from datetime import datetime
from fractions import Fraction

import pytest

from bishui.assessment import Period, explain
from bishui.errors import NotFound
from tests.assessment.tables import flags, measurements, reading, sites, targets

ROWS = [
    reading("tp", "0.05", "2024-01-31T20:00"),
    reading("tp", "0.30", "2024-02-02T08:00"),
    reading("tp", "0.02", "2024-02-01T08:00", mark="below_detection"),
    reading("tp", None, "2024-02-01T12:00", mark="offline"),
    reading("tp", "9", "2024-02-01T16:00"),
    reading("cod", "12", "2024-02-01T16:00"),
]
HELD = flags({"item": "tp", "time_from": datetime(2024, 2, 1, 16), "time_to": datetime(2024, 2, 1, 16)})


FEBRUARY = Period.month(2024, 2)


def chain(period=FEBRUARY):
    goals = targets({"target_class": 2})
    return explain(measurements(ROWS), sites("S"), goals, HELD, site="S", item="tp", period=period)


def test_rows_come_in_time_order_with_what_was_done_with_them():
    found = [
        (row.row, row.use, None if row.entered_as is None else str(row.entered_as)) for row in chain().rows
    ]
    assert found == [
        (4, "below_detection", "0.01"),
        (5, "offline", None),
        (6, "excluded", None),
        (3, "used", "0.3"),
    ]


def test_daily_and_monthly_means_stand_between_rows_and_result():
    found = chain()
    assert [(step.label, step.mean, step.entered, step.total) for step in found.daily] == [
        ("2024-02-01", Fraction("0.01"), 1, 3),
        ("2024-02-02", Fraction("0.3"), 1, 1),
    ]
    assert [(step.label, step.mean) for step in found.monthly] == [("2024-02", Fraction("0.155"))]
    assert found.result.mean == Fraction("0.155")


def test_the_steps_name_rounding_limits_clause_multiple_and_method():
    text = "\n".join(f"{name}: {sentence}" for name, sentence in chain().steps())
    for word in (
        "0.155",
        "3 位小数",
        "Ⅲ类限值: 0.2：符合",
        "Ⅱ类限值: 0.1：不符合",
        "GB 3838-2002 表1 第8项",
        "82-2020.1",
    ):
        assert word in text
    assert "超标倍数: 0.6（对照限值 0.1）" in text


def test_the_section_of_the_chain_holds_its_other_items():
    assert set(chain().section.items) == {"tp", "cod"}


def test_a_year_to_date_opens_into_its_months():
    found = chain(Period.year_to_date(2024, 2))
    assert [step.label for step in found.monthly] == ["2024-01", "2024-02"]
    assert found.result.mean == (Fraction("0.05") + Fraction("0.155")) / 2


def test_a_single_reading_has_no_means_and_is_not_rounded():
    found = chain(Period.reading(datetime(2024, 2, 2, 8)))
    assert (found.daily, found.monthly, found.rounded) == ((), (), False)


def test_the_chain_has_a_json_form():
    content = chain().as_dict()
    assert content["rows"][0]["raw"] == "0.02"
    assert content["steps"][0]["name"]["zh"] == "均值"


def test_what_was_not_measured_cannot_be_explained():
    with pytest.raises(NotFound, match="没有"):
        chain(Period.month(2024, 5))
