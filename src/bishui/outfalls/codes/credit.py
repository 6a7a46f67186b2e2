"""Unified social credit codes (统一社会信用代码, GB 32100-2015)."""

from __future__ import annotations

from stdnum.cn import uscc

from bishui.i18n import Text
from bishui.outfalls.codes.data import rules
from bishui.outfalls.codes.verdict import CodeVerdict, compact, doubtful, good, refused


def check_credit_code(given: str) -> CodeVerdict:
    """Return the verdict on a unified social credit code.

    Refused: wrong length, a character outside the alphabet, wrong check character (GB 32100-2015).
    Warned of: the inner check character (GB 11714-1997), the registering authority and the province.
    """
    rule, code = rules()["credit_code"], compact(given)
    if len(code) != rule["length"]:
        return refused(
            given,
            Text("统一社会信用代码应为 {length} 位，实为 {got} 位。", length=rule["length"], got=len(code)),
        )
    for place, character in enumerate(code, 1):
        if character not in rule["alphabet"]:
            return refused(
                given,
                Text(
                    "统一社会信用代码第 {place} 位“{character}”不是可用字符。",
                    place=place,
                    character=character,
                ),
                Text("代码中没有字母 I、O、S、V、Z，可能是数字 1、0、5、2 之误。"),
            )
    if uscc.calc_check_digit(code[:-1]) != code[-1]:
        return refused(given, Text("统一社会信用代码的校验码（第 18 位）不符，代码有误。"))
    doubt = _doubt(code)
    return doubtful(given, code, doubt) if doubt else good(given, code)


def _doubt(code: str) -> Text | None:
    rule = rules()["credit_code"]
    if code[0] == rule["authority"]["never"]:
        return Text("统一社会信用代码第 1 位“{character}”不是登记管理部门。", character=code[0])
    if code[2:4] not in rule["provinces"]["known"]:
        return Text("统一社会信用代码第 3、4 位“{province}”不是省级区划。", province=code[2:4])
    if organisation_check(code[8:16]) != code[16]:
        return Text("统一社会信用代码中组织机构代码的校验码（第 17 位）不符。")
    return None


def organisation_check(body: str) -> str:
    """Return the check character of the eight characters of an organisation code (GB 11714-1997).

    ``11 - (sum of value times weight) mod 11``; 10 is written X, 11 is written 0.
    """
    rule = rules()["credit_code"]["organisation"]
    total = sum(
        rule["alphabet"].index(one) * weight for one, weight in zip(body, rule["weights"], strict=True)
    )
    left = 11 - total % 11
    return {10: "X", 11: "0"}.get(left, str(left))
