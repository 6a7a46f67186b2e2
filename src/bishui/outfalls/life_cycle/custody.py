"""The chain of custody of a sample (样品流转): the steps in their order, from hand to hand without a gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from bishui.errors import Problem, Where
from bishui.i18n import Text
from bishui.outfalls.life_cycle.data import LifeCycle, life_cycle


@dataclass(frozen=True, slots=True)
class HandOver:
    """One step: which, when, who gave the sample away (empty = not said) and who has it since."""

    step: str
    at: datetime
    to: str
    given_by: str = ""


def custody_faults(chain: Sequence[HandOver], rules: LifeCycle | None = None) -> list[Problem]:
    """Return what cannot be: unknown steps, a step twice, steps against their order.

    Parameters
    ----------
    chain
        The steps, in any order; they are looked at by time.
    """
    known = (rules or life_cycle()).custody
    order = {step: place for place, step in enumerate(known)}
    unknown = [one for one in chain if one.step not in known]
    if unknown:
        return [_problem("custody-unknown", Text("没有“{step}”这一流转环节。", step=unknown[0].step))]
    ordered = sorted(chain, key=lambda one: (one.at, order[one.step]))
    found: list[Problem] = []
    for before, after in pairwise(ordered):
        names = {"before": known[before.step].label, "after": known[after.step].label}
        if order[after.step] < order[before.step]:
            found.append(_problem("custody-order", Text("“{before}”的时间早于“{after}”。", **names)))
        if after.step == before.step and not known[after.step].repeats:
            found.append(_problem("custody-twice", Text("“{after}”登记了两次。", after=names["after"])))
    return found


def custody_gaps(chain: Sequence[HandOver], rules: LifeCycle | None = None) -> list[Problem]:
    """Return what is missing of a whole chain: steps, and hands between which the sample was nobody's."""
    known = (rules or life_cycle()).custody
    faults = custody_faults(chain, rules)
    if faults:
        return faults
    there = {one.step for one in chain}
    found = [
        _problem("custody-gap", Text("缺少“{step}”环节的流转记录。", step=step.label))
        for step in known.values()
        if step.id not in there
    ]
    order = list(known)
    ordered = sorted(chain, key=lambda one: (one.at, order.index(one.step)))
    for before, after in pairwise(ordered):
        if after.given_by and after.given_by != before.to:
            found.append(
                _problem(
                    "custody-hands",
                    Text(
                        "样品由“{held}”保管，却由“{given_by}”交出。", held=before.to, given_by=after.given_by
                    ),
                )
            )
    return found


def _problem(code: str, what: Text) -> Problem:
    return Problem(code, what, Text("请核对样品流转记录的环节、时间和交接人。"), Where(field="custody"))
