"""Columns of lists that name something else than tasks: indicators (规划指标) and projects (重点工程项目)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bishui.documents.columns import plain_head
from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import close_gaps, squeeze


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A column of values: its place and head, its role (``base``, ``actual``, ``target``), its year."""

    column: int
    head: str
    role: str
    year: int | None


@dataclass(frozen=True, slots=True)
class IndicatorColumns:
    """Where the parts of an indicator stand: by role, the columns of values, and all others."""

    roles: dict[str, int]
    values: tuple[ValueColumn, ...]
    others: tuple[int, ...]


def lists_no_tasks(header: Sequence[str]) -> bool:
    """Tell whether a header is that of a table of indicators or of a list of projects."""
    return is_indicator_head(header) or is_project_head(header)


def is_indicator_head(header: Sequence[str]) -> bool:
    """Tell whether a header names indicators, a target of each, and its unit or attribute."""
    columns = indicator_columns(header)
    return (
        "indicator" in columns.roles
        and any(value.role == "target" for value in columns.values)
        and ("unit" in columns.roles or "attribute" in columns.roles)
    )


def is_project_head(header: Sequence[str]) -> bool:
    """Tell whether a header names projects and, of each, what is built, in which years or for how much."""
    columns = project_columns(header) or {}
    sure = rules("projects")["list"]["sure"]
    return any(
        role in columns and pattern(sure).search(plain_head(header[columns[role]]))
        for role in ("content", "years", "investment")
    )


def project_columns(header: Sequence[str]) -> dict[str, int] | None:
    """Return the column of each role in a list of projects, or None where a header is none."""
    rule = rules("projects")
    found: dict[str, int] = {}
    for role, words in rule["columns"].items():
        for column, head in enumerate(header):
            if plain_head(head) in words and column not in found.values():
                found[role] = column
                break
    if "name" not in found or not any(role in found for role in rule["list"]["needs_one_of"]):
        return None
    return found


def indicator_columns(header: Sequence[str]) -> IndicatorColumns:
    """Return what each column of a table of indicators holds; `header` are its heads, left to right."""
    rule = rules("indicators")
    roles: dict[str, int] = {}
    values: list[ValueColumn] = []
    others: list[int] = []
    for column, head in enumerate(header):
        plain = plain_head(head)
        role = next((role for role, words in rule["columns"].items() if plain in words), None)
        if role and role not in roles:
            roles[role] = column
        elif value := _value_column(column, head):
            values.append(value)
        elif head.strip():
            others.append(column)
    if "sub" not in roles and _blank_head_after(header, roles.get("indicator")):
        roles["sub"] = roles["indicator"] + 1
    return IndicatorColumns(roles, tuple(_bare_years_told_apart(values)), tuple(others))


def _value_column(column: int, head: str) -> ValueColumn | None:
    """Return what a column of values holds; a head that is only a year is left open (role "")."""
    rule = rules("indicators")["values"]
    squeezed = squeeze(head)
    hit = re.search(rule["year"], squeezed)
    year = int(hit["year"]) if hit else None
    role = next((name for name in ("target", "actual", "base") if re.search(rule[name], squeezed)), None)
    if role is None and not re.fullmatch(rule["bare_year"], squeezed):
        return None
    return ValueColumn(column, close_gaps(head), role or "", year)


def _bare_years_told_apart(values: list[ValueColumn]) -> Iterator[ValueColumn]:
    bare = [value.year or 0 for value in values if not value.role]
    targets_known = any(value.role == "target" for value in values)
    for value in values:
        if value.role:
            yield value
        else:
            is_target = not targets_known and value.year == max(bare) and len(values) > 1
            yield replace(value, role="target" if is_target else "base")


def _blank_head_after(header: Sequence[str], column: int | None) -> bool:
    return column is not None and column + 1 < len(header) and not header[column + 1].strip()
