"""Accidents: where a spill (突发污染) is when, on one reach, along a path and on a network, with bands.

Concentrations are g/m³ (= mg/L), masses g, times s since the spill. Nothing here says who must be told: it
says when what arrives, and by which assumptions.
"""

from bishui.network.pulses.channels import hydraulics_of
from bishui.network.pulses.dispersion import (
    Channel,
    DispersionRange,
    MixingLength,
    dispersion,
    middle_dispersion,
    mixing_length,
    shear_velocity,
)
from bishui.network.pulses.jobson import JobsonPulse, jobson
from bishui.network.pulses.path import Path, Reservoir, Segment
from bishui.network.pulses.spill import (
    Assumption,
    Drill,
    Hit,
    Hydraulics,
    Measurement,
    Recalibration,
    Receptor,
    ReceptorKind,
    Spill,
    drill,
    recalibrate,
)
from bishui.network.pulses.uniform import UniformReach

__all__ = [
    "Assumption",
    "Channel",
    "DispersionRange",
    "Drill",
    "Hit",
    "Hydraulics",
    "JobsonPulse",
    "Measurement",
    "MixingLength",
    "Path",
    "Recalibration",
    "Receptor",
    "ReceptorKind",
    "Reservoir",
    "Segment",
    "Spill",
    "UniformReach",
    "dispersion",
    "drill",
    "hydraulics_of",
    "jobson",
    "middle_dispersion",
    "mixing_length",
    "recalibrate",
    "shear_velocity",
]
