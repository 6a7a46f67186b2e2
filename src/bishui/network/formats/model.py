"""What a file of a network was read into, with an account of every row of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bishui.errors import DataError, Problem, Where
from bishui.i18n import Text
from bishui.network.diffuse import Diffuse
from bishui.network.tables import Edges, Floats, Integers, Pollutant, Reaches

#: Coordinates inside the house: CGCS2000 longitude and latitude (2000 国家大地坐标系).
LON_LAT = "EPSG:4490"


class Fate(IntEnum):
    """What became of a row of the file."""

    REACH = 0
    #: A further row of a reach that stands already: one more edge of a bifurcation (分汊).
    EDGE = 1
    #: Nothing of the network: empty, a comment, a repeat, a node.
    IGNORED = 2
    UNREADABLE = 3

    @property
    def text(self) -> Text:
        """Say it for a user."""
        return (Text("河段"), Text("分汊"), Text("忽略"), Text("不能读取"))[self]


@dataclass(frozen=True, slots=True)
class Account:
    """What became of every row of one table: its number in the file, from 1, and the reason if one is due."""

    file: str
    table: str | None
    rows: Integers
    fate: NDArray[np.int8]
    reasons: Mapping[int, Text] = field(default_factory=dict)

    def counts(self) -> dict[Fate, int]:
        """Return how many rows became what."""
        found = np.bincount(self.fate, minlength=len(Fate))
        return {fate: int(found[fate]) for fate in Fate}

    def entries(self) -> Iterator[tuple[int, Fate, Text | None]]:
        """Yield row number, fate and reason."""
        for row, fate in zip(self.rows.tolist(), self.fate.tolist(), strict=True):
            yield row, Fate(fate), self.reasons.get(row)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form: the counts, and each row that did not become a reach without remark."""
        return {
            "file": self.file,
            "table": self.table,
            "counts": {fate.name.lower(): count for fate, count in self.counts().items()},
            "remarks": [
                {"row": row, "fate": fate.name.lower(), "why": reason.both()}
                for row, fate, reason in self.entries()
                if reason is not None
            ],
        }


@dataclass(frozen=True, slots=True)
class Assumption:
    """A value that the file does not give and that was taken from a named setting, or derived.

    `guess` tells that it is a guess: a bureau has to put its own value in its place.
    """

    quantity: str
    count: int
    total: int
    value: str
    setting: str
    guess: bool
    text: Text

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "quantity": self.quantity,
            "count": self.count,
            "total": self.total,
            "value": self.value,
            "setting": self.setting,
            "guess": self.guess,
            "text": self.text.both(),
        }


@dataclass(frozen=True, slots=True)
class Origin:
    """Where each reach and each edge stands in the file: row numbers from 1."""

    file: str
    table: str | None
    reach_rows: Integers
    edge_rows: Integers

    def where(self, row: int, head: str | None = None) -> Where:
        """Return the place of a row of the file."""
        return Where(file=self.file, sheet=self.table, row=row, column=head)


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """A network as a file gives it.

    Attributes
    ----------
    reaches, edges
        The network, in m, s and °C.
    names
        Name of the water of each reach; empty where none is given.
    lines
        `shapely.LineString` of each reach in `LON_LAT`, drawn as the water flows; None where there is none.
    attributes
        Further numbers by name: ``width``, ``depth`` (m), ``slope`` (1), ``roughness`` (Manning),
        ``total_flow`` (m³/s) …; not a number where one is missing.
    lateral
        Concentrations of the lateral flow by pollutant, g/m³.
    diffuse
        What enters all along the reaches (沿程入流); None where the file says nothing of it.
    origin
        The rows of the file.
    problems
        What stops the network from being used; `build_file` refuses as long as there is one.
    findings
        What a person should look at; it stops nothing.
    assumed
        Mask by quantity: where the value is a guess taken from a setting.
    assumptions
        The same counted and said in words.
    accounts
        What became of every row.
    ignored_columns
        Heads that mean nothing here.
    pollutants
        Pollutants with their decay, where the file describes them.
    """

    reaches: Reaches
    edges: Edges
    names: NDArray[np.object_]
    lines: NDArray[np.object_]
    attributes: Mapping[str, Floats]
    lateral: Mapping[str, Floats]
    origin: Origin
    problems: tuple[Problem, ...] = ()
    findings: tuple[Problem, ...] = ()
    assumed: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    assumptions: tuple[Assumption, ...] = ()
    accounts: tuple[Account, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    pollutants: tuple[Pollutant, ...] = ()
    diffuse: Diffuse | None = None

    @property
    def has_geometry(self) -> bool:
        """Whether at least one reach has a line."""
        return bool((~shapely.is_missing(self.lines)).any())

    def row_of(self, name: object) -> int:
        """Return the row of the reach with this id, given as text or as it is.

        Raises
        ------
        DataError
            There is no such reach.
        """
        for row, identity in enumerate(self.reaches.ids.tolist()):
            if identity == name or str(identity) == str(name):
                return row
        raise DataError(
            Text("没有编号为“{name}”的河段。", name=name),
            remedy=Text("请核对河段编号；编号区分大小写。"),
            where=Where(file=self.origin.file),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the report on the reading (not the network itself)."""
        return {
            "file": self.origin.file,
            "reaches": len(self.reaches),
            "edges": len(self.edges.upstream),
            "with_geometry": int((~shapely.is_missing(self.lines)).sum()),
            "problems": [problem.as_dict() for problem in self.problems],
            "findings": [finding.as_dict() for finding in self.findings],
            "assumptions": [assumption.as_dict() for assumption in self.assumptions],
            "accounts": [account.as_dict() for account in self.accounts],
            "ignored_columns": list(self.ignored_columns),
        }


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How a file is to be read, where it leaves something open. All choices change nothing unless taken.

    Attributes
    ----------
    crs
        Coordinate system where the file says none, e.g. ``EPSG:4490``.
    outside
        ``refuse`` a downstream id that is not in the file, or take such a reach as an ``outlet`` (a cut-out).
    equal_shares
        Share a bifurcation equally where the file gives no shares.
    normalise
        Bring shares of a bifurcation to the sum 1 by dividing by their sum.
    orient
        Turn lines that are drawn against the flow, where the topology comes from end points.
    layer
        Layer or sheet, where the file has several.
    changes
        Settings changed by name.
    """

    crs: str | None = None
    outside: str = "refuse"
    equal_shares: bool = False
    normalise: bool = False
    orient: bool = False
    layer: str | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)


def share_problem(name: object, count: int, where: Where) -> Problem:
    """Return the problem of a bifurcation without shares."""
    return Problem(
        "share-missing",
        Text("河段“{name}”分为 {count} 汊，但没有给出各汊的分流比。", name=name, count=count),
        Text("请补上分流比（合计为 1）；确实不知道时可明确选择平均分配。"),
        where,
        raw=str(name),
    )
