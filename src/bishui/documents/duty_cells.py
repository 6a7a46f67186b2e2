"""Cells that name the bodies of several roles at once: 牵头单位：甲局；配合单位：乙局、丙局."""

from __future__ import annotations

from dataclasses import replace

from bishui.documents.draft import UnitCell
from bishui.documents.names import split_units
from bishui.documents.prose import duties
from bishui.documents.rulebook import pattern, rules
from bishui.documents.text import squeeze

_ROLES = ("lead", "cooperating", "responsible")


def roles_in_cell(raw: str) -> dict[str, UnitCell] | None:
    """Return who leads, cooperates and is responsible, or None where a cell names no roles.

    A role is named by a label before the bodies (配合：乙局), by a word after them (乙局配合) or in brackets
    behind each (乙局（配合）). What stands without a word for its role belongs to the responsible.
    """
    labels = list(pattern(rules("units")["duty"]["labels"]).finditer(raw))
    if labels:
        parts: dict[str, list[str]] = {role: [] for role in _ROLES}
        parts["responsible"].append(raw[: labels[0].start()])
        for label, following in zip(labels, [*labels[1:], None], strict=True):
            parts[str(label.lastgroup)].append(raw[label.end() : following.start() if following else None])
        return {
            role: split_units("；".join(filter(None, map(_bare, texts)))) for role, texts in parts.items()
        }
    if pattern(rules("units")["duty"]["bracketed"]).search(raw):
        return _in_brackets(raw)
    if pattern(rules("units")["duty"]["role_inside"]).search(raw):
        found = duties(raw.replace("\n", "，"))
        if found["lead"].units or found["cooperating"].units:
            return found
    return None


def says_first_leads(text: str) -> bool:
    """Tell whether a document says that of the bodies of a task the first one leads (排首位的为牵头单位)."""
    return bool(pattern(rules("units")["duty"]["first_leads"]).search(squeeze(text)))


def first_leads(cell: UnitCell) -> dict[str, UnitCell]:
    """Return the roles of bodies the first of which leads; the others are responsible."""
    roles = dict.fromkeys(_ROLES, UnitCell())
    if cell.units:
        roles["lead"] = UnitCell(cell.raw, cell.units[:1])
    if cell.units[1:] or not cell.units:
        roles["responsible"] = replace(cell, units=cell.units[1:])
    return roles


def _in_brackets(raw: str) -> dict[str, UnitCell]:
    """Sort bodies by the role that stands in brackets behind each."""
    cell = split_units(raw)
    bracketed = pattern(rules("units")["duty"]["bracketed"])
    names: dict[str, list[str]] = {role: [] for role in _ROLES}
    for unit in cell.units:
        hit = bracketed.search(unit)
        names[str(hit.lastgroup) if hit else "responsible"].append(bracketed.sub("", unit))
    return {role: replace(cell, units=tuple(units)) if units else UnitCell() for role, units in names.items()}


def _bare(text: str) -> str:
    return text.strip(rules("units")["split"]["separators"] + "。 　")
