"""Which layout a sheet has, recognised by the meaning of its heads (表头), never by a file name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from bishui.errors import DataError, Problem, UnknownLayout, Where
from bishui.i18n import Text
from bishui.observations.naming import named_item, unit_behind
from bishui.observations.numbers import unknown_unit
from bishui.observations.sheets import Sheet
from bishui.observations.textforms import fold, load_data
from bishui.standards import Item, unit_factor

_REMARK = re.compile(r"[(\[](?P<inside>[^()\[\]]*)[)\]]$")


@dataclass(frozen=True, slots=True)
class ItemColumn:
    """A column of a wide table that holds results of one item."""

    place: int
    head: str
    item: Item
    unit: str | None


@dataclass(frozen=True, slots=True)
class Layout:
    """How the columns of a sheet are to be read.

    Attributes
    ----------
    kind
        ``wide`` (one column per item) or ``long`` (one row per result).
    head_at
        Position of the heads among the records, from 0.
    heads
        The heads as written.
    roles
        Role (site, time, value, …) → place of its column.
    items
        The item columns of a wide table.
    unread
        Heads that mean nothing known.
    problems
        Heads that name an item but cannot be used.
    """

    kind: str
    head_at: int
    heads: list[str]
    roles: Mapping[str, int]
    items: tuple[ItemColumn, ...] = ()
    unread: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    def head(self, role: str) -> str:
        """Return the head of the column with `role` as the user wrote it."""
        return self.heads[self.roles[role]].strip()


@cache
def role_of(head: str, table: str = "roles") -> str | None:
    """Return what the column `head` is in the group `table` of ``heads.toml``."""
    folded = fold(head)
    bare = _REMARK.sub("", folded)
    for role, forms in load_data("heads.toml")[table].items():
        if folded in forms or bare in forms:
            return str(role)
    return None


def recognise(sheet: Sheet, file: str) -> Layout | None:
    """Return the layout of `sheet`, or None when no record near its top holds known heads.

    Raises
    ------
    DataError
        Two heads mean the same, and no record below them holds heads that do not: a head above several
        columns (监测结果 over 总磷 and 氨氮) says the same of each.
    """
    refused: DataError | None = None
    for position, record in enumerate(sheet.preview):
        try:
            layout = _layout(record, position, Where(file=file, sheet=sheet.name, row=position + 1))
        except DataError as error:
            refused = refused or error
            continue
        if layout is not None:
            return layout
    if refused is not None:
        raise refused
    return None


def unknown_layout(sheets: Sequence[Sheet], file: str) -> UnknownLayout:
    """Return the error that names the heads found and those wanted."""
    found = next((record for sheet in sheets for record in sheet.preview if any(map(str.strip, record))), [])
    written = load_data("heads.toml")["written"]
    wanted = "、".join(written[role] for role in load_data("heads.toml")["needed"]["long"])
    return UnknownLayout(
        Text(
            "认不出这个表的格式。找到的表头：{found}。",
            found="、".join(cell.strip() for cell in found if cell.strip())[:300] or Text("（无）"),
        ),
        remedy=Text(
            "需要的表头：长表为 {wanted}；宽表为“断面名称”“监测时间”和各监测项目，例如“氨氮(mg/L)”。"
            "其他格式（表头占几行、断面横排等）请在数据导入页用“化验室自己的表格”导入。",
            wanted=wanted,
        ),
        where=Where(file=file),
    )


def _layout(record: list[str], position: int, where: Where) -> Layout | None:
    roles, places, unread = _roles(record, where)
    needed = load_data("heads.toml")["needed"]
    if all(role in roles for role in needed["long"]):
        unread += [record[place].strip() for place in places]
        return Layout("long", position, record, roles, (), tuple(unread))
    if not all(role in roles for role in needed["wide"]):
        return None
    if "limit" in roles:  # of which item it would be the limit, nothing says
        unread.append(record[roles["limit"]].strip())
    columns, problems = [], []
    for place in places:
        column = _item_column(record[place].strip(), place, where)
        if isinstance(column, ItemColumn):
            columns.append(column)
        elif isinstance(column, Problem):
            problems.append(column)
        else:
            unread.append(record[place].strip())
    if not columns:
        return None
    _refuse_twice([column.item.key for column in columns], [column.head for column in columns], where)
    return Layout("wide", position, record, roles, tuple(columns), tuple(unread), tuple(problems))


def _roles(record: list[str], where: Where) -> tuple[dict[str, int], list[int], list[str]]:
    """Return role → place, the places that may hold items, and an empty list of unread heads."""
    named = [(place, role_of(head)) for place, head in enumerate(record) if head.strip()]
    found = [(place, role) for place, role in _with_clock_apart(named, record) if role is not None]
    roles = dict.fromkeys((role for _, role in found), -1)
    if "site" in roles and "time" in roles:
        _refuse_twice([role for _, role in found], [record[place].strip() for place, _ in found], where)
    roles = {role: place for place, role in reversed(found)}
    return roles, [place for place, role in named if role is None], []


def _with_clock_apart(
    named: Sequence[tuple[int, str | None]], heads: Sequence[str]
) -> list[tuple[int, str | None]]:
    """Of two columns of time the one that does not say "day" (采样日期 | 采样时间) is the time of day."""
    timed = [place for place, role in named if role == "time"]
    days = [place for place in timed if says_day(heads[place])]
    clock = next((place for place in timed if place not in days), None)
    apart = len(timed) == 2 and len(days) == 1
    return [(place, "clock" if apart and place == clock else role) for place, role in named]


def says_day(head: str) -> bool:
    """Return whether the head of a column of time says that days stand in it."""
    return "日期" in head or "date" in head.lower()


def _refuse_twice(meanings: list[str], heads: list[str], where: Where) -> None:
    for meaning in meanings:
        if meanings.count(meaning) > 1:
            same = [head for head, its in zip(heads, meanings, strict=True) if its == meaning]
            raise DataError(
                Text("表头中有两列含义相同：{heads}。", heads="、".join(same)),
                remedy=Text(
                    "请只保留其中一列，或改名区分；表头占几行的，请在数据导入页用“化验室自己的表格”导入。"
                ),
                where=where,
            )


def _item_column(head: str, place: int, where: Where) -> ItemColumn | Problem | None:
    """Return the item column that `head` names, the problem of its unit, or None when it names no item."""
    listed = load_data("heads.toml")["items"].get(fold(head))
    if listed:
        item = named_item(listed["item"])
        return ItemColumn(place, head, item, listed["unit"]) if item else None
    item = named_item(head)
    remark = _REMARK.search(fold(head))
    if item is not None:
        return ItemColumn(place, head, item, _unit_in(head, item))
    bare = named_item(_REMARK.sub("", fold(head))) if remark else None
    if bare is None or remark is None:
        return None
    if unit_factor(bare, remark["inside"]) is not None:
        return ItemColumn(place, head, bare, remark["inside"])
    problem = unknown_unit(remark["inside"], bare)
    return Problem(
        problem.code,
        problem.what,
        problem.remedy,
        Where(where.file, where.sheet, where.row, column=head),
        raw=head,
    )


def _unit_in(head: str, item: Item) -> str | None:
    """Return the unit that stands in brackets of `head` or behind its name, None where there is none."""
    remark = re.search(r"[(（\[](?P<inside>[^()（）\[\]]*)[)）\]]\s*$", head)
    if remark is None:
        return unit_behind(head, item)
    given = remark["inside"].strip()
    return given if given and unit_factor(item, given) is not None else None
