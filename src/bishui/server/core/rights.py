"""Rights (权限): a role is a bundle of actions, granted on a division subtree, default deny.

A grant is (role, division path, unit). Each action in a role has a reach: ``subtree`` reaches every
record in the division's subtree, ``own_unit`` only those that are the duty of the grant's unit.
Roles are data (``roles.toml`` beside this module).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from bishui.i18n import Bilingual, Text

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Role:
    """A role: what it may do (action → reach)."""

    id: str
    label: Bilingual
    actions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held on a division subtree, for a unit where the role speaks of one."""

    role: str
    division: str
    unit: str = ""


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "roles.toml").read_text(encoding="utf-8"))


@cache
def actions() -> Mapping[str, Bilingual]:
    """Return every action that a route or a transition may ask for, with its name."""
    return {item["id"]: Bilingual(item["label_zh"], item["label_en"]) for item in _file()["action"]}


@cache
def roles() -> Mapping[str, Role]:
    """Return the roles by identifier."""
    found: dict[str, Role] = {}
    for item in _file()["role"]:
        held = dict.fromkeys(item.get("subtree", []), "subtree")
        held.update(dict.fromkeys(item.get("own_unit", []), "own_unit"))
        if item.get("all"):
            held = dict.fromkeys(actions(), "subtree")
        unknown = held.keys() - actions().keys()
        if unknown:
            raise ValueError(f"role {item['id']} names unknown actions {sorted(unknown)}")
        found[item["id"]] = Role(item["id"], Bilingual(item["label_zh"], item["label_en"]), held)
    return found


def _grants(user: Any, action: str) -> Iterable[tuple[Grant, str]]:
    if action not in actions():
        raise KeyError(f"unknown action {action!r}")
    if not getattr(user, "is_active", False) or not getattr(user, "is_authenticated", False):
        return
    for grant in user.grants():
        role = roles().get(grant.role)
        if role is not None and action in role.actions:
            yield grant, role.actions[action]


def holds(user: Any, action: str) -> bool:
    """Tell whether `user` may do `action` somewhere."""
    return any(True for _ in _grants(user, action))


def allowed(user: Any, action: str, record: Any) -> bool:
    """Tell whether `user` may do `action` on `record` (anything with ``division``)."""
    for grant, reach in _grants(user, action):
        if not record.division.startswith(grant.division):
            continue
        if reach == "subtree" or (grant.unit and grant.unit in record.responsible_units()):
            return True
    return False


def allowed_in(user: Any, action: str, division: str) -> bool:
    """Tell whether `user` may do `action` on any record of the division path `division`."""
    return any(
        reach == "subtree" and division.startswith(grant.division) for grant, reach in _grants(user, action)
    )


def divisions(user: Any, action: str) -> list[str]:
    """Return the division paths in whose subtrees `user` may do `action`."""
    return sorted({grant.division for grant, reach in _grants(user, action) if reach == "subtree"})


def visible(user: Any, action: str, records: QuerySet[M]) -> QuerySet[M]:
    """Return those of `records` on which `user` may do `action`.

    The model says with ``unit_lookup``, one lookup or several, how its responsible units are reached.
    """
    reach_of = Q(pk__in=[])
    for grant, reach in _grants(user, action):
        inside = Q(division__startswith=grant.division)
        if reach == "subtree":
            reach_of |= inside
        elif grant.unit and hasattr(records.model, "unit_lookup"):
            named = getattr(records.model, "unit_lookup")  # noqa: B009 -- only some models have it
            for lookup in (named,) if isinstance(named, str) else named:
                reach_of |= inside & Q(pk__in=_of_unit(records.model, lookup, grant.unit))
    return records.filter(reach_of)


def _of_unit(model: type[Model], lookup: str, unit: str) -> QuerySet[Any]:
    """Return the keys of the records of `model` that `lookup` leads to from a unit, by the fewest joins."""
    first, _, rest = lookup.partition("__")
    field: Any = model._meta.get_field(first)
    if rest and field.one_to_many:
        named: QuerySet[Any] = field.related_model._base_manager.filter(**{rest: unit})
        return named.values(field.field.attname)
    if rest and field.primary_key:
        return _of_unit(field.related_model, rest, unit)
    return every(model).filter(**{lookup: unit}).values("pk")


def every(model: type[M]) -> QuerySet[M]:
    """Return all records of a model, also those that its lists leave out (the manager ``every``)."""
    manager = getattr(model, "every", model._default_manager)
    found: QuerySet[M] = manager.all()
    return found


def explain(user: Any, action: str, record: Any) -> Text:
    """Say why `user` may or may not do `action` on `record`."""
    label = actions()[action]
    for grant, reach in _grants(user, action):
        if not record.division.startswith(grant.division):
            continue
        role = roles()[grant.role].label
        if reach == "subtree":
            return Text(
                "可以“{action}”：角色“{role}”辖区 {division}。",
                action=label,
                role=role,
                division=grant.division,
            )
        if grant.unit and grant.unit in record.responsible_units():
            return Text("可以“{action}”：角色“{role}”，本单位的任务。", action=label, role=role)
    if holds(user, action):
        return Text("不可以“{action}”：该记录不在您的辖区或单位之内。", action=label)
    return Text("不可以“{action}”：您的角色不包含此权限。", action=label)
