"""A bureau's own values (本级覆盖): what it sets in place of a national limit or of a setting of a method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

_DIGITS_SHOWN = 12


class OwnRange(NamedTuple):
    """Both ends of a range that a bureau sets."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """A limit of the bureau's own, already in the unit in which the standard prints it.

    Attributes
    ----------
    standard, item, table
        Which rows of which standard it replaces; `table` None means every table that limits the item.
    when
        Conditions of the rows replaced (``water_type``, ``scope``, ``period`` …), as the standard's file
        writes them; rows with other conditions are left alone.
    limits
        The value by class or grade; the key "" is the value of a row without classes.
    """

    standard: str
    item: str
    table: str | None
    when: Mapping[str, Any]
    limits: Mapping[str, Decimal | OwnRange]
    unit: str
    source: str
    in_force_from: date
    in_force_to: date | None

    def replaces(self, table: str, item: str, conditions: Mapping[str, Any]) -> bool:
        """Tell whether a row of the standard is one of those that this limit replaces."""
        return (
            item == self.item
            and self.table in (None, table)
            and all(conditions.get(name) == value for name, value in self.when.items())
        )


@dataclass(frozen=True, slots=True)
class OwnSetting:
    """A setting of a method that the bureau chose."""

    rules: str
    name: str
    value: Any
    source: str
    in_force_from: date
    in_force_to: date | None


@dataclass(frozen=True, slots=True)
class Override:
    """A checked override file.

    Attributes
    ----------
    name, basis
        What it is called, and the document that it rests on (依据文件).
    in_force_from, in_force_to
        First and last day of force; an entry may narrow them.
    digest
        SHA-256 of what the file says, whatever its spacing and comments.
    """

    name: str
    basis: str
    in_force_from: date
    in_force_to: date | None
    digest: str
    limits: tuple[OwnLimit, ...] = field(repr=False)
    settings: tuple[OwnSetting, ...] = field(repr=False)

    @property
    def version(self) -> str:
        """What results carry behind the version of the national rules: ``local:`` and the digest's begin."""
        return f"local:{self.digest[:_DIGITS_SHOWN]}"

    def in_force(self, on: date) -> bool:
        """Tell whether the file as a whole is in force on a day."""
        return _covers(self.in_force_from, self.in_force_to, on)

    def limits_on(self, standard: str, on: date) -> tuple[OwnLimit, ...]:
        """Return the limits in force on a day that replace some of `standard`."""
        return tuple(
            limit
            for limit in self.limits
            if limit.standard == standard
            and self.in_force(on)
            and _covers(limit.in_force_from, limit.in_force_to, on)
        )

    def settings_on(self, rules: str, on: date) -> dict[str, OwnSetting]:
        """Return the settings in force on a day of one method, by name."""
        return {
            setting.name: setting
            for setting in self.settings
            if setting.rules == rules
            and self.in_force(on)
            and _covers(setting.in_force_from, setting.in_force_to, on)
        }

    def said_of(self, source: str) -> str:
        """Return the source of one of its values, with the file's name and basis."""
        return f"{self.name}（{self.basis}）：{source}"


def _covers(first: date, last: date | None, on: date) -> bool:
    return first <= on and (last is None or on <= last)
