"""What measurements mean: means, classes, attainment, as functions over the tables of `observations.schema`.

Arithmetic is exact and every result opens down to its rows, its method and its clause. Nothing here reads a
file, knows a server or holds a limit: limits and settings come from `standards`.
"""

from bishui.assessment import verify_layouts as _verify_layouts  # noqa: F401 - registers the layouts
from bishui.assessment.assess import assess
from bishui.assessment.explain import Explanation, MeanStep, RowStep, explain
from bishui.assessment.periods import Period, PeriodKind, periods_between
from bishui.assessment.results import (
    RESULTS,
    Assessment,
    Attainment,
    Counts,
    Exceedance,
    ItemResult,
    MainPollutant,
    Reason,
    SectionResult,
    State,
    Summary,
    mean_text,
)
from bishui.assessment.tli import TrophicState, trophic_state
from bishui.assessment.verify import (
    Case,
    Check,
    FileReport,
    Layout,
    Outcome,
    compare,
    register_layout,
    verify,
)
from bishui.assessment.warm import warm_up

__all__ = [
    "RESULTS",
    "Assessment",
    "Attainment",
    "Case",
    "Check",
    "Counts",
    "Exceedance",
    "Explanation",
    "FileReport",
    "ItemResult",
    "Layout",
    "MainPollutant",
    "MeanStep",
    "Outcome",
    "Period",
    "PeriodKind",
    "Reason",
    "RowStep",
    "SectionResult",
    "State",
    "Summary",
    "TrophicState",
    "assess",
    "compare",
    "explain",
    "mean_text",
    "periods_between",
    "register_layout",
    "trophic_state",
    "verify",
    "warm_up",
]
