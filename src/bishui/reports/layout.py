"""The figures of the official layout (公文格式), from ``data/gbt9704.toml``, and what follows from them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import floor
from typing import Any

POINTS_PER_MM = 72 / 25.4
#: Word counts lengths in twentieths of a point.
TWIPS_PER_POINT = 20

_DIGITS = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of the layout with the clause that sets it and how sure it is (A, B, C or own)."""

    value: float
    clause: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Face:
    """A typeface: the one named, those to take instead where it is missing, and the free one for PDF."""

    key: str
    name: str
    instead: tuple[str, ...]
    panose: str
    free: str
    stroke: float
    clause: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of one standard: lengths in mm, sizes in pt, counts, typefaces, numbering."""

    standard: str
    title: str
    lengths: Mapping[str, Measure]
    counts: Mapping[str, Measure]
    sizes: Mapping[str, Measure]
    faces: Mapping[str, Face]
    levels: tuple[str, ...]
    level_faces: tuple[str, ...]

    def mm(self, name: str) -> float:
        """Return a length in millimetres."""
        return self.lengths[name].value

    def count(self, name: str) -> int:
        """Return a number of lines or characters."""
        return int(self.counts[name].value)

    def points(self, name: str) -> float:
        """Return a size of type in points."""
        return self.sizes[name].value

    @property
    def margin_right(self) -> float:
        """What the left margin and the text area leave of the width, in mm."""
        return self.mm("page_width") - self.mm("margin_left") - self.mm("text_width")

    @property
    def margin_bottom(self) -> float:
        """What the top margin and the text area leave of the height, in mm."""
        return self.mm("page_height") - self.mm("margin_top") - self.mm("text_height")

    @property
    def line_pitch(self) -> float:
        """Distance of lines in pt, rounded down to twips so that all lines fit the text area."""
        exact = self.mm("text_height") * POINTS_PER_MM / self.count("lines")
        return int(exact * TWIPS_PER_POINT) / TWIPS_PER_POINT

    @property
    def character_pitch(self) -> float:
        """Distance of characters in pt, so that exactly the wanted number fills a line."""
        return self.mm("text_width") * POINTS_PER_MM / self.count("characters")

    @property
    def character_spacing(self) -> float:
        """What is added between characters of the body in pt, rounded down to twips; below 0: set closer."""
        return floor((self.character_pitch - self.points("body")) * TWIPS_PER_POINT) / TWIPS_PER_POINT

    @property
    def page_number_top(self) -> float:
        """Distance from the text area to the page number's box in mm; its dashes stand half-way up."""
        return self.mm("page_number_drop") - self.points("page_number") / POINTS_PER_MM / 2

    @property
    def footer_distance(self) -> float:
        """Distance from the page number's box to the lower edge of the page, in mm."""
        return self.margin_bottom - self.page_number_top - self.points("page_number") / POINTS_PER_MM

    def heading_number(self, level: int, number: int) -> str:
        """Return the number of a heading as its level writes it (``一、``, ``（一）``, ``1.``, ``（1）``)."""
        return self.levels[level - 1].format(zh=chinese(number), n=number)


@cache
def official() -> Layout:
    """Return the layout of GB/T 9704-2012."""
    text = resources.files("bishui.reports").joinpath("data", "gbt9704.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return Layout(
        standard=data["standard"],
        title=data["title_zh"],
        lengths=_measures(data["length"]),
        counts=_measures(data["count"]),
        sizes=_measures(data["size"]),
        faces={key: _face(key, entry) for key, entry in data["face"].items()},
        levels=tuple(data["numbering"]["levels"]),
        level_faces=tuple(data["numbering"]["faces"]),
    )


def _measures(entries: Mapping[str, Any]) -> dict[str, Measure]:
    return {
        key: Measure(entry["value"], entry["clause"], entry["certainty"]) for key, entry in entries.items()
    }


def _face(key: str, entry: Mapping[str, Any]) -> Face:
    return Face(
        key,
        entry["name"],
        tuple(entry["instead"]),
        entry["panose"],
        entry["free"],
        entry["stroke"],
        entry["clause"],
        entry["certainty"],
    )


def chinese(number: int) -> str:
    """Return a number from 1 to 99 as headings write it: 一, 十, 十二, 二十, 二十三.

    Raises
    ------
    ValueError
        If it lies outside.
    """
    if not 1 <= number <= 99:
        raise ValueError(f"no heading has the number {number}")
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")


def width_in_characters(text: str) -> float:
    """Return how many characters wide a line is; a half-width one (ASCII) counts half."""
    return sum(0.5 if char.isascii() else 1.0 for char in text)
