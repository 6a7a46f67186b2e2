"""Names of responsible bodies in a cell: split at the top level, 等 and 按职责分工 taken off."""

from __future__ import annotations

import re

from bishui.documents.draft import UnitCell
from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import depth_split, squeeze


def split_units(raw: str) -> UnitCell:
    """Read a cell of 牵头单位, 配合单位 or 责任单位.

    A collective name such as 各县、区人民政府 is one unit; ``/`` or nothing is none. Names stay as
    written, but for a break of the line inside one.
    """
    rule = rules("units")["split"]
    if names_nobody(raw):
        return UnitCell(raw=raw)
    text = pattern(rule["label"]).sub("", raw.strip())
    text, by_duty = _cut(text, rule["by_duty"])
    text = text.rstrip(rule["separators"] + "。 ")
    text, etc = _cut(text, rule["etc"])
    if not by_duty:
        text, _ = _cut(text, rule["tail"])
    text = pattern(rule["joined"]).sub("、", _across_lines(text))
    parts = depth_split(text, rule["separators"], rule["opening"], rule["closing"])
    return UnitCell(raw=raw, units=tuple(_join_collectives(parts)), etc=etc, by_duty=by_duty)


def names_nobody(raw: str) -> bool:
    """Tell whether a cell is blank or says that there is nothing (/, 无, ——)."""
    return bool(pattern(rules("units")["split"]["none"]).fullmatch(squeeze(raw)))


def _without_gaps(text: str) -> str:
    """Close the blanks inside names; a blank between two whole names separates them."""
    whole = pattern(rules("units")["split"]["whole_in_line"])
    name, *rest = text.split()
    joined = name
    for word in rest:
        apart = whole.search(name) and whole.search(word)
        latin = joined[-1].isascii() and word[0].isascii()
        joined += ("、" if apart else " " if latin else "") + word
        name = word if apart else name + word
    return joined


def _across_lines(text: str) -> str:
    """Put together names that were broken over lines; a line that ends with a whole name ends a unit."""
    rule = rules("units")["split"]
    lines = [_without_gaps(line) for line in text.split("\n") if line.strip()]
    joined = lines[0] if lines else ""
    for line in lines[1:]:
        cut = len(line) == 1 or pattern(rule["rest"]).match(line) or not pattern(rule["whole"]).search(joined)
        joined += line if cut and joined[-1] not in rule["separators"] else f"\n{line}"
    return joined


def _cut(text: str, ending: str) -> tuple[str, bool]:
    """Cut `ending` off, unless nothing would be left."""
    match = re.search(ending, text)
    if match and text[: match.start()].strip():
        return text[: match.start()].rstrip(), True
    return text, False


def _join_collectives(parts: list[tuple[str, str]]) -> list[str]:
    rule = rules("units")["collective"]
    is_open = pattern(f"{rule['prefix']}{rule['division']}(?:[、，]{rule['division']})*")
    goes_on = pattern(f"{rule['division']}+(?:[（(][^）)]*[）)])?{rule['organ']}")
    units: list[str] = []
    separator = ""
    for part, after in parts:
        name = part.strip()
        if name and separator and units and is_open.fullmatch(units[-1]) and goes_on.fullmatch(name):
            units[-1] += separator + name
        elif name:
            units.append(name)
        separator = after if name else ""
    return list(dict.fromkeys(units))
