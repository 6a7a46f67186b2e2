"""Facts: the numbers that scoring rules ask for, each with its source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from bishui.i18n import Bilingual

#: Facts that a person enters: points given by a judge, things counted by hand.
ENTERED = ("judged.", "counted.")


@dataclass(frozen=True, slots=True)
class Fact:
    """One number about who is scored.

    Attributes
    ----------
    value
        The number; None = not known, which is never taken as zero.
    source
        Where it comes from, as shown to a person: a list of tasks, who judged it and why.
    """

    value: Decimal | None
    source: str = ""


@dataclass(frozen=True, slots=True)
class FactKind:
    """A number that the platform computes: its name in rules, its label, its unit and whom it speaks of."""

    id: str
    label: Bilingual
    unit: Bilingual
    subjects: tuple[str, ...]


@cache
def fact_kinds() -> Mapping[str, FactKind]:
    """Return the computed facts by name, from ``data/facts.toml``."""
    text = (Path(__file__).parent / "data" / "facts.toml").read_text(encoding="utf-8")
    return {
        item["id"]: FactKind(
            item["id"],
            Bilingual(item["label_zh"], item["label_en"]),
            Bilingual(item["unit_zh"], item["unit_en"]),
            tuple(item["subjects"]),
        )
        for item in tomllib.loads(text)["fact"]
    }


def is_known(name: str) -> bool:
    """Tell whether rules may ask for the fact `name`."""
    return name in fact_kinds() or any(name.startswith(start) and name != start for start in ENTERED)
