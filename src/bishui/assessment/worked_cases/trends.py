"""Case files of trend tests, and the series that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from bishui.assessment.trends.series import Series
from bishui.assessment.trends.series_files import TIME, not_a_series, series_file
from bishui.assessment.trends.trend import Course, mann_kendall_trend, seasonal_kendall_trend, spearman_trend
from bishui.assessment.worked_cases.cells import plain
from bishui.errors import DataError, UnreadableFile, Where
from bishui.i18n import Text
from bishui.standards import Rules, rules
from bishui.verification import (
    Case,
    Check,
    Layout,
    Outcome,
    compare,
    read_cases,
    register_layout,
)

_NO_VALUE = frozenset({"", "-", "--", "—", "nan", "na", "none"})
#: What one minus a probability near one loses in double precision.
_NOISE = Decimal("1e-15")
_COURSES = {
    Course.NO_TREND: ("no trend", "not significant", "no significant", "无显著", "平稳"),
    Course.RISING: ("increas", "upward", "rising", "上升"),
    Course.FALLING: ("decreas", "downward", "falling", "下降"),
}


def _spearman(series: Series, chosen: Rules) -> tuple[Course, dict[str, float | None]]:
    found = spearman_trend(series, chosen)
    critical = None if found.critical is None else float(found.critical)
    return found.course, {"rs": found.coefficient, "critical": critical}


def _kendall(series: Series, chosen: Rules) -> tuple[Course, dict[str, float | None]]:
    found = mann_kendall_trend(series, chosen)
    return found.course, _numbers(found.as_dict())


def _hamed_rao(series: Series, chosen: Rules) -> tuple[Course, dict[str, float | None]]:
    return _kendall(series, chosen.with_settings(serial_correlation="hamed_rao"))


def _seasonal(series: Series, chosen: Rules) -> tuple[Course, dict[str, float | None]]:
    found = seasonal_kendall_trend(series, chosen)
    return found.course, _numbers(found.as_dict())


def _numbers(found: Mapping[str, float | None]) -> dict[str, float | None]:
    names = {"S": "S", "var_S": "var_S", "Z": "Z", "p": "p", "Tau": "tau", "slope": "slope"}
    return {head: found[key] for head, key in names.items()}


_TESTS: dict[str, Callable[[Series, Rules], tuple[Course, dict[str, float | None]]]] = {
    "spearman_daniel": _spearman,
    "mann_kendall": _kendall,
    "hamed_rao": _hamed_rao,
    "seasonal_mann_kendall": _seasonal,
}
_NUMBER_HEADS = ("S", "var_S", "Z", "p", "Tau", "slope", "rs", "critical")


def _trend(case: Case, _header: Sequence[str]) -> Iterable[Check]:
    test = _TESTS.get(case.get("test"))
    name = f"{case.get('series')} {case.get('test')}"
    if test is None:
        raise DataError(
            Text("不认识的检验“{test}”。", test=case.get("test")),
            remedy=Text("可用的检验：{tests}。", tests="、".join(_TESTS)),
            where=Where(line=case.line, column="test"),
        )
    # A case file says what its tests need: their published results do not ask for a number of years.
    chosen = rules("trend", date.today(), seasonal_least_years=1, least_periods=2)
    course, numbers = test(_series(case), chosen)
    if case.get("expected_trend"):
        expected = _course(case)
        note = Text("{words} 即 {course}", words=case.get("expected_trend"), course=expected.value)
        yield compare(case, name, "expected_trend", expected=expected.value, got=course.value, note=note)
    tolerance = _number(case, "tolerance") if case.get("tolerance") else None
    for head in _NUMBER_HEADS:
        if case.get(head):
            yield _same_number(case, name, head, numbers.get(head), tolerance)


def _course(case: Case) -> Course:
    """Read the word of a verdict, as test programs and bulletins write it."""
    word = case.get("expected_trend").casefold()
    for course, words in _COURSES.items():
        if any(known in word for known in words):
            return course
    raise DataError(
        Text("不认识的趋势“{given}”。", given=case.get("expected_trend")),
        remedy=Text("请写 increasing（上升）、decreasing（下降）或 no trend（无显著趋势）。"),
        where=Where(line=case.line, column="expected_trend"),
    )


def _same_number(case: Case, name: str, head: str, got: float | None, tolerance: Decimal | None) -> Check:
    expected = _number(case, head)
    if got is None:
        note = Text("该检验没有这个结果。")
        return Check(case.line, name, head, str(expected), "—", Outcome.NOT_CHECKABLE, note)
    allowed = _allowed(expected, tolerance)
    near = abs(Decimal(got) - expected) <= allowed
    note = Text("容差 {allowed}", allowed=f"{allowed:.3g}")
    outcome = Outcome.OK if near else Outcome.DIFFERENT
    return Check(case.line, name, head, case.get(head), f"{got:.9g}", outcome, note)


def _allowed(expected: Decimal, tolerance: Decimal | None) -> Decimal:
    """Return the difference that is allowed: the tolerance, of numbers below it the same share of them.

    A probability of 1e-11 is not confirmed by anything below 1e-5; but half a unit of the last printed digit
    is never too much, and is all that is allowed without a tolerance.
    """
    half_unit = Decimal(5).scaleb(int(expected.as_tuple().exponent) - 1)
    if tolerance is None:
        return half_unit
    if abs(expected) >= tolerance:
        return tolerance
    return min(tolerance, max(tolerance * abs(expected), half_unit, _NOISE))


def _number(case: Case, head: str) -> Decimal:
    number = _decimal(case.get(head))
    if number is None:
        raise DataError(
            Text("“{text}”不是数。", text=case.get(head)), where=Where(line=case.line, column=head)
        )
    return number


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(plain(text))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _series(case: Case) -> Series:
    """Return the series of a row: its own values, or the file beside the case file that it names."""
    name, values = case.get("series"), case.get("values")
    if values:
        return Series.of([_value(text, case) for text in values.split()], name=name)
    path = case.folder / name
    if not name or path.name != name or not path.is_file():
        raise DataError(
            Text("找不到序列文件“{name}”。", name=name),
            remedy=Text("请在“values”列写出数值，或把序列文件放在算例文件旁边。"),
            where=Where(line=case.line, column="series"),
        )
    return series_file(path)


def _value(text: str, case: Case) -> Decimal | None:
    if text.casefold() in _NO_VALUE:
        return None
    number = _decimal(text)
    if number is None:
        raise DataError(
            Text("“{text}”不是数。", text=text),
            remedy=Text("数值之间用空格分开；缺测写作 --。"),
            where=Where(line=case.line, column="values"),
        )
    return number


def _used_by(path: Path, cases: Sequence[Case], header: Sequence[str]) -> Iterable[Check]:
    """Say which case file beside a series uses it; a series that none names cannot be checked."""
    series_file(path)
    users = [
        (other, case.line)
        for other in sorted(path.parent.glob("*.csv"))
        for case in _trend_cases(other)
        if case.get("series") == path.name and not case.get("values")
    ]
    what, first = "、".join(header), cases[0].line if cases else 1
    for other, line in users:
        note = Text("数据文件：由 {other} 第 {line} 行引用，在那里核对。", other=other.name, line=line)
        yield Check(first, path.name, what, "", "", Outcome.INPUT, note)
    if not users:
        note = Text("这是一个数据序列，旁边没有算例文件引用它，无从核对。")
        yield Check(first, path.name, what, "", "", Outcome.NOT_CHECKABLE, note)


def _trend_cases(path: Path) -> Sequence[Case]:
    try:
        header, cases = read_cases(path)
    except UnreadableFile:
        return ()
    return cases if TREND.needs <= set(header) else ()


TREND = Layout("trend-expected", frozenset({"series", "values", "test", "expected_trend"}), _trend)
SERIES = Layout("series", frozenset(TIME), lambda _case, _header: (), not_a_series, _used_by)

for _layout in (TREND, SERIES):
    register_layout(_layout)
