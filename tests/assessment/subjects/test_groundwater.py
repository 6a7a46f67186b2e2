"""Groundwater: the worst item decides (GB/T 14848-2017 clause 6)."""

from decimal import Decimal as D

import pytest

from bishui.assessment import Period, Reason, groundwater_classes
from bishui.standards.editions import NotInForce
from tests.assessment.tables import measurements, reading

JUNE = Period.month(2024, 6)


def well(mark="measured", period=JUNE, **values):
    moment = period.start.replace(day=5)
    rows = [reading(item, value, moment, mark=mark, source="manual") for item, value in values.items()]
    (found,) = groundwater_classes(measurements(rows), period)
    return found


def test_the_worst_item_decides():
    found = well(fe="0.2", nh3n="0.5", chloride="300", conductivity="900")
    assert (found.rank, found.deciding, found.exceeding) == (4, ("chloride",), ("chloride",))
    assert found.items["chloride"].multiple == D("0.2")
    assert (found.standard, found.rules) == ("GB/T 14848-2017", "14848-2017.1")
    assert "conductivity" not in found.items


@pytest.mark.parametrize(
    ("item", "value", "rank"),
    [
        ("nh3n", "0.02", 1), ("nh3n", "0.5", 3), ("nh3n", "0.5000000001", 4), ("nh3n", "1.5", 4), ("nh3n", "1.51", 5),
        ("ph", "6.5", 1), ("ph", "8.5", 1), ("ph", "8.6", 4), ("ph", "9.1", 5), ("fe", "0", 1),
    ],
)  # fmt: skip
def test_limits_belong_to_the_better_class(item, value, rank):
    assert well(**{item: value}).rank == rank


def test_a_detection_limit_that_hides_a_worse_class_gives_none():
    hidden = well("below_detection", phenol="0.003")
    assert (hidden.rank, hidden.reason) == (None, Reason.CANNOT_BE_JUDGED)
    assert well("below_detection", phenol="0.001").rank == 1


def test_without_a_limited_item_there_is_no_class():
    found = well(conductivity="900")
    assert (found.rank, found.reason, found.as_dict()["reason"]) == (None, Reason.NO_DATA, "no_data")


def test_before_the_edition_there_is_no_class():
    with pytest.raises(NotInForce):
        well(period=Period.month(2017, 6), fe="0.1")
