"""Case files of codes: a kind and a text in, the verdict and the form to search by out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from bishui.i18n import Text
from bishui.outfalls.codes import (
    CodeVerdict,
    check_credit_code,
    check_division,
    check_local_code,
    check_official_code,
    check_permit,
    check_permit_outlet,
)
from bishui.outfalls.codes.verdict import Level
from bishui.verification import Case, Check, Layout, Outcome, compare, register_layout

CHECKS: dict[str, Callable[[str], CodeVerdict]] = {
    "uscc": check_credit_code,
    "permit_no": check_permit,
    "permit_outlet": check_permit_outlet,
    "division": check_division,
    "outfall_local": check_local_code,
    "outfall_official": check_official_code,
}


def _codes(case: Case, header: Sequence[str]) -> Iterable[Check]:
    name, kind, expected = case.get("case_id"), case.get("kind"), case.get("expect").casefold()
    check = CHECKS.get(kind)
    if check is None or expected not in set(Level):
        note = Text("编码种类“{kind}”或结论“{expected}”不可识别。", kind=kind, expected=case.get("expect"))
        yield Check(case.line, name, kind, case.get("expect"), "—", Outcome.NOT_CHECKABLE, note)
        return
    verdict = check(case.cells.get("input") or "")
    yield compare(case, name, kind, expected=expected, got=verdict.level.value, note=verdict.reason)
    if "normalised" in header:
        yield compare(case, name, "normalised", expected=case.get("normalised"), got=verdict.normalised or "")


CODES = Layout("outfall-codes", frozenset({"kind", "input", "expect"}), _codes)

register_layout(CODES)
