"""Case files of loads: units, weighted samples, rating curves, uncertain decay, first flush."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from bishui.errors import BishuiError, DataError, Where
from bishui.i18n import Text
from bishui.network.loads.point import Sample, beale_load, flow_weighted_load, load_of_means
from bishui.network.loads.rating import Correction, rating_curve
from bishui.network.loads.storm import first_flush
from bishui.network.settings import settings
from bishui.network.tables import DAY_S
from bishui.network.uncertainty import Survival, survival_first_order, survival_gamma, survival_normal
from bishui.network.worked_cases.figures import close, number, number_in
from bishui.verification import Case, Check, Layout, Outcome, register_layout

TOLERANCE = 1e-10
_WHAT, _INPUTS, _EXPECTED, _UNIT = "what", "inputs", "expected", "unit"
_YEAR_S = 365 * DAY_S
#: What a unit of a file is in ours: mg/L, m³/s, d.
_TO_OURS = {
    "": 1.0,
    "mg/L": 1.0,
    "g/m3": 1.0,
    "ug/L": 1e-3,
    "m3/s": 1.0,
    "m3/d": 1.0 / DAY_S,
    "L/s": 1e-3,
    "d": 1.0,
    "h": 1.0 / 24.0,
    "1/d": 1.0,
    "1/h": 24.0,
}
#: What g/s is in the unit of an expectation.
_FROM_OURS = {"kg/d": DAY_S / 1e3, "t/a": _YEAR_S / 1e6, "g/s": 1.0}


def _never(_case: Case, _header: Sequence[str]) -> Iterable[Check]:
    return ()


def _named(text: str, case: Case) -> dict[str, list[float]]:
    """Return the numbers of ``name=1,2,3 unit;…`` by name, in our units."""
    found: dict[str, list[float]] = {}
    for part in text.split(";"):
        name, _, rest = part.partition("=")
        numbers, _, unit = rest.strip().partition(" ")
        factor = _unit(unit.strip(), _TO_OURS, case, _INPUTS)
        found[name.strip()] = [number_in(one, case, _INPUTS) * factor for one in numbers.split(",")]
    return found


def _unit(unit: str, known: Mapping[str, float], case: Case, head: str) -> float:
    """Return the factor of a unit; one that is not known is refused, never read as another."""
    if unit not in known:
        raise DataError(
            Text("不认识单位“{unit}”。", unit=unit),
            remedy=Text("可用：{known}。", known="、".join(name for name in known if name)),
            where=Where(line=case.line, column=head),
        )
    return known[unit]


def _pairs(text: str, case: Case) -> tuple[list[float], list[float]]:
    """Return the two columns of ``label 1:2;3:4;…``."""
    pairs = re.findall(r"(-?[\d.]+(?:[eE][-+]?\d+)?)\s*:\s*(-?[\d.]+(?:[eE][-+]?\d+)?)", text)
    return [number_in(a, case, _INPUTS) for a, _ in pairs], [number_in(b, case, _INPUTS) for _, b in pairs]


def _one_load(what: str, inputs: str, case: Case) -> float:
    """Return a load in the unit of the expectation, from one concentration or from samples."""
    given = _named(inputs, case)
    factor = _unit(case.get(_UNIT), _FROM_OURS, case, _UNIT)
    if "Qbar" not in given:
        return given["C"][0] * given["Q"][0] * factor
    samples = [Sample(c, q) for c, q in zip(given["C"], given["Q"], strict=True)]
    method = beale_load if "beale" in what else flow_weighted_load if "weighted" in what else load_of_means
    return method(samples, given["Qbar"][0], _YEAR_S).grams_per_second * factor


def _rating(what: str, inputs: str, case: Case) -> float:
    curve = rating_curve(*_pairs(inputs, case))
    at = re.search(r"load at q\s*=\s*([\d.]+)", what)
    if at is not None:
        correction = Correction.SMEARING if "smearing" in what else Correction.NORMAL
        return curve.load(number_in(at[1], case, _WHAT), correction)
    if "variance" in what:
        return curve.variance
    if "parametric" in what:
        return curve.normal_factor
    if "smearing" in what:
        return curve.smearing
    return curve.b if what.strip() == "b" else curve.a


def _survival(what: str, inputs: str, case: Case) -> float:
    given = {name: values[0] for name, values in _named(inputs, case).items()}
    method: Callable[[float, float, float], Survival] = survival_normal
    if "gamma" in what:
        method = survival_gamma
    elif "first-order" in what or "delta" in what:
        method = survival_first_order
    found = method(given["mu"], given["sg"], given["tau"])
    return found.mean if what.startswith("e[") else found.deviation


def _flush(what: str, inputs: str, case: Case) -> float:
    """Return the mass share in the part of the runoff that the row names, 30 % if it names none."""
    named = re.search(r"first (\d+(?:\.\d+)?)\s*%|mff(\d+)", what)
    if named is None:
        return first_flush(*_pairs(inputs, case)).ratio
    part = number_in(named[1] or named[2], case, _WHAT) / 100.0
    return first_flush(*_pairs(inputs, case), settings("loads", first_flush_volume=part)).ratio


def _method(inputs: str) -> Callable[[str, str, Case], float] | None:
    """Return what computes a row, by what its inputs are."""
    if "%" in inputs:
        return _flush
    if re.search(r"\d\s*:\s*\d", inputs):
        return _rating
    names = {part.partition("=")[0].strip() for part in inputs.split(";")}
    if names >= {"mu", "sg", "tau"}:
        return _survival
    return _one_load if names >= {"C", "Q"} else None


def _loads(_path: Path, cases: Sequence[Case], _header: Sequence[str]) -> Iterable[Check]:
    """Compute each row; a row without inputs takes those of the row before."""
    inputs = ""
    for case in cases:
        inputs = case.get(_INPUTS) or inputs
        yield _checked(case, inputs)


def _checked(case: Case, inputs: str) -> Check:
    name, what, method = case.get("case"), case.get(_WHAT), _method(inputs)
    try:
        if method is None:
            raise DataError(
                Text("不认识的输入“{inputs}”。", inputs=inputs),
                remedy=Text("请核对算例。"),
                where=Where(line=case.line, column=_INPUTS),
            )
        got = method(what.lower(), inputs, case)
        return close(case, name, what, number(case, _EXPECTED), got, relative=TOLERANCE)
    except (BishuiError, KeyError, ValueError) as fault:
        note = Text("算不出来：{fault}", fault=fault)
        return Check(case.line, name, what, case.get(_EXPECTED), "", Outcome.NOT_CHECKABLE, note)


register_layout(Layout("loads", frozenset({"case", _WHAT, _INPUTS, _EXPECTED, _UNIT}), _never, whole=_loads))
