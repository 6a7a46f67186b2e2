"""A read plan with its corrections applied: pure, over the staged JSON. What was read is never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bishui.server.plans.review_fields import Field, Listing, follow, listings, shown, written

REVIEWED = "ignored: checked by a person"


class Correction(Protocol):
    """What the draft needs to know of a correction; see `models.DraftCorrection`."""

    path: str
    what: str
    as_read: Any
    corrected: Any
    stands: bool
    reason: str
    by: str
    at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field of a record as the page shows it."""

    path: str
    field: Field
    #: What stands, for reading and for the form; and what was read.
    text: str
    value: str
    as_read: str
    correction: Correction | None

    @property
    def is_corrected(self) -> bool:
        """Whether a correction stands."""
        return self.correction is not None and self.correction.stands

    @property
    def seen(self) -> int:
        """How many changes the field has had: who saves must have seen them all."""
        return self.correction.version if self.correction else 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of the draft: as it stands, and as it was read (None for an added one)."""

    path: str
    listing: Listing
    record: Mapping[str, Any]
    read: Mapping[str, Any] | None
    omitted: Correction | None = None
    added: Correction | None = None
    fields: Sequence[FieldView] = field(default=())

    @property
    def lines(self) -> tuple[int, int] | None:
        """The first and the last source line."""
        return lines_of(self.record)

    @property
    def name(self) -> str:
        """What the record is called in a list."""
        parts = [shown(self.listing.fields[key], self.record.get(key)) for key in self.listing.names]
        return " ".join(part for part in parts if part)[:60] or self.path

    @property
    def is_omitted(self) -> bool:
        """Whether it was left out."""
        return self.omitted is not None and self.omitted.stands

    @property
    def corrected(self) -> int:
        """How many of its fields are corrected."""
        return sum(view.is_corrected for view in self.fields)


def lines_of(record: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return the first and the last source line of a record of the plan's JSON."""
    if record.get("lines"):
        return record["lines"][0], record["lines"][-1]
    return (record["line"], record["line"]) if record.get("line") else None


class Draft:
    """The draft of a plan with its corrections."""

    def __init__(self, data: Mapping[str, Any], corrections: Iterable[Correction] = ()) -> None:
        self.data = data
        self.corrections = {(item.path, item.what): item for item in corrections}

    def standing(self, what: str) -> list[Correction]:
        """Return the standing corrections of one sort."""
        return [item for (_, sort), item in self.corrections.items() if sort == what and item.stands]

    def find(self, path: str, what: str) -> Correction | None:
        """Return the correction at a place, standing or reset."""
        return self.corrections.get((path, what))

    def as_read(self, key: str) -> list[Any]:
        """Return the records of a list as read; the head of the document is a list of one."""
        if listings()[key].single:
            return [self.data[key]]
        return list(self.data.get(key) or ())

    def size(self, key: str) -> int:
        """Return how many records a list has, with the added ones."""
        return len(self.as_read(key)) + len(self._added(key))

    def _added(self, key: str) -> list[Correction]:
        """Return the added records in their order; one that was reset keeps its place."""
        start = f"{key}/"
        found = [
            item
            for (path, what), item in self.corrections.items()
            if what == "add" and path.startswith(start)
        ]
        return sorted(found, key=lambda item: int(item.path[len(start) :]))

    def entries(self, key: str) -> list[Entry]:
        """Return the records of a list in the order of the document's lines, the omitted ones among them."""
        listing = listings()[key]
        found = [
            self._entry(listing, f"{key}/{index}", read, None) for index, read in enumerate(self.as_read(key))
        ]
        added = [self._entry(listing, item.path, None, item) for item in self._added(key) if item.stands]
        for entry in added:
            found.insert(_place(found, entry), entry)
        return found

    def entry(self, path: str) -> Entry | None:
        """Return the record at ``tasks/12``, or None where there is none."""
        key, _, index = path.partition("/")
        if key not in listings() or not index.isdecimal():
            return None
        read = self.as_read(key)
        if int(index) < len(read):
            return self._entry(listings()[key], path, read[int(index)], None)
        added = self.find(path, "add")
        return self._entry(listings()[key], path, None, added) if added and added.stands else None

    def _entry(
        self, listing: Listing, path: str, read: Mapping[str, Any] | None, added: Correction | None
    ) -> Entry:
        base: Mapping[str, Any] = added.corrected if added is not None else read or {}
        record = dict(base)
        views = []
        for spec in listing.fields.values():
            correction = self.find(f"{path}/{spec.key}", "field")
            if correction is not None and correction.stands:
                record[spec.key] = correction.corrected
                record.update(follow(spec, correction.corrected, self.data["doc"]["year"]))
            views.append((spec, correction))
        return Entry(
            path,
            listing,
            record,
            read,
            self.find(path, "omit"),
            added,
            [
                FieldView(
                    f"{path}/{spec.key}",
                    spec,
                    shown(spec, record.get(spec.key)),
                    written(spec, record.get(spec.key)),
                    written(spec, base.get(spec.key)),
                    correction,
                )
                for spec, correction in views
            ],
        )

    def effective(self) -> dict[str, Any]:
        """Return the plan's JSON as people have agreed to it: what goes into the ledger."""
        data = dict(self.data)
        kept_tasks: dict[int, int] = {}
        for key, listing in listings().items():
            if key not in data and not self._added(key):
                continue
            kept = [entry for entry in self.entries(key) if not entry.is_omitted]
            if listing.single:
                data[key] = kept[0].record
                continue
            data[key] = [dict(entry.record) for entry in kept]
            if key == "tasks":
                kept_tasks = {int(entry.path.split("/")[1]): index for index, entry in enumerate(kept)}
        for target in data["targets"]:
            task = target.get("task")
            target["task"] = kept_tasks.get(task) if task is not None else None
        data["became"] = self._became()
        return data

    def _became(self) -> list[list[str]]:
        became = [list(marks) for marks in self.data["became"]]
        for checked in self.standing("line"):
            became[int(checked.path.split("/")[1]) - 1] = [REVIEWED]
        for added in self.standing("add"):
            span = lines_of(added.corrected)
            for line in range(span[0], span[1] + 1) if span else ():
                marks = [mark for mark in became[line - 1] if mark != "not understood"]
                became[line - 1] = [*marks, f"added: {added.path.split('/')[0]}"]
        return became

    def open_lines(self) -> list[int]:
        """Return the lines that were not understood and that nobody has looked at yet."""
        return [number for number, marks in enumerate(self._became(), start=1) if "not understood" in marks]

    def given_units(self) -> dict[str, tuple[str, ...] | None]:
        """Return what people said a written name means: units by identifier, None = no unit at all."""
        return {
            item.path.removeprefix("units/"): None
            if item.corrected.get("no_unit")
            else tuple(item.corrected["units"])
            for item in self.standing("unit")
        }

    def by_line(self) -> dict[int, list[Entry]]:
        """Return the records that stand on each line."""
        found: dict[int, list[Entry]] = {}
        for key, listing in listings().items():
            if listing.single:
                continue
            for entry in self.entries(key):
                span = entry.lines
                for line in range(span[0], span[1] + 1) if span else ():
                    found.setdefault(line, []).append(entry)
        return found


def _place(entries: Sequence[Entry], new: Entry) -> int:
    """Return where an added record belongs among those of the document."""
    if new.lines is None:
        return len(entries)
    after = (index for index, entry in enumerate(entries) if entry.lines and entry.lines[0] > new.lines[0])
    return next(after, len(entries))


def others(data: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """Yield the lists of the JSON that are only shown: tables, outlines and what a newer reader adds."""
    hidden = {"coverage", "findings", "lines", "became", "places", "tables"}
    for key, value in data.items():
        if isinstance(value, list) and value and key not in hidden and key not in listings():
            yield key, value
