"""What this app takes as given: pollutants with their decay, kinds of discharger, windows of a trace."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bishui.i18n import Bilingual

if TYPE_CHECKING:
    from bishui.network import Pollutant
    from bishui.network.tracing import Fingerprint


@cache
def rules() -> Mapping[str, Any]:
    """Return the file ``rules/network.toml``."""
    path = Path(__file__).parent / "rules" / "network.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def item_keys() -> tuple[str, ...]:
    """Return the items that networks are computed with."""
    return tuple(entry["item"] for entry in rules()["pollutant"])


def traceable() -> tuple[str, ...]:
    """Return the items that a trace may use: those, and the tracers."""
    return item_keys() + tuple(entry["item"] for entry in rules()["tracer"])


def kind_label(key: str) -> Bilingual:
    """Return the name of a kind of discharger."""
    entry = next((one for one in rules()["kind"] if one["key"] == key), None)
    return Bilingual(entry["label_zh"], entry["label_en"]) if entry else Bilingual(key, key)


def pollutants(wanted: Collection[str] | None = None) -> tuple[Pollutant, ...]:
    """Return items with their decay and temperature factor: some that are traceable; None = `item_keys`."""
    from bishui.network import Pollutant
    from bishui.network.settings import settings

    decay, chosen = settings("decay"), item_keys() if wanted is None else wanted
    return tuple(
        Pollutant(
            entry["item"],
            decay.number(entry["setting"]) if "setting" in entry else float(entry["decay"]),
            decay.number(entry["theta_setting"]) if "theta_setting" in entry else float(entry["theta"]),
        )
        for entry in (*rules()["pollutant"], *rules()["tracer"])
        if entry["item"] in chosen
    )


def fingerprints() -> dict[str, Fingerprint]:
    """Return what each kind of discharger looks like."""
    from bishui.network.tracing import Fingerprint

    return {
        entry["key"]: Fingerprint(entry["key"], entry["typical"], entry["spread"], entry.get("failing", {}))
        for entry in rules()["kind"]
    }
