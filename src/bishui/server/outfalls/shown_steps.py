"""The steps that a user may take with an outfall now: what each asks for, and what is lacking before it.

Built from the workflow's own data, so that a form never asks for anything else than the engine does.
"""

from __future__ import annotations

from typing import Any

from bishui.server.core import workflow
from bishui.server.outfalls.forms_step import StepForm
from bishui.server.outfalls.models import OutfallRound


def acts(round_: OutfallRound, user: Any, tried: StepForm | None = None) -> list[dict[str, Any]]:
    """Return one entry for each step that the user may take: its form, and what is lacking before it.

    Parameters
    ----------
    tried
        The form of a step that was just refused, with what is wrong in it.
    """
    return [_act(round_, transition, user, tried) for transition in workflow.available(round_, user)]


def _act(
    round_: OutfallRound, transition: workflow.Transition, user: Any, tried: StepForm | None
) -> dict[str, Any]:
    again = tried is not None and tried.transition.id == transition.id
    asked = {part.key for part in transition.evidence}
    lacks = workflow.lacking(round_, transition, actor=user)
    return {
        "transition": transition,
        "form": tried if again else StepForm(transition, round_),
        # What the form itself asks for is not lacking yet.
        "lacks": [problem for problem in lacks if problem.where.field not in asked],
        "open": again,
    }
