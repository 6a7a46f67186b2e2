"""What an opened result is made of, and the one way to open any result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import singledispatch
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment.periods import Period
from bishui.assessment.row_words import source_text, use_text
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.observations.schema import TIME_TYPE
from bishui.standards import Method, Rules, Setting, methods


class Behind(Protocol):
    """What chooses the rows behind a number; a `SiteMean` does."""

    @property
    def site(self) -> str:
        """Site id."""

    @property
    def item(self) -> str:
        """Item key."""

    @property
    def period(self) -> Period:
        """When."""


@dataclass(frozen=True, slots=True)
class RowsBehind:
    """The rows of one site and item in one period."""

    site: str
    item: str
    period: Period


@dataclass(frozen=True, slots=True)
class OpenedStep:
    """One step from the rows to the result.

    Attributes
    ----------
    name, text
        What is done, and with which numbers it comes to what.
    formula
        The arithmetic, empty where nothing is computed.
    clause
        Document and clause, empty where none is applied.
    behind
        Which rows it rests on; None where it rests on the steps before it.
    """

    name: Text
    text: Text
    formula: str = ""
    clause: str = ""
    behind: Behind | None = None

    def lines(self) -> Iterator[str]:
        """Yield the step as text in the language in use."""
        parts = [str(self.name), str(self.text)]
        yield "：".join(part for part in parts if part)
        if self.formula:
            yield f"    {self.formula}"
        if self.clause:
            clause = Text("依据 {clause}", clause=self.clause)
            yield f"    {clause}"


@dataclass(frozen=True, slots=True)
class Opened:
    """A result opened down to its rows.

    Attributes
    ----------
    title
        What was opened.
    steps
        From the rows to the result.
    rules
        Version of the rules that made it.
    result
        The result itself.
    measurements
        The table that it was made from; without it the steps name their rows and do not show them.
    used
        The rules or the method themselves; None where only their version is known.
    """

    title: Text
    steps: tuple[OpenedStep, ...]
    rules: str
    result: Any
    measurements: pa.Table | None = None
    used: Rules | Method | None = None

    @property
    def settings(self) -> Mapping[str, Mapping[str, Any]]:
        """Every setting by name with value, source and certainty; empty where only the version is known."""
        return {} if self.used is None else self.used.as_dict()["settings"]

    def rows(self, step: OpenedStep) -> pa.Table | None:
        """Return the rows that a step rests on, with those that did not enter it; None where it has none."""
        if step.behind is None or self.measurements is None:
            return None
        return _rows(self.measurements, step.behind)

    def lines(self) -> Iterator[str]:
        """Yield the whole as text: title, steps with their rows, rules."""
        yield str(self.title)
        for step in self.steps:
            yield from step.lines()
            table = self.rows(step)
            for row in table.to_pylist() if table is not None else ():
                yield f"    {_row_text(row)}"
        yield str(Text("评价办法：{version}", version=self.rules))
        for setting in _settings(self.used):
            yield f"    {_setting_text(setting)}"

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form: the result, and each step with its rows."""
        return {
            "title": self.title.both(),
            "steps": [self._step(step) for step in self.steps],
            "rules": self.rules,
            "settings": self.settings,
            "result": self.result.as_dict(),
        }

    def _step(self, step: OpenedStep) -> dict[str, Any]:
        table = self.rows(step)
        behind = step.behind
        chosen = behind and {"site": behind.site, "item": behind.item, "period": behind.period.label}
        return {
            "name": step.name.both(),
            "text": step.text.both(),
            "formula": step.formula or None,
            "clause": step.clause or None,
            "behind": chosen,
            "rows": None if table is None else [_row_dict(row) for row in table.to_pylist()],
        }


@singledispatch
def opened(result: Any) -> tuple[Text, str, Iterator[OpenedStep]]:
    """Return title, version of the rules and steps of a result; each kind registers its own.

    Raises
    ------
    CallError
        If it is no result that can be opened.
    """
    raise CallError(
        Text("“{kind}”不能展开。", kind=type(result).__name__),
        remedy=Text("请给出 assess、assess_zones、ecological_flow 等返回的单个结果。"),
    )


def open_result(result: Any, measurements: pa.Table | None = None, *, method: Method | None = None) -> Opened:
    """Open one result of any method down to its rows and clauses.

    Parameters
    ----------
    result
        One result: of a section, an area, a lake, a zone, a source, a station, a well, a body of water, a
        works, an index, an indicator, a trend; a change, a ranking, a rate, the room left.
    measurements
        The table that the method was given, its sites named by id (`with_ids`).
    method
        How sections were judged, where a person changed it; without it the edition that they name.

    Raises
    ------
    CallError
        If it is no result that can be opened.
    """
    title, version, steps = opened(result)
    used = _rules_of(result) or method or methods().get(version)
    return Opened(title, tuple(steps), version, result, measurements, used)


def _settings(used: Rules | Method | None) -> Iterable[Setting]:
    if used is None:
        return ()
    return used.settings.values() if isinstance(used, Rules) else used.settings


def _setting_text(setting: Setting) -> Text:
    """Return a setting in words: what it is called, its value, where it comes from and how sure that is."""
    return Text(
        "设置 {name} = {value}（{certainty}，{source}）",
        name=Text("{label}（{name}）", label=setting.label, name=setting.name)
        if setting.label
        else setting.name,
        value=_value_text(setting.value),
        certainty=setting.certainty,
        source=setting.source,
    )


def _value_text(value: Any) -> Text | str:
    if isinstance(value, bool):
        return Text("是") if value else Text("否")
    if isinstance(value, tuple | list):
        return "、".join(str(_value_text(entry)) for entry in value) or "—"
    return str(value)


def _rules_of(result: Any) -> Rules | None:
    """Return the rules that a result holds."""
    held = (getattr(result, name, None) for name in ("used", "rules"))
    return next((entry for entry in held if isinstance(entry, Rules)), None)


def _rows(measurements: pa.Table, behind: Behind) -> pa.Table:
    ends = [pa.scalar(moment, TIME_TYPE) for moment in (behind.period.start, behind.period.end)]
    times = measurements["time"].cast(TIME_TYPE)
    inside = pc.and_(pc.greater_equal(times, ends[0]), pc.less_equal(times, ends[1]))
    same = pc.and_(pc.equal(measurements["site"], behind.site), pc.equal(measurements["item"], behind.item))
    return measurements.filter(pc.and_(inside, same)).sort_by("time")


def _row_text(row: dict[str, Any]) -> str:
    given = row["raw"] if row["raw"] is not None else row["value"]
    place = Text("第 {row} 行 ", row=row["row"]) if row["row"] is not None else ""
    value = "—" if given is None else given
    mark = "" if row["mark"] == "measured" else f" ({use_text(row['mark'])})"
    return f"{place}{row['time'].isoformat(' ', 'minutes')} {value}{mark} {source_text(row['source'])}"


def _row_dict(row: dict[str, Any]) -> dict[str, Any]:
    value = row["value"]
    return {
        **{name: row[name] for name in ("import_id", "row", "site", "item", "mark", "unit", "raw", "source")},
        "time": row["time"].isoformat(),
        "value": None if value is None else f"{value.normalize():f}",
    }
