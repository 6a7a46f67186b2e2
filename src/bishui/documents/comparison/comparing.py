"""The comparison of two plans as a whole."""

from __future__ import annotations

from bishui.documents.comparison.figures import compare_figures
from bishui.documents.comparison.frame import Frame
from bishui.documents.comparison.places import compare_sections, compare_sources
from bishui.documents.comparison.records import compare_milestones, compare_projects, compare_reports
from bishui.documents.comparison.result import KINDS, Comparison, Entry
from bishui.documents.comparison.tasks import compare_tasks
from bishui.documents.draft import PlanDraft

_PARTS = (
    compare_tasks,
    compare_figures,
    compare_sections,
    compare_sources,
    compare_reports,
    compare_milestones,
    compare_projects,
)


def compare(before: PlanDraft, after: PlanDraft) -> Comparison:
    """Compare two plans record by record.

    Parameters
    ----------
    before, after
        Last year's plan and this year's, a city's and a county's, a five-year plan and an annual one, or any
        two; the order decides what is called added and dropped.

    Returns
    -------
    Comparison
        Every task, figure, section, source, report, dated step and project of both plans, in the order of the
        lines of `before`, what is only in `after` behind it. Records are paired by their content and never by
        number; a pair is a proposal with its similarity. Stronger is: more where at least is asked for, less
        where at most is, a better class, an earlier day within the plan's own period.

    Notes
    -----
    The order of the records in either plan changes nothing; with the plans exchanged, added becomes dropped,
    strengthened weakened, split merged. Thresholds and synonyms: ``rules/comparison.toml`` (a convention of
    this software).
    """
    frame = Frame.of(before, after)
    entries = [entry for part in _PARTS for entry in part(frame)]
    return Comparison(before.doc, after.doc, frame.relation, tuple(sorted(entries, key=_order)))


def _order(entry: Entry) -> tuple[int, bool, list[tuple[int, int]], str, list[tuple[int, int]]]:
    first = [place.lines for place in entry.before or entry.after]
    second = [place.lines for place in entry.after]
    return KINDS.index(entry.kind), not entry.before, first, entry.title, second
