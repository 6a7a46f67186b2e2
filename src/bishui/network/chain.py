"""Who discharges where (受纳水体—排污口—排污通道—排污单位): a graph whose edges bear evidence and dates.

An edge is never overwritten: it is closed on a day, and a new one may follow. What has no evidence is a
hypothesis and says so. On a given day the chain becomes reaches and edges, so that the solver of the river
runs over it: a channel is a reach with its own travel time and decay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np

from bishui.errors import Conflict, DataError, NotFound, Problem, Where
from bishui.i18n import Text
from bishui.network.checks import SPLIT_TOLERANCE
from bishui.network.tables import Edges, Load, Reaches, ReachKind, Section


class ObjectKind(StrEnum):
    """What an object of the chain is."""

    DISCHARGER = "discharger"
    CHANNEL = "channel"
    OUTFALL = "outfall"
    REACH = "reach"

    @property
    def text(self) -> Text:
        """Say it for a user."""
        return {
            ObjectKind.DISCHARGER: Text("排污单位"),
            ObjectKind.CHANNEL: Text("排污通道"),
            ObjectKind.OUTFALL: Text("入河排污口"),
            ObjectKind.REACH: Text("受纳水体"),
        }[self]


#: Which kind may lead into which.
_LEADS_TO = {
    ObjectKind.DISCHARGER: (ObjectKind.CHANNEL, ObjectKind.OUTFALL),
    ObjectKind.CHANNEL: (ObjectKind.CHANNEL, ObjectKind.OUTFALL),
    ObjectKind.OUTFALL: (ObjectKind.REACH,),
    ObjectKind.REACH: (),
}


class EvidenceKind(StrEnum):
    """What shows that water takes an edge."""

    DYE_TEST = "dye_test"
    CCTV = "cctv"
    SMOKE = "smoke"
    DRAWING = "drawing"
    STATEMENT = "statement"
    INFERENCE = "inference"

    @property
    def text(self) -> Text:
        """Say it for a user."""
        return {
            EvidenceKind.DYE_TEST: Text("染色示踪"),
            EvidenceKind.CCTV: Text("管道内窥"),
            EvidenceKind.SMOKE: Text("烟雾试验"),
            EvidenceKind.DRAWING: Text("图纸"),
            EvidenceKind.STATEMENT: Text("询问笔录"),
            EvidenceKind.INFERENCE: Text("推断"),
        }[self]


@dataclass(frozen=True, slots=True)
class ChainObject:
    """A discharger, channel, outfall or receiving reach.

    Attributes
    ----------
    length, velocity, temperature
        Of a channel, m, m/s and °C; the others take no time to pass.
    chainage
        Of an outfall: place on its receiving reach, m from the top.
    """

    key: str
    kind: ObjectKind
    name: str = ""
    length: float = 0.0
    velocity: float = 1.0
    temperature: float = 20.0
    chainage: float | None = None


@dataclass(frozen=True, slots=True)
class ChainEdge:
    """Water of one object takes its way into another.

    Attributes
    ----------
    fraction
        Share of the upstream object's flow that takes this edge.
    valid_from, valid_to
        First day on which it holds, and first day on which it holds no more; None: since ever, until now.
    evidence, evidence_text
        What shows it, and where that is to be found.
    closed_because
        Why it was closed, e.g. 封堵.
    """

    upstream: str
    downstream: str
    fraction: float = 1.0
    valid_from: date | None = None
    valid_to: date | None = None
    evidence: EvidenceKind | None = None
    evidence_text: str = ""
    closed_because: str = ""

    @property
    def is_hypothesis(self) -> bool:
        """Whether nothing shows it: a kind of evidence without saying which counts as none."""
        return self.evidence is None or not self.evidence_text.strip()

    def holds_on(self, day: date) -> bool:
        """Return whether it holds on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day < self.valid_to)

    def overlaps(self, other: ChainEdge) -> bool:
        """Return whether there is a day on which both hold."""
        first, last = date.min, date.max
        return (self.valid_from or first) < (other.valid_to or last) and (other.valid_from or first) < (
            self.valid_to or last
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "upstream": self.upstream,
            "downstream": self.downstream,
            "fraction": self.fraction,
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "evidence": self.evidence.value if self.evidence else None,
            "evidence_text": self.evidence_text,
            "closed_because": self.closed_because,
            "hypothesis": self.is_hypothesis,
        }


@dataclass(frozen=True)
class Chain:
    """Objects and edges with their whole history. Every change gives a new chain; nothing is taken out."""

    objects: Mapping[str, ChainObject]
    edges: tuple[ChainEdge, ...] = ()

    @classmethod
    def of(cls, objects: Iterable[ChainObject], edges: Iterable[ChainEdge] = ()) -> Chain:
        """Return a chain of objects; each edge is checked as if it were added by itself.

        Raises
        ------
        Conflict, NotFound, DataError
            As `add`.
        """
        known: dict[str, ChainObject] = {}
        for entry in objects:
            if entry.key in known:
                raise Conflict(
                    Text("编号“{key}”重复。", key=entry.key), remedy=Text("请为每个对象给出唯一编号。")
                )
            known[entry.key] = entry
        chain = cls(known)
        for edge in edges:
            chain = chain.add(edge)
        return chain

    def add(self, edge: ChainEdge) -> Chain:
        """Return the chain with one more edge.

        Raises
        ------
        NotFound
            An end is not among the objects.
        DataError
            The kinds cannot follow one another, the share is not between 0 and 1, or the dates are reversed.
        Conflict
            The same edge holds already on some of the days.
        """
        self._check(edge)
        for other in self.edges:
            same = (other.upstream, other.downstream) == (edge.upstream, edge.downstream)
            if same and other.overlaps(edge):
                raise Conflict(
                    Text("“{up} → {down}”在这段时间已有记录。", up=edge.upstream, down=edge.downstream),
                    remedy=Text("请先按日期结束原有记录；记录不能覆盖。"),
                )
        return replace(self, edges=(*self.edges, edge))

    def close(self, upstream: str, downstream: str, on: date, because: str) -> Chain:
        """Return the chain in which an edge holds no more from a day on (封堵、改道).

        Raises
        ------
        NotFound
            No such edge holds on the day before, or it is closed already.
        DataError
            No reason is given, or the day is not after its first.
        """
        if not because.strip():
            raise DataError(Text("没有写明结束的原因。"), remedy=Text("请写明，如“封堵，验收单第 3 号”。"))
        for place, edge in enumerate(self.edges):
            if (edge.upstream, edge.downstream) != (upstream, downstream) or edge.valid_to is not None:
                continue
            if edge.valid_from is not None and on <= edge.valid_from:
                raise DataError(
                    Text("结束日期 {on} 不晚于开始日期 {first}。", on=on, first=edge.valid_from),
                    remedy=Text("请核对日期。"),
                )
            closed = replace(edge, valid_to=on, closed_because=because)
            return replace(self, edges=(*self.edges[:place], closed, *self.edges[place + 1 :]))
        raise NotFound(
            Text("没有未结束的“{up} → {down}”。", up=upstream, down=downstream),
            remedy=Text("请核对编号；已结束的记录不能再改。"),
        )

    def as_of(self, day: date) -> ChainDay:
        """Return the chain of one day."""
        return ChainDay(day, self.objects, tuple(edge for edge in self.edges if edge.holds_on(day)))

    def history(self, key: str) -> tuple[ChainEdge, ...]:
        """Return all edges of an object, ended ones too, the earliest first."""
        mine = (edge for edge in self.edges if key in (edge.upstream, edge.downstream))
        return tuple(
            sorted(mine, key=lambda edge: (edge.valid_from or date.min, edge.upstream, edge.downstream))
        )

    def _check(self, edge: ChainEdge) -> None:
        for key in (edge.upstream, edge.downstream):
            if key not in self.objects:
                raise NotFound(Text("没有编号为“{key}”的对象。", key=key), remedy=Text("请先登记该对象。"))
        above, below = self.objects[edge.upstream].kind, self.objects[edge.downstream].kind
        if below not in _LEADS_TO[above]:
            raise DataError(
                Text("{above}不能直接通向{below}（“{up} → {down}”）。", above=above.text, below=below.text,
                     up=edge.upstream, down=edge.downstream),
                remedy=Text("顺序为：排污单位 → 排污通道 → 入河排污口 → 受纳水体。"),
            )  # fmt: skip
        if not 0.0 <= edge.fraction <= 1.0:
            raise DataError(
                Text("比例 {fraction} 不在 0 与 1 之间。", fraction=edge.fraction),
                remedy=Text("请改正比例。"),
            )
        if edge.valid_from and edge.valid_to and edge.valid_to <= edge.valid_from:
            raise DataError(
                Text("结束日期 {last} 不晚于开始日期 {first}。", last=edge.valid_to, first=edge.valid_from),
                remedy=Text("请核对日期。"),
            )


@dataclass(frozen=True)
class ChainDay:
    """The chain of one day: what holds on it."""

    day: date
    objects: Mapping[str, ChainObject]
    edges: tuple[ChainEdge, ...]

    @cached_property
    def leaving(self) -> Mapping[str, tuple[ChainEdge, ...]]:
        """The edges that leave each object."""
        found: dict[str, list[ChainEdge]] = defaultdict(list)
        for edge in self.edges:
            found[edge.upstream].append(edge)
        return {key: tuple(edges) for key, edges in found.items()}

    @property
    def hypotheses(self) -> tuple[ChainEdge, ...]:
        """The edges that nothing shows."""
        return tuple(edge for edge in self.edges if edge.is_hypothesis)

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong on this day: shares, rings, outfalls without a place or with two rivers."""
        return (*self._shares(), *self._outfalls(), *self._rings())

    def _shares(self) -> Iterator[Problem]:
        for key, edges in self.leaving.items():
            total = sum(edge.fraction for edge in edges)
            if abs(total - 1.0) > SPLIT_TOLERANCE:
                yield Problem(
                    "split",
                    Text(
                        "{day}“{key}”各去向的比例之和为 {total}，应为 1。",
                        day=self.day,
                        key=key,
                        total=f"{total:.12g}",
                    ),
                    Text("请核对各去向的比例，或按日期结束失效的记录。"),
                    Where(field=key),
                    raw=f"{total:.12g}",
                )

    def _outfalls(self) -> Iterator[Problem]:
        for key, entry in self.objects.items():
            if entry.kind is not ObjectKind.OUTFALL:
                continue
            rivers = self.leaving.get(key, ())
            if len(rivers) > 1:
                yield Problem(
                    "several-waters",
                    Text("排污口“{key}”有 {count} 个受纳水体，只能有一个。", key=key, count=len(rivers)),
                    Text("请按日期结束失效的记录。"),
                    Where(field=key),
                )
            if rivers and entry.chainage is None:
                yield Problem(
                    "no-chainage",
                    Text("排污口“{key}”没有在受纳水体上的里程。", key=key),
                    Text("请先挂接排污口的坐标，或填写里程。"),
                    Where(field=key),
                )

    def _rings(self) -> Iterator[Problem]:
        """Name the objects of each ring of channels; only channels lead into their own kind."""
        left = {key: {edge.downstream for edge in edges} for key, edges in self.leaving.items()}
        while True:
            ends = [key for key, below in left.items() if not below & left.keys()]
            if not ends:
                break
            for key in ends:
                del left[key]
        while True:
            entered = {below for targets in left.values() for below in targets}
            springs = [key for key in left if key not in entered]
            if not springs:
                break
            for key in springs:
                del left[key]
        if left:
            yield Problem(
                "cycle",
                Text("排污通道首尾相接成环：{keys}。", keys="、".join(sorted(left))),
                Text("请核对流向，按日期结束其中一条。"),
                raw=">".join(sorted(left)),
            )

    def ways(self, key: str) -> tuple[tuple[tuple[ChainEdge, ...], float], ...]:
        """Return every way from an object to the river, with the share of its flow that takes it."""
        found: list[tuple[tuple[ChainEdge, ...], float]] = []
        stack: list[tuple[str, tuple[ChainEdge, ...], float]] = [(key, (), 1.0)]
        while stack:
            here, way, share = stack.pop()
            edges = self.leaving.get(here, ())
            if not edges and way:
                found.append((way, share))
            for edge in reversed(edges):
                if edge not in way:
                    stack.append((edge.downstream, (*way, edge), share * edge.fraction))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class JoinedNetwork:
    """River and chain as one network.

    Attributes
    ----------
    reaches, edges
        Rivers are cut where an outfall comes in; the objects of the chain follow as reaches of their own.
    rows
        Row of each object of the chain.
    pieces
        For each reach of the river its pieces: chainage at which each begins, and its row.
    """

    reaches: Reaches
    edges: Edges
    rows: Mapping[str, int]
    pieces: Mapping[str, tuple[tuple[float, int], ...]]

    def place(self, reach: str, chainage: float) -> tuple[int, float]:
        """Return row and chainage in it of a place on a reach of the river.

        On a cut, the place is the top of the lower piece: what comes in there is in.
        """
        begin, row = next(
            (piece for piece in reversed(self.pieces[reach]) if piece[0] <= chainage), self.pieces[reach][0]
        )
        return row, chainage - begin

    def section(self, key: str, reach: str, chainage: float) -> Section:
        """Return a section of the river in the joined network."""
        row, inside = self.place(reach, chainage)
        return Section(key, row, inside)

    def load(self, discharger: str, flow: float, concentrations: Mapping[str, float]) -> Load:
        """Return what a discharger brings, at its own place in the chain."""
        return Load(discharger, self.rows[discharger], 0.0, flow, concentrations)


def join_chain(day: ChainDay, reaches: Reaches, edges: Edges) -> JoinedNetwork:
    """Put the chain of a day and a river together into one network.

    Parameters
    ----------
    day
        The chain.
    reaches, edges
        The river; ids as text are the keys of the chain's receiving reaches.

    Raises
    ------
    DataError
        The chain has problems on that day, a receiving reach is not in the river, or a chainage is beyond it.
    """
    problems = [*day.problems(), *_unplaced(day, reaches)]
    if problems:
        raise DataError(
            Text("{day} 的排污链有 {count} 处错误。", day=day.day, count=len(problems)),
            remedy=Text("请逐处改正。"),
            problems=problems,
        )
    builder = _Builder(reaches)
    builder.cut(day)
    builder.join_river(edges)
    builder.add_chain(day)
    return builder.done()


def _unplaced(day: ChainDay, reaches: Reaches) -> Iterator[Problem]:
    length = dict(zip(map(str, reaches.ids.tolist()), reaches.length.tolist(), strict=True))
    for edge in day.edges:
        outfall, river = day.objects[edge.upstream], day.objects[edge.downstream]
        if river.kind is not ObjectKind.REACH:
            continue
        if river.key not in length:
            yield Problem(
                "unknown-reach",
                Text("受纳水体“{key}”不在河网中。", key=river.key),
                Text("请核对河段编号。"),
                Where(field=outfall.key),
                raw=river.key,
            )
        elif outfall.chainage is not None and not 0.0 <= outfall.chainage <= length[river.key]:
            yield Problem(
                "beyond-reach",
                Text("排污口“{key}”的里程 {place} m 不在河段“{river}”内（长 {length} m）。", key=outfall.key,
                     place=f"{outfall.chainage:g}", river=river.key, length=f"{length[river.key]:g}"),
                Text("里程从河段上端起算；请改正里程或河段。"),
                Where(field=outfall.key),
                raw=str(outfall.chainage),
            )  # fmt: skip


class _Builder:
    """Collects the rows and edges of the joined network."""

    def __init__(self, reaches: Reaches) -> None:
        self.river = reaches
        self.names = [str(name) for name in reaches.ids.tolist()]
        self.ids: list[str] = []
        self.columns: list[tuple[int, float, float, float, float, float]] = []
        self.edges: list[tuple[int, int, float]] = []
        self.pieces: dict[str, tuple[tuple[float, int], ...]] = {}
        self.rows: dict[str, int] = {}

    def cut(self, day: ChainDay) -> None:
        """Lay out the pieces of every reach of the river."""
        places: dict[str, set[float]] = defaultdict(set)
        for edge in day.edges:
            if day.objects[edge.downstream].kind is ObjectKind.REACH:
                places[edge.downstream].add(float(day.objects[edge.upstream].chainage or 0.0))
        river = self.river
        for row, name in enumerate(self.names):
            length = float(river.length[row])
            mixed = ReachKind(int(river.kind[row])).mixed
            inside = [] if mixed else sorted(place for place in places[name] if 0.0 < place <= length)
            begins = [0.0, *inside]
            found = []
            for number, (begin, end) in enumerate(zip(begins, [*inside, length], strict=True)):
                found.append((begin, len(self.ids)))
                if number:
                    self.edges.append((len(self.ids) - 1, len(self.ids), 1.0))
                self.ids.append(name if not number else f"{name}@{begin:g}")
                flow = float(river.lateral_flow[row]) if not number else 0.0
                self.columns.append(
                    (int(river.kind[row]), end - begin, float(river.velocity[row]), float(river.volume[row]),
                     float(river.temperature[row]), flow)
                )  # fmt: skip
            self.pieces[name] = tuple(found)

    def join_river(self, edges: Edges) -> None:
        """Join the last piece of each reach to the first of those below."""
        first = [self.pieces[name][0][1] for name in self.names]
        last = [self.pieces[name][-1][1] for name in self.names]
        for up, down, share in zip(
            edges.upstream.tolist(), edges.downstream.tolist(), edges.fraction.tolist(), strict=True
        ):
            self.edges.append((last[up], first[down], share))

    def add_chain(self, day: ChainDay) -> None:
        """Add the objects of the chain and their edges; an outfall leads to the piece that begins at it."""
        taken = set(self.ids)
        for key, entry in day.objects.items():
            if entry.kind is ObjectKind.REACH:
                continue
            self.rows[key] = len(self.ids)
            self.ids.append(key if key not in taken else f"{entry.kind.value}:{key}")
            channel = entry.kind is ObjectKind.CHANNEL
            length, velocity = (entry.length, entry.velocity) if channel else (0.0, 1.0)
            self.columns.append(
                (int(ReachKind.CHANNEL), length, velocity, float("nan"), entry.temperature, 0.0)
            )
        for edge in day.edges:
            below = day.objects[edge.downstream]
            if below.kind is ObjectKind.REACH:
                place = float(day.objects[edge.upstream].chainage or 0.0)
                pieces = self.pieces[below.key]
                target = next(row for begin, row in reversed(pieces) if begin <= place)
            else:
                target = self.rows[below.key]
            self.edges.append((self.rows[edge.upstream], target, edge.fraction))

    def done(self) -> JoinedNetwork:
        """Return the network."""
        kind, length, velocity, volume, temperature, flow = (
            np.array(column) for column in zip(*self.columns, strict=True)
        )
        reaches = Reaches(
            np.array(self.ids, dtype=np.str_),
            kind.astype(np.int8),
            length,
            velocity,
            volume,
            temperature,
            flow,
        )
        ends = np.array(self.edges, np.float64).reshape(-1, 3)
        joined = Edges(ends[:, 0].astype(np.int64), ends[:, 1].astype(np.int64), ends[:, 2].copy())
        return JoinedNetwork(reaches, joined, self.rows, self.pieces)
