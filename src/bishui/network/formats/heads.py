"""What the heads of a table mean: role and unit; the words are data (``data/*.toml``)."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bishui.errors import Problem, Where
from bishui.i18n import Text
from bishui.network.tables import ReachKind

_DATA = Path(__file__).parent / "data"
_BRACKETS = re.compile(r"^(?P<before>.*?)[(\[](?P<unit>[^()\[\]]*(?:\([^()]*\))?[^()\[\]]*)[)\]]$")


@dataclass(frozen=True, slots=True)
class Column:
    """A column with a role: its head as written, and the factor that brings its numbers to m, s, g, °C.

    `kind` tells how its cells are read: ``id``, ``text``, ``number``, ``amounts`` (numbers by name, such as
    ``COD=15;NH3N=0.5``), ``measured`` (a number that may be below detection).
    """

    role: str
    head: str
    factor: float = 1.0
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Heads:
    """The columns of a table by role, what is not understood, and what is wrong with a head."""

    columns: Mapping[str, Column]
    ignored: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    def head(self, role: str) -> str | None:
        """Return the head of a role as written; None where there is no such column."""
        column = self.columns.get(role)
        return column.head if column else None


@cache
def words(vocabulary: str = "heads") -> dict[str, Any]:
    """Return a file of words: ``heads`` of tables of reaches, ``places`` of outfalls and sections."""
    return tomllib.loads((_DATA / f"{vocabulary}.toml").read_text(encoding="utf-8"))


def fold(text: str) -> str:
    """Return a text as it is compared: NFKC, lower case, without blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def understand(heads: Iterable[str], where: Where, vocabulary: str = "heads") -> Heads:
    """Say what each head of a table means.

    Parameters
    ----------
    heads
        As written.
    where
        The file and sheet, for messages.
    vocabulary
        Which words: ``heads`` or ``places``.

    Returns
    -------
    Heads
        A role that two heads have goes to the first; the second is a problem. A unit that is not known is
        a problem, and the column has no role: a number is never read in a unit that was not understood.
    """
    columns: dict[str, Column] = {}
    ignored: list[str] = []
    problems: list[Problem] = []
    for head in heads:
        found = _column(head, vocabulary)
        place = Where(file=where.file, sheet=where.sheet, column=head)
        if found is None:
            ignored.append(head)
        elif isinstance(found, str):
            problems.append(_unknown_unit(head, found, _units_of(head, vocabulary), place))
        elif found.role in columns:
            problems.append(_twice(head, columns[found.role].head, place))
        else:
            columns[found.role] = found
    _tell_nodes(columns)
    return Heads(columns, tuple(ignored), tuple(problems))


def _tell_nodes(columns: dict[str, Column]) -> None:
    """Read ``from, to`` as ids of reaches where there is no id column, as nodes where there is one."""
    source, sink = columns.get("from_node"), columns.get("to")
    if source is None or sink is None or "to_node" in columns:
        return
    role, other = ("from_node", "to_node") if "id" in columns else ("id", "to")
    del columns["from_node"], columns["to"]
    columns[role] = Column(role, source.head, kind="id")
    columns[other] = Column(other, sink.head, kind="id")


def _column(head: str, vocabulary: str) -> Column | str | None:
    """Return the column; the unit as text where it is not known; None where the head means nothing."""
    folded = fold(head)
    exact = _roles(vocabulary).get(folded)
    if exact is not None:
        role, unit = exact
        return _with_unit(vocabulary, role, head, unit)
    bare, unit = _split(folded, vocabulary)
    if unit is None:
        return None
    return _with_unit(vocabulary, _roles(vocabulary)[bare][0], head, unit)


def _with_unit(vocabulary: str, role: str, head: str, unit: str | None) -> Column | str:
    entry = words(vocabulary)["role"][role]
    if "quantity" not in entry:
        return Column(role, head, kind=entry["kind"])
    units = words()["units"][entry["quantity"]]
    factor = units["factors"].get(unit if unit else units["default"])
    return Column(role, head, factor, entry["kind"]) if factor is not None else str(unit)


def _split(folded: str, vocabulary: str) -> tuple[str, str | None]:
    """Return the head without its unit, and the unit; None where what remains is no known head."""
    found = _BRACKETS.match(folded)
    if found and found["before"].rstrip("_/") in _roles(vocabulary):
        inside = re.split(r"[,，;；]", found["unit"].removeprefix("单位:"))[0]
        return found["before"].rstrip("_/"), inside
    for place, sign in enumerate(folded):
        if sign in "/_" and folded[:place] in _roles(vocabulary):
            unit = folded[place + 1 :].strip("()")
            if sign == "/" or _is_unit(vocabulary, folded[:place], unit):
                return folded[:place], unit
    return folded, None


def _is_unit(vocabulary: str, bare: str, unit: str) -> bool:
    entry = words(vocabulary)["role"][_roles(vocabulary)[bare][0]]
    return "quantity" in entry and unit in words()["units"][entry["quantity"]]["factors"]


@cache
def _roles(vocabulary: str) -> dict[str, tuple[str, str | None]]:
    """Return folded head → role and the unit that the head itself says."""
    found: dict[str, tuple[str, str | None]] = {}
    for role, entry in words(vocabulary)["role"].items():
        found.update(dict.fromkeys(map(fold, entry["heads"]), (role, None)))
        found.update({fold(head): (role, unit) for head, unit in entry.get("said", {}).items()})
    return found


@cache
def reach_kinds() -> dict[str, ReachKind]:
    """Return folded word → kind of reach."""
    return {
        fold(word): ReachKind[kind.upper()] for kind, said in words()["reach_kind"].items() for word in said
    }


def _units_of(head: str, vocabulary: str) -> str:
    """Return the units that the role of a head may have, the one that is taken without a word first."""
    folded = fold(head)
    bare = folded if folded in _roles(vocabulary) else _split(folded, vocabulary)[0]
    units = words()["units"][words(vocabulary)["role"][_roles(vocabulary)[bare][0]]["quantity"]]
    others = [unit for unit in units["factors"] if unit != units["default"] and "_" not in unit]
    return "、".join([units["default"], *others])


def _unknown_unit(head: str, unit: str, known: str, where: Where) -> Problem:
    return Problem(
        "unknown-unit",
        Text("不认识“{head}”的单位“{unit}”。", head=head, unit=unit),
        Text("请换算成下列单位之一并写在表头里：{known}。", known=known),
        where,
        raw=head,
    )


def _twice(head: str, other: str, where: Where) -> Problem:
    return Problem(
        "column-twice",
        Text("“{head}”与“{other}”是同一个意思。", head=head, other=other),
        Text("请只保留一列。"),
        where,
        raw=head,
    )
