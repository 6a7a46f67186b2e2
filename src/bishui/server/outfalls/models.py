"""The records of outfalls: the register and its links (`models_register`), the rounds (`models_rounds`)."""

from bishui.server.outfalls.models_merging import LikenessDecision
from bishui.server.outfalls.models_register import (
    ChainLink,
    Channel,
    CodeCounter,
    Discharger,
    Outfall,
    WaterBody,
)
from bishui.server.outfalls.models_rounds import (
    Custody,
    DateChange,
    Milestone,
    MilestoneSnapshot,
    OutfallRound,
    Photo,
    Sample,
    SampleResult,
    Visit,
)

__all__ = [
    "ChainLink",
    "Channel",
    "CodeCounter",
    "Custody",
    "DateChange",
    "Discharger",
    "LikenessDecision",
    "Milestone",
    "MilestoneSnapshot",
    "Outfall",
    "OutfallRound",
    "Photo",
    "Sample",
    "SampleResult",
    "Visit",
    "WaterBody",
]
