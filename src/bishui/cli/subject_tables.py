"""``bishui explain --as`` for what stands in tables of its own: load rates, indicators, sign-off, air."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyarrow as pa

from bishui import assessment as ass
from bishui.cli.settings import settings_of
from bishui.cli.tables import must_exist
from bishui.errors import CallError, DataError, Where
from bishui.i18n import Text
from bishui.observations import (
    read_air_days,
    read_indicator_inputs,
    read_plant_days,
    read_sign_off_records,
)
from bishui.standards import Override, Rules, find_indicator, indicators

#: What names every works of a table.
_ALL = ("全部", "all")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which result of a table is to be opened.

    Attributes
    ----------
    path
        The table.
    subject
        Works (or all), indicator, city or point.
    period
        When.
    against
        The target, as printed; None without one.
    override
        A bureau's own settings.
    settings
        Changes of settings as ``NAME=VALUE``.
    """

    path: Path
    subject: str
    period: ass.Period
    against: str | None
    override: Override | None
    settings: tuple[str, ...] = ()

    def rules(self, key: str) -> Rules:
        """Return the rules of a method on the period's last day, with a person's changes."""
        last = self.period.last_day
        return settings_of(self.settings, (key,), last).rules(key, last, self.override)

    @property
    def target(self) -> Decimal | None:
        """The number of the target."""
        return None if self.against is None else decimal_of(self.against)


def open_tabled(how: str, asked: Asked) -> ass.Opened:
    """Open the result of a method whose table holds no measurements of water.

    Raises
    ------
    CallError
        If the file is not there, the period is a moment, or the table says nothing of the subject.
    DataError, UnknownLayout
        If the table is faulty or of another layout.
    """
    must_exist(asked.path)
    if asked.period.kind is ass.PeriodKind.READING:
        raise CallError(
            Text("“{text}”不是一个时段。", text=asked.period.label),
            remedy=Text("请写一日或更长的时段，如 2024-06-01、2024-06、2024。"),
        )
    return ass.open_result(TABLED[how](asked), None)


def _load(asked: Asked) -> ass.LoadRates:
    rows = read_plant_days(asked.path).to_pylist()
    names = list(dict.fromkeys(row["plant"] for row in rows))
    wanted = names if asked.subject in _ALL else [name for name in names if name == asked.subject]
    if not wanted:
        raise _not_there(asked, names)
    plants = [ass.Plant(name, name, _capacity(asked.path, name, rows)) for name in wanted]
    return ass.load_rates(
        plants,
        _volumes(asked.path, rows, set(wanted)),
        asked.period,
        target=asked.target,
        chosen=asked.rules("plant"),
    )


def _volumes(path: Path, rows: Iterable[Mapping[str, Any]], wanted: set[str]) -> list[ass.DayVolume]:
    found: dict[tuple[str, date], Mapping[str, Any]] = {}
    for row in rows:
        key = (row["plant"], row["day"])
        if row["plant"] not in wanted:
            continue
        if key in found:
            raise DataError(
                Text("“{name}”{day} 有两行。", name=row["plant"], day=row["day"]),
                remedy=Text("一座厂每天只填一行；另一行是第 {row} 行。", row=found[key]["id"]),
                where=Where(file=path.name, row=int(row["id"])),
            )
        found[key] = row
    return [
        ass.DayVolume(plant, day, _plain(row["volume"]), running=row["running"] != "no")
        for (plant, day), row in found.items()
    ]


def _capacity(path: Path, name: str, rows: Iterable[Mapping[str, Any]]) -> Decimal:
    """Return the capacity of a works; it may stand in one row or in each, and is the same in all."""
    given = [row for row in rows if row["plant"] == name and row["capacity"] is not None]
    different = [row for row in given if row["capacity"] != given[0]["capacity"]]
    if different:
        raise DataError(
            Text("“{name}”的设计规模前后不一致。", name=name),
            remedy=Text("请与第 {row} 行统一；规模有变化时请分时段评价。", row=given[0]["id"]),
            where=Where(file=path.name, row=int(different[0]["id"])),
        )
    if not given or not given[0]["capacity"]:
        raise DataError(
            Text("“{name}”没有设计规模。", name=name),
            remedy=Text("请在“设计规模”一列填写该厂的设计规模（m³/d），至少一行。"),
            where=Where(file=path.name),
        )
    return _plain(given[0]["capacity"]) or Decimal(0)


def _indicator(asked: Asked) -> ass.IndicatorResult:
    table = read_indicator_inputs(asked.path)
    wanted = find_indicator(asked.subject)
    rows = [
        row
        for row in table.to_pylist()
        if row["period"] is None or ass.Period.parse(row["period"]) == asked.period
    ]
    here = [row for row in rows if row["indicator"] == wanted.key]
    if not here:
        held = dict.fromkeys(str(indicators()[row["indicator"]].name) for row in rows)
        raise _not_there(asked, list(held))
    objects = list(dict.fromkeys(row["of"] or "" for row in here if wanted.inputs[row["input"]].each))
    by_key: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in here:
        of = row["of"] or "" if wanted.inputs[row["input"]].each else ""
        entries = by_key.setdefault(row["input"], {})
        if of in entries:
            raise DataError(
                Text("“{name}”写了两次。", name=wanted.inputs[row["input"]].name),
                remedy=Text("另一行是第 {row} 行；逐厂、逐区的数请用“对象”一列区分。", row=entries[of]["id"]),
                where=Where(file=asked.path.name, row=int(row["id"])),
            )
        entries[of] = row
    given = {
        key: [_amount(entries.get(of), of) for of in objects]
        if wanted.inputs[key].each
        else _amount(entries[""], "")
        for key, entries in by_key.items()
    }
    last = asked.period.last_day
    return ass.indicator_value(wanted.key, given, last, target=asked.target, chosen=asked.rules("indicators"))


def _amount(row: Mapping[str, Any] | None, of: str) -> ass.Amount:
    """Return an input of a row; one that is not there is not known."""
    if row is None:
        return ass.Amount(None, of=of)
    source = row["source"] or str(Text("第 {row} 行", row=row["id"]))
    return ass.Amount(_plain(row["value"]), row["unit"], of or row["of"] or "", source)


def _air(asked: Asked) -> ass.AirDay | ass.AirPeriod:
    table = read_air_days(asked.path)
    places = [place for place in dict.fromkeys(table["place"].to_pylist()) if place is not None]
    if places and asked.subject not in places:
        raise _not_there(asked, places)
    chosen = asked.rules("air") if asked.override is not None or asked.settings else None
    try:
        found = ass.air_period(table, asked.subject, asked.period, chosen=chosen)
    except DataError as fault:
        raise DataError(
            fault.what, remedy=fault.remedy, where=Where(file=asked.path.name, row=fault.where.row)
        ) from fault
    return found.days[0] if asked.period.kind is ass.PeriodKind.DAY else found


#: Methods whose TABLE is of a layout of its own, by their word on the command line.
TABLED: Mapping[str, Callable[[Asked], Any]] = {
    "load": _load,
    "indicator": _indicator,
    "air": _air,
}


def sign_off_of(
    body: ass.Body,
    *,
    stage: str,
    tables: tuple[pa.Table, pa.Table | None],
    records: Path,
    period: ass.Period,
    override: Override | None,
) -> ass.SignOff:
    """Test a stage of a body's sign-off by the samples and the table of its papers.

    Parameters
    ----------
    body
        With its points.
    stage
        ``first`` or ``second``, or the words 初见成效, 长制久清.
    tables
        Measurements and flags.
    records
        File of `observations.SIGN_OFF_RECORDS`.
    period, override
        As for `assessment.sign_off`.
    """
    must_exist(records)
    rows = [row for row in read_sign_off_records(records).to_pylist() if row["body"] in (body.id, body.name)]
    surveys = [
        ass.Survey(row["day"], row["answers"], row["satisfied"], row["document"])
        for row in rows
        if row["record"] == "survey"
    ]
    papers = [
        ass.Record(row["record"], row["day"], row["document"]) for row in rows if row["record"] != "survey"
    ]
    measurements, flags = tables
    return ass.sign_off(
        body,
        _stage(stage),
        measurements,
        period,
        surveys=surveys,
        records=papers,
        flags=flags,
        override=override,
    )


def _stage(text: str) -> ass.Stage:
    for stage in ass.Stage:
        if text in (stage.value, stage.text.render("zh-hans"), stage.text.render("en")):
            return stage
    raise CallError(
        Text("“{text}”不是销号阶段。", text=text),
        remedy=Text("请写 {words}。", words="、".join(stage.text.render("zh-hans") for stage in ass.Stage)),
    )


def _plain(value: Decimal | None) -> Decimal | None:
    """Return a number without the zeros behind it that a column of decimals adds."""
    if value is None:
        return None
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _not_there(asked: Asked, names: Iterable[str]) -> CallError:
    return CallError(
        Text("表里没有“{name}”在 {period} 的数据。", name=asked.subject, period=asked.period.label),
        remedy=Text("表里有：{names}。", names="、".join(names) or "—"),
        where=Where(file=asked.path.name),
    )


def decimal_of(text: str) -> Decimal:
    """Return the number of a text; raises `CallError` if it is none."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise CallError(Text("“{text}”不是数。", text=text), remedy=Text("请写成 12.5 的形式。"))
    return found
