"""Instant re-assessment: a city kept in memory, and what a change would move before it is saved.

A model is built once from the four tables. A change of a limit, a target, a flag or a setting then renews
only the days, months and years that it touches, by the kernels of `assess` and with its answers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment.overrides import Overrides, override_on
from bishui.assessment.periods import Period
from bishui.assessment.register import Register, Target, read_targets
from bishui.assessment.rows import prepare
from bishui.assessment.whatif.cells import Goals, Places
from bishui.assessment.whatif.changes import (
    FlagChange,
    ItemsChange,
    LimitChange,
    OverrideChange,
    setting_value,
)
from bishui.assessment.whatif.compare import difference, standing
from bishui.assessment.whatif.difference import Difference, Standing
from bishui.assessment.whatif.levels import MEANS_SETTINGS, Level, Renewed, averaged_by, flagged, means_key
from bishui.assessment.whatif.ruled import Ruled
from bishui.assessment.whatif.state import LevelKey, State, judged, law_of, periods_of, put, rejudged
from bishui.errors import CallError, DataError
from bishui.i18n import Text
from bishui.observations.schema import FLAGS
from bishui.standards import Method, Range
from bishui.standards import method as method_on

Bools = npt.NDArray[np.bool_]
Single = LimitChange | ItemsChange | OverrideChange | Target | FlagChange | Mapping[str, Any]
#: One change; or several targets, or several flags, that are saved together.
TriedChange = Single | tuple[Target, ...] | tuple[FlagChange, ...]
#: What may stand for a result below its detection limit.
_SUBSTITUTES = ("half", "zero", "limit")


class CityModel:
    """A city in memory: sections by month and year, rates and ranks.

    Build it once with `build` and keep it; `change` never alters it, `with_change` returns the model after
    a change that was saved.
    """

    def __init__(self, places: Places, state: State) -> None:
        self._places = places
        self._state = state
        self._renewed: dict[tuple[LevelKey, LevelKey], Renewed] = {}
        self._site = {site: place for place, site in enumerate(places.sites)}
        self._period = {period: place for place, period in enumerate(places.periods)}

    def _prepared(self) -> CityModel:
        """Average by each rule for results below detection ahead; such a change touches most of a city."""
        for method in self._state.methods:
            for rule in _SUBSTITUTES:
                self._average(means_key(method), method.with_settings(below_detection_concentration=rule))
        return self

    def _average(self, key: LevelKey, method: Method) -> Renewed:
        """Return the months of a level by another method; those by the rules below detection are kept."""
        level, wanted = self._state.levels[key], (key, means_key(method))
        if wanted in self._renewed:
            return self._renewed[wanted]
        renewed = averaged_by(level, method)
        settings = {name: getattr(level.method, name) for name in MEANS_SETTINGS}
        settings["below_detection_concentration"] = method.below_detection_concentration
        if wanted[1] == tuple(settings.values()):
            self._renewed[wanted] = renewed
        return renewed

    @classmethod
    def build(
        cls,
        measurements: pa.Table,
        sites: pa.Table | None = None,
        targets: pa.Table | None = None,
        flags: pa.Table | None = None,
        *,
        methods: Method | None = None,
        override: Overrides | None = None,
    ) -> CityModel:
        """Average and judge everything once.

        Parameters
        ----------
        measurements, sites, targets, flags
            The tables of `assess`.
        methods
            How to judge; without it each period takes the edition in force on its last day.
        override
            A bureau's own limits and settings, as `assess` takes them.

        Raises
        ------
        DataError
            If a table lacks a column, holds a word or a number that cannot be used, or has no row.
        """
        if not measurements.num_rows:
            raise DataError(Text("测量表没有数据行。"), remedy=Text("请先导入监测数据。"))
        register = Register(sites)
        latest = pc.max(measurements["time"]).as_py().date()
        first = methods or method_on(latest, override_on(override, latest))
        rows = prepare(measurements, None, first.source_priority, register.aliases)
        level = Level.build(rows, flags, first)
        periods = periods_of(level)
        ruled = Ruled.on(periods, override, methods)
        levels = {means_key(first): level}
        for method in ruled.methods:
            if means_key(method) not in levels:
                levels[means_key(method)] = level.rebuilt(flags, method)
        places = Places.of(sorted(set(rows.sites) | set(register.ids)), periods, register)
        state = judged(
            places,
            levels=levels,
            flags=tuple(flags.to_pylist()) if flags is not None else (),
            targets=read_targets(targets, register.aliases),
            methods=ruled.methods,
            standards=ruled.standards,
            indexed=ruled.indexed,
        )
        return cls(places, state)._prepared()

    @property
    def periods(self) -> tuple[Period, ...]:
        """Every month and year that the data touch."""
        return self._places.periods

    @property
    def sites(self) -> tuple[str, ...]:
        """Every site of the register or the data."""
        return self._places.sites

    def targets(self, site: str) -> tuple[Target, ...]:
        """Return the targets of a site, that of the shortest period first."""
        return tuple(self._state.targets.get(site, ()))

    def covers(self, period: Period) -> bool:
        """Tell whether the data touch a month or year."""
        return period in self._period

    def standing(self, site: str, period: Period) -> Standing:
        """Return class and verdicts of a site in a month or year.

        Raises
        ------
        CallError
            If the model has no such site or period.
        """
        if site not in self._site or period not in self._period:
            raise CallError(
                Text("模型里没有点位“{site}”的 {period}。", site=site, period=period.label),
                remedy=Text("请选择模型里的点位，以及有数据的月份或年份。"),
            )
        place = self._site[site] * len(self._period) + self._period[period]
        return standing(self._state.verdicts, place)

    def change(
        self,
        *,
        limit: LimitChange | None = None,
        target: Target | tuple[Target, ...] | None = None,
        flag: FlagChange | tuple[FlagChange, ...] | None = None,
        below_detection: str | None = None,
        setting: Mapping[str, Any] | None = None,
        items: ItemsChange | None = None,
        override: OverrideChange | None = None,
    ) -> Difference:
        """Tell what one change would move; the model stays as it is.

        Parameters
        ----------
        limit
            Another limit, in every edition that sets one.
        target
            A target, or several at once; one of the same id is replaced.
        flag
            A flag that is set or taken back, or several at once.
        below_detection
            What stands for a result below detection: ``half``, ``zero``, ``limit``.
        setting
            Settings of the method by name, as in `bishui.standards.method`.
        items
            Another list of the items that decide the class.
        override
            A bureau's own limits and settings in the place of those in use.

        Raises
        ------
        CallError
            If not exactly one change is given, or it names something that does not exist.
        """
        if below_detection is not None:
            setting = {"below_detection_concentration": below_detection} | dict(setting or {})
        every: tuple[TriedChange | None, ...] = (limit, target, flag, setting, items, override)
        given = [entry for entry in every if entry is not None]
        if len(given) != 1:
            raise CallError(
                Text("一次只能试算一项变动，这里有 {count} 项。", count=len(given)),
                remedy=Text("请给出限值、目标、标识、未检出规则、设置、项目清单或本级覆盖中的一项。"),
            )
        return self.moved_by(given[0])

    def moved_by(self, change: TriedChange) -> Difference:
        """Tell what one change would move, whatever kind it is of; a mapping holds settings."""
        state, touched = self._after(change)
        return difference(self._places, self._state, state, touched, described(change))

    def with_change(self, change: TriedChange) -> CityModel:
        """Return the model after a change that was saved; a mapping holds settings.

        The means that the change touches are kept anew, so that further changes start from them.
        """
        state, _ = self._after(change)
        if _keeps_means(change):
            model = CityModel(self._places, state)
            model._renewed = self._renewed
            return model
        flags = pa.Table.from_pylist([dict(row) for row in state.flags], schema=FLAGS)
        by_key = {means_key(method): method for method in state.methods}
        some = next(iter(self._state.levels.values()))
        levels = {key: some.rebuilt(flags, method) for key, method in by_key.items()}
        return CityModel(self._places, dataclasses.replace(state, levels=levels))._prepared()

    def _after(self, change: TriedChange) -> tuple[State, Bools]:
        if isinstance(change, LimitChange):
            return self._limited(change)
        if isinstance(change, ItemsChange):
            return self._listed(change)
        if isinstance(change, OverrideChange):
            return self._ruled(Ruled.on(self._places.periods, change.override))
        if isinstance(change, Mapping):
            return self._ruled(Ruled.of(self._state).with_settings(change))
        several = change if isinstance(change, tuple) else (change,)
        targets = tuple(entry for entry in several if isinstance(entry, Target))
        flags = tuple(entry for entry in several if isinstance(entry, FlagChange))
        return self._aimed(targets) if targets else self._flagged(flags)

    def _nothing(self) -> Bools:
        return np.zeros(self._places.water_type.size, bool)

    def _limited(self, change: LimitChange) -> tuple[State, Bools]:
        state, touched = self._state, self._nothing()
        changed = {entry.edition: change.applied(entry) for entry in state.standards}
        standards = tuple(changed[entry.edition] for entry in state.standards)
        touched[state.cells.place[state.cells.item == state.law.keys.index(change.item)]] = True
        law = law_of(standards, state.methods, state.law.keys, state.listed)
        reference = {chosen["reference_class"] for chosen in state.indexed}
        after = dataclasses.replace(state, standards=standards, law=law, goals=state.goals.under(law))
        indices = isinstance(change.value, Range) or change.rank in reference
        return rejudged(self._places, after, touched, indices=indices), touched

    def _listed(self, change: ItemsChange) -> tuple[State, Bools]:
        state, touched = self._state, self._nothing()
        if unknown := sorted(change.items - set(state.standards[-1].deciding_items)):
            raise CallError(
                Text("“{items}”不是决定类别的项目。", items="、".join(unknown)),
                remedy=Text("请从标准中参与评价的项目里选择。"),
            )
        law = law_of(state.standards, state.methods, state.law.keys, change.items)
        differ = (law.decides != state.law.decides)[law.of_period[state.cells.period], state.cells.item]
        touched[state.cells.place[differ]] = True
        after = dataclasses.replace(state, listed=change.items, law=law, goals=state.goals.under(law))
        return rejudged(self._places, after, touched, indices=False), touched

    def _aimed(self, changes: tuple[Target, ...]) -> tuple[State, Bools]:
        state, places = self._state, self._places
        targets = {
            site: [entry for entry in entries if entry.id not in {change.id for change in changes}]
            for site, entries in state.targets.items()
        }
        for change in changes:
            targets.setdefault(change.site, []).append(change)
        for entries in targets.values():
            entries.sort(key=lambda entry: (entry.period_to - entry.period_from, entry.id))
        touched = self._nothing().reshape(places.water_type.shape)
        for s, site in enumerate(places.sites):
            touched[s] = targets.get(site, []) != list(state.targets.get(site, ()))
        goals = Goals(targets, places, state.law)
        after = dataclasses.replace(state, targets=targets, goals=goals)
        return rejudged(places, after, touched.ravel(), indices=False), touched.ravel()

    def _flagged(self, changes: tuple[FlagChange, ...]) -> tuple[State, Bools]:
        state, touched = self._state, self._nothing()
        known = {row["id"] for row in state.flags}
        for change in changes:
            _check_flag(change, known)
        ids = {change.id for change in changes}
        kept = (row for row in state.flags if row["id"] not in ids)
        flags = (*kept, *(change.row for change in changes if not change.remove))
        extents = [self._extent(change) for change in changes]
        cells = state.cells
        for key, level in state.levels.items():
            renewed = flagged(level, extents, flags)
            cells, places = put(cells, renewed, state.uses(key), level.months.unit.size)
            touched[places] = True
        after = dataclasses.replace(state, flags=flags, cells=cells)
        return rejudged(self._places, after, touched), touched

    def _extent(self, change: FlagChange) -> FlagChange:
        """Return the flag as it was set, where it is taken back."""
        if not change.remove:
            return change
        row = next(row for row in self._state.flags if row["id"] == change.id)
        names = ("site", "item", "time_from", "time_to", "flag")
        return dataclasses.replace(change, **{name: row[name] for name in names})

    def _ruled(self, ruled: Ruled) -> tuple[State, Bools]:
        """Judge by other methods, limits or rules of indices; only the periods that they differ in."""
        state = self._state
        pairs = list(zip(state.methods, ruled.methods, strict=True))
        before = Ruled.of(state)
        differ = np.array([before.judging(p) != ruled.judging(p) for p in range(len(pairs))], bool)
        touched = np.tile(differ, len(self._places.sites))
        cells = state.cells
        for key, method in {(means_key(old), means_key(new)): new for old, new in pairs}.items():
            if key[0] == key[1]:
                continue
            level = state.levels[key[0]]
            uses = np.array([(means_key(old), means_key(new)) == key for old, new in pairs], bool)
            cells, places = put(cells, self._average(key[0], method), uses, level.months.unit.size)
            touched[places] = True
        law = law_of(ruled.standards, ruled.methods, state.law.keys, state.listed)
        after = dataclasses.replace(
            state,
            methods=ruled.methods,
            standards=ruled.standards,
            indexed=ruled.indexed,
            cells=cells,
            law=law,
            goals=state.goals.under(law),
        )
        indices = cells is not state.cells or before.indexing() != ruled.indexing()
        return rejudged(self._places, after, touched, indices=indices), touched


def _keeps_means(change: TriedChange) -> bool:
    """Tell whether a change only judges the means that there are."""
    first = change[0] if isinstance(change, tuple) else change
    return isinstance(first, LimitChange | ItemsChange | Target)


def _check_flag(change: FlagChange, known: set[str]) -> None:
    if (change.id in known) != change.remove:
        raise CallError(
            Text("没有编号为“{id}”的标识。", id=change.id)
            if change.remove
            else Text("已有编号为“{id}”的标识。", id=change.id),
            remedy=Text("请核对标识的编号；要改动一个标识，先撤销再设新的。"),
        )


def described(change: TriedChange) -> dict[str, Any]:
    """Return a change as JSON."""
    if isinstance(change, tuple):
        return {"kind": "several", "changes": [described(entry) for entry in change]}
    if isinstance(change, LimitChange | FlagChange | ItemsChange | OverrideChange):
        return change.as_dict()
    if isinstance(change, Target):
        overrides = {item: str(limit) for item, limit in change.overrides.items()}
        return {
            "kind": "target",
            "id": change.id,
            "site": change.site,
            "target_class": change.target_class,
            "overrides": overrides,
            "period_from": change.period_from.isoformat(),
            "period_to": change.period_to.isoformat(),
        }
    settings = {name: setting_value(value) for name, value in change.items()}
    return {"kind": "setting", "settings": settings}
