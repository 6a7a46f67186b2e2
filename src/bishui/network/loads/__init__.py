"""What enters the water (污染负荷): from samples, coefficients, rating curves; against the sections.

A load is never shown without its stage: generated (产生), discharged (排放) or entering the river (入河).
"""

from bishui.network.loads.balance import SectionBalance, section_balance, unexplained
from bishui.network.loads.catchments import Catchment, CatchmentLoads, along_reaches, catchment_loads
from bishui.network.loads.export import (
    Span,
    Stage,
    StagedLoad,
    farmland,
    fertiliser,
    livestock,
    pig_equivalents,
    residents,
    runoff,
    total,
)
from bishui.network.loads.on_network import DIFFUSE, LATERAL, section_balances
from bishui.network.loads.point import (
    PeriodLoad,
    Sample,
    beale_load,
    daily_load,
    flow_weighted_load,
    integrated_load,
    load_of_means,
)
from bishui.network.loads.rating import Correction, RatingCurve, rating_curve
from bishui.network.loads.storm import FirstFlush, FlowSplit, first_flush, split_flow, storm_load

__all__ = [
    "DIFFUSE",
    "LATERAL",
    "Catchment",
    "CatchmentLoads",
    "Correction",
    "FirstFlush",
    "FlowSplit",
    "PeriodLoad",
    "RatingCurve",
    "Sample",
    "SectionBalance",
    "Span",
    "Stage",
    "StagedLoad",
    "along_reaches",
    "beale_load",
    "catchment_loads",
    "daily_load",
    "farmland",
    "fertiliser",
    "first_flush",
    "flow_weighted_load",
    "integrated_load",
    "livestock",
    "load_of_means",
    "pig_equivalents",
    "rating_curve",
    "residents",
    "runoff",
    "section_balance",
    "section_balances",
    "split_flow",
    "storm_load",
    "total",
    "unexplained",
]
