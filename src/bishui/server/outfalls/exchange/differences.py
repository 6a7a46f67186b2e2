"""What an outside system says otherwise (差异清单), and who knows an outfall that the other does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bishui.errors import Problem
from bishui.server.core import registers
from bishui.server.core.register_records import parse_row, remembering, texts_of
from bishui.server.outfalls.exchange.mapping import ExchangeMapping
from bishui.server.outfalls.exchange.rows import FileRows
from bishui.server.outfalls.models import Outfall


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one outfall that the two sides tell differently, as both write it in our words."""

    code: str
    key: str
    name: str
    label: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome: differing fields, outfalls that one side alone knows, and rows that say what cannot be."""

    same: int
    different: Sequence[Difference]
    only_ours: Sequence[Outfall]
    only_theirs: Sequence[Mapping[str, str]]
    problems: Sequence[Problem]


def compare(outfalls: Sequence[Outfall], found: FileRows, mapping: ExchangeMapping) -> Comparison:
    """Compare the register with an outside system's file; nothing is changed."""
    register = registers.load_all()["outfalls"]
    ours = {getattr(outfall, mapping.key_field): outfall for outfall in outfalls}
    ours.pop("", None)
    told = {column.field for head in found.heads if (column := mapping.column_of(head)) and column.field}
    rows = [mapping.inward(row) for _, row in found.rows]
    memory = remembering(register, rows)
    different: list[Difference] = []
    only_theirs: list[Mapping[str, str]] = []
    problems: list[Problem] = []
    met: set[str] = set()
    for raw in rows:
        key = raw.get(mapping.key_field, "")
        outfall = ours.get(key)
        if outfall is None:
            only_theirs.append(raw)
            continue
        met.add(key)
        values, faults = parse_row(register, {name: raw[name] for name in raw if name in told}, memory=memory)
        problems += [fault for fault in faults if fault.code != "required"]
        different += _fields(register, outfall, key, values)
    return Comparison(
        same=len(met) - len({entry.code for entry in different}),
        different=different,
        only_ours=[outfall for outfall in outfalls if getattr(outfall, mapping.key_field) not in met],
        only_theirs=only_theirs,
        problems=problems,
    )


def _fields(
    register: registers.Register, outfall: Outfall, key: str, values: Mapping[str, object]
) -> list[Difference]:
    before = texts_of(register, outfall)
    after = Outfall(**{name: getattr(outfall, name) for name in before})
    for name, value in values.items():
        setattr(after, name, value)
    told = texts_of(register, after)
    return [
        Difference(outfall.code, key, str(outfall), str(register.field(name).label), before[name], told[name])
        for name in values
        if before[name] != told[name]
    ]
