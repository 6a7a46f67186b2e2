"""What several chapters ask: the status of an area, sections as things behind a figure, two periods."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from bishui.assessment import AreaStatus, By, Change, Period, SectionResult, area_status
from bishui.bulletins import words
from bishui.bulletins.given import Given, Water
from bishui.bulletins.told import FIGURE, Behind, site_ref


def status_of(water: Water, given: Given, period: Period) -> AreaStatus:
    """Return the status of an area in a period."""
    results = [given.results[period][site] for site in water.sites]
    return area_status(water.name, results, administrative=water.administrative, override=given.own)


def ref_of(given: Given, result: SectionResult, item: str = "") -> str:
    """Return the mark of a section's result in its own period, or of the rows of one of its items."""
    period = "" if result.period == given.period else result.period.label
    return site_ref(result.site, period, item)


def class_of(result: SectionResult, given: Given) -> str:
    """Return the class of a section in words, or why it has none."""
    return words.label(result.rank) if result.rank else given.why(result)


def behind(given: Given, results: Iterable[SectionResult]) -> list[Behind]:
    """Return sections as things behind a figure: name and class, or why there is none."""
    return [
        Behind(f"{given.names[entry.site]}：{class_of(entry, given)}", ref_of(given, entry))
        for entry in results
    ]


def judged_of(
    given: Given, found: Sequence[SectionResult], sections: Sequence[SectionResult]
) -> list[Behind]:
    """Return how many of the sections that were judged have something, which, and where the whole is opened.

    Those without a class are counted apart: they are in no percentage.
    """
    judged = sum(entry.rank is not None for entry in sections)
    missing = len(sections) - judged
    head = f"{len(found)} / {judged} 个参加评价的断面"
    if missing:
        head += f"；另有 {missing} 个未参加评价，不计入"
    whole = [Behind(f"分母：参加评价的断面（点位）{judged}个", f"{FIGURE}state.evaluated")]
    if missing:
        whole.append(Behind(f"不计入：未参加评价的断面（点位）{missing}个", f"{FIGURE}state.missing"))
    return [Behind(head), *behind(given, found), *whole]


def both(given: Given, change: Change) -> list[Behind]:
    """Return what a change was found from: the shares of both periods, then each section in each of them."""
    found = [*shares(change), *_means(change)]
    for pair in change.pairs:
        for entry in pair:
            if entry is not None:
                name = f"{given.names[entry.site]} {words.period_name(entry.period)}"
                found.append(Behind(f"{name}：{class_of(entry, given)}", ref_of(given, entry)))
    return found


def shares(change: Change) -> list[Behind]:
    """Return the shares that were compared, of the sections that have a class in both periods.

    Where the sections were judged anew over common items their classes do not give the shares; the words of
    the comparison say so.
    """
    rules, found = change.earlier.rules if isinstance(change.earlier, AreaStatus) else None, []
    sides = [
        [entry.rank for entry in side if entry is not None and entry.site in change.compared]
        for side in zip(*change.pairs, strict=True)
    ]
    whole = len(change.compared)
    for kind, name, points in (
        ("good_classes", "优良", change.good),
        ("worst_classes", "劣Ⅴ类", change.worst),
    ):
        if rules is None or points is None or not whole:
            continue
        counts = [sum(rank in rules[kind] for rank in ranks) for ranks in sides]
        if Fraction(100 * (counts[1] - counts[0]), whole) == points:
            said = [
                f"{words.period_name(period)} {count} / {whole}"
                for period, count in zip((change.before, change.after), counts, strict=True)
            ]
            found.append(Behind(f"两期均参评的断面中{name}断面：{'，'.join(said)}"))
    return found


def _means(change: Change) -> list[Behind]:
    """Return the items that decide the class of a river that was judged by the means of its sections."""
    found = []
    for status in (change.earlier, change.later):
        pooled = status.pooled if isinstance(status, AreaStatus) else None
        if pooled is not None:
            name = words.period_name(status.period)
            found += [
                Behind(f"断面均值 {name} {words.item_line(entry)}")
                for entry in pooled.items.values()
                if entry.decides_class and entry.mean is not None and entry.rank == pooled.rank
            ]
    return found


def way(status: AreaStatus) -> str:
    """Return how a status was found."""
    return "断面均值" if status.by is By.MEANS else "类别比例"
