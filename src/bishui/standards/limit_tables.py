"""Editions of standards with their tables of limits, read from ``data/limits`` (one file an edition)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bishui.errors import CallError, DataError, Where
from bishui.i18n import Bilingual, Text
from bishui.standards.editions import DATA, NotInForce, in_force, read_toml
from bishui.standards.limit_rows import Band, Condition, LimitRow, Remark, Scope
from bishui.standards.substances import any_item
from bishui.standards.surface import Criterion, Direction, Limit, Range, WaterType, standard

LIMITS = DATA / "limits"

_SIGNS = {"above": "> ", "at_most": "≤ ", "from": "≥ ", "to": "≤ "}
_DAYS = {"from": ("起", "from"), "to": ("及以前", "up to")}
_WATER_TYPE = "water_type"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a standard: its clause, and conditions that hold for all its rows."""

    id: str
    clause: str
    name: Bilingual
    certainty: str
    source: str
    when: Mapping[str, Any]
    surface_family: str | None


@dataclass(frozen=True, slots=True)
class StandardEdition:
    """One edition of a standard.

    Attributes
    ----------
    key, edition
        Name shared by all editions (``gb3095``) and the edition's own (``GB 3095-2026``).
    kind
        What it limits: ``surface_water``, ``effluent``, ``wastewater``, ``groundwater``, ``black_odorous``,
        ``air``, ``noise``.
    in_force_from, in_force_to
        First and last day of force; None while it is in force.
    certainty, source
        Of the file as a whole; each row has its own.
    band_name, bands
        What its classes or grades are called, and they themselves, best first.
    rows
        Every limit in the order of the tables.
    """

    key: str
    edition: str
    name: Bilingual
    kind: str
    in_force_from: date
    in_force_to: date | None
    certainty: str
    source: str
    band_name: Bilingual
    bands: Mapping[str, Band]
    conditions: Mapping[str, Condition]
    scopes: Mapping[str, Scope]
    tables: Mapping[str, Table]
    amendments: tuple[Remark, ...]
    notes: tuple[Remark, ...]
    rows: tuple[LimitRow, ...] = field(repr=False)
    by_item: Mapping[str, tuple[LimitRow, ...]] = field(repr=False)

    @property
    def items(self) -> tuple[str, ...]:
        """Keys of the items it limits, in the order of the tables."""
        return tuple(self.by_item)

    @property
    def open_band(self) -> Band | None:
        """The class of what meets no limit, where the standard has one."""
        return next((band for band in self.bands.values() if band.open), None)

    def certainties(self) -> dict[str, int]:
        """Return how many limits are how sure."""
        return dict(sorted(Counter(row.certainty for row in self.rows).items()))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form without the rows."""
        return {
            "key": self.key,
            "edition": self.edition,
            "name": self.name.both(),
            "kind": self.kind,
            "in_force_from": self.in_force_from.isoformat(),
            "in_force_to": self.in_force_to.isoformat() if self.in_force_to else None,
            "certainty": self.certainty,
            "source": self.source,
            "items": len(self.by_item),
            "limits": len(self.rows),
            "certainties": self.certainties(),
            "amendments": [
                {"label": remark.label.both(), "text": remark.text.both(), "certainty": remark.certainty}
                for remark in self.amendments
            ],
            "notes": [
                {"text": remark.text.both(), "certainty": remark.certainty, "source": remark.source}
                for remark in self.notes
            ],
        }


def _words(entry: Mapping[str, Any], stem: str) -> Bilingual:
    return Bilingual(entry.get(f"{stem}_zh", ""), entry.get(f"{stem}_en", ""))


def _bands(content: Mapping[str, Any]) -> Mapping[str, Band]:
    return MappingProxyType(
        {
            entry["id"]: Band(
                entry["id"], rank, _words(entry, "label"), _words(entry, "use"), entry.get("open", False)
            )
            for rank, entry in enumerate(content.get("band", ()), start=1)
        }
    )


def _conditions(content: Mapping[str, Any]) -> Mapping[str, Condition]:
    return MappingProxyType(
        {
            entry["name"]: Condition(
                name=entry["name"],
                label=_words(entry, "label"),
                missing=_words(entry, "missing"),
                unit=entry.get("unit", ""),
                values={value["id"]: _words(value, "label") for value in entry.get("value", ())},
            )
            for entry in content.get("condition", ())
        }
    )


def _scopes(content: Mapping[str, Any]) -> Mapping[str, Scope]:
    return MappingProxyType(
        {
            entry["id"]: Scope(entry["id"], _words(entry, "name"), tuple(entry["trades"]))
            for entry in content.get("scope", ())
        }
    )


def _tables(content: Mapping[str, Any]) -> Mapping[str, Table]:
    return MappingProxyType(
        {
            entry["id"]: Table(
                id=entry["id"],
                clause=entry["clause"],
                name=_words(entry, "name"),
                certainty=entry["certainty"],
                source=entry["source"],
                when=entry.get("when", {}),
                surface_family=entry.get("surface_family"),
            )
            for entry in content["table"]
        }
    )


def _remarks(entries: Sequence[Mapping[str, Any]], text: str) -> tuple[Remark, ...]:
    return tuple(
        Remark(
            label=_words(entry, "label"),
            text=_words(entry, text),
            certainty=entry["certainty"],
            source=entry["source"],
            in_force_from=entry.get("in_force_from"),
        )
        for entry in entries
    )


def split(name: str) -> tuple[str, str]:
    """Return the condition and the comparison of a key such as ``built_from``; no comparison is ``""``."""
    for ending in _SIGNS:
        if name.endswith(f"_{ending}"):
            return name.removesuffix(f"_{ending}"), ending
    return name, ""


@dataclass(frozen=True, slots=True)
class _Reader:
    """What the rows of a file share while they are read."""

    head: Mapping[str, Any]
    bands: Mapping[str, Band]
    conditions: Mapping[str, Condition]
    scopes: Mapping[str, Scope]
    tables: Mapping[str, Table]
    doubts: Sequence[Mapping[str, Any]]

    def row(
        self, entry: Mapping[str, Any], band: str | None, limit: Limit | None, *, absent: bool = False
    ) -> LimitRow:
        """Return the row of one value."""
        table = self.tables[entry["table"]]
        when = MappingProxyType({**table.when, **entry.get("when", {})})
        return LimitRow(
            standard=self.head["key"],
            edition=self.head["edition"],
            table=table.id,
            no=entry["no"],
            item=entry["item"],
            name=_name_of(entry),
            band=band,
            rank=self.bands[band].rank if band else None,
            direction=Direction(entry["direction"]),
            limit=limit,
            exclusive=entry.get("exclusive", False),
            not_detectable=absent,
            unit=entry["unit"],
            conditions=when,
            wording=self._wording(when),
            clause=f"{table.clause} 第{entry['no']}项",
            in_force_from=entry.get("in_force_from", self.head["in_force_from"]),
            in_force_to=entry.get("in_force_to", self.head.get("in_force_to")),
            certainty=entry.get("certainty", table.certainty),
            source=entry.get("source", table.source),
            note=_note(entry),
            otherwise=entry.get("otherwise"),
            doubts=self._doubts(table.id, entry["item"], band, when),
        )

    def rows(self, entry: Mapping[str, Any]) -> Iterator[LimitRow]:
        """Yield one row for each value of an entry, best class first."""
        if entry.get("not_detectable"):
            yield self.row(entry, None, None, absent=True)
        elif entry["direction"] == Direction.ABSENT:
            for band in self.bands.values():
                if not band.open:
                    yield self.row(entry, band.id, None)
        elif "limit" in entry:
            yield self.row(entry, None, Decimal(entry["limit"]))
        elif "low" in entry:
            yield self.row(entry, None, Range(Decimal(entry["low"]), Decimal(entry["high"])))
        else:
            yield from self._by_band(entry)

    def _by_band(self, entry: Mapping[str, Any]) -> Iterator[LimitRow]:
        absent = entry.get("not_detectable_bands", ())
        limits: dict[str, Limit] = {band: Decimal(value) for band, value in entry.get("limits", {}).items()}
        limits.update(
            {
                band: Range(Decimal(ends[0]), Decimal(ends[1]))
                for band, ends in entry.get("ranges", {}).items()
            }
        )
        for band in self.bands:
            if band in absent:
                yield self.row(entry, band, None, absent=True)
            elif band in limits:
                yield self.row(entry, band, limits[band])

    def _wording(self, when: Mapping[str, Any]) -> Bilingual:
        said = [self._one_wording(name, value) for name, value in when.items()]
        return Bilingual("；".join(text.zh for text in said), "; ".join(text.en for text in said))

    def _one_wording(self, name: str, value: object) -> Bilingual:
        stem, ending = split(name)
        if stem == "scope":
            return self.scopes[str(value)].label
        condition = self.conditions[stem]
        if not ending:
            return condition.values[str(value)]
        if isinstance(value, date):
            zh, en = _DAYS[ending]
            return Bilingual(f"{condition.label.zh} {value} {zh}", f"{condition.label.en} {en} {value}")
        amount = f"{_SIGNS[ending]}{value} {condition.unit}".rstrip()
        return Bilingual(f"{condition.label.zh} {amount}", f"{condition.label.en} {amount}")

    def _doubts(self, table: str, item: str, band: str | None, when: Mapping[str, Any]) -> tuple[Remark, ...]:
        return tuple(
            Remark(Bilingual(doubt["found"]), _words(doubt, "reason"), "C", doubt["found"])
            for doubt in self.doubts
            if (doubt["table"], doubt["item"]) == (table, item)
            and (not doubt["bands"] or band in doubt["bands"])
            and all(when.get(name) == value for name, value in doubt.get("when", {}).items())
        )


def _name_of(entry: Mapping[str, Any]) -> Bilingual:
    item = any_item(entry["item"])
    name = entry.get("name_zh", item.name_zh)
    basis = f"（{entry['basis_zh']}）" if "basis_zh" in entry else ""
    return Bilingual(f"{name}{basis}", entry.get("name_en", item.name_en))


def _note(entry: Mapping[str, Any]) -> Bilingual | None:
    return _words(entry, "note") if "note_zh" in entry else None


def _surface_entries(table: Table, on: date) -> Iterator[dict[str, Any]]:
    """Yield the entries of the surface water table (GB 3838 table 1), which has a file of its own."""
    assert table.surface_family is not None
    edition = standard(table.surface_family, on=on)
    names = {1: "I", 2: "II", 3: "III", 4: "IV", 5: "V"}
    for criterion in edition.criteria.values():
        for water_type in WaterType:
            limits = criterion.limits.get(water_type, {})
            if limits:
                values = {names[rank]: limit for rank, limit in limits.items()}
                yield _surface_entry(table, criterion, water_type, values)


def _surface_entry(
    table: Table, criterion: Criterion, water_type: WaterType, values: Mapping[str, Limit]
) -> dict[str, Any]:
    ranges = {band: limit for band, limit in values.items() if isinstance(limit, Range)}
    return {
        "table": table.id,
        "no": criterion.no,
        "item": criterion.item,
        "direction": criterion.direction,
        "unit": any_item(criterion.item).unit,
        "limits": {band: limit for band, limit in values.items() if band not in ranges},
        "ranges": ranges,
        "when": {_WATER_TYPE: str(water_type)},
    }


def _read(path: Path) -> StandardEdition:
    content = read_toml(path)
    try:
        return _edition(content)
    except (KeyError, TypeError, ValueError, ArithmeticError, CallError) as fault:
        raise DataError(
            Text("标准数据文件缺少或写错了字段：{fault}。", fault=fault),
            remedy=Text("请对照随软件提供的标准数据文件改正。"),
            where=Where(file=str(path)),
        ) from fault


def _edition(content: Mapping[str, Any]) -> StandardEdition:
    head = content["standard"]
    bands, conditions, scopes, tables = (
        _bands(content),
        _conditions(content),
        _scopes(content),
        _tables(content),
    )
    reader = _Reader(head, bands, conditions, scopes, tables, content.get("doubt", ()))
    entries = list(content["limit"])
    for table in tables.values():
        if table.surface_family:
            entries += _surface_entries(table, head["in_force_from"])
    order = list(tables)
    entries.sort(key=lambda entry: (order.index(entry["table"]), entry["no"]))
    rows = tuple(row for entry in entries for row in reader.rows(entry))
    by_item: dict[str, list[LimitRow]] = {}
    for row in rows:
        by_item.setdefault(row.item, []).append(row)
    return StandardEdition(
        key=head["key"],
        edition=head["edition"],
        name=_words(head, "name"),
        kind=head["kind"],
        in_force_from=head["in_force_from"],
        in_force_to=head.get("in_force_to"),
        certainty=head["certainty"],
        source=head["source"],
        band_name=_words(head, "band"),
        bands=bands,
        conditions=conditions,
        scopes=scopes,
        tables=tables,
        amendments=_remarks(content.get("amendment", ()), "changes"),
        notes=_remarks(content.get("note", ()), "text"),
        rows=rows,
        by_item=MappingProxyType({item: tuple(found) for item, found in by_item.items()}),
    )


@cache
def standard_editions() -> tuple[StandardEdition, ...]:
    """Return every edition of every standard, by kind as the files are named, older editions first."""
    found = [_read(path) for path in sorted(LIMITS.glob("*.toml"))]
    order = ("surface_water", "groundwater", "effluent", "wastewater", "black_odorous", "air", "noise")
    return tuple(sorted(found, key=lambda each: (order.index(each.kind), each.key, each.in_force_from)))


@cache
def standard_keys() -> tuple[str, ...]:
    """Return the keys of all standards."""
    return tuple(dict.fromkeys(edition.key for edition in standard_editions()))


def edition_on(key: str, on: date) -> StandardEdition:
    """Return the edition of a standard in force on a day.

    Raises
    ------
    CallError
        If there is no such standard.
    NotInForce
        If no edition is in force on the day.
    """
    known_standard(key)
    edition = in_force([each for each in standard_editions() if each.key == key], on, key)
    if edition.in_force_to is not None and on > edition.in_force_to:
        raise NotInForce(
            Text(
                "“{edition}”自 {day} 后不再施行，{on} 没有可用的版本。",
                edition=edition.edition,
                day=edition.in_force_to,
                on=on,
            ),
            remedy=Text("请核对日期，或补充后续版本的数据文件。"),
        )
    return edition


def known_standard(key: str) -> None:
    """Raise `CallError` if there is no standard of that key."""
    if key not in standard_keys():
        raise CallError(
            Text("没有名为“{name}”的标准。", name=key),
            remedy=Text("可用的标准：{names}。", names="、".join(standard_keys())),
        )
