"""Discharge permits and the outlets they name (排污许可证编号、排放口编号, HJ 608-2017)."""

from __future__ import annotations

import re

from bishui.i18n import Text
from bishui.outfalls.codes.credit import check_credit_code
from bishui.outfalls.codes.data import rules
from bishui.outfalls.codes.verdict import CodeVerdict, Level, compact, doubtful, folded, good, refused

_BODY, _SEQUENCE = slice(0, 18), slice(18, 21)


def check_permit(given: str) -> CodeVerdict:
    """Return the verdict on a permit number: credit code, site of three digits, last character.

    A body without a credit code has ``H9`` and a small letter, which keeps its case.
    """
    rule = rules()["permit"]
    code = _compact_permit(given)
    if len(code) != rule["length"]:
        return refused(
            given,
            Text("排污许可证编号应为 {length} 位，实为 {got} 位。", length=rule["length"], got=len(code)),
        )
    fault = _body_fault(given, code)
    if fault is not None and fault.level is Level.ERROR:
        return fault
    if not _is_digits(code[_SEQUENCE]):
        return refused(given, Text("排污许可证编号第 19 至 21 位“{part}”应为数字。", part=code[_SEQUENCE]))
    if not re.fullmatch("[0-9A-Z]", code[-1]):
        return refused(given, Text("排污许可证编号末位“{part}”应为大写字母或数字。", part=code[-1]))
    doubt = _doubt(code, fault)
    return doubtful(given, code, doubt) if doubt else good(given, code)


def _compact_permit(given: str) -> str:
    code = folded(given).replace("-", "")
    return code if code.startswith("H9") else code.upper()


def _body_fault(given: str, code: str) -> CodeVerdict | None:
    if code.startswith("H9"):
        if re.fullmatch(rules()["permit"]["without_credit_code"], code[_BODY]):
            return None
        return refused(
            given,
            Text("以 H9 开头的编号前 18 位“{body}”不符合无信用代码单位的格式。", body=code[_BODY]),
            Text("第 18 位应为小写字母（i、o 除外）。"),
        )
    inner = check_credit_code(code[_BODY])
    if inner.level is Level.OK:
        return None
    reason = Text("排污许可证编号中的信用代码有误：{why}", why=inner.reason or "")
    return CodeVerdict(given, inner.level, None, reason, inner.remedy)


def _doubt(code: str, inner: CodeVerdict | None) -> Text | None:
    usual = rules()["permit"]["usual_last"]
    if inner is not None:
        return inner.reason
    if code[_SEQUENCE] == "000":
        return Text("排污许可证编号的场所顺序号为 000，应从 001 起。")
    if code[-1] != usual:
        return Text("排污许可证编号末位为“{last}”，标准所示为“{usual}”。", last=code[-1], usual=usual)
    return None


def check_permit_outlet(given: str) -> CodeVerdict:
    """Return the verdict on an outlet of a permit: two letters of a known kind and three digits."""
    code = compact(given)
    kinds = {kind["letters"]: kind for kind in rules()["permit_outlet"]}
    kind = kinds.get(code[:2])
    if kind is None or len(code) != 5 or not _is_digits(code[2:]):
        return refused(
            given,
            Text("“{code}”不是排放口编号。", code=given),
            Text("应为两个字母（{letters}）加三位数字，如 DW001。", letters="、".join(kinds)),
        )
    if kind["verdict"] != Level.OK:
        return doubtful(
            given, code, Text("“{code}”是{kind}，请核对是否排入水体。", code=code, kind=kind["name_zh"])
        )
    if code[2:] == "000":
        return doubtful(given, code, Text("排放口顺序号为 000，应从 001 起。"))
    return good(given, code)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
