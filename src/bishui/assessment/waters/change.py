"""Change of water quality between two periods (不同时段水质变化): sections by status, areas by shares.

Only what is comparable is compared: the same sections, the same items, periods of one kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from bishui.assessment.numbers import round_half_up
from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period, PeriodKind
from bishui.assessment.rejudge import rejudged
from bishui.assessment.results import SectionResult, State
from bishui.assessment.waters.areas import AreaStatus, By, area_status
from bishui.errors import CallError
from bishui.i18n import Bilingual, Text
from bishui.standards import Rules, items, rules, water_class


class Verdict(StrEnum):
    """How water quality changed."""

    CLEARLY_BETTER = "clearly_better"
    BETTER = "better"
    NO_CHANGE = "no_change"
    WORSE = "worse"
    CLEARLY_WORSE = "clearly_worse"


class Caution(StrEnum):
    """Why a comparison needs care, or cannot be made."""

    DIFFERENT_ITEMS = "different_items"
    DIFFERENT_SECTIONS = "different_sections"
    DIFFERENT_PERIODS = "different_periods"
    DIFFERENT_WAYS = "different_ways"
    NOT_EVALUATED = "not_evaluated"

    @property
    def text(self) -> Text:
        """The caution in words."""
        return _CAUTIONS[self]


_CAUTIONS = {
    Caution.DIFFERENT_ITEMS: Text("两期评价项目不同"),
    Caution.DIFFERENT_SECTIONS: Text("两期断面不同"),
    Caution.DIFFERENT_PERIODS: Text("两期时段不同类"),
    Caution.DIFFERENT_WAYS: Text("两期评价方法不同"),
    Caution.NOT_EVALUATED: Text("有一期未评价"),
}


@dataclass(frozen=True, slots=True)
class Warned:
    """A caution with what it is about; `refused` where there is no verdict because of it."""

    caution: Caution
    text: Text
    refused: bool

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"caution": self.caution.value, "text": self.text.both(), "refused": self.refused}


@dataclass(frozen=True, slots=True)
class Change:
    """A change between two periods.

    Attributes
    ----------
    before, after
        The periods.
    verdict
        None where the two cannot be compared; `warnings` then say why.
    grades
        Status grades gained (positive is better), of sections and of rivers judged by means.
    good, worst
        Change of the shares of Ⅰ–Ⅲ and of 劣Ⅴ in percentage points, unrounded; of areas judged by shares.
    earlier, later
        What was compared, as it was given.
    """

    before: Period
    after: Period
    verdict: Verdict | None
    grades: int | None
    good: Fraction | None
    worst: Fraction | None
    warnings: tuple[Warned, ...]
    rules: Rules
    earlier: SectionResult | AreaStatus
    later: SectionResult | AreaStatus

    @property
    def subject(self) -> str:
        """Identifier of what changed; a water or area is known by its name."""
        return self.later.site if isinstance(self.later, SectionResult) else self.later.name

    @property
    def name(self) -> str:
        """Name of what changed."""
        return self.later.name

    @property
    def pairs(self) -> tuple[tuple[SectionResult | None, SectionResult | None], ...]:
        """The sections of both periods, each beside itself; None where a period does not have it."""
        first, second = (
            {entry.site: entry for entry in _inside(part)} for part in (self.earlier, self.later)
        )
        return tuple((first.get(site), second.get(site)) for site in sorted(first.keys() | second.keys()))

    @property
    def compared(self) -> tuple[str, ...]:
        """Sections that have a class in both periods."""
        return tuple(
            after.site
            for before, after in self.pairs
            if before is not None and after is not None
            if before.rank is not None and after.rank is not None
        )

    @property
    def either(self) -> tuple[str, ...]:
        """Sections of either period."""
        return tuple(entry.site for pair in self.pairs if (entry := pair[1] or pair[0]) is not None)

    @property
    def items(self) -> tuple[str, ...]:
        """Items that decided a class in both periods."""
        first, second = (
            {key for entry in _inside(part) for key in entry.item_list} for part in (self.earlier, self.later)
        )
        return tuple(key for key in items() if key in first & second)

    @property
    def points(self) -> Fraction | None:
        """ΔG − ΔD in percentage points (positive is better), unrounded."""
        return None if self.good is None or self.worst is None else self.good - self.worst

    @property
    def text(self) -> Text | Bilingual:
        """The verdict in the words of the method; for getting worse bureaus use several in Chinese."""
        if self.verdict is None:
            return Text("不可比")
        worse = self.rules["worse_word"]
        words: dict[Verdict, Text | Bilingual] = {
            Verdict.CLEARLY_BETTER: Text("明显好转"),
            Verdict.BETTER: Text("有所好转"),
            Verdict.NO_CHANGE: Text("无明显变化"),
            Verdict.WORSE: Bilingual(f"有所{worse}", "somewhat worse"),
            Verdict.CLEARLY_WORSE: Bilingual(f"明显{worse}", "clearly worse"),
        }
        return words[self.verdict]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "before": self.before.label,
            "after": self.after.label,
            "verdict": self.verdict.value if self.verdict else None,
            "text": self.text.both(),
            "grades": self.grades,
            "good": _printed(self.good),
            "worst": _printed(self.worst),
            "points": _printed(self.points),
            "sections": {"compared": len(self.compared), "of": len(self.either)},
            "items": list(self.items),
            "warnings": [entry.as_dict() for entry in self.warnings],
            "rules": self.rules.version,
        }


def _inside(part: SectionResult | AreaStatus) -> tuple[SectionResult, ...]:
    return (part,) if isinstance(part, SectionResult) else part.sections


def _printed(points: Fraction | None) -> str | None:
    return None if points is None else str(round_half_up(points, 1))


def section_change(
    before: SectionResult, after: SectionResult, *, override: Overrides | None = None, **changes: Any
) -> Change:
    """Compare a section with itself at another time, by status grade (环办〔2011〕22号 三).

    Ⅰ and Ⅱ are one grade (优): Ⅱ to Ⅰ is no change. One grade is some change, two or more a clear one.

    Parameters
    ----------
    before, after
        Results of one section, the earlier first.
    override
        A bureau's own limits and settings, as `assess` takes them.
    **changes
        Settings of the rules ``change`` by name.

    Raises
    ------
    CallError
        If a changed name is not a setting.
    """
    rule = _rule(after.period, override, changes)
    pair = (before, after)
    warnings = [*_periods(before.period, after.period)]
    if before.site != after.site:
        warnings.append(_sections_differ([before.site], [after.site], refused=True))
    if before.rank is None or after.rank is None:
        warnings.append(_not_evaluated([entry.period for entry in (before, after) if entry.rank is None]))
    elif sorted(before.item_list) != sorted(after.item_list):
        warnings.append(_items_differ([after.name], rule))
        if rule["different_items"] == "common":
            before, after = _over_common(before, after, override)
    return _by_grades(pair, (before.rank, after.rank), warnings, rule)


def area_change(
    before: AreaStatus, after: AreaStatus, *, override: Overrides | None = None, **changes: Any
) -> Change:
    """Compare a river, basin or area with itself at another time (环办〔2011〕22号 三).

    By shares: ΔG − ΔD, the gain of Ⅰ–Ⅲ less the gain of 劣Ⅴ in percentage points, from unrounded shares. By
    means: as a section.

    Parameters
    ----------
    before, after
        The status of one area, the earlier first.
    override
        A bureau's own limits and settings, as `assess` takes them.
    **changes
        Settings of the rules ``change`` by name.

    Raises
    ------
    CallError
        If a changed name is not a setting.
    """
    rule = _rule(after.period, override, changes)
    warnings = [*_periods(before.period, after.period)]
    if before.by is not after.by:
        text = Text("两期所用的评价方法不同（均值、比例）。")
        warnings.append(Warned(Caution.DIFFERENT_WAYS, text, refused=True))
    first, second, about_sections = _same_sections(before, after, rule)
    first, second, about_items = _same_items(first, second, rule, override)
    warnings += [*about_sections, *about_items]
    if not first or not second:
        empty = [part.period for part, found in ((before, first), (after, second)) if not found]
        warnings.append(_not_evaluated(empty))
    if after.by is By.MEANS:
        levels = (_level(before, first, override), _level(after, second, override))
        return _by_grades((before, after), levels, warnings, rule)
    if any(warning.refused for warning in warnings):
        return _change((before, after), None, warnings, rule)
    good = _share(second, after.rules["good_classes"]) - _share(first, before.rules["good_classes"])
    worst = _share(second, after.rules["worst_classes"]) - _share(first, before.rules["worst_classes"])
    verdict = verdict_of_points(good - worst, rule)
    return _change((before, after), verdict, warnings, rule, good=good, worst=worst)


def _rule(period: Period, override: Overrides | None, changes: Mapping[str, Any]) -> Rules:
    """Return the rules of the later period, with the bureau's own settings of that day."""
    day = period.last_day
    return rules("change", day, override_on(override, day), **changes)


def verdict_of_points(points: Fraction, rule: Rules) -> Verdict:
    """Return what ΔG − ΔD means: up to 10 no clear change, up to 20 some, beyond a clear one."""
    if abs(points) <= rule["little_up_to"]:
        return Verdict.NO_CHANGE
    return _directed(points > 0, clear=abs(points) > rule["some_up_to"])


def _directed(better: bool, *, clear: bool) -> Verdict:
    if better:
        return Verdict.CLEARLY_BETTER if clear else Verdict.BETTER
    return Verdict.CLEARLY_WORSE if clear else Verdict.WORSE


Compared = tuple[SectionResult, SectionResult] | tuple[AreaStatus, AreaStatus]


def _by_grades(
    pair: Compared, ranks: tuple[int | None, int | None], warnings: Sequence[Warned], rule: Rules
) -> Change:
    earlier, later = ranks
    refused = any(warning.refused for warning in warnings)
    if refused or earlier is None or later is None:
        return _change(pair, None, warnings, rule)
    gained = _grade(earlier) - _grade(later)
    clear = abs(gained) >= rule["clear_grades"]
    verdict = _directed(gained > 0, clear=clear) if gained else Verdict.NO_CHANGE
    return _change(pair, verdict, warnings, rule, grades=gained)


def _change(
    pair: Compared,
    verdict: Verdict | None,
    warnings: Sequence[Warned],
    rule: Rules,
    *,
    grades: int | None = None,
    good: Fraction | None = None,
    worst: Fraction | None = None,
) -> Change:
    before, after = pair
    return Change(
        before=before.period,
        after=after.period,
        verdict=verdict,
        grades=grades,
        good=good,
        worst=worst,
        warnings=tuple(warnings),
        rules=rule,
        earlier=before,
        later=after,
    )


def _level(part: AreaStatus, sections: Sequence[SectionResult], override: Overrides | None) -> int | None:
    """Return the level of a water judged by means, again where its sections were judged over common items."""
    if part.level is None or all(section in part.sections for section in sections):
        return part.level
    return area_status(part.name, sections, override=override).level


def _grade(rank: int) -> int:
    """Return the place of a class's status word among the words, best first."""
    words = list(dict.fromkeys(water_class(entry).word_zh for entry in range(1, 7)))
    return words.index(water_class(rank).word_zh)


def _share(sections: Sequence[SectionResult], classes: Sequence[int]) -> Fraction:
    return Fraction(100 * sum(section.rank in classes for section in sections), len(sections))


def _periods(before: Period, after: Period) -> list[Warned]:
    """Only periods of one kind are comparable; January to n only up to the same month."""
    cumulative = after.kind is PeriodKind.YTD and before.end.month != after.end.month
    if before.kind is after.kind and not cumulative:
        return []
    text = Text("两期时段不同类：{before}、{after}。", before=before.label, after=after.label)
    return [Warned(Caution.DIFFERENT_PERIODS, text, refused=True)]


def _same_sections(
    before: AreaStatus, after: AreaStatus, rule: Rules
) -> tuple[list[SectionResult], list[SectionResult], list[Warned]]:
    """Return the evaluated sections of both; only the common ones where the setting says so."""
    first = {section.site: section for section in before.sections if section.rank is not None}
    second = {section.site: section for section in after.sections if section.rank is not None}
    if first.keys() == second.keys():
        return list(first.values()), [second[site] for site in first], []
    common = rule["different_sections"] == "common" and after.by is By.SHARES
    warned = _sections_differ(
        sorted(first.keys() - second.keys()), sorted(second.keys() - first.keys()), refused=not common
    )
    shared = [site for site in first if site in second]
    if not common:
        return list(first.values()), list(second.values()), [warned]
    return [first[site] for site in shared], [second[site] for site in shared], [warned]


def _same_items(
    first: list[SectionResult], second: list[SectionResult], rule: Rules, override: Overrides | None
) -> tuple[list[SectionResult], list[SectionResult], list[Warned]]:
    later = {section.site: section for section in second}
    pairs = [(section, later[section.site]) for section in first if section.site in later]
    differing = [two for two in pairs if sorted(two[0].item_list) != sorted(two[1].item_list)]
    if not differing:
        return first, second, []
    warned = _items_differ([section.name for _, section in differing], rule)
    if rule["different_items"] != "common":
        return first, second, [warned]
    again = [_over_common(*two, override) for two in pairs]
    return [two[0] for two in again], [two[1] for two in again], [warned]


def _over_common(
    before: SectionResult, after: SectionResult, override: Overrides | None
) -> tuple[SectionResult, SectionResult]:
    """Judge both over the items that both have."""
    common = set(before.item_list) & set(after.item_list)
    return rejudged(before, common, override=override), rejudged(after, common, override=override)


def _items_differ(names: Sequence[str], rule: Rules) -> Warned:
    text = Text("两期评价项目清单不同的断面：{names}。", names="、".join(names))
    return Warned(Caution.DIFFERENT_ITEMS, text, refused=rule["different_items"] == "refuse")


def _sections_differ(only_before: Sequence[str], only_after: Sequence[str], *, refused: bool) -> Warned:
    before, after = "、".join(only_before), "、".join(only_after)
    if before and after:
        text = Text("两期断面不同：仅前期有{before}，仅后期有{after}。", before=before, after=after)
    elif before:
        text = Text("两期断面不同：仅前期有{before}。", before=before)
    else:
        text = Text("两期断面不同：仅后期有{after}。", after=after)
    return Warned(Caution.DIFFERENT_SECTIONS, text, refused)


def _not_evaluated(periods: Sequence[Period]) -> Warned:
    labels = "、".join(period.label for period in periods)
    return Warned(Caution.NOT_EVALUATED, Text("未评价的时段：{labels}。", labels=labels), refused=True)


@dataclass(frozen=True, slots=True)
class Keeping:
    """Whether a section kept last year's class (保级), and the verdict with it.

    `state` is that of the target; it turns to not attained by a lower class only where the plan asks for it
    (setting `not_worse_than_last_year`).
    """

    last_year: int | None
    this_year: int | None
    kept: bool | None
    state: State
    rules: Rules


def keeping(
    result: SectionResult, last_year: SectionResult, *, override: Overrides | None = None, **changes: Any
) -> Keeping:
    """Tell whether a section's class is at least last year's (不低于上年).

    Parameters
    ----------
    result, last_year
        Results of one section for the same period of this year and of the last.
    override
        A bureau's own limits and settings, as `assess` takes them.
    **changes
        Settings of the rules ``change`` by name.

    Raises
    ------
    CallError
        If the results are of different sections, or a changed name is not a setting.
    """
    if result.site != last_year.site:
        raise CallError(
            Text("“{one}”与“{other}”不是同一断面。", one=result.site, other=last_year.site),
            remedy=Text("请给出同一断面两年的结果。"),
        )
    rule = _rule(result.period, override, changes)
    kept = None
    if result.rank is not None and last_year.rank is not None:
        kept = result.rank <= last_year.rank
    state = result.attainment.state
    if rule["not_worse_than_last_year"] and state in (State.ATTAINED, State.NO_TARGET):
        state = {True: State.ATTAINED, False: State.NOT_ATTAINED, None: State.NOT_JUDGED}[kept]
    return Keeping(last_year.rank, result.rank, kept, state, rule)
