"""Lakes: over time at each point, over points, class; inflow left out; the index last (环办〔2011〕22号 二.3)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.assessment import Period, Reason, area_status, assess, lake_status
from bishui.assessment.waters.tli import trophic_state
from bishui.errors import DataError
from bishui.standards import WaterType
from tests.assessment.places import MONTH, results_of
from tests.assessment.tables import measurements, reading, sites

FIVE = {"chla": "0.012", "tp": "0.035", "tn": "1.1", "transparency": "1.4", "codmn": "3.2"}


def lake(values, **options):
    return lake_status("乙湖", results_of(values, water_type="lake"), **options)


def test_one_point_is_a_section_with_lake_limits():
    found = lake({"A": {"tp": "0.03"}})
    assert (found.rank, found.water_type) == (3, WaterType.LAKE)


def test_first_over_time_at_each_point_then_over_points():
    # Point A: 0.02, 0.02, 0.02, 0.10 (mean 0.04); point B: 0.10. Over points 0.07, pooled 0.052.
    rows = [reading("tp", value, f"2024-0{month}-10T08:00", site="A", source="manual")
            for month, value in enumerate(("0.02", "0.02", "0.02", "0.10"), 1)]  # fmt: skip
    rows.append(reading("tp", "0.10", "2024-03-10T08:00", site="B", source="manual"))
    register = sites(*({"id": name, "water_type": "lake"} for name in "AB"))
    results = assess(measurements(rows), register, period=Period.year_to_date(2024, 4))
    found = lake_status("乙湖", results)
    assert found.pooled.items["tp"].mean == Fraction("0.07")
    assert found.rank == 4


def test_inflow_points_are_left_out_and_named():
    # Qiandao bulletins: 街口断面不纳入统计.
    found = lake({"A": {"tp": "0.02"}, "街口": {"tp": "0.3"}}, roles={"街口": "inflow", "A": "inside"})
    assert (found.rank, dict(found.left_out)) == (2, {"街口": "inflow"})
    assert [point.site for point in found.points] == ["A"]
    kept = lake({"A": {"tp": "0.02"}, "街口": {"tp": "0.3"}}, roles={"街口": "inflow"}, leave_out_roles=())
    assert kept.rank == 5


def test_the_index_of_the_means_is_not_the_mean_of_the_indices():
    low, high = FIVE | {"chla": "0.002"}, FIVE | {"chla": "0.040"}
    found = lake({"A": low, "B": high})
    of_means = trophic_state({key: Fraction(v) for key, v in (FIVE | {"chla": "0.021"}).items()})
    assert found.trophic.total == pytest.approx(of_means.total)
    singles = [lake({"A": values}).trophic.total for values in (low, high)]
    assert abs(found.trophic.total - sum(singles) / 2) > 1


def test_five_items_are_official_and_fewer_are_marked():
    assert lake({"A": FIVE}).trophic.official
    fewer = lake({"A": {key: FIVE[key] for key in ("chla", "tp", "tn")}})
    assert (fewer.trophic.official, fewer.trophic_missing) == (False, ("transparency", "codmn"))
    weights = trophic_state({key: Fraction(FIVE[key]) for key in ("chla", "tp", "tn")})
    # Published weights of these three: 0.4205, 0.2967, 0.2828.
    by_hand = sum(
        weights.indices[key] * weight for key, weight in {"chla": 0.4205, "tp": 0.2967, "tn": 0.2828}.items()
    )
    assert fewer.trophic.total == pytest.approx(by_hand, abs=0.02)


def test_total_nitrogen_stands_beside_the_class_and_in_the_index():
    found = lake({"A": {"tp": "0.005", "codmn": "0.97", "nh3n": "0.012", "tn": "0.89"}})
    assert (found.rank, dict(found.separate)) == (1, {"tn": 3})
    assert "tn" in found.trophic.indices


def test_a_river_type_reservoir_has_river_limits():
    found = lake_status("丙水库", results_of({"A": {"tp": "0.09"}}, water_type="river"))
    assert (found.rank, found.water_type) == (2, WaterType.RIVER)


def test_mixed_water_types_have_no_class():
    mixed = [*results_of({"A": {"tp": "0.09"}}), *results_of({"B": {"tp": "0.09"}}, water_type="lake")]
    assert lake_status("乙湖", mixed).reason is Reason.MIXED_WATER_TYPES


def test_points_without_data_are_counted_apart():
    results = [
        *results_of({"A": {"tp": "0.02"}}, water_type="lake"),
        *assess(measurements([]), sites("B"), period=MONTH),
    ]
    found = lake_status("乙湖", results)
    assert (found.rank, dict(found.not_evaluated)) == (2, {"B": Reason.NO_DATA})


def test_no_point_or_several_periods_are_refused():
    with pytest.raises(DataError):
        lake_status("乙湖", [])
    with pytest.raises(DataError):
        lake_status(
            "乙湖", [*results_of({"A": FIVE}), *results_of({"B": FIVE}, period=Period.month(2024, 3))]
        )


def test_a_group_of_lakes_is_judged_by_shares():
    # Hubei does so: the lake as one section each.
    lakes = [lake_status(f"湖{n}", results_of({"A": {"tp": tp}}, water_type="lake")).as_section()
             for n, tp in enumerate(("0.02", "0.04", "0.08", "0.09", "0.3"))]  # fmt: skip
    found = area_status("湖群", lakes)
    assert (found.status.word_zh, found.evaluated) == ("中度污染", 5)


def test_the_json_form_tells_points_and_grade():
    found = lake({"A": FIVE}).as_dict()
    assert (found["trophic"]["index"], found["trophic"]["grade"]) == ("45.5", "中营养")
    assert found["points"] == ["A"]


@given(st.lists(st.integers(1, 400), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_points_changes_nothing(thousandths, random):
    values = [f"0.{value:03}" for value in thousandths]
    shuffled = list(values)
    random.shuffle(shuffled)
    found = [
        lake({f"P{number}": {"tp": value} for number, value in enumerate(given)})
        for given in (values, shuffled)
    ]
    assert found[0].pooled.items["tp"].mean == found[1].pooled.items["tp"].mean
    assert found[0].rank == found[1].rank
