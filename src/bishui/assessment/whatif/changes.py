"""What may be changed in thought: a limit, a target, a flag, the rule below detection, another setting."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.results import limit_text
from bishui.errors import CallError
from bishui.i18n import Bilingual, Text
from bishui.standards import Limit, Override, Range, SurfaceWaterStandard, WaterType, items, water_class


@dataclass(frozen=True, slots=True)
class LimitChange:
    """Another limit of one item.

    Attributes
    ----------
    item
        Item key.
    rank
        Class whose limit is changed, 1–5; a range (pH) is changed for all classes.
    value
        The new limit in the item's own unit.
    water_type
        ``river`` or ``lake``; None changes both.
    """

    item: str
    rank: int
    value: Limit
    water_type: WaterType | None = None

    @property
    def text(self) -> Text:
        """The change in words."""
        item, of_class = items()[self.item], water_class(self.rank)
        return Text(
            "{item} {label}限值改为 {value}",
            item=Bilingual(item.name_zh, item.name_en),
            label=Bilingual(of_class.label_zh, of_class.label_en),
            value=limit_text(self.value),
        )

    def applied(self, standard: SurfaceWaterStandard) -> SurfaceWaterStandard:
        """Return an edition with this limit; its name tells the change.

        Raises
        ------
        CallError
            If the edition sets no such limit, or one of the other kind.
        """
        kinds = [self.water_type] if self.water_type is not None else list(WaterType)
        criterion = standard.criteria.get(self.item)
        limits = dict(criterion.limits) if criterion is not None else {}
        for kind in kinds:
            if self.rank in limits.get(kind, {}):
                limits[kind] = MappingProxyType(self._changed(limits[kind]))
        if criterion is None or limits == dict(criterion.limits):
            same = criterion is not None and self._stands(criterion.limits, kinds)
            if same:
                return standard
            raise CallError(
                Text("{edition} 没有“{item}”的第 {rank} 级限值。", **self._place(standard)),
                remedy=Text("请选择标准中有限值的项目、类别和水体类型。"),
            )
        criteria = dict(standard.criteria) | {self.item: dataclasses.replace(criterion, limits=limits)}
        name = (
            f"{standard.edition}+{self.item}.{self.rank}.{self.water_type or 'all'}={limit_text(self.value)}"
        )
        return dataclasses.replace(standard, edition=name, criteria=MappingProxyType(criteria))

    def _changed(self, limits: Mapping[int, Limit]) -> dict[int, Limit]:
        if isinstance(self.value, Range) != isinstance(limits[self.rank], Range):
            raise CallError(
                Text("限值“{value}”的形式与标准不同。", value=limit_text(self.value)),
                remedy=Text("pH 写上下限，其余项目写一个数。"),
            )
        if isinstance(self.value, Range):
            return dict.fromkeys(limits, self.value)
        return dict(limits) | {self.rank: self.value}

    def _stands(self, limits: Mapping[WaterType, Mapping[int, Limit]], kinds: list[WaterType]) -> bool:
        return any(limits.get(kind, {}).get(self.rank) == self.value for kind in kinds)

    def _place(self, standard: SurfaceWaterStandard) -> dict[str, Any]:
        return {"edition": standard.edition, "item": self.item, "rank": self.rank}

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "kind": "limit",
            "item": self.item,
            "class": self.rank,
            "value": limit_text(self.value),
            "water_type": self.water_type.value if self.water_type else None,
            "text": self.text.both(),
        }


@dataclass(frozen=True, slots=True)
class FlagChange:
    """A flag set or taken back in thought: which readings are held back, or come back.

    `flag` is a word of `observations.schema.FLAGS`; `item` None means every item; both ends of the time are
    inside. With `remove` the flag of that id is taken back.
    """

    id: str
    site: str
    time_from: datetime
    time_to: datetime
    flag: str = "excluded"
    item: str | None = None
    remove: bool = False

    @property
    def text(self) -> Text:
        """The change in words."""
        return (
            Text("撤销标识 {id}（{site}）", id=self.id, site=self.site)
            if self.remove
            else Text(
                "{site} {first} 至 {last} 加标识 {flag}",
                site=self.site,
                first=self.time_from.isoformat(" ", "minutes"),
                last=self.time_to.isoformat(" ", "minutes"),
                flag=self.flag,
            )
        )

    @property
    def row(self) -> dict[str, Any]:
        """The flag as a row of the table of flags."""
        return {
            "id": self.id,
            "site": self.site,
            "item": self.item,
            "time_from": self.time_from,
            "time_to": self.time_to,
            "flag": self.flag,
            "reason": "",
            "by": None,
            "at": None,
        }

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "kind": "flag",
            "id": self.id,
            "site": self.site,
            "item": self.item,
            "time_from": self.time_from.isoformat(),
            "time_to": self.time_to.isoformat(),
            "flag": self.flag,
            "remove": self.remove,
            "text": self.text.both(),
        }


@dataclass(frozen=True, slots=True)
class ItemsChange:
    """Another list of the items that decide the class (评价项目清单); indices keep their own list."""

    items: frozenset[str]

    @property
    def text(self) -> Text:
        """The change in words."""
        names = "、".join(item.name for key, item in items().items() if key in self.items)
        return Text("只由 {count} 项决定类别：{names}", count=len(self.items), names=names)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"kind": "items", "items": sorted(self.items), "text": self.text.both()}


@dataclass(frozen=True, slots=True)
class OverrideChange:
    """A bureau's own limits and settings (本级覆盖) in the place of those in use.

    Attributes
    ----------
    override
        As `assess` takes it; None takes the bureau's own values away.
    name
        What it is called; empty where one is taken away.
    """

    override: Overrides | None
    name: str

    @property
    def text(self) -> Text:
        """The change in words."""
        if not self.name:
            return Text("不再采用本级覆盖")
        return Text("采用本级覆盖“{name}”", name=self.name)

    def on(self, day: date) -> Override | None:
        """Return the bureau's own values of a day."""
        return override_on(self.override, day)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"kind": "override", "name": self.name, "text": self.text.both()}


def setting_value(value: object) -> object:
    """Return a setting as JSON may hold it."""
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Decimal) else value
