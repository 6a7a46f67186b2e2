"""Division codes and the codes of outfalls (区划代码、排污口编码)."""

from __future__ import annotations

import re

from stdnum.iso7064 import mod_37_36

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.outfalls.codes.data import rules
from bishui.outfalls.codes.verdict import CodeVerdict, compact, doubtful, folded, good, refused
from bishui.outfalls.divisions import Divisions, known_divisions
from bishui.outfalls.kinds import legacy_types

_LOCAL = re.compile(r"L(?P<county>[0-9]{6})(?P<sequence>[0-9]{5})(?P<check>[0-9A-Z])")
_LAST = 99_999


def check_division(given: str, divisions: Divisions | None = None) -> CodeVerdict:
    """Return the verdict on the code of a county or town."""
    known, code = divisions or known_divisions(), compact(given)
    division = known.get(code)
    if division is None:
        return refused(
            given,
            Text("行政区划代码“{code}”不在区划表中。", code=given),
            Text("请填县级 6 位或乡镇 9 位代码；新设区划请先加入区划表。"),
        )
    if not division.current:
        return doubtful(given, code, Text("行政区划“{name}”已撤销。", name=division.name))
    if division.level in ("province", "city"):
        return doubtful(given, code, Text("“{name}”不是县级或乡镇，此处应填县级代码。", name=division.name))
    return good(given, code)


def check_local_code(given: str, divisions: Divisions | None = None) -> CodeVerdict:
    """Return the verdict on a code of our own: L, county, sequence, check character (ISO 7064 MOD 37,36)."""
    parts = _LOCAL.fullmatch(compact(given))
    if parts is None:
        return refused(
            given,
            Text("“{code}”不是本系统的排污口编码。", code=given),
            Text("格式为 L＋县级代码 6 位＋顺序号 5 位＋校验码 1 位。"),
        )
    county, sequence = parts["county"], parts["sequence"]
    if mod_37_36.calc_check_digit(f"L{county}{sequence}") != parts["check"]:
        return refused(given, Text("排污口编码的校验码“{check}”不符，编码有误。", check=parts["check"]))
    if int(sequence) == 0:
        return refused(given, Text("排污口编码的顺序号应从 00001 起。"))
    if not (divisions or known_divisions()).is_county(county):
        return refused(given, Text("排污口编码中的“{county}”不是县级区划代码。", county=county))
    return good(given, f"L{county}-{sequence}-{parts['check']}")


def local_code(county: str, sequence: int) -> str:
    """Return the code of our own for the outfall of a county with a sequence number, never used twice.

    Raises
    ------
    CallError
        If the sequence is outside 1 to 99,999 or the county is not six digits.
    """
    if not re.fullmatch(r"[0-9]{6}", county) or not 1 <= sequence <= _LAST:
        raise CallError(
            Text("无法编码：区划“{county}”，顺序号 {sequence}。", county=county, sequence=sequence),
            remedy=Text("区划应为 6 位数字，顺序号为 1 至 {last}。", last=_LAST),
        )
    body = f"L{county}{sequence:05d}"
    return f"L{county}-{sequence:05d}-{mod_37_36.calc_check_digit(body)}"


def check_official_code(given: str, divisions: Divisions | None = None) -> CodeVerdict:
    """Return the verdict on an official code: opaque text, possibly empty, rarely refused."""
    rule, code = rules()["outfall_official"], folded(given).upper()
    if not code:
        return good(given, "")
    if len(code) > rule["max_length"]:
        return refused(
            given,
            Text("国家统一编码不超过 {most} 位，实为 {got} 位。", most=rule["max_length"], got=len(code)),
        )
    strange = next((one for one in code if one not in rule["alphabet"]), None)
    if strange is not None:
        return refused(
            given,
            Text("国家统一编码只含字母、数字和连字符，出现了“{character}”。", character=strange),
            Text("名称请填在“名称”栏，自有编号请填在“自有编码”栏。"),
        )
    doubt = _official_doubt(code, divisions or known_divisions())
    return doubtful(given, code, doubt) if doubt else good(given, code)


def _official_doubt(code: str, divisions: Divisions) -> Text | None:
    parts = re.fullmatch(rules()["outfall_official"]["pattern"], code)
    if parts is None:
        return Text("国家统一编码与通常的格式不同。")
    if not divisions.is_county(parts["division"]):
        return Text("国家统一编码中的“{county}”不是已知的县级区划。", county=parts["division"])
    if parts["letters"] not in {kind.letters for kind in legacy_types().values()}:
        return Text("国家统一编码中的类型字母“{letters}”不在已知之列。", letters=parts["letters"])
    return None
