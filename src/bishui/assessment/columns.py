"""Classes and verdicts of one period as columns, without an object for each item.

What is ordinary is decided here for all sections at once; the sections where a detection limit, an own limit
or the like has a say are handed to the rules of `judge`, which decide the same one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bishui.assessment import kernels, plain
from bishui.assessment.judge import Rules
from bishui.assessment.means import Means
from bishui.assessment.periods import Period
from bishui.assessment.register import Site, Target
from bishui.assessment.results import RESULTS, Reason, SectionResult, State
from bishui.assessment.thresholds import Table, water_row

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_REASONS = tuple(Reason)
_STATES = tuple(State)
_NONE = -1


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections of one period and what was measured there.

    Attributes
    ----------
    names, versions, known, targets
        Id, valid version, whether the register has it and the target that counts, one per section.
    means, ranks
        Means of the period, sorted by site, and their classes; 0 without one.
    begin, end
        First mean of each section, and the one after its last.
    """

    period: Period
    rules: Rules
    thresholds: Table
    names: Sequence[str]
    versions: Sequence[Site | None]
    known: Bools
    targets: Sequence[Target | None]
    means: Means
    ranks: npt.NDArray[np.uint8]
    begin: Ints
    end: Ints

    @property
    def places(self) -> Ints:
        """The section of each mean."""
        return np.repeat(np.arange(len(self.names)), self.end - self.begin)


@dataclass(frozen=True, slots=True)
class Columns:
    """What `results.RESULTS` tells of the sections of one period; −1 stands for none.

    Attributes
    ----------
    rank, reason, state, target_class
        Class, places among `Reason` and `State`, class of the target.
    deciding, listed, failing
        Which items make the class, took part in it, are over the target; (sections, items).
    entered, total, days
        Rows of the deciding items that entered, all of them, days of the item with most.
    """

    rank: Ints
    reason: Ints
    state: Ints
    target_class: Ints
    deciding: Bools
    listed: Bools
    failing: Bools
    entered: Ints
    total: Ints
    days: Ints


def judged(given: Sections, one: Callable[[int], SectionResult]) -> Columns:
    """Judge all sections of a period.

    Parameters
    ----------
    given
        The sections.
    one
        The result of one section by the rules, for those that are not ordinary.
    """
    means, count, places = given.means, len(given.names), given.places
    item = means.series % len(means.keys)
    ranks = _with_alternative(given, places, item)
    decides = _decides(given, places, item)
    valued = np.zeros(count, np.bool_)
    valued[places[decides & (means.state != kernels.EMPTY)]] = True
    worst = kernels.worst_classes(places, ranks, decides, count).astype(np.int64)
    reason = _reasons(given, valued, worst)
    rank = np.where(reason == _NONE, worst, _NONE)
    target = np.array([_class_of(entry) for entry in given.targets], np.int64)
    over = decides & (target[places] > 0) & (ranks > target[places])
    failing = _matrix(given, places, item, over)
    columns = Columns(
        rank=rank,
        reason=reason,
        state=_states(given, reason, np.asarray(failing.any(axis=1))),
        target_class=target,
        deciding=_matrix(given, places, item, decides & (ranks > 1) & (ranks == rank[places])),
        listed=_matrix(given, places, item, decides & (ranks > 0)),
        failing=failing,
        entered=_sums(places, means.counts[:, : kernels.NO_READING], decides, count),
        total=_sums(places, means.counts, decides, count),
        days=_most(places, means.days, count),
    )
    for place in np.flatnonzero(_unusual(given, places, item)).tolist():
        _put(columns, place, one(place), means.keys)
    return columns


def _class_of(target: Target | None) -> int:
    return _NONE if target is None or target.target_class is None else target.target_class


def _with_alternative(given: Sections, places: Ints, item: Ints) -> npt.NDArray[np.uint8]:
    """Return the classes, Ⅰ where an item reaches it the other way; see `judge.with_alternative`."""
    ranks, means = given.ranks, given.means
    for key, criterion in given.rules.standard.criteria.items():
        other = criterion.alternative
        if other is None or key not in means.keys or other.item not in means.keys:
            continue
        own = np.flatnonzero((item == means.keys.index(key)) & (ranks > 0))
        reaching = set()
        for index in np.flatnonzero(item == means.keys.index(other.item)).tolist():
            exact = means.exact(index)
            if exact is not None:
                value = plain.compared(other.item, exact, rounded=given.rules.rounded)
                if value >= other.minimum:
                    reaching.add(int(places[index]))
        if reaching:
            ranks = ranks.copy()
            ranks[own[np.isin(places[own], list(reaching))]] = 1
    return ranks


def _decides(given: Sections, places: Ints, item: Ints) -> Bools:
    """Tell of each mean whether its item takes part in the class of its section."""
    criteria, keys = given.rules.standard.criteria, given.means.keys
    general = np.array([key in criteria and criteria[key].decides_class for key in keys], np.bool_)
    decides: Bools = general[item]
    for place, name in enumerate(given.names):
        allowed = given.rules.listed.get(name)
        if allowed is not None:
            span = slice(int(given.begin[place]), int(given.end[place]))
            decides[span] &= np.array([key in allowed for key in keys])[item[span]]
    return decides


def _reasons(given: Sections, valued: Bools, worst: Ints) -> Ints:
    """Return why there is no class; see `judge.section_class`."""
    versions = given.versions
    unknown = np.array([version is None or version.water_type is None for version in versions], np.bool_)
    absent = np.array([version is None for version in versions], np.bool_) & given.known
    reason = np.full(len(versions), _NONE, np.int64)
    reason[worst == 0] = _REASONS.index(Reason.NO_DATA)
    reason[unknown] = _REASONS.index(Reason.WATER_TYPE_UNKNOWN)
    reason[~valued] = _REASONS.index(Reason.NO_DATA)
    reason[absent] = _REASONS.index(Reason.NOT_VALID_THEN)
    return reason


def _states(given: Sections, reason: Ints, fails: Bools) -> Ints:
    """Return the verdicts against targets of a class; see `judge.attainment`."""
    state = np.where(fails, _STATES.index(State.NOT_ATTAINED), _STATES.index(State.ATTAINED))
    state[reason != _NONE] = _STATES.index(State.NOT_JUDGED)
    without = np.array([target is None for target in given.targets], np.bool_)
    state[without] = _STATES.index(State.NO_TARGET)
    return state


def _unusual(given: Sections, places: Ints, item: Ints) -> Bools:
    """Tell which sections the rules have to judge one by one.

    Where an own limit counts, where a detection limit is above the limit of class Ⅰ, the strictest that it
    could hide, and where a target names no class.
    """
    waters = (None if version is None else version.water_type for version in given.versions)
    rows = np.array([water_row(water_type) for water_type in waters], np.int64)
    row = rows[places] * given.thresholds.rows + item
    unusual = np.array([target is not None and _is_unusual(target) for target in given.targets], np.bool_)
    unusual[places[given.means.detection > given.thresholds.strictest[row]]] = True
    return unusual


def _is_unusual(target: Target) -> bool:
    return bool(target.overrides) or target.target_class is None


def _matrix(given: Sections, places: Ints, item: Ints, chosen: Bools) -> Bools:
    matrix = np.zeros((len(given.names), len(given.means.keys)), np.bool_)
    matrix[places[chosen], item[chosen]] = True
    return matrix


def _sums(places: Ints, counts: Array, decides: Bools, count: int) -> Ints:
    rows = counts.sum(axis=1, dtype=np.int64) * decides
    return np.bincount(places, rows, count).astype(np.int64)


def _most(places: Ints, days: Ints, count: int) -> Ints:
    most = np.zeros(count, np.int64)
    if places.size:
        starts = np.flatnonzero(np.concatenate(([True], places[1:] != places[:-1])))
        most[places[starts]] = np.maximum.reduceat(days, starts)
    return most


def _put(columns: Columns, place: int, result: SectionResult, keys: Sequence[str]) -> None:
    """Write what the rules found into the columns."""
    columns.rank[place] = _NONE if result.rank is None else result.rank
    columns.reason[place] = _NONE if result.reason is None else _REASONS.index(result.reason)
    columns.state[place] = _STATES.index(result.attainment.state)
    for matrix, found in (
        (columns.deciding, result.deciding),
        (columns.listed, result.item_list),
        (columns.failing, result.attainment.failing),
    ):
        matrix[place] = [key in found for key in keys]


def as_table(given: Sections, columns: Columns) -> pa.Table:
    """Return the columns as a table of `RESULTS`."""
    count, keys = len(given.names), given.means.keys
    rules, period = given.rules, given.period
    waters = [
        version.water_type.value if version is not None and version.water_type is not None else None
        for version in given.versions
    ]
    names = [
        version.name if version is not None else name
        for version, name in zip(given.versions, given.names, strict=True)
    ]
    fixed = {
        "kind": period.kind.value,
        "period": period.label,
        "standard": rules.standard.edition,
        "method": rules.method.version,
    }
    arrays: dict[str, pa.Array] = {
        "site": pa.array(given.names, pa.string()),
        "name": pa.array(names, pa.string()),
        "water_type": pa.array(waters, pa.string()),
        "class": _nullable(columns.rank, pa.int32()),
        "reason": _words(columns.reason, [reason.value for reason in _REASONS]),
        "deciding": _joined(columns.deciding, keys),
        "items": _joined(columns.listed, keys),
        "entered": pa.array(columns.entered),
        "total": pa.array(columns.total),
        "target_class": _nullable(columns.target_class, pa.int32()),
        "state": _words(columns.state, [state.value for state in _STATES]),
        "failing": _joined(columns.failing, keys),
        "days": pa.array(columns.days),
    }
    arrays |= {name: pa.repeat(pa.scalar(word, pa.string()), count) for name, word in fixed.items()}
    return pa.table([arrays[field.name] for field in RESULTS], schema=RESULTS)


def _nullable(numbers: Ints, kind: pa.DataType) -> pa.Array:
    return pa.array(numbers, mask=numbers == _NONE).cast(kind)


def _words(places: Ints, words: Sequence[str]) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(places, mask=places == _NONE))


def _joined(matrix: Bools, keys: Sequence[str]) -> pa.Array:
    """Return the items of each row, joined by commas."""
    packed = np.packbits(matrix, axis=1)
    rows = np.ascontiguousarray(packed).view(f"V{packed.shape[1]}").ravel()
    _, first, place = np.unique(rows, return_index=True, return_inverse=True)
    words = [",".join(key for key, there in zip(keys, matrix[row], strict=True) if there) for row in first]
    return pa.array(words, pa.string()).take(pa.array(place.ravel()))
