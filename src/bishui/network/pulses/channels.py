"""What carries a spill, from the cross-sections (断面形态) that a file of reaches gives."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bishui.i18n import Text
from bishui.network.graph import Network
from bishui.network.pulses.dispersion import middle_dispersion
from bishui.network.pulses.spill import Hydraulics
from bishui.network.settings import settings
from bishui.network.tables import Floats


def hydraulics_of(
    network: Network, attributes: Mapping[str, Floats], flow: Floats | None = None
) -> Hydraulics:
    """Return the hydraulics of a network whose file gives width, depth and slope of reaches.

    Where all three are given, dispersion is the middle of the formulas made for rivers; elsewhere it is the
    default of the settings. Nothing is made of cross-sections that are not there.

    Parameters
    ----------
    network
        The network; its velocities are used.
    attributes
        Further numbers by row, as `NetworkFile.attributes` has them.
    flow
        Of the day, m³/s at the bottom of each reach; None: the lateral flows, accumulated.
    """
    if not {"width", "depth", "slope"} <= attributes.keys():
        return Hydraulics(flow=flow)
    spread = middle_dispersion(
        attributes["width"], attributes["depth"], attributes["slope"], network.reaches.velocity
    )
    known = np.isfinite(spread)
    if not known.any():
        return Hydraulics(flow=flow)
    default = settings("spill").number("default_dispersion")
    said = Text(
        "由河宽、水深、比降按公式算出（{count} 个河段），其余取默认值 {default:g} m²/s",
        count=int(known.sum()),
        default=default,
    )
    return Hydraulics(flow, np.where(known, spread, default), sources={"dispersion": str(said)})
