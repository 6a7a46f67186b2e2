"""Evidence (佐证材料): files that people hand in, checked before they are kept."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.server.core import files
from bishui.server.core.models import StoredFile


@cache
def rules() -> dict[str, Any]:
    """Return the data of ``rules/evidence.toml``."""
    return tomllib.loads((Path(__file__).parent / "rules" / "evidence.toml").read_text(encoding="utf-8"))


def endings() -> list[str]:
    """Return the file endings that are taken."""
    return [ending for kind in rules()["type"] for ending in kind["endings"]]


def keep(content: BinaryIO, name: str, *, division: str) -> StoredFile:
    """Check a file and keep it; call inside an audited action.

    Raises
    ------
    DataError
        If its kind is not taken, its content is not what its name says, or it is empty or too large.
    """
    name = files.safe_name(name)
    content.seek(0)
    data = content.read(rules()["max_megabytes"] * 1024 * 1024 + 1)
    check(data, name)
    return files.keep([data], name, division=division)


def check(data: bytes, name: str) -> None:
    """Refuse a file that may not be evidence; see `keep`."""
    limit = rules()["max_megabytes"]
    if len(data) > limit * 1024 * 1024:
        raise DataError(
            Text("佐证材料“{name}”超过 {limit} MB。", name=name, limit=limit),
            remedy=Text("请压缩或拆分后再上传。"),
            where=Where(file=name),
        )
    ending = PurePath(name).suffix.casefold()
    kind = next((kind for kind in rules()["type"] if ending in kind["endings"]), None)
    if kind is None:
        raise DataError(
            Text("不接受“{name}”这种类型的文件。", name=name),
            remedy=Text("请改用 {kinds} 文件。", kinds=" ".join(endings())),
            where=Where(file=name),
        )
    if not _is_kind(data, kind["starts"]):
        raise DataError(
            Text("“{name}”的内容与扩展名 {ending} 不符。", name=name, ending=ending),
            remedy=Text("请用原来的程序打开后重新另存，再上传。"),
            where=Where(file=name),
        )


def _is_kind(data: bytes, starts: list[str]) -> bool:
    if starts:
        return any(data.startswith(bytes.fromhex(start)) for start in starts)
    return b"\x00" not in data
