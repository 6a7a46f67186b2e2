"""One mean against one limit of any standard, with the rule for detection limits above the limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bishui.assessment.results import Reason
from bishui.assessment.site_means import SiteMean
from bishui.standards import Judgement, Method, Override, UnknownFact, classify, judge_against


def judge_mean(
    mean: SiteMean,
    standard: str,
    method: Method,
    conditions: Mapping[str, Any] | None = None,
    *,
    override: Override | None = None,
    unknown: UnknownFact = "every_limit",
) -> Judgement | None:
    """Return what a standard says about a mean; None where there is no mean.

    A mean that seems to meet a limit below the detection limit of its results cannot be judged, unless the
    method says that the substituted value decides.

    Parameters
    ----------
    mean
        With its detection limit.
    standard, conditions, unknown
        As for `standards.judge_against`; the edition is that of the mean's last day.
    method
        Tells what to do with detection limits above the limit.
    override
        A bureau's own limits of that day.
    """
    if mean.value is None:
        return None
    on = mean.period.last_day
    given: dict[str, Any] = {"conditions": conditions, "override": override, "unknown": unknown}
    judged = judge_against(standard, mean.item, mean.value, on, detected=mean.detected, **given)
    if judged.verdict != "meets" or not _careful(mean, method):
        return judged
    limit = mean.detection_limit or 0
    if judge_against(standard, mean.item, limit, on, **given).verdict == "meets":
        return judged
    row = judged.row
    if row is not None and row.not_detectable:
        return judged
    return replace(judged, verdict="cannot_be_judged", reason=Reason.CANNOT_BE_JUDGED.text, missing=())


def worst_possible_rank(
    mean: SiteMean, standard: str, method: Method, *, override: Override | None = None
) -> int | None:
    """Return the class that the detection limit itself would have: the worst that the item could be.

    None where no result was below its detection limit, or the substituted value decides.
    """
    if not _careful(mean, method) or mean.detection_limit is None:
        return None
    on = mean.period.last_day
    return classify(standard, mean.item, mean.detection_limit, on, override=override).rank


def _careful(mean: SiteMean, method: Method) -> bool:
    return mean.detection_limit is not None and method.detection_above_limit == "cannot_be_judged"
