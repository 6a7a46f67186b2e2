"""How a report is put together: kinds, chapters, parts, tables and charts, read from ``rules/``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bishui.i18n import Bilingual
from bishui.reports import Column


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of report: its title with places, its chapters and attachments in order.

    `family` is ``summary`` or ``bulletin``; what a bulletin holds is told by `bishui.bulletins`, its chapters
    are only the parts that the bureau writes.
    """

    id: str
    family: str
    label: Bilingual
    title: str
    chapters: tuple[str, ...]
    attachments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part that the bureau writes."""

    id: str
    label: Bilingual
    hint: Bilingual
    required: bool


@dataclass(frozen=True, slots=True)
class TableRule:
    """A table without its rows."""

    caption: str
    sheet: str
    columns: tuple[Column, ...]
    note: str
    empty: str


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "rules" / name).read_text(encoding="utf-8"))


def version() -> str:
    """Return the version of the rules, which every edition keeps."""
    return str(_read("kinds.toml")["version"])


@cache
def kinds() -> Mapping[str, Kind]:
    """Return the kinds of reports by identifier."""
    return {
        entry["id"]: Kind(
            entry["id"],
            entry.get("family", "summary"),
            Bilingual(entry["label_zh"], entry["label_en"]),
            entry["title"],
            tuple(entry["chapters"]),
            tuple(entry["attachments"]),
        )
        for entry in _read("kinds.toml")["kind"]
    }


@cache
def chapters() -> Mapping[str, list[dict[str, Any]]]:
    """Return the blocks of each chapter."""
    return {entry["id"]: entry["blocks"] for entry in _read("chapters.toml")["chapter"]}


@cache
def attachments() -> Mapping[str, dict[str, str]]:
    """Return title and table of each attachment."""
    return {entry["id"]: entry for entry in _read("chapters.toml")["attachment"]}


def table_rule(name: str) -> TableRule:
    """Return a table's caption, columns, note and what it prints without rows."""
    entry = _read("chapters.toml")["table"][name]
    columns = tuple(
        Column(column["head"], column["width"], column.get("numeric", False)) for column in entry["columns"]
    )
    return TableRule(
        entry["caption"], entry["sheet"], columns, entry.get("note", ""), entry.get("empty", "无数据")
    )


def chart_rule(name: str) -> dict[str, Any]:
    """Return a chart's kind, caption and looks."""
    found: dict[str, Any] = _read("chapters.toml")["chart"][name]
    return found


@cache
def _parts() -> Mapping[str, Part]:
    return {
        entry["id"]: Part(
            entry["id"],
            Bilingual(entry["label_zh"], entry["label_en"]),
            Bilingual(entry["hint_zh"], entry["hint_en"]),
            entry["required"],
        )
        for entry in _read("kinds.toml")["part"]
    }


def parts_of(kind: str) -> list[Part]:
    """Return the parts that the bureau writes of a kind of report, in their order."""
    blocks = [block for name in kinds()[kind].chapters for block in chapters()[name]]
    return [_parts()[block["part"]] for block in blocks if "part" in block]
