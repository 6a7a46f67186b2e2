"""The fragments of a row shared out among its columns: the best way of all, found by dynamic programming.

The cells of a row follow one another in the order of the columns, each a run of fragments. Every way to cut
the row is a sum of scores: how each text fits its column's grammar, how its lines fit the column's width,
what blank cells and cuts inside a line cost. The best sum up to each fragment and column is kept, so all ways
are weighed without being listed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from bishui.documents.rebuilding.fragments import Fragment, is_narrow
from bishui.documents.rebuilding.grammar import grammar_of, kind_of_name, names_of, score
from bishui.documents.rebuilding.habits import GAP, Habits, bare, line_widths
from bishui.documents.rulebook import rules

_MOST_FRAGMENTS = {"phrase": 16, "deadline": 12, "units": 60, "sentences": 120}
_MOST_CHARACTERS = {"phrase": 34, "deadline": 34, "units": 400, "sentences": 3000, "name": 60}
_NO_SENTENCE = {"units", "phrase", "deadline"}
_OF_PAGE = {"page", "number"}
_SCARCELY_BLANK = 0.02

Cell = tuple[Fragment, ...]
_Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """A row as read: its cells by column, the fragments that belong to none, and this reading's score."""

    cells: tuple[Cell, ...]
    left_out: Cell
    value: float


@dataclass(frozen=True, slots=True)
class _Step:
    """The best way to a place: its value, the place before it, and what was taken on the last step.

    `column` is that of the cell taken, or None where `taken` was left out; `dropped` are a page's remnants
    inside the cell.
    """

    value: float
    before: _Place | None
    column: int | None = None
    taken: Cell = ()
    dropped: Cell = ()
    row_ends: bool = False


@dataclass(slots=True)
class _Growing:
    """A cell that grows by one fragment after the other, with what its score is made of."""

    text: str = ""
    lines: list[float] = field(default_factory=list)
    gaps: int = 0
    remnants: int = 0
    used: int = 0

    def take(self, each: Fragment) -> None:
        """Put a fragment to the cell."""
        if not self.lines or each.begins_line:
            self.lines.append(0.0)
        elif each.gap:
            self.lines[-1] += GAP
            self.gaps += not (is_narrow(self.text[-1]) or is_narrow(each.bare[0]))
        self.text += each.bare
        self.lines[-1] += each.width
        self.remnants += bool(each.remnant)
        self.used += each.remnant == "page"

    def cost(self) -> float:
        """Return what its gaps cost, and what pages may have left in it."""
        return self.gaps * _weight("gap_within") + self.used * _weight("page_used")


@dataclass(slots=True)
class RowReader:
    """Reads rows of one table.

    `first` is the first column to fill: 1 behind running numbers, else 0. Where no way leads through a row,
    the reader becomes `patient`: it follows ways that looked hopeless, and leaves lines out that fit nowhere.
    """

    roles: Sequence[str]
    first: int
    habits: Habits = field(default_factory=Habits)
    patient: bool = False
    _grammars: list[str] = field(init=False)
    _barren: list[float] = field(init=False)
    _blank: list[float] = field(init=False)
    _names: dict[tuple[int, str], float] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        barren = rules("rebuilding")["barren"]
        self._grammars = [grammar_of(role) for role in self.roles]
        self._barren = [float(barren.get(grammar, float("-inf"))) for grammar in self._grammars]
        self._blank = [self._blank_cost(column) for column in range(len(self.roles))]

    def read(self, fragments: Sequence[Fragment]) -> Reading:
        """Return the best reading of the fragments as one row."""
        return self._readings(fragments, several=False)[0]

    def read_several(self, fragments: Sequence[Fragment]) -> list[Reading]:
        """Return the best reading of the fragments as several rows, for a table without running numbers."""
        return self._readings(fragments, several=True) if fragments else []

    def _readings(self, fragments: Sequence[Fragment], *, several: bool) -> list[Reading]:
        steps = self._steps(fragments, several=several)
        if not any(taken == len(fragments) for taken, _ in steps):
            return replace(self, patient=True)._readings(fragments, several=several)
        end, value = self._end(steps, len(fragments))
        readings: list[Reading] = []
        cells: dict[int, Cell] = {}
        left_out: list[Fragment] = []
        place: _Place | None = end
        while place is not None:
            step = steps[place]
            if step.row_ends:
                readings.append(self._reading(cells, left_out, value))
                cells, left_out = {}, []
            elif step.column is None:
                left_out.extend(step.taken)
            else:
                cells[step.column] = step.taken
                left_out.extend(step.dropped)
            place = step.before
        readings.append(self._reading(cells, left_out, value))
        return readings[::-1]

    def _reading(self, cells: dict[int, Cell], left_out: list[Fragment], value: float) -> Reading:
        return Reading(
            tuple(cells.get(column, ()) for column in range(len(self.roles))), tuple(left_out), value
        )

    def _steps(self, fragments: Sequence[Fragment], *, several: bool) -> dict[_Place, _Step]:
        """Return the best step to each place: so many fragments taken, this column filled last."""
        none_yet = self.first - 1
        steps: dict[_Place, _Step] = {(0, none_yet): _Step(0.0, None)}
        for taken in range(len(fragments) + 1):
            if several and 0 < taken < len(fragments):
                self._end_rows(steps, taken)
            if taken == len(fragments):
                break
            self._drop_stragglers(steps, taken)
            for place, onward in self._onward(fragments, taken, steps):
                known = steps.get(place)
                if known is None or onward.value > known.value:
                    steps[place] = onward
        return steps

    def _drop_stragglers(self, steps: dict[_Place, _Step], taken: int) -> None:
        """Follow no way that is far behind another with the same fragments taken."""
        here = {column: steps.get((taken, column)) for column in range(self.first - 1, len(self.roles))}
        known = {column: step.value for column, step in here.items() if step is not None}
        least = max(known.values(), default=0.0) - _weight("lead_of_the_best")
        for column, value in known.items():
            if value < least and not self.patient:
                del steps[(taken, column)]

    def _end_rows(self, steps: dict[_Place, _Step], taken: int) -> None:
        """Let a row end behind `taken` fragments and the next begin there."""
        ends = [
            (steps[(taken, column)].value + sum(self._blank[column + 1 :]), column)
            for column in range(self.first, len(self.roles))
            if (taken, column) in steps
        ]
        if ends:
            value, column = max(ends)
            steps[(taken, self.first - 1)] = _Step(value, (taken, column), row_ends=True)

    def _onward(
        self, fragments: Sequence[Fragment], taken: int, steps: Mapping[_Place, _Step]
    ) -> Iterator[tuple[_Place, _Step]]:
        """Give the steps on from all places with so many fragments taken: one left out, or a cell begun."""
        here = fragments[taken]
        best, before = float("-inf"), (taken, self.first - 1)
        for column in range(self.first - 1, len(self.roles)):
            if column >= self.first and best > float("-inf"):
                for end, gain, cell, dropped in self._cells(fragments, taken, column):
                    yield (end, column), _Step(best + gain, before, column, cell, dropped)
            if column >= self.first:
                best += self._blank[column]
            step = steps.get((taken, column))
            if step is None:
                continue
            if step.value > best:
                best, before = step.value, (taken, column)
            if here.remnant:
                value = step.value + _remnant_cost(here.remnant)
                yield (taken + 1, column), _Step(value, (taken, column), None, (here,))
            elif self.patient and here.begins_line:
                line = tuple(each for each in fragments[taken:] if each.paragraph == here.paragraph)
                value = step.value + _weight("left_out")
                yield (taken + len(line), column), _Step(value, (taken, column), None, line)

    def _cells(
        self, fragments: Sequence[Fragment], begin: int, column: int
    ) -> Iterator[tuple[int, float, Cell, Cell]]:
        """Give the cells of a column that may begin with a fragment: their ends, scores and fragments."""
        grammar, patient = self._grammars[column], self.patient
        most = len(fragments) if patient else begin + _MOST_FRAGMENTS.get(grammar, 12)
        barren, hopeless = self._barren[column], _weight("hopeless")
        cell = _Growing()
        for end in range(begin + 1, min(len(fragments), most) + 1):
            cell.take(fragments[end - 1])
            if grammar in _NO_SENTENCE and "。" in fragments[end - 1].bare:
                return
            fit = self._lines_cost(column, cell.lines)
            if not patient and (fit < hopeless or len(cell.text) > _MOST_CHARACTERS.get(grammar, 40)):
                return
            reads = self._value(column, grammar, cell.text)
            if not patient and reads < barren:
                return
            cut = _cut_cost(fragments, end)
            yield end, reads + fit + cut + cell.cost(), tuple(fragments[begin:end]), ()
            if cell.remnants:
                yield from self._cleared(fragments[begin:end], end, column, cut)

    def _cleared(
        self, cell: Sequence[Fragment], end: int, column: int, cut: float
    ) -> Iterator[tuple[int, float, Cell, Cell]]:
        """Give a cell without what a page left inside it."""
        kept = tuple(each for each in cell if each.remnant not in _OF_PAGE)
        if not kept or len(kept) == len(cell) or kept[0] is not cell[0] or kept[-1] is not cell[-1]:
            return
        dropped = tuple(each for each in cell if each.remnant in _OF_PAGE)
        value = self._value(column, grammar_of(self.roles[column]), bare(kept))
        value += self._lines_cost(column, line_widths(kept))
        yield end, value + cut + sum(_remnant_cost(each.remnant) for each in dropped), kept, dropped

    def _value(self, column: int, grammar: str, text: str) -> float:
        value = score(grammar, text)
        if grammar == "units":
            value += sum(self._standing(column, name) for name in names_of(text))
        return value

    def _lines_cost(self, column: int, widths: Sequence[float]) -> float:
        """Return what lines cost that are too wide for the column, or too narrow and not the last."""
        full = self.habits.widths.get(column) or max(widths)
        rule = rules("rebuilding")["lines"]
        least, most = full - rule["short"] - 0.05 * full, full + rule["long"]
        worst, cost = _weight("worst_line"), 0.0
        last = len(widths) - 1
        for number, line in enumerate(widths):
            if line > most:
                cost += max(worst, _weight("too_wide") * (line - most))
            elif line < least and number < last:
                cost += max(worst, _weight("too_narrow") * (least - line))
        return cost

    def _standing(self, column: int, name: str) -> float:
        """Return how much a body is at home in a column: by the table's habits, or else by its kind."""
        known = self._names.get((column, name))
        if known is None:
            known = self._names[(column, name)] = self._find_standing(column, name)
        return known

    def _find_standing(self, column: int, name: str) -> float:
        kind, rule = kind_of_name(name), rules("rebuilding")
        shares = self.habits.kinds.get(column)
        if not shares:
            return float(rule["leaning"][kind].get(self.roles[column], 0.0))
        seen = self.habits.names[column][name]
        everywhere = sum(names[name] for names in self.habits.names.values())
        value = rule["weights"]["at_home"] * seen / everywhere if everywhere else 0.0
        for pure in ("territory", "department"):
            foreign = kind != pure and not (pure == "department" and kind == "collective")
            if shares.get(pure, 0.0) >= rule["pure"] and foreign and seen < rule["fewest"]:
                value += rule["weights"]["stranger"]
        return float(value)

    def _blank_cost(self, column: int) -> float:
        role, rule = self.roles[column], rules("rebuilding")["blank"]
        usual = float(rule.get(role, rule["other"]))
        if column not in self.habits.filled or role == "content":
            return usual
        return max(math.log(1.0 - self.habits.filled[column] + _SCARCELY_BLANK), float(rule["worst"]))

    def _end(self, steps: dict[_Place, _Step], count: int) -> tuple[_Place, float]:
        """Return the best place at the end, and its value with the blank cells behind it."""
        ends = [
            (steps[(count, column)].value + sum(self._blank[column + 1 :]), (count, column))
            for column in range(self.first - 1, len(self.roles))
            if (count, column) in steps
        ]
        value, place = max(ends)
        return place, value


@cache
def _weight(name: str) -> float:
    return float(rules("rebuilding")["weights"][name])


def _remnant_cost(remnant: str) -> float:
    return _weight({"page": "page_remnant", "head": "head_remnant", "number": "number_of_page"}[remnant])


def _cut_cost(fragments: Sequence[Fragment], end: int) -> float:
    """Return what it costs that a cell ends inside a line."""
    if end == len(fragments) or fragments[end].begins_line:
        return 0.0
    beside = is_narrow(fragments[end - 1].bare[-1]) or is_narrow(fragments[end].bare[0])
    return _weight("gap_beside_digits" if beside else "gap_between_characters")
