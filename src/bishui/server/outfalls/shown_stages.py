"""The words and looks of an outfall on pages: its stage, its kind, the choices of the register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bishui.i18n import Bilingual
from bishui.server.core import registers, workflow
from bishui.server.outfalls.models import Outfall, OutfallRound

#: Stages in which the remediation is still to be done, so that its deadline can be missed.
WITH_DEADLINE = ("planned", "remediating", "pending_acceptance")
#: The colour of a stage on the map and in the bars; each has its word beside it.
COLOURS = {
    "suspected": "#8a9ba3",
    "verified": "#4f7fa8",
    "sampled": "#2f6db5",
    "tracing": "#7a5ab8",
    "traced": "#a0479b",
    "planned": "#c98a12",
    "remediating": "#d9641e",
    "pending_acceptance": "#b8325a",
    "signed_off": "#2e8b57",
    "no_action": "#5d9c8a",
    "not_outfall": "#c3ccd0",
}


def stages() -> Mapping[str, workflow.State]:
    """Return the stages in the order of the workflow file."""
    return workflow.load_all()[OutfallRound.workflow_name].states


def stage_label(stage: str) -> str:
    """Return the word of a stage; — where there is none yet."""
    found = stages().get(stage)
    return str(found.label) if found else stage or "—"


def stage_tone(stage: str) -> str:
    """Return the tone of a stage."""
    found = stages().get(stage)
    return found.tone if found else "idle"


def choices(field: str, register: str = "outfalls") -> dict[str, str]:
    """Return the choices of a field of a register, in words."""
    found = registers.load_all()[register].field(field).choices
    return {choice.value: str(choice.label) for choice in found}


def word(field: str, value: Any, register: str = "outfalls") -> str:
    """Return the word of one choice; — where nothing is known."""
    return registers.load_all()[register].field(field).choice_label(value) or "—"


def kind_label(outfall: Outfall) -> str:
    """Return the type by HJ 1312, or the older class, or that nobody has decided it."""
    if outfall.kind:
        return word("kind", outfall.kind)
    return word("legacy_kind", outfall.legacy_kind) if outfall.legacy_kind else "—"


def bilingual(entry: Mapping[str, Any]) -> str:
    """Return the label of an entry of a data file in the current language."""
    return str(Bilingual(entry.get("label_zh", ""), entry.get("label_en", "")))
