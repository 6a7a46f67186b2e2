"""Known answers: files of worked cases, one module for each topic; importing this registers them."""

from bishui.network.worked_cases import (
    allocation,
    capacity,
    inverse,
    loads,
    networks,
    oxygen,
    pulses,
    refusals,
)

__all__ = ["allocation", "capacity", "inverse", "loads", "networks", "oxygen", "pulses", "refusals"]
