"""Steps that several kinds of results share: an item against its limits, a mean, a rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from bishui.assessment.opening.steps import OpenedStep, RowsBehind
from bishui.assessment.periods import Period
from bishui.assessment.rates import Rate
from bishui.assessment.results import ItemResult, limit_text, mean_text
from bishui.assessment.rows import known_items
from bishui.assessment.site_means import SiteMean
from bishui.i18n import Text
from bishui.standards import water_class

#: Unit of an item without one, as the item table writes it.
_NO_UNIT = "无量纲"


def name_of(item: str) -> str:
    """Return the name of an item or substance in the language in use."""
    known = known_items().get(item)
    return known.name if known else item


def names_of(keys: Iterable[str]) -> str:
    """Return some items in words."""
    return "、".join(map(name_of, keys)) or "—"


def class_text(rank: int | None) -> str:
    """Return a class as it is written."""
    return water_class(rank).label if rank is not None else "—"


def item_steps(site: str | None, period: Period, items: Iterable[ItemResult]) -> Iterator[OpenedStep]:
    """Yield a step for each item that decides the class: mean, what was compared, class, limits, clause.

    `site` is None where the means are over several places, which have no rows of their own.
    """
    for item in items:
        if not item.decides_class:
            continue
        limits = "；".join(
            f"{class_text(rank)} {limit_text(limit)}" for rank, limit in sorted(item.limits.items())
        )
        yield OpenedStep(
            name=Text("{item}", item=name_of(item.item)),
            text=_judged(item),
            formula=limits,
            clause=item.clause or "",
            behind=RowsBehind(site, item.item, period) if site else None,
        )


def _judged(item: ItemResult) -> Text:
    if item.mean is None or item.compared is None:
        return Text("没有可用的数值（{entered}/{total}）", entered=0, total=item.counts.total)
    return Text(
        "均值 {mean}（{entered}/{total}），以 {compared} 比较，{label}",
        mean=mean_text(item.mean),
        entered=item.counts.entered,
        total=item.counts.total,
        compared=mean_text(item.compared),
        label=class_text(item.rank),
    )


def mean_text_of(mean: SiteMean) -> str:
    """Return a mean with its unit, k of n behind it."""
    known = known_items().get(mean.item)
    unit = f" {known.unit}" if known and known.unit != _NO_UNIT else ""
    value = "—" if mean.value is None else mean_text(mean.value)
    return f"{value}{unit}（{mean.counts.entered}/{mean.counts.total}）"


def rate_step(name: Text, rate: Rate, clause: str = "") -> OpenedStep:
    """Return a rate: what was met of what was evaluated, and what left the denominator for which reason."""
    left_out = "、".join(f"{reason.text} {count}" for reason, count in sorted(rate.left_out.items()))
    return OpenedStep(
        name=name,
        text=Text("{percent}%，未计入：{left_out}", percent=_printed(rate), left_out=left_out or "—"),
        formula=f"{mean_text(rate.met)} ÷ {mean_text(rate.evaluated)} × 100%",
        clause=clause,
    )


def _printed(rate: Rate) -> str:
    return "—" if rate.percent is None else f"{rate.percent:f}"


def number(value: Fraction | None) -> str:
    """Return an exact number as it is printed."""
    return "—" if value is None else mean_text(value)
