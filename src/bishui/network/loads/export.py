"""Non-point sources (面源) by export coefficients, in three stages that are never mixed.

Generated (产生量) → discharged (排放量) → entering the river (入河量). Each coefficient comes with a range,
and so does each total: published river-entry coefficients differ by a factor of four.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.network.settings import Settings, settings

_KG_PER_T = 1000.0
_G_PER_KG = 1000.0


class Stage(StrEnum):
    """How far a load has come."""

    GENERATED = "generated"
    DISCHARGED = "discharged"
    ENTERING = "entering"


class Span(NamedTuple):
    """A value with the range that is published for it."""

    value: float
    low: float
    high: float

    def times(self, other: Span) -> Span:
        """Return the product; both are zero or more, so the ends multiply."""
        return Span(self.value * other.value, self.low * other.low, self.high * other.high)

    def plus(self, other: Span) -> Span:
        """Return the sum of values and of ends: coefficients err in common, so the range does not narrow."""
        return Span(self.value + other.value, self.low + other.low, self.high + other.high)


NONE = Span(0.0, 0.0, 0.0)
WHOLE = Span(1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class StagedLoad:
    """One source's load of one pollutant in t/a, by stage; a stage before the first known is None."""

    source: str
    item: str
    generated: Span | None
    discharged: Span
    entering: Span
    settings: str

    def at(self, stage: Stage) -> Span:
        """Return the load at a stage.

        Raises
        ------
        CallError
            If the coefficient of the source begins later.
        """
        found = {
            Stage.GENERATED: self.generated,
            Stage.DISCHARGED: self.discharged,
            Stage.ENTERING: self.entering,
        }[stage]
        if found is None:
            raise CallError(
                Text("“{source}”的系数从排放量起算，没有产生量。", source=self.source),
                remedy=Text("请比较排放量或入河量。"),
            )
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, each stage with its range."""
        stages = {"generated": self.generated, "discharged": self.discharged, "entering": self.entering}
        return {
            "source": self.source,
            "item": self.item,
            "unit": "t/a",
            **{name: band._asdict() if band else None for name, band in stages.items()},
            "settings": self.settings,
        }


def span_of(name: str, chosen: Settings) -> Span:
    """Return a coefficient of the settings with its published range."""
    setting = chosen.settings[name]
    return Span(float(setting.value), *setting.band)


def residents(
    people: float, item: str, *, town: bool = False, collected: float = 0.0, chosen: Settings | None = None
) -> StagedLoad:
    """Return the load of residents (生活源): people × g/(人·d) × days, less what is collected, × entry.

    Parameters
    ----------
    people
        Persons.
    item
        ``cod``, ``nh3n``; rural also ``tn``, ``tp``.
    town
        Town or rural.
    collected
        Share that a sewage works takes; that is a point source and must not be counted twice.

    Raises
    ------
    CallError
        If there is no coefficient, or a number cannot be.
    """
    used = chosen or settings("loads")
    _share(collected=collected)
    coefficient = _coefficient(f"{'town' if town else 'rural'}_{item}", used)
    per_year = 365.0 / _G_PER_KG / _KG_PER_T
    generated = Span(*(part * _count(people) * per_year for part in coefficient))
    entry = WHOLE if town else span_of("entry_rural", used)
    return _staged(("town" if town else "rural", item), generated, 1.0 - collected, entry, used)


def livestock(
    heads: Mapping[str, float], item: str, *, used_on_fields: float, chosen: Settings | None = None
) -> StagedLoad:
    """Return the load of livestock (畜禽养殖) in pig equivalents (猪当量).

    Parameters
    ----------
    heads
        By kind: ``pig``, ``layer``, ``broiler``, ``sheep``, ``dairy_cow``, ``beef_cow``.
    item
        ``cod`` or ``nh3n``.
    used_on_fields
        Share of the manure that is used or treated and not discharged.

    Raises
    ------
    CallError
        If a kind or an item has no coefficient, or a number cannot be.
    """
    used = chosen or settings("loads")
    _share(used_on_fields=used_on_fields)
    pigs = pig_equivalents(heads, used)
    per_year = 365.0 / _G_PER_KG / _KG_PER_T
    generated = Span(*(part * pigs * per_year for part in _coefficient(f"pig_{item}", used)))
    return _staged(
        ("livestock", item), generated, 1.0 - used_on_fields, span_of("entry_livestock", used), used
    )


def pig_equivalents(heads: Mapping[str, float], chosen: Settings | None = None) -> float:
    """Return heads in pig equivalents (GB 18596-2001).

    Raises
    ------
    CallError
        If a kind is not known.
    """
    used = chosen or settings("loads")
    factors = {
        "pig": 1.0,
        "layer": 1.0 / used["layer_per_pig"],
        "broiler": 1.0 / used["broiler_per_pig"],
        "sheep": 1.0 / used["sheep_per_pig"],
        "dairy_cow": used["dairy_cow_pigs"],
        "beef_cow": used["beef_cow_pigs"],
    }
    for kind in heads:
        if kind not in factors:
            raise CallError(
                Text("没有“{kind}”的折算系数。", kind=kind),
                remedy=Text("可用的种类：{kinds}。", kinds="、".join(factors)),
            )
    return float(sum(_count(number) * factors[kind] for kind, number in heads.items()))


def farmland(
    mu: float, item: str, *, corrections: Iterable[str] = (), chosen: Settings | None = None
) -> StagedLoad:
    """Return the load of farmland (农田) by standard farmland: 亩 × kg/(亩·a) × corrections × entry.

    The coefficient begins at what is discharged: there is no generated load.

    Raises
    ------
    CallError
        If a correction or the item has no coefficient.
    """
    used = chosen or settings("loads")
    discharged = Span(*(part * _count(mu) / _KG_PER_T for part in _coefficient(f"farmland_{item}", used)))
    for name in corrections:
        discharged = discharged.times(_coefficient(f"farmland_correction_{name}", used))
    entering = discharged.times(span_of("entry_crops", used))
    return StagedLoad("farmland", item, None, discharged, entering, used.version)


def fertiliser(tonnes: float, crop: str, item: str, chosen: Settings | None = None) -> StagedLoad:
    """Return what a crop loses of the fertiliser applied (t of N or P a year), by the survey of sources.

    Raises
    ------
    CallError
        If there is no coefficient for the crop and item.
    """
    used = chosen or settings("loads")
    lost = Span(*(part * _count(tonnes) / 100.0 for part in _coefficient(f"crop_{crop}_{item}", used)))
    return StagedLoad(crop, item, None, lost, lost.times(span_of("entry_crops", used)), used.version)


def runoff(volume: float, item: str, chosen: Settings | None = None) -> StagedLoad:
    """Return the load of urban runoff (城镇径流): m³/a × event mean concentration; it enters as it is.

    Raises
    ------
    CallError
        If the item has no coefficient.
    """
    used = chosen or settings("loads")
    entering = Span(
        *(part * _count(volume) / _G_PER_KG / _KG_PER_T for part in _coefficient(f"runoff_{item}", used))
    )
    return StagedLoad("urban_runoff", item, None, entering, entering, used.version)


def total(loads: Iterable[StagedLoad], stage: Stage) -> Span:
    """Return the sum of several sources at one stage, of one item, as a range.

    Raises
    ------
    CallError
        If the items differ, or a source does not have the stage.
    """
    listed = list(loads)
    if len(items := {load.item for load in listed}) > 1:
        raise CallError(
            Text("不同污染物不能相加：{items}。", items="、".join(sorted(items))), remedy=Text("请分项汇总。")
        )
    found = NONE
    for load in listed:
        found = found.plus(load.at(stage))
    return found


def _staged(
    name: tuple[str, str], generated: Span, released: float, entry: Span, used: Settings
) -> StagedLoad:
    """Return all three stages of a source and item."""
    discharged = Span(*(part * released for part in generated))
    return StagedLoad(*name, generated, discharged, discharged.times(entry), used.version)


def _coefficient(name: str, chosen: Settings) -> Span:
    if name not in chosen.settings:
        raise CallError(
            Text("没有系数“{name}”。", name=name),
            remedy=Text("请在设置 loads 中补充，并写明来源；不要借用别的污染物的系数。"),
        )
    return span_of(name, chosen)


def _count(number: float) -> float:
    if not number >= 0:
        raise CallError(Text("数量不能是 {number}。", number=number), remedy=Text("请填写不小于 0 的数。"))
    return float(number)


def _share(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise CallError(
                Text("{name} 不能是 {share}。", name=name, share=share),
                remedy=Text("请填写 0 到 1 之间的数。"),
            )
