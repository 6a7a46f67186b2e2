"""A unit is renamed or merged into another (更名、合并): what is open passes on, what was done stays.

The old unit ends with its last day, the new one begins the day after. Apps that keep open work of units
register how it passes on; all of it happens in one audited deed or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bishui.errors import Conflict, DataError, Where
from bishui.i18n import Text
from bishui.server.accounts.models import RoleAssignment, Unit, UnitSuccession, User
from bishui.server.core import audit

KINDS = ("rename", "merge")


@dataclass(frozen=True, slots=True)
class Holding:
    """What an app keeps open for a unit: its name, how much there is, and how it passes to another unit."""

    label: Text
    count: Callable[[Unit], int]
    pass_on: Callable[[Unit, Unit], None]


_holdings: list[Holding] = []


def register(holding: Holding) -> None:
    """Let something pass on when a unit ends; an app calls it when it is ready."""
    _holdings.append(holding)


def passing(unit: Unit) -> list[tuple[str, int]]:
    """Return what would pass on from a unit, each with how much there is."""
    users = User.objects.filter(unit=unit).count()
    found = [(str(holding.label), holding.count(unit)) for holding in _holdings]
    return [*found, (str(Text("用户")), users)]


def rename(unit: Unit, name: str, code: str, on: date, *, actor: Any, where: str = "") -> Unit:
    """Let a unit go on under another name from the day `on`; return the new unit.

    The new one keeps the former names as written forms, so that documents with them are understood.

    Raises
    ------
    DataError
        If name or code are empty or the code is taken.
    Conflict
        If the unit has ended already.
    """
    name, code = name.strip(), code.strip()
    if not name or not code or Unit.objects.filter(code=code).exists():
        raise DataError(
            Text("新单位的名称和编码不能为空，编码“{code}”不能重复。", code=code),
            remedy=Text("请填写新的名称，并换一个编码。"),
            where=Where(field="code"),
        )
    new = Unit(
        division=unit.division,
        code=code,
        name=name,
        aliases="；".join(dict.fromkeys(unit.names())),
        kind=unit.kind,
        valid_from=on,
    )
    return _succeed(unit, new, on, "rename", actor=actor, where=where)


def merge(unit: Unit, into: Unit, on: date, *, actor: Any, where: str = "") -> Unit:
    """Let a unit go up in another from the day `on`.

    Raises
    ------
    DataError
        If both are the same unit, or the other one has ended.
    Conflict
        If the unit has ended already.
    """
    if into.pk == unit.pk or into.valid_to is not None:
        raise DataError(
            Text("不能并入“{name}”。", name=into.name),
            remedy=Text("请选择另一个仍在使用的单位。"),
            where=Where(field="into"),
        )
    into.aliases = "；".join(dict.fromkeys([*into.names()[1:], *unit.names()]))
    return _succeed(unit, into, on, "merge", actor=actor, where=where)


def _succeed(old: Unit, new: Unit, on: date, kind: str, *, actor: Any, where: str) -> Unit:
    if old.valid_to is not None:
        raise Conflict(
            Text("“{name}”已于 {day} 停用。", name=old.name, day=old.valid_to.isoformat()),
            remedy=Text("请对现用的单位办理。"),
        )
    with audit.action(
        "accounts.unit_succeeded",
        actor=actor,
        where=where,
        division=old.division,
        old=old.name,
        new=new.name,
        day=on,
    ):
        old.valid_to = on - timedelta(days=1)
        old.save()
        new.save()
        UnitSuccession(division=old.division, old=old, new=new, on=on, kind=kind).save()
        for user in User.objects.filter(unit=old):
            user.unit = new
            user.save()
        for grant in RoleAssignment.objects.filter(unit=old):
            grant.unit = new
            grant.save()
        for holding in _holdings:
            holding.pass_on(old, new)
    return new


def successors() -> dict[str, str]:
    """Return, for each unit that has ended, the identifier of the one that bears its duties now."""
    step = {str(old): str(new) for old, new in UnitSuccession.objects.values_list("old_id", "new_id")}
    return {old: _last(step, old) for old in step}


def _last(step: dict[str, str], unit: str) -> str:
    seen = set()
    while unit in step and unit not in seen:
        seen.add(unit)
        unit = step[unit]
    return unit
