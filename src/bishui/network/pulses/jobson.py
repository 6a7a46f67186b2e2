"""Travel time alone (Jobson 1996): an independent check of a pulse where no geometry is known."""

from __future__ import annotations

from dataclasses import dataclass, field

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network.settings import Settings, settings

_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class JobsonPulse:
    """What travel time alone says of a pulse.

    Attributes
    ----------
    unit_peak
        10⁶ C Q/M, in 10⁻⁶/s.
    peak
        Concentration at the peak without decay, mg/L.
    low, high
        One standard error of the national data to either side.
    leading_edge, passage
        Arrival of the leading edge; time from there until 10 % of the peak is left, s.
    """

    unit_peak: float
    peak: float
    low: float
    high: float
    leading_edge: float
    passage: float
    settings: Settings = field(repr=False)

    def agrees(self, peak: float) -> bool:
        """Tell whether another answer (without decay) lies within the factor of the settings."""
        factor = self.settings["jobson_factor_agree"]
        return bool(self.peak / factor <= peak <= self.peak * factor)


def jobson(
    *, mass: float, flow: float, mean_flow: float | None, peak_time: float, chosen: Settings | None = None
) -> JobsonPulse:
    """Return what travel time alone says of the pulse of a spill.

    Parameters
    ----------
    mass
        g.
    flow, mean_flow
        At the section on the day, and over years, m³/s; None: as on the day.
    peak_time
        Travel time of the peak, s.

    Raises
    ------
    CallError
        If something that must be above zero is not.

    Notes
    -----
    USGS WRIR 96-4013: C_up = 857 T^(−0.760 (Q/Qa)^(−0.079)), T in hours; coefficients are settings.
    """
    s = chosen or settings("spill")
    usual = flow if mean_flow is None else mean_flow
    if not min(mass, flow, usual, peak_time) > 0:
        raise CallError(
            Text("泄漏量、流量和峰现时间应大于 0。"), remedy=Text("请核对输入；单位为 g、m³/s、s。")
        )
    power = s["jobson_power"] * (flow / usual) ** s["jobson_flow_power"]
    unit = float(s["jobson_peak"] * (peak_time / _HOUR_S) ** power)
    peak = unit * 1e-6 * mass / flow
    spread = 10.0 ** s["jobson_peak_rmse"]
    edge = s["jobson_leading_edge"] * peak_time
    return JobsonPulse(unit, peak, peak / spread, peak * spread, edge, s["jobson_passage"] / unit, s)
