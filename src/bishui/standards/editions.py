"""Editions of a standard in force by date: a sample is judged by the edition of its own date."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol, TypeVar

from bishui.errors import DataError, UnreadableFile, Where
from bishui.i18n import Text

DATA = Path(__file__).parent / "data"


class NotInForce(DataError):
    """No edition is in force on the date that was asked for."""

    code = "not-in-force"


class Dated(Protocol):
    """Anything with a first day and, where a later edition follows, a last day of force."""

    @property
    def in_force_from(self) -> date:
        """First day of force."""
        ...

    @property
    def edition(self) -> str:
        """Name of the edition."""
        ...


T = TypeVar("T", bound=Dated)


def read_toml(path: Path) -> dict[str, Any]:
    """Return a data file with its numbers as exact decimals.

    Raises
    ------
    UnreadableFile
        If the file is missing or is not TOML.
    """
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream, parse_float=Decimal)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise UnreadableFile(
            Text("标准数据文件读不出来：{fault}。", fault=fault),
            remedy=Text("请核对该文件是否存在、是否为正确的 TOML。"),
            where=Where(file=str(path)),
        ) from fault


def in_force(editions: Sequence[T], on: date, name: str) -> T:
    """Return the edition in force on a day: the latest whose first day is not after it.

    Parameters
    ----------
    editions
        All known editions, in any order.
    on
        The day of the sample.
    name
        What the editions are of, for the message.

    Raises
    ------
    NotInForce
        If the day lies before the first edition, or there is none.
    """
    begun = [edition for edition in editions if edition.in_force_from <= on]
    if begun:
        return max(begun, key=lambda edition: edition.in_force_from)
    if not editions:
        raise NotInForce(
            Text("没有名为“{name}”的标准。", name=name),
            remedy=Text("请核对标准名称，或把该标准的数据文件放入标准目录。"),
        )
    first = min(editions, key=lambda edition: edition.in_force_from)
    raise NotInForce(
        Text(
            "{on} 早于“{name}”最早一版 {edition} 的施行日期 {start}，没有可用的版本。",
            on=on,
            name=name,
            edition=first.edition,
            start=first.in_force_from,
        ),
        remedy=Text("请核对采样日期；若日期无误，请补充当时有效版本的数据文件。"),
    )
