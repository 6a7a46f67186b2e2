"""Case files of capacities: each model by its name, and the two design flows of a series of monthly means."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.network.capacity import MODELS, capacity, driest_month_flow, lowest_recent_month
from bishui.network.worked_cases.figures import close, inputs_of, number, number_in
from bishui.verification import Case, Check, Layout, Outcome, read_cases, register_layout

TOLERANCE = 1e-12
_MODEL, _EXPECTED, _UNIT = "model", "expected", "unit"
_MONTHLY = frozenset({"year", "month", "mean_flow_m3_s"})

#: What the name of a model in a file must contain, all words, for the model of ours; the first that fits.
_WORDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("river", "0d"), "river_0d"),
    (("1d", "standard"), "river_1d_standard"),
    (("1d", "mid"), "river_1d_middle"),
    (("1d", "top"), "river_1d_top"),
    (("1d", "control"), "river_1d_control"),
    (("1d", "uniform"), "river_1d_spread"),
    (("1d", "even"), "river_1d_spread"),
    (("2d",), "river_2d_bank"),
    (("estuary", "down"), "estuary_downstream"),
    (("estuary",), "estuary_upstream"),
    (("lake", "static"), "lake_stock"),
    (("lake", "stock"), "lake_stock"),
    (("non", "uniform"), "lake_spread"),
    (("not", "mixed"), "lake_spread"),
    (("lake", "steady"), "lake_mixed"),
    (("lake", "mixed"), "lake_mixed"),
    (("dillon",), "lake_dillon"),
    (("oecd",), "lake_oecd"),
    (("vollenweider",), "lake_vollenweider"),
    (("hetian",), "lake_hetian"),
    (("合田健",), "lake_hetian"),
    (("reservoir",), "reservoir_practice"),
)


def _model(case: Case) -> str:
    """Return the model that a file names, in words before the colon, or by its key."""
    text = case.get(_MODEL)
    if text in MODELS:
        return text
    said = re.sub(r"[-_,]", " ", text.partition(":")[0].lower().replace("-d", "d"))
    for words, key in _WORDS:
        if all(word in said for word in words):
            if key == "lake_dillon" and "g/(m2" in case.get(_UNIT):
                return "lake_dillon_area"
            return key
    raise DataError(
        Text("不认识模型“{text}”。", text=text),
        remedy=Text("可用的模型：{names}。", names="、".join(MODELS)),
        where=Where(line=case.line, column=_MODEL),
    )


def _head(header: Sequence[str], start: str) -> str:
    return next(head for head in header if head.startswith(start))


def _capacity(case: Case, header: Sequence[str]) -> Iterable[Check]:
    """Compute one model, in g/s (or its own unit) and in t/a."""
    key, inputs = _model(case), _head(header, "inputs")
    given = {
        name: number_in(text, case, inputs)
        for name, text in inputs_of(case.get(inputs), case, inputs).items()
    }
    if key == "estuary_upstream" and given.get("x", 0.0) > 0 and "up" not in case.get(_MODEL).lower():
        key = "estuary_downstream"
    model = MODELS[key]
    used = {name: abs(given[name]) for name in (*model.needs, *model.optional) if name in given}
    result = capacity(key, used)
    name = f"{case.get('case')} {key}"
    yield close(case, name, _EXPECTED, number(case, _EXPECTED), result.value, relative=TOLERANCE)
    for head in header:
        if head.startswith("t_per_a") and case.get(head) and result.tonnes_per_year is not None:
            yield close(case, name, head, number(case, head), result.tonnes_per_year, relative=TOLERANCE)


def _never(_case: Case, _header: Sequence[str]) -> Iterable[Check]:
    return ()


def _exact(text: str, case: Case, head: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise DataError(
            Text("“{text}”不是数。", text=text),
            remedy=Text("请填写数字。"),
            where=Where(line=case.line, column=head),
        )
    return value


def _monthly_beside(path: Path) -> Mapping[tuple[int, int], Decimal]:
    """Return the monthly means of the file beside that has their header."""
    for other in sorted(path.parent.glob("*.csv")):
        with other.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            first = next(csv.reader(line for line in stream if line.strip() and line[0] != "#"), [])
        if _MONTHLY.issubset(head.strip() for head in first):
            _header, cases = read_cases(other)
            return {
                (int(number(case, "year")), int(number(case, "month"))): _exact(
                    case.get("mean_flow_m3_s"), case, "mean_flow_m3_s"
                )
                for case in cases
            }
    raise DataError(
        Text("旁边没有月平均流量文件。"),
        remedy=Text("请把表头含 {heads} 的文件放在同一文件夹。", heads="、".join(sorted(_MONTHLY))),
        where=Where(file=str(path)),
    )


def _design_flows(path: Path, cases: Sequence[Case], _header: Sequence[str]) -> Iterable[Check]:
    """Compute both design flows from the monthly means beside the file; they are exact."""
    flows = _monthly_beside(path)
    for case in cases:
        quantity = case.get("quantity")
        guaranteed = "90%" in quantity or "exceedance" in quantity
        flow = driest_month_flow(flows) if guaranteed else lowest_recent_month(flows)
        expected = case.get("value_m3_s")
        same = Fraction(_exact(expected, case, "value_m3_s")) == flow.value
        yield Check(
            case.line,
            flow.method,
            quantity,
            expected,
            str(Decimal(flow.value.numerator) / Decimal(flow.value.denominator)),
            Outcome.OK if same else Outcome.DIFFERENT,
            Text("{count} 个完整年，{place}", count=len(flow.years), place=flow.place),
        )


def _monthly_is_input(_path: Path, cases: Sequence[Case], _header: Sequence[str]) -> Iterable[Check]:
    note = Text("设计流量的输入，{count} 个月", count=len(cases))
    yield Check(0, "", "mean_flow_m3_s", "", "", Outcome.INPUT, note)


register_layout(Layout("capacity", frozenset({"case", _MODEL, _EXPECTED, _UNIT}), _capacity))
register_layout(Layout("design-flow", frozenset({"quantity", "value_m3_s"}), _never, whole=_design_flows))
register_layout(Layout("design-flow-monthly", _MONTHLY, _never, whole=_monthly_is_input))
