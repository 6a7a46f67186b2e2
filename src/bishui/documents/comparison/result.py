"""What a comparison says: entries with their places in both plans, and the plans' relation to each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bishui.documents.draft import DocumentHead, Lines
from bishui.i18n import Text

Kind = Literal["task", "figure", "section", "source", "report", "milestone", "project"]
Verdict = Literal[
    "kept",
    "changed",
    "strengthened",
    "weakened",
    "added",
    "dropped",
    "split",
    "merged",
    "regrouped",
    "outside",
]

KINDS: tuple[Kind, ...] = ("figure", "section", "source", "task", "report", "milestone", "project")
VERDICTS: tuple[Verdict, ...] = (
    "weakened",
    "dropped",
    "strengthened",
    "added",
    "changed",
    "split",
    "merged",
    "regrouped",
    "outside",
    "kept",
)
"""In the order in which a person should look at them."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Where something stands in one of the plans.

    `index` counts the records of its kind from 1; `number` is the document's own (of a task), None where it
    gives none; `text` is what stands there, in short.
    """

    index: int
    number: int | None
    text: str
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"index": self.index, "number": self.number, "text": self.text, "lines": list(self.lines)}


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a changed text: ``same``, ``dropped`` or ``added``."""

    kind: Literal["same", "dropped", "added"]
    text: str

    def to_json(self) -> dict[str, str]:
        """Return the JSON form."""
        return {"kind": self.kind, "text": self.text}


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs: as written on both sides.

    `verdict` is ``changed``, ``strengthened`` or ``weakened``. `dropped` and `added` are the names that a
    list of units lost and gained; `spans` the pieces of a changed text in order.
    """

    field: str
    verdict: Verdict
    before: str
    after: str
    dropped: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "field": self.field,
            "verdict": self.verdict,
            "before": self.before,
            "after": self.after,
            "dropped": list(self.dropped),
            "added": list(self.added),
            "spans": [span.to_json() for span in self.spans],
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that one or both plans hold.

    Attributes
    ----------
    verdict
        ``kept``, ``changed``, ``strengthened``, ``weakened``, ``added``, ``dropped``; of tasks also
        ``split``, ``merged``, ``regrouped``; ``outside``: in the higher plan, and no duty of the lower plan's
        division.
    before, after
        The places in both plans; empty on the side that does not hold it.
    similarity
        Of the paired texts, 0 to 1; None where nothing was paired by likeness.
    near
        Places in the other plan with nearly the same name: a person decides whether they are the same.
    note
        What a reader should know of the pair.
    """

    kind: Kind
    verdict: Verdict
    title: str
    before: tuple[Mention, ...]
    after: tuple[Mention, ...]
    changes: tuple[Change, ...] = ()
    similarity: float | None = None
    near: tuple[Mention, ...] = ()
    note: Text | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "kind": self.kind,
            "verdict": self.verdict,
            "title": self.title,
            "before": [place.to_json() for place in self.before],
            "after": [place.to_json() for place in self.after],
            "changes": [change.to_json() for change in self.changes],
            "similarity": self.similarity,
            "near": [place.to_json() for place in self.near],
            "note": self.note.both() if self.note else None,
        }


@dataclass(frozen=True, slots=True)
class Relation:
    """How the plans stand to each other.

    `kind` is ``successive`` (one place, another year), ``levels`` (city and county), ``periods`` (annual and
    five-year) or ``other``; `upper` names the side whose targets the other carries on.
    """

    kind: Literal["successive", "levels", "periods", "other"]
    upper: Literal["before", "after"] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"kind": self.kind, "upper": self.upper}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The account of two plans; every record of both stands in just one entry of its kind."""

    before: DocumentHead
    after: DocumentHead
    relation: Relation
    entries: tuple[Entry, ...]

    def of(self, kind: Kind, verdicts: Iterable[Verdict] = VERDICTS) -> tuple[Entry, ...]:
        """Return the entries of one kind with one of some verdicts, in the order of the lines."""
        wanted = set(verdicts)
        return tuple(entry for entry in self.entries if entry.kind == kind and entry.verdict in wanted)

    def counts(self) -> Mapping[Kind, Mapping[Verdict, int]]:
        """Return how many entries of each kind have each verdict; kinds without any are left out."""
        counted = Counter((entry.kind, entry.verdict) for entry in self.entries)
        return {
            kind: {verdict: counted[kind, verdict] for verdict in VERDICTS if counted[kind, verdict]}
            for kind in KINDS
            if any(held == kind for held, _ in counted)
        }

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "before": self.before.to_json(),
            "after": self.after.to_json(),
            "relation": self.relation.to_json(),
            "counts": {kind: dict(verdicts) for kind, verdicts in self.counts().items()},
            "entries": [entry.to_json() for entry in self.entries],
        }
