"""Case files of pulses: one uniform reach, a path of reaches, dispersion, mixing length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bishui.network.pulses import uniform
from bishui.network.pulses.dispersion import (
    Channel,
    dispersion,
    fischer_transverse,
    mixing_length,
    shear_velocity,
    taylor_transverse,
)
from bishui.network.pulses.path import Path, Segment
from bishui.network.tables import DAY_S
from bishui.network.worked_cases.figures import close, number, number_in
from bishui.verification import Case, Check, Layout, compare, register_layout

FORMULA = 1e-12
#: Of concentrations after a path; below the floor (mg/L) an absolute difference is allowed.
ALONG_PATH, PATH_FLOOR, PATH_ABSOLUTE = 1e-8, 1e-12, 1e-14
_HOUR_S, _G_PER_KG = 3600.0, 1000.0


def _uniform(case: Case, _header: Sequence[str]) -> Iterable[Check]:
    """Check peak, arrival, leaving, exposure and one value of a pulse on one reach."""
    name, distance, mass = case.get("case"), number(case, "x_m"), number(case, "mass_kg") * _G_PER_KG
    reach = uniform.UniformReach(*(number(case, head) for head in ("area_m2", "U_m_s", "D_m2_s", "K_per_d")))
    at = distance / reach.velocity
    got = {
        "t_peak_h": uniform.peak_time(reach, distance) / _HOUR_S,
        "C_peak_mg_L": uniform.peak(reach, mass, distance),
        "integral_C_dt_mg_s_per_L": uniform.exposure(reach, mass, distance),
        "C_at_t=x/U_mg_L": uniform.concentration(reach, mass, distance, at),
    }
    passed = uniform.passing(reach, mass, distance, number(case, "threshold_mg_L"))
    if passed is not None:
        got |= {"t_arrive_h": passed.arrival / _HOUR_S, "t_leave_h": passed.leaving / _HOUR_S}
    for head, value in got.items():
        if case.get(head):
            yield close(case, name, head, number(case, head), value, relative=_tolerance(head))
    for head in ("t_arrive_h", "t_leave_h"):
        never = (not case.get(head), passed is None)
        if any(never):
            yield compare(case, name, head, expected=str(never[0]), got=str(never[1]))


def _tolerance(head: str) -> float:
    """Return what the cases allow: times come from roots and are less exact."""
    return 1e-8 if head.startswith("t_") else 1e-10


def _path(case: Case, header: Sequence[str]) -> Iterable[Check]:
    """Check the concentration after several unlike reaches, the moments and the surviving share."""
    name = case.get("case")
    head = next(head for head in header if head.startswith("segments"))
    segments = []
    for part in case.get(head).split("|"):
        length, velocity, spread, rate = (number_in(text, case, head) for text in part.split(":"))
        segments.append(Segment(length, velocity, spread, rate / DAY_S))
    path = Path(tuple(segments))
    arriving = path.density(number(case, "t_h") * _HOUR_S)
    flow, mass = number(case, "Q_at_section_m3_s"), number(case, "mass_kg") * _G_PER_KG
    wanted = number(case, "C_flux_mg_L")
    absolute = PATH_ABSOLUTE if wanted < PATH_FLOOR else 0.0
    got = mass / flow * arriving
    yield close(case, name, "C_flux_mg_L", wanted, got, relative=ALONG_PATH, absolute=absolute)
    moments = {
        "mean_travel_h_conservative": path.mean / _HOUR_S,
        "std_travel_h_conservative": path.variance**0.5 / _HOUR_S,
        "surviving_fraction": path.surviving,
    }
    for column, value in moments.items():
        if case.get(column):
            yield close(case, name, column, number(case, column), value, relative=ALONG_PATH)


_FORMULAS = {
    "Fischer1979_m2_s": "fischer",
    "Elder1959_m2_s": "elder",
    "SeoCheong1998_m2_s": "seo_cheong",
    "KashefipourFalconer2002_m2_s": "kashefipour_falconer",
}


def _dispersion(case: Case, header: Sequence[str]) -> Iterable[Check]:
    channel = Channel(*(number(case, head) for head in ("width_m", "depth_m", "U_m_s", "ustar_m_s")))
    values = dispersion(channel).values
    for head, key in _FORMULAS.items():
        if head in header and case.get(head):
            yield close(case, case.get("case"), head, number(case, head), values[key], relative=FORMULA)


def _mixing(case: Case, header: Sequence[str]) -> Iterable[Check]:
    width, depth, offset, velocity, slope = (
        number(case, head) for head in ("width_m", "depth_m", "outfall_to_bank_m", "U_m_s", "slope")
    )
    found = mixing_length(width=width, depth=depth, offset=offset, velocity=velocity, slope=slope)
    got = {
        "ustar": shear_velocity(depth, slope),
        "Ey_Taylor": taylor_transverse(width, depth, slope),
        "L_HJ2.3": found.hj_2018,
        "L_HJT2.3": found.hj_1993,
        "Ey_Fischer": fischer_transverse(depth, slope),
        "L_Fischer": found.fischer,
    }
    for head in header:
        value = next((value for start, value in got.items() if head.startswith(start)), None)
        if value is not None and case.get(head):
            yield close(case, case.get("case"), head, number(case, head), value, relative=FORMULA)


_UNIFORM_HEADS = frozenset({"area_m2", "x_m", "threshold_mg_L", "t_peak_h", "C_peak_mg_L"})
_PATH_HEADS = frozenset({"mass_kg", "t_h", "C_flux_mg_L", "Q_at_section_m3_s"})
_CHANNEL_HEADS = frozenset({"width_m", "depth_m", "U_m_s", "ustar_m_s"})
_MIXING_HEADS = frozenset({"width_m", "depth_m", "outfall_to_bank_m", "U_m_s", "slope"})

register_layout(Layout("pulse-uniform", _UNIFORM_HEADS, _uniform))
register_layout(Layout("pulse-path", _PATH_HEADS, _path))
register_layout(Layout("dispersion", _CHANNEL_HEADS, _dispersion))
register_layout(Layout("mixing-length", _MIXING_HEADS, _mixing))
