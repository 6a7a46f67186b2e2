"""Trophic state index TLI(Σ): weights, grades, errors."""

from decimal import Decimal

import pytest

from bishui.assessment import trophic_state
from bishui.assessment.waters.tli import combine
from bishui.errors import DataError
from bishui.standards import trophic_rules


@pytest.mark.parametrize(
    ("indices", "total", "grade"),
    [
        ((37.749, 69.802, 68.909, 81.743), 61.837, "中度富营养"),
        ((53.865, 79.571, 86.139, 73.053), 71.165, "重度富营养"),
        ((55.209, 64.039, 87.591, 76.198), 69.055, "中度富营养"),
    ],
)
def test_published_totals_of_four_items(indices, total, grade):
    # Hulun Lake 2011, 2017, 2019 (ChinaXiv 202112.00113, table 3).
    found = combine(dict(zip(("chla", "tp", "tn", "transparency"), indices, strict=True)))
    assert found.total == pytest.approx(total, abs=0.001)
    assert (found.grade, found.official) == (grade, False)


def test_weights_of_five_items_are_the_published_ones():
    weights = {key: float(rule.weight) for key, rule in trophic_rules().items.items()}
    shares = [round(weight / sum(weights.values()), 4) for weight in weights.values()]
    assert shares == [0.2663, 0.1879, 0.1790, 0.1834, 0.1834]


@pytest.mark.parametrize(
    ("index", "grade"),
    [(29.99, "贫营养"), (30, "中营养"), (50, "中营养"), (50.01, "轻度富营养"), (60, "轻度富营养"), (70, "中度富营养"),
     (70.01, "重度富营养")],
)  # fmt: skip
def test_grades_at_their_ends(index, grade):
    assert trophic_rules().grade(index) == grade


def test_chlorophyll_stands_in_milligrams_per_cubic_metre_in_the_formula():
    assert trophic_state({"chla": Decimal("0.001")}).indices["chla"] == pytest.approx(25)


@pytest.mark.parametrize("values", [{}, {"tp": Decimal(0)}, {"tp": Decimal(-1)}])
def test_what_has_no_logarithm_is_an_error(values):
    with pytest.raises(DataError):
        trophic_state(values)
