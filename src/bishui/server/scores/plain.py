"""Rubrics, scores and facts as plain data that JSON holds exactly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bishui.scoring import ItemScore, Rank


def plain(value: Any) -> Any:
    """Return `value` with decimals and days as texts."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def ranks_as_data(ranked: list[Rank], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return ranked scores with every line, every fact and its source, as they are released."""
    return [
        {
            "subject": rank.subject,
            "name": names[rank.subject],
            "place": rank.place,
            "settled": rank.settled,
            "points": plain(rank.score.points),
            "lowest": plain(rank.score.lowest),
            "highest": plain(rank.score.highest),
            "items": [item_as_data(item) for item in rank.score.items],
        }
        for rank in ranked
    ]


def item_as_data(item: ItemScore) -> dict[str, Any]:
    """Return one line with its facts and parts."""
    return {
        "id": item.rule.id,
        "title": item.rule.title.both(),
        "part": item.rule.part.both(),
        "of": plain(item.rule.points),
        "state": item.state,
        "points": plain(item.points),
        "reckoning": item.reckoning.both(),
        "facts": {
            name: {"value": plain(fact.value), "source": fact.source} for name, fact in item.facts.items()
        },
        "parts": [item_as_data(part) for part in item.parts],
    }
