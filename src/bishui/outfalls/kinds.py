"""Kinds of outfalls (排污口类型) by both classifications, and what may be proposed from the older one."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bishui.errors import CallError
from bishui.i18n import Bilingual, Text


@dataclass(frozen=True, slots=True)
class OutfallType:
    """A type of HJ 1312-2023, to its finest level.

    Attributes
    ----------
    setting
        ``approval`` (审批) or ``registration`` (登记), as Order 35 divides them.
    drawn
        Whether it counts in the half-yearly draw of at least 10 % (双随机).
    sea_tier
        Tier of a sea outfall; says nothing about river outfalls.
    """

    id: str
    level1: str
    level2: str
    level2_en: str
    level3: str
    name_en: str
    setting: str
    drawn: bool
    sea_tier: str
    source: str
    certainty: str

    @property
    def name(self) -> str:
        """The finest name."""
        return self.level3 or self.level2

    @property
    def label(self) -> Bilingual:
        """The finest name in both languages."""
        return Bilingual(self.name, self.name_en)


@dataclass(frozen=True, slots=True)
class LegacyType:
    """One of the seven older classes (HJ 1235-2021 附录A) with the new types that it may be."""

    id: str
    name: str
    name_en: str
    letters: str
    maps_to: tuple[str, ...]
    source: str
    certainty: str
    letters_certainty: str


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files("bishui.outfalls") / "data" / "types.toml").read_text("utf-8"))


@cache
def outfall_types() -> dict[str, OutfallType]:
    """Return the types of HJ 1312-2023 by id."""
    return {entry["id"]: OutfallType(**entry) for entry in _data()["type"]}


@cache
def legacy_types() -> dict[str, LegacyType]:
    """Return the older seven classes by id."""
    return {
        entry["id"]: LegacyType(**entry | {"maps_to": tuple(entry["maps_to"])})
        for entry in _data()["legacy_type"]
    }


def proposed_type(legacy: str) -> OutfallType | None:
    """Return the one new type that an older class can mean, to be proposed; None where tracing must decide.

    A name is never used to guess it: names carry older words.

    Raises
    ------
    CallError
        If the older class is not known.
    """
    old = legacy_types().get(legacy)
    if old is None:
        raise CallError(
            Text("不认识旧分类“{legacy}”。", legacy=legacy),
            remedy=Text("可用：{names}。", names="、".join(legacy_types())),
        )
    return outfall_types()[old.maps_to[0]] if len(old.maps_to) == 1 else None


def proposed_name(places: Sequence[str], anchor: str, kind: OutfallType) -> str:
    """Return the name to propose: county, town and village, the anchor with its direction, the type.

    A person may edit it; names are not unique and are never a key.
    """
    return "".join(part.strip() for part in (*places, anchor)) + kind.name
