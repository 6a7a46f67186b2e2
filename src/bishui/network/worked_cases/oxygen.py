"""Case files of oxygen sags: BOD, deficit and oxygen at distances, and the critical point."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bishui.network.oxygen import OxygenSag
from bishui.network.tables import DAY_S
from bishui.network.worked_cases.figures import close, number
from bishui.verification import Case, Check, Layout, register_layout

TOLERANCE, NEAR_EQUAL = 1e-12, 1e-11
#: Rates closer than this, relatively, are nearly equal.
_NEAR = 1e-3
_M_PER_KM = 1000.0


def _sag(case: Case, _header: Sequence[str]) -> Iterable[Check]:
    """Check one row: a place at a distance, or the critical point."""
    given = [number(case, head) for head in ("kd_per_d", "ka_per_d", "L0_mg_L", "D0_mg_L")]
    sag, velocity = OxygenSag(*given), number(case, "U_m_s")
    near = given[0] != given[1] and abs(given[0] - given[1]) <= _NEAR * given[0]
    critical = case.get("row") == "critical"
    distance = velocity * sag.critical_time * DAY_S if critical else number(case, "x_km") * _M_PER_KM
    state = sag.critical if critical else sag.at(distance / velocity / DAY_S)
    got = {
        "x_km": distance / _M_PER_KM,
        "t_d": state.time,
        "BODu_mg_L": state.bod,
        "deficit_mg_L": state.deficit,
        "DO_mg_L": number(case, "DO_sat_mg_L") - state.deficit,
    }
    relative = NEAR_EQUAL if near else TOLERANCE
    for head, value in got.items():
        if case.get(head):
            name = f"{case.get('case')} {case.get('row')}"
            yield close(case, name, head, number(case, head), value, relative=relative)


_HEADS = frozenset({"kd_per_d", "ka_per_d", "L0_mg_L", "D0_mg_L", "DO_sat_mg_L"})

register_layout(Layout("streeter-phelps", _HEADS, _sag))
