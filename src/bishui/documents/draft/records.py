"""What all records of a draft share: source lines, and numbers as JSON has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Lines = tuple[int, int]
"""The first and last source line of a record, counted from 1."""


def number_or_none(text: str | None) -> int | float | None:
    """Return the number that `text` writes, or None."""
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() and "." not in text else number


def number_or_text(text: str) -> int | float | str:
    """Return the number that `text` writes, or `text` itself."""
    number = number_or_none(text)
    return text if number is None else number


def all_to_json(records: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the JSON form of each record."""
    return [record.to_json() for record in records]
