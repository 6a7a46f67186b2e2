"""The rules of this app: the settings of supervision as a bureau has them, and the checklist (data)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from bishui import standards
from bishui.i18n import Bilingual
from bishui.server.standards import queries as standards_of_bureaus

RULES = "outfall_supervision"


def settings(division: str, on: date) -> standards.Rules:
    """Return the settings of supervision that hold for a division on a day."""
    return standards.rules(RULES, on, standards_of_bureaus.override_in_force(division, on))


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the checklist; `fails` where a "no" makes the inspection fail, by `trigger`."""

    id: str
    label: Bilingual
    fails: bool
    trigger: str
    source: str
    certainty: str


@cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "rules" / "checklist.toml").read_text(encoding="utf-8"))


def checklist_version() -> str:
    """Return the version of the checklist."""
    return str(_file()["version"])


@cache
def checklist() -> Mapping[str, Item]:
    """Return the items of the checklist by id, in their order."""
    return {
        entry["id"]: Item(
            entry["id"],
            Bilingual(entry["label_zh"], entry["label_en"]),
            entry["fails"],
            entry.get("trigger", ""),
            entry["source"],
            entry["certainty"],
        )
        for entry in _file()["item"]
    }


@cache
def purposes() -> Mapping[str, Bilingual]:
    """Return what an inspection may be made for."""
    return {entry["id"]: Bilingual(entry["label_zh"], entry["label_en"]) for entry in _file()["purpose"]}
