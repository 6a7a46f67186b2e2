"""What an alert (预警) says: its kind, the rows it stands on, and the key by which it is known again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from bishui.assessment.periods import PeriodKind
from bishui.assessment.results import limit_text, mean_text
from bishui.i18n import Bilingual, Text
from bishui.standards import Range, Rules, any_item

T = TypeVar("T")


class AlertKind(StrEnum):
    """Kinds of alerts."""

    EXCEEDANCE = "exceedance"
    APPROACHING = "approaching"
    SUDDEN_CHANGE = "sudden_change"
    MISSING_DATA = "missing_data"
    SEVERAL_STATIONS = "several_stations"

    @property
    def text(self) -> Text:
        """The kind in words."""
        return _KINDS[self]


_KINDS = {
    AlertKind.EXCEEDANCE: Text("超标"),
    AlertKind.APPROACHING: Text("接近限值"),
    AlertKind.SUDDEN_CHANGE: Text("突变"),
    AlertKind.MISSING_DATA: Text("数据缺失"),
    AlertKind.SEVERAL_STATIONS: Text("多站同时预警"),
}


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One value that an alert stands on.

    Attributes
    ----------
    site, item
        Site id and item key; an empty item where every item is meant.
    at, label
        First moment and label of the reading or period.
    value
        As it was compared and is printed, in the item's own unit; None where there is none.
    against
        What it was compared with: the limit, or the station's own median; None beside a value: 不得检出, it
        must not be detected.
    multiple
        Exceedance multiple of a value over its limit; of a sudden change ``value / median − 1``.
    """

    site: str
    item: str
    at: datetime
    label: str
    value: Decimal | None = None
    against: Decimal | Range | None = None
    multiple: Decimal | None = None

    @property
    def distance(self) -> tuple[Decimal, Decimal]:
        """How far the value is from what it was compared with: by its multiple, equal ones by the difference.

        A multiple is rounded as it is printed, so that several values may have the same.
        """
        plain = isinstance(self.value, Decimal) and isinstance(self.against, Decimal)
        apart = abs(self.value - self.against) if plain else Decimal(0)  # type: ignore[operator]
        return abs(self.multiple or Decimal(0)), apart

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; numbers are strings."""
        return {
            "site": self.site,
            "item": self.item,
            "at": self.at.isoformat(),
            "label": self.label,
            "value": None if self.value is None else mean_text(self.value),
            "against": None if self.against is None else limit_text(self.against),
            "multiple": None if self.multiple is None else str(self.multiple),
        }


@dataclass(frozen=True, slots=True)
class AlertFinding:
    """Something that a person should look at.

    Attributes
    ----------
    kind
        What it is; of several stations `of_kind` tells what each of them has.
    level
        What was looked at: readings, daily or monthly means, the year; None for silence.
    site, name
        Site id and name; of several stations both are the name of their water or county.
    item
        Item key, empty where every item is meant.
    last
        Up to when it is known to last.
    rows
        The values it stands on, in order of time.
    text
        The finding in one sentence.
    rules
        Rules with their settings.
    members
        Findings of the single stations, where it is one of several.
    """

    kind: AlertKind
    level: PeriodKind | None
    site: str
    name: str
    item: str
    last: datetime
    rows: tuple[AlertRow, ...]
    text: Text
    rules: Rules = field(repr=False)
    of_kind: AlertKind | None = None
    members: tuple[AlertFinding, ...] = ()

    @property
    def first(self) -> datetime:
        """When it began."""
        return min(row.at for row in self.rows)

    @property
    def in_a_row(self) -> int:
        """How many values in a row."""
        return len(self.rows)

    @property
    def worst(self) -> AlertRow:
        """The row farthest from what it is compared with; the latest of those."""
        return max(self.rows, key=lambda row: (row.distance, row.at))

    @property
    def series(self) -> str:
        """What makes two findings the same series at different times."""
        return ":".join((self.kind, self.of_kind or "", self.level or "", self.site, self.item))

    @property
    def key(self) -> str:
        """What makes it the same finding when it is found again: its series and when it began."""
        return f"{self.series}:{self.first:%Y-%m-%dT%H:%M}"

    def after(self, moment: datetime, least: int = 1) -> AlertFinding | None:
        """Return what goes on after a moment, None where fewer than `least` rows do."""
        rows = tuple(row for row in self.rows if row.at > moment)
        return replace(self, rows=rows) if len(rows) >= max(1, least) else None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "key": self.key,
            "kind": self.kind.value,
            "of_kind": self.of_kind.value if self.of_kind else None,
            "level": self.level.value if self.level else None,
            "site": self.site,
            "name": self.name,
            "item": self.item,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "in_a_row": self.in_a_row,
            "worst": self.worst.as_dict(),
            "text": self.text.both(),
            "rows": [row.as_dict() for row in self.rows],
            "members": [member.key for member in self.members],
            "rules": self.rules.as_dict(),
        }


def item_name(item: str) -> Bilingual:
    """Return the name of an item in both languages, empty for every item."""
    return Bilingual(any_item(item).name_zh, any_item(item).name_en) if item else Bilingual("")


def unit_of(item: str) -> str:
    """Return the unit of an item as it stands behind a number; none for pH."""
    unit = any_item(item).unit
    return "" if unit == "无量纲" else f" {unit}"


def runs(values: Iterable[T], hit: Callable[[T], bool]) -> Iterator[list[T]]:
    """Yield the runs of neighbouring values that are hits, in order."""
    run: list[T] = []
    for value in values:
        if hit(value):
            run.append(value)
        elif run:
            yield run
            run = []
    if run:
        yield run
