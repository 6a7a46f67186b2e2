"""The life cycle of an outfall (查、测、溯、治、管) as rules: what a step needs, what opens an outfall again.

The rules are data, the functions pure over a plain snapshot of the outfall. Steps, rights and records live in
`server.outfalls`, whose workflow names the requirements.
"""

from bishui.outfalls.life_cycle.custody import HandOver, custody_faults, custody_gaps
from bishui.outfalls.life_cycle.data import LifeCycle, Requirement, Trigger, life_cycle
from bishui.outfalls.life_cycle.reopening import is_rain_outfall, trigger_of_sample, trigger_of_visit
from bishui.outfalls.life_cycle.requirements import lacking, proposed_categories
from bishui.outfalls.life_cycle.snapshot import PhotoSeen, SampleSeen, Snapshot, VisitSeen

__all__ = [
    "HandOver",
    "LifeCycle",
    "PhotoSeen",
    "Requirement",
    "SampleSeen",
    "Snapshot",
    "Trigger",
    "VisitSeen",
    "custody_faults",
    "custody_gaps",
    "is_rain_outfall",
    "lacking",
    "life_cycle",
    "proposed_categories",
    "trigger_of_sample",
    "trigger_of_visit",
]
