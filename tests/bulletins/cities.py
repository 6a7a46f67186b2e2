"""Small cities for the tests of bulletins: sections by class, now and in the periods compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bishui.assessment import Period
from bishui.bulletins import Given, Tables, Told, given_of
from bishui.observations.schema import MEMBERS
from tests.assessment.places import AMMONIA
from tests.assessment.tables import measurements, reading, sites, targets

MONTH, BEFORE, LAST_YEAR = Period.month(2024, 2), Period.month(2024, 1), Period.month(2023, 2)


def rows_of(ranks: Sequence[int | None], period: Period, prefix: str = "断面") -> list[dict[str, Any]]:
    """One reading of ammonia nitrogen for each section: it makes the class."""
    day = f"{period.start.date().isoformat()}T08:00"
    return [
        reading("nh3n", AMMONIA[rank], day, site=f"{prefix}{number}")
        for number, rank in enumerate(ranks, 1)
        if rank is not None
    ]


def given(
    now: Sequence[int | None],
    *,
    before: Sequence[int | None] = (),
    last_year: Sequence[int | None] = (),
    river: str = "甲河",
    target_class: int | None = None,
    more: Sequence[dict[str, Any]] = (),
    **options: Any,
) -> Given:
    """What a bulletin of February 2024 is told from: one river, sections of the classes given."""
    rows = [*rows_of(now, MONTH), *rows_of(before, BEFORE), *rows_of(last_year, LAST_YEAR), *more]
    names = [f"断面{number}" for number in range(1, len(now) + 1)]
    wanted = [{"site": name, "target_class": target_class} for name in names] if target_class else []
    return given_of("甲市", MONTH, tables(rows, names, river, wanted, **options))


def tables(
    rows: Sequence[dict[str, Any]],
    names: Sequence[str],
    river: str,
    wanted: Sequence[dict[str, Any]] = (),
    *,
    water_type: str = "river",
    flags: Any = None,
) -> Tables:
    """The tables of a city whose sections all lie in one water."""
    register = sites(*({"id": name, "water_type": water_type} for name in names))
    members = [{"id": name, "name": name, "water": river} for name in names]
    return Tables(
        measurements(rows),
        register,
        MEMBERS.empty_table().from_pylist(members, schema=MEMBERS),
        targets(*wanted),
        flags,
    )


def text_of(told: Told) -> str:
    """The whole body as it reads."""
    lines = [block.get("text") or block.get("heading") or block.get("note") or "" for block in told.blocks]
    text = "\n".join(lines)
    for key, figure in told.figures.items():
        text = text.replace(f"{{{key}}}", figure.text)
    return text


def column(told: Told, table: str, head: str) -> list[str]:
    """The cells of one column of a table."""
    sheet = told.tables[table]
    at = [entry.head for entry in sheet.columns].index(head)
    return [row[at].text for row in sheet.rows]
