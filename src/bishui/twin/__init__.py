"""A city with known truth: an invented city for the demonstration, for benchmarks and for tests.

Here live its data files, the generator of its year and the writers of its documents. Nothing here may
bear the name of a real place, unit or company, and nothing real may be stored here.
"""

from bishui.twin.city import AS_OF, SIZES, build_city
from bishui.twin.evidence import evidence_file
from bishui.twin.files import network_files, schematic, truth_files
from bishui.twin.ledgers import ledger_rows
from bishui.twin.model import (
    City,
    Collective,
    Discharger,
    Division,
    DrinkingSource,
    Event,
    HandedIn,
    Outfall,
    Park,
    Progress,
    Reach,
    Section,
    SewagePlant,
    TaskProgress,
    Unit,
)
from bishui.twin.network import discharges, intake_places
from bishui.twin.outfalls import OutfallOwner, OutfallStory, outfall_owners, outfall_stories
from bishui.twin.outfalls_pictures import outfall_picture
from bishui.twin.places import Place, Reading, place_readings, places
from bishui.twin.plan import PlanDocument, plan_document
from bishui.twin.plan_truth import plan_truth
from bishui.twin.progress import DUE_SOON_DAYS, handed_in, task_progress
from bishui.twin.uploads import measurement_files
from bishui.twin.writers import write_plan

__all__ = [
    "AS_OF",
    "DUE_SOON_DAYS",
    "SIZES",
    "City",
    "Collective",
    "Discharger",
    "Division",
    "DrinkingSource",
    "Event",
    "HandedIn",
    "Outfall",
    "OutfallOwner",
    "OutfallStory",
    "Park",
    "Place",
    "PlanDocument",
    "Progress",
    "Reach",
    "Reading",
    "Section",
    "SewagePlant",
    "TaskProgress",
    "Unit",
    "build_city",
    "discharges",
    "evidence_file",
    "handed_in",
    "intake_places",
    "ledger_rows",
    "measurement_files",
    "network_files",
    "outfall_owners",
    "outfall_picture",
    "outfall_stories",
    "place_readings",
    "places",
    "plan_document",
    "plan_truth",
    "schematic",
    "task_progress",
    "truth_files",
    "write_plan",
]
