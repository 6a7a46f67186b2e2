"""Rows of kept alerts, in the JSON form of `bishui.assessment.AlertRow`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def distance_of(row: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    """Return how far a row is from what it was compared with: its multiple, for equal ones the difference."""
    value, against = row["value"], row["against"]
    plain = bool(value and against) and "~" not in against
    apart = abs(Decimal(value) - Decimal(against)) if plain else Decimal(0)
    return abs(Decimal(row["multiple"] or 0)), apart
