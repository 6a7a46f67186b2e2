"""What outfalls discharge, ordinarily and while their treatment fails."""

from dataclasses import replace

import numpy as np
import pytest

from bishui.network import read_fingerprints
from bishui.network.settings import settings
from bishui.network.tracing import Fingerprint
from bishui.network.tracing.ordinary import effluent

from .conftest import CANDIDATES, ITEMS, KINDS

KEYS = [item.key for item in ITEMS]
FAILING = replace(KINDS["sewage"], failing={"cod": 90.0, "nh3n": 24.0})


def test_failing_treatment_moves_proportions_and_not_the_amount():
    shift = FAILING.shift(KEYS)
    assert shift[1] / shift[0] == pytest.approx((24.0 / 8.0) / (90.0 / 60.0))
    assert shift[:2].prod() == pytest.approx(1.0)


def test_an_item_that_is_not_named_keeps_its_own():
    assert FAILING.shift(KEYS)[2] == 1.0


@pytest.mark.parametrize("failing", [{}, {"cod": 60.0, "nh3n": 8.0}, {"unknown": 3.0}])
def test_without_other_proportions_nothing_moves(failing):
    kind = Fingerprint("sewage", KINDS["sewage"].typical, 0.3, failing)
    np.testing.assert_allclose(kind.shift(KEYS), 1.0)


def test_a_table_of_kinds_may_tell_what_failing_treatment_looks_like(tmp_path):
    path = tmp_path / "kinds.csv"
    path.write_text(
        "行业,典型浓度,离散,失效浓度\nsewage,cod=60;nh3n=8,0.4,cod=90;nh3n=24\npaper,cod=120;nh3n=1.5,0.4,\n",
        encoding="utf-8",
    )
    read = read_fingerprints(path)
    assert read["sewage"].failing == {"cod": 90.0, "nh3n": 24.0}
    assert read["paper"].failing == {}


def test_an_excess_is_counted_in_failing_effluent_and_the_ordinary_load_stays():
    chosen = settings("tracing")
    plain = effluent(CANDIDATES, KINDS, ITEMS, chosen)
    told = effluent(CANDIDATES, KINDS | {"sewage": FAILING}, ITEMS, chosen)
    np.testing.assert_array_equal(plain.load, told.load)
    np.testing.assert_array_equal(plain.excess, plain.load)
    sewage = np.array([candidate.kind == "sewage" for candidate in CANDIDATES])
    np.testing.assert_allclose(told.excess[sewage], told.load[sewage] * FAILING.shift(KEYS))
    np.testing.assert_array_equal(told.excess[~sewage], told.load[~sewage])
