"""Case files of inversion: least squares without negative loads, Gaussian posterior, release windows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from bishui.errors import BishuiError, DataError, Where
from bishui.i18n import Text
from bishui.network.tables import Floats
from bishui.network.tracing import gaussian_posterior, least_squares, non_negative, release_window
from bishui.network.worked_cases.figures import close, matrix_of, number_in, row_of
from bishui.verification import Case, Check, Layout, Outcome, register_layout

TOLERANCE = 1e-9
_HOUR_S = 3600.0
_NUMBER = r"(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
_PRIOR = re.compile(rf"prior N\({_NUMBER},\s*{_NUMBER}\s*I\).*noise variance {_NUMBER}")
_WINDOW = re.compile(
    rf"at {_NUMBER} m above.*seen (\d{{4}}-\d\d-\d\d) (\d\d:\d\d) to (?:(\d{{4}}-\d\d-\d\d) )?(\d\d:\d\d)"
    rf".*velocity {_NUMBER}-{_NUMBER} m/s"
)


def _never(_case: Case, _header: Sequence[str]) -> Iterable[Check]:
    return ()


def _inversions(_path: Path, cases: Sequence[Case], _header: Sequence[str]) -> Iterable[Check]:
    """Answer each row; one without a matrix of its own belongs to the last row of its case that has one."""
    given: dict[str, Case] = {}
    for case in cases:
        if case.get("matrix"):
            given[case.get("case")] = case
        try:
            yield from _checked(case, given.get(case.get("case"), case))
        except BishuiError as fault:
            note = Text("{what}", what=fault)
            expected = case.get("expected")
            yield Check(
                case.line,
                case.get("case"),
                case.get("what"),
                expected,
                "",
                Outcome.NOT_CHECKABLE,
                note,
            )


def _checked(case: Case, given: Case) -> Iterable[Check]:
    """Return one check for each number that the row expects."""
    wanted = [part.split("=")[-1] for part in case.get("expected").split(";")]
    got = _answer(case, given).tolist()
    if len(wanted) != len(got):
        raise _refused(case, Text("应有 {count} 个数，写了 {given} 个", count=len(got), given=len(wanted)))
    expected = [number_in(part.strip(), case, "expected") for part in wanted]
    scale = max(map(abs, expected)) or 1.0
    for place, (one, other) in enumerate(zip(expected, got, strict=True), 1):
        what = case.get("what") if len(got) == 1 else f"{case.get('what')} [{place}]"
        yield close(
            case,
            case.get("case"),
            what,
            one,
            other,
            relative=TOLERANCE,
            absolute=TOLERANCE * scale,
        )


def _answer(case: Case, given: Case) -> Floats:
    what = case.get("what")
    for word, answer in _ANSWERS.items():
        if what.startswith(word):
            return answer(case, given)
    raise _refused(case, Text("不认识要求的量“{what}”", what=what))


def _system(given: Case) -> tuple[Floats, Floats]:
    matrix = np.array(matrix_of(given.get("matrix"), given, "matrix"))
    return matrix, np.array(row_of(given.get("data"), given, "data"))


def _residual(_case: Case, given: Case) -> Floats:
    return np.array([non_negative(*_system(given)).residual])


def _solution(_case: Case, given: Case) -> Floats:
    found = non_negative(*_system(given))
    return np.append(found.loads, found.residual)


def _contrast(_case: Case, given: Case) -> Floats:
    return least_squares(*_system(given))


def _gaussian(given: Case) -> tuple[Floats, Floats]:
    match = _PRIOR.search(given.get("what"))
    if match is None:
        raise _refused(given, Text("没有写明先验与噪声：prior N(均值,方差 I), noise variance 方差"))
    mean, variance, noise = (float(part) for part in match.groups())
    matrix, values = _system(given)
    unit = np.eye(matrix.shape[1])
    return gaussian_posterior(
        matrix, values, mean * np.ones(len(unit)), variance * unit, noise * np.eye(len(values))
    )


def _mean(_case: Case, given: Case) -> Floats:
    return _gaussian(given)[0]


def _covariance(_case: Case, given: Case) -> Floats:
    found = _gaussian(given)[1]
    return found[np.triu_indices(len(found))]


def _window(case: Case, _given: Case) -> Floats:
    """Return earliest and latest release in hours before the exceedance was first seen."""
    match = _WINDOW.search(case.get("what"))
    if match is None:
        raise _refused(case, Text("没有写明距离、超标时段或流速范围"))
    distance, day, begin, last_day, end, slow, fast = match.groups()
    first = datetime.fromisoformat(f"{day} {begin}")
    last = datetime.fromisoformat(f"{last_day or day} {end}")
    if not last_day and last < first:
        last += timedelta(days=1)
    seen = (0.0, (last - first).total_seconds())
    window = release_window(seen, float(distance), (float(slow), float(fast)))
    return np.array([-window.earliest, -window.latest]) / _HOUR_S


def _refused(case: Case, what: Text) -> DataError:
    return DataError(
        Text("{what}。", what=what), remedy=Text("请核对该行。"), where=Where(line=case.line, column="what")
    )


#: What may be asked for, by the beginning of the row's text.
_ANSWERS: dict[str, Callable[[Case, Case], Floats]] = {
    "NNLS on exact data: residual": _residual,
    "NNLS solution": _solution,
    "ordinary least squares": _contrast,
    "posterior mean": _mean,
    "posterior covariance": _covariance,
    "candidate": _window,
}

register_layout(
    Layout(
        name="inversion",
        needs=frozenset({"case", "what", "matrix", "data", "expected"}),
        check=_never,
        whole=_inversions,
    )
)
