"""Where it flows: rivers and channels (受纳水体、排污通道), their graph, tracing and transport.

Here lives what can be computed from a graph and its loads; records about outfalls live in `server.outfalls`.
"""

from bishui.network import capacity, loads, oxygen, pulses
from bishui.network.adjoint import Contribution, Place, Weights, adjoint, contributions, response, weight_of
from bishui.network.baseflow import BaseFlow, base_flows, routed_flow
from bishui.network.catchments import read_catchments
from bishui.network.chain import (
    Chain,
    ChainDay,
    ChainEdge,
    ChainObject,
    EvidenceKind,
    JoinedNetwork,
    ObjectKind,
    join_chain,
)
from bishui.network.chain_tables import joined_file, read_chain
from bishui.network.diffuse import Diffuse
from bishui.network.faults import Fault, NetworkFault
from bishui.network.flow import flows, transmission
from bishui.network.formats import (
    NetworkFile,
    ReadingOptions,
    build_file,
    problems_of,
    read_network,
    write_network,
)
from bishui.network.graph import Network, build, find_edges
from bishui.network.layout import Adjacency
from bishui.network.monthly_flows import read_monthly_flows
from bishui.network.places import (
    read_limits,
    read_loads,
    read_points,
    read_pollutants,
    read_sections,
    snap_points,
)
from bishui.network.readings import read_base_flows, read_floors, read_intakes, read_measured
from bishui.network.samples import read_candidates, read_fingerprints, read_samples
from bishui.network.sensitivity import Sensitivity, sensitivity
from bishui.network.settings import OwnSettings, Settings, read_own_settings
from bishui.network.snapping import (
    Snap,
    SnapCandidate,
    SnapConfidence,
    SnapDoubt,
    SnapPoint,
    decimals_of,
    snap,
)
from bishui.network.solve import Balance, Reading, Solution, solve
from bishui.network.tables import (
    DAY_S,
    Edges,
    Floats,
    Integers,
    Load,
    Pollutant,
    Reaches,
    ReachKind,
    Section,
)
from bishui.network.travel import mean_travel_time, time_from, travel_range
from bishui.network.uncertainty import (
    Band,
    Survival,
    load_variance,
    monte_carlo,
    survival_first_order,
    survival_gamma,
    survival_normal,
)
from bishui.network.warm import warm_up
from bishui.verification import register_module

register_module("bishui.network.worked_cases")

__all__ = [
    "DAY_S",
    "Adjacency",
    "Balance",
    "Band",
    "BaseFlow",
    "Chain",
    "ChainDay",
    "ChainEdge",
    "ChainObject",
    "Contribution",
    "Diffuse",
    "Edges",
    "EvidenceKind",
    "Fault",
    "Floats",
    "Integers",
    "JoinedNetwork",
    "Load",
    "Network",
    "NetworkFault",
    "NetworkFile",
    "ObjectKind",
    "OwnSettings",
    "Place",
    "Pollutant",
    "ReachKind",
    "Reaches",
    "Reading",
    "ReadingOptions",
    "Section",
    "Sensitivity",
    "Settings",
    "Snap",
    "SnapCandidate",
    "SnapConfidence",
    "SnapDoubt",
    "SnapPoint",
    "Solution",
    "Survival",
    "Weights",
    "adjoint",
    "base_flows",
    "build",
    "build_file",
    "capacity",
    "contributions",
    "decimals_of",
    "find_edges",
    "flows",
    "join_chain",
    "joined_file",
    "load_variance",
    "loads",
    "mean_travel_time",
    "monte_carlo",
    "oxygen",
    "problems_of",
    "pulses",
    "read_base_flows",
    "read_candidates",
    "read_catchments",
    "read_chain",
    "read_fingerprints",
    "read_floors",
    "read_intakes",
    "read_limits",
    "read_loads",
    "read_measured",
    "read_monthly_flows",
    "read_network",
    "read_own_settings",
    "read_points",
    "read_pollutants",
    "read_samples",
    "read_sections",
    "response",
    "routed_flow",
    "sensitivity",
    "snap",
    "snap_points",
    "solve",
    "survival_first_order",
    "survival_gamma",
    "survival_normal",
    "time_from",
    "transmission",
    "travel_range",
    "warm_up",
    "weight_of",
    "write_network",
]
