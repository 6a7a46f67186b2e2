"""Natural background (自然本底): by a table with documents, before the class, both results given."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from bishui.assessment import State, assess, backgrounds, deduct
from bishui.errors import DataError
from bishui.observations.schema import BACKGROUND
from tests.assessment.places import MONTH, results_of
from tests.assessment.tables import measurements, reading, sites, targets


def approved(*entries):
    defaults = {
        "site": "S",
        "item": "f",
        "period_from": date(2024, 1, 1),
        "period_to": date(2024, 12, 31),
        "document": "某函〔2024〕1号",
    }
    rows = [{"id": str(number), **defaults, **entry} for number, entry in enumerate(entries)]
    return backgrounds(pa.Table.from_pylist(rows, schema=BACKGROUND))


def result(**values):
    (found,) = results_of({"S": values or {"f": "2", "nh3n": "0.9"}}, target_class=3)
    return found


def test_the_item_is_dropped_before_the_worst_is_taken_and_both_are_given():
    found = deduct(result(), approved({}))
    assert (found.measured.rank, found.deducted.rank) == (6, 3)
    assert (found.measured.attainment.state, found.deducted.attainment.state) == (
        State.NOT_ATTAINED,
        State.ATTAINED,
    )
    assert (found.deducted.deciding, found.deducted.main_pollutants) == (("nh3n",), ())
    assert found.deducted.items["f"].rank == 6
    assert found.excluded[0].document == "某函〔2024〕1号"


@pytest.mark.parametrize(
    "entry",
    [{"site": "T"}, {"item": "cod"}, {"period_to": date(2024, 1, 31)}, {"period_from": date(2024, 3, 1)}],
)
def test_other_sections_items_and_times_change_nothing(entry):
    found = deduct(result(), approved(entry))
    assert found.deducted is found.measured
    assert found.excluded == ()


def test_a_value_beyond_the_approved_limit_is_judged():
    within = deduct(result(), approved({"limit": Decimal("2.0")}))
    assert within.deducted.rank == 3
    beyond = deduct(result(), approved({"limit": Decimal("1.9")}))
    assert (beyond.deducted.rank, len(beyond.beyond)) == (6, 1)
    anyway = deduct(result(), approved({"limit": Decimal("1.9")}), within_limit_only=False)
    assert anyway.deducted.rank == 3


def test_dissolved_oxygen_is_background_down_to_its_limit():
    found = deduct(result(do="4.2", nh3n="0.9"), approved({"item": "do", "limit": Decimal("4.0")}))
    assert (found.measured.rank, found.deducted.rank) == (4, 3)
    assert deduct(result(do="3.9"), approved({"item": "do", "limit": Decimal("4.0")})).beyond


def test_where_nothing_else_was_measured_there_is_no_class_left():
    found = deduct(result(f="2"), approved({}))
    assert (found.deducted.rank, found.deducted.attainment.state) == (None, State.NOT_JUDGED)


def test_an_own_limit_of_an_excluded_item_no_longer_binds():
    goal = targets({"target_class": 3, "overrides": {"f": Decimal("1.2")}})
    rows = [reading("f", "1.4"), reading("nh3n", "0.4")]
    (measured,) = assess(measurements(rows), sites("S"), goal, period=MONTH)
    assert measured.attainment.failing == ("f",)
    assert measured.items["f"].over_target.reference == "own_limit"
    assert deduct(measured, approved({})).deducted.attainment.state is State.ATTAINED


def test_background_without_a_document_or_of_an_unknown_item_is_refused():
    with pytest.raises(DataError, match="批准文件"):
        approved({"document": " "})
    with pytest.raises(DataError, match="氡"):
        approved({"item": "氡"})


def test_the_json_form_holds_both():
    found = deduct(result(), approved({})).as_dict()
    assert (found["measured"]["class"], found["deducted"]["class"]) == (6, 3)
    assert found["excluded"][0]["item"] == "f"


def test_it_is_never_inferred_from_data():
    assert deduct(result(), ()).deducted.rank == 6
