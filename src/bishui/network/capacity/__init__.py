"""How much a water can take (水域纳污能力): models of GB/T 25173-2010, design flow, decay rates, allocation.

Everything is computed from numbers that are passed in. Whose outfall gets which quota is decided by people:
the programme shows what binds and what fairness costs.
"""

from bishui.network.capacity.allocation import (
    Allocation,
    AllocationCase,
    Infeasible,
    Rule,
    allocations,
    capped_differences,
    equal_concentration,
    equal_proportion,
    greatest_total,
    max_min_ratio,
)
from bishui.network.capacity.decay_rate import (
    DecayRate,
    lake_rate,
    pooled_rate,
    rate_by_flow,
    rate_by_perimeter,
    two_section_rate,
)
from bishui.network.capacity.design_flow import (
    DesignFlow,
    ShortSeries,
    driest_month_flow,
    lowest_recent_month,
    pearson_flow,
)
from bishui.network.capacity.models import (
    MODELS,
    SYMBOLS,
    Capacity,
    CapacityFlag,
    CapacityModel,
    RiverSize,
    capacity,
    lake_concentration,
    phosphorus_retention,
    river_size,
    side_by_side,
)
from bishui.network.capacity.on_network import allocation_case, room_at
from bishui.network.capacity.remaining import RemainingRoom, remaining_room
from bishui.network.capacity.several import SharedAllocation, shared_allocation, shared_case

__all__ = [
    "MODELS",
    "SYMBOLS",
    "Allocation",
    "AllocationCase",
    "Capacity",
    "CapacityFlag",
    "CapacityModel",
    "DecayRate",
    "DesignFlow",
    "Infeasible",
    "RemainingRoom",
    "RiverSize",
    "Rule",
    "SharedAllocation",
    "ShortSeries",
    "allocation_case",
    "allocations",
    "capacity",
    "capped_differences",
    "driest_month_flow",
    "equal_concentration",
    "equal_proportion",
    "greatest_total",
    "lake_concentration",
    "lake_rate",
    "lowest_recent_month",
    "max_min_ratio",
    "pearson_flow",
    "phosphorus_retention",
    "pooled_rate",
    "rate_by_flow",
    "rate_by_perimeter",
    "remaining_room",
    "river_size",
    "room_at",
    "shared_allocation",
    "shared_case",
    "side_by_side",
    "two_section_rate",
]
