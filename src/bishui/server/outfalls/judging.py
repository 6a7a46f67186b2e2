"""The verdict on a sample by the outfall's own discharge standard (GB 8978, GB 18918)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bishui.assessment import DischargeResult, Period, discharge_result
from bishui.observations.schema import MEASUREMENTS, Mark, Source
from bishui.server.outfalls.models import Outfall, Sample
from bishui.server.sites import queries as sites
from bishui.server.standards import queries as standards
from bishui.standards import edition_on


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a sample came to.

    Attributes
    ----------
    passes
        Whether every limited item met its limit; None where nothing could be judged, or an item that has a
        limit could not while no other exceeded.
    result
        Every item with its limit and clause.
    edition
        The edition of the standard that was in force when it was taken; empty where none is registered.
    """

    passes: bool | None
    result: DischargeResult
    edition: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form: kept with the sample, with the version of the rules."""
        return self.result.as_dict() | {
            "passes": self.passes,
            "edition": self.edition,
            "exceeded": sorted(self.result.exceeded),
        }


def judge(outfall: Outfall, sample: Sample) -> Verdict:
    """Judge the results of a sample on the day it was taken."""
    period = Period.day(sample.made_at.date())
    discharge = sites.discharge_of(
        outfall.code,
        outfall.name,
        standard=outfall.discharge_standard,
        grade=outfall.discharge_grade,
        built=outfall.built,
        trade=outfall.trade,
    )
    override = standards.by_day(outfall.division.split("/")[0] + "/")
    found = discharge_result(discharge, _table(outfall, sample), period, override=override)
    verdicts = {item.judgement.verdict for item in found.items if item.judgement is not None}
    passes = None
    if "exceeds" in verdicts:
        passes = False
    elif "meets" in verdicts and "cannot_be_judged" not in verdicts:
        passes = True
    edition = edition_on(outfall.discharge_standard, period.last_day).edition if discharge.standard else ""
    return Verdict(passes, found, edition)


def _table(outfall: Outfall, sample: Sample) -> pa.Table:
    """Return the results as rows of `MEASUREMENTS`, all at the moment the sample was taken."""
    rows = [
        {
            "site": outfall.code,
            "time": sample.made_at,
            "item": result.item,
            "value": result.value,
            "mark": str(Mark.BELOW_DETECTION if result.below else Mark.MEASURED),
            "unit": result.unit,
            "raw": result.given,
            "source": str(Source.MANUAL),
        }
        for result in sample.results.order_by("item")
    ]
    return pa.Table.from_pylist(rows, schema=MEASUREMENTS)
