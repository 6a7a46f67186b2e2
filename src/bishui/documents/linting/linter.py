"""All rules over one draft."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bishui.documents.draft import Finding, PlanDraft
from bishui.documents.linting import deadlines, figures, names, places, shares, units


def lint(draft: PlanDraft) -> list[Finding]:
    """Return the doubts about a plan, in the order of its lines.

    The same doubt about the same lines is told once. `RULES` lists the rules.
    """
    found = dict.fromkeys(finding for rule in _RULES for finding in rule(draft))
    return sorted(found, key=lambda finding: (finding.lines, finding.rule))


_RULES: tuple[Callable[[PlanDraft], Iterator[Finding]], ...] = (
    figures.two_figures,
    figures.below_base,
    figures.turned_round,
    figures.over_all,
    figures.out_of_proportion,
    shares.slack_of_sections,
    shares.slack_of_sources,
    shares.no_whole_number,
    deadlines.deadline_and_text,
    deadlines.cut_off,
    deadlines.missing,
    names.sections_one_off,
    names.waters_one_off,
    names.units_one_off,
    units.missing_separator,
    units.dangling,
    units.twice,
    units.nobody,
    units.without_duty,
    places.counted_elsewhere,
    places.counted_twice,
    places.changed_by_note,
    places.numbers_run_on,
)
