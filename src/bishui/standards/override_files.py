"""Reading a bureau's own override file (本级覆盖文件), with one precise problem for each wrong entry."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from bishui.errors import BishuiError, DataError, UnreadableFile, Where
from bishui.i18n import Text
from bishui.standards.local import Override
from bishui.standards.override_entries import (
    Reading,
    WrongEntry,
    check_fields,
    check_order_of_days,
    day_of,
    text_of,
    unknown_field,
)
from bishui.standards.override_limits import own_limit
from bishui.standards.override_settings import own_setting
from bishui.standards.override_whole import check_whole

LARGEST = 1_000_000
_HEAD = {"name", "basis", "in_force_from", "in_force_to"}


def read_override(path: Path) -> Override:
    """Return a bureau's override file, checked.

    Raises
    ------
    UnreadableFile
        If the file is missing, too large or not TOML.
    DataError
        If entries are wrong; `problems` has one for each.
    """
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise UnreadableFile(
            Text("覆盖文件打不开：{reason}。", reason=fault.strerror),
            remedy=Text("请核对路径和访问权限。"),
            where=Where(file=str(path)),
        ) from fault
    return parse_override(content, path.name)


def parse_override(content: bytes, name: str) -> Override:
    """Return the override that the bytes of a file hold, checked; `name` is the file's name for messages.

    Raises
    ------
    UnreadableFile
        If it is too large or not TOML.
    DataError
        If entries are wrong; `problems` has one for each.
    """
    data = _toml(content, name)
    reading = Reading(name)
    head = _head(data, reading)
    dated = reading.first > date.min
    limits = tuple(_entries(data, "limit", reading, own_limit)) if dated else ()
    settings = tuple(_entries(data, "setting", reading, own_setting)) if dated else ()
    override = Override(
        name=head.get("name", ""),
        basis=head.get("basis", ""),
        in_force_from=reading.first,
        in_force_to=reading.last,
        digest=_digest(data),
        limits=limits,
        settings=settings,
    )
    if not reading.problems:
        check_whole(override, reading)
    if reading.problems:
        raise DataError(
            Text("覆盖文件有 {count} 处错误，没有采用。", count=len(reading.problems)),
            remedy=Text("请逐条改正后重新检查。"),
            where=Where(file=name),
            problems=reading.problems,
        )
    return override


def _toml(content: bytes, name: str) -> dict[str, Any]:
    if len(content) > LARGEST:
        raise UnreadableFile(
            Text("覆盖文件有 {size} 字节，超过 {most} 字节。", size=len(content), most=LARGEST),
            remedy=Text("请核对是否选错了文件。"),
            where=Where(file=name),
        )
    try:
        return tomllib.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise UnreadableFile(
            Text("覆盖文件不是正确的 TOML：{fault}。", fault=fault),
            remedy=Text("请用 UTF-8 编码保存，并对照文档中的例子改正。"),
            where=Where(file=name),
        ) from fault


def _digest(data: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what the file says, whatever its order of keys, spacing and comments."""
    said = json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def _head(data: Mapping[str, Any], reading: Reading) -> Mapping[str, Any]:
    head = data.get("override")
    if not isinstance(head, Mapping):
        reading.wrong(
            WrongEntry(
                "no-head", Text("文件没有 [override] 表头。"), Text("请写明名称、依据文件和施行日期。"), ""
            ),
            "override",
        )
        return {}
    for check in (_check_head_text, _check_head_days):
        try:
            check(head, reading)
        except WrongEntry as fault:
            reading.wrong(fault, "override.")
    for key in sorted(set(data) - {"schema_version", "override", "limit", "setting"}):
        reading.wrong(unknown_field(key, {"override", "limit", "setting"}), "")
    return head


def _check_head_text(head: Mapping[str, Any], _: Reading) -> None:
    check_fields(head, _HEAD)
    for name in ("name", "basis"):
        text_of(head, name)


def _check_head_days(head: Mapping[str, Any], reading: Reading) -> None:
    reading.first = day_of(head, "in_force_from")
    if "in_force_to" in head:
        reading.last = day_of(head, "in_force_to")
    check_order_of_days(reading.first, reading.last)


def _entries(data: Mapping[str, Any], kind: str, reading: Reading, read: Any) -> Iterator[Any]:
    entries = data.get(kind, [])
    if not isinstance(entries, list):
        reading.wrong(
            WrongEntry(
                "wrong-type",
                Text("[[{kind}]] 要写成双方括号的条目。", kind=kind),
                Text("请对照文档中的例子改正。"),
                "",
            ),
            kind,
        )
        return
    for number, entry in enumerate(entries, start=1):
        try:
            yield read(entry, reading)
        except WrongEntry as fault:
            reading.wrong(fault, f"{kind}[{number}].")
        except BishuiError as fault:
            remedy = fault.remedy or Text("请对照文档中的例子改正。")
            reading.wrong(WrongEntry(fault.code, fault.what, remedy, "standard"), f"{kind}[{number}].")
