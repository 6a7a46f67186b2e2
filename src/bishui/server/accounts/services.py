"""Writes of this app."""

from __future__ import annotations

import secrets
from typing import Any

from bishui.errors import CallError
from bishui.i18n import Text
from bishui.server.accounts.models import Division, RoleAssignment, Unit, User
from bishui.server.core import audit, rights

#: The name under which the command line acts.
CONSOLE = "console"


def save_division(code: str, name: str, *, parent: str = "", actor: Any, **fields: Any) -> Division:
    """Create or change a division; its path follows from its parent."""
    with audit.action("accounts.divisions_saved", actor=actor, name=name):
        found = Division.objects.filter(code=code).first() or Division(code=code)
        found.name, found.parent = name, parent
        found.prepare()
        for key, value in fields.items():
            setattr(found, key, value)
        found.save()
    return found


def save_unit(code: str, name: str, *, division: str, actor: Any, **fields: Any) -> Unit:
    """Create or change a unit of the division path `division`."""
    with audit.action("accounts.units_saved", actor=actor, name=name, division=division):
        found = Unit.objects.filter(code=code).first() or Unit(code=code)
        found.name, found.division = name, division
        for key, value in fields.items():
            setattr(found, key, value)
        found.save()
    return found


def learn_alias(unit: Unit, alias: str, *, actor: Any) -> bool:
    """Keep another written form of a unit's name; tell whether it was new."""
    if alias in unit.names() or "；" in alias or ";" in alias:
        return False
    with audit.action("accounts.units_saved", actor=actor, name=unit.name, division=unit.division):
        unit.aliases = "；".join([*unit.names()[1:], alias])
        unit.save()
    return True


def forget_alias(unit: Unit, alias: str, *, actor: Any) -> None:
    """Drop a written form that was learned by mistake."""
    with audit.action("accounts.units_saved", actor=actor, name=unit.name, division=unit.division):
        unit.aliases = "；".join(name for name in unit.names()[1:] if name != alias)
        unit.save()


def create_user(
    username: str,
    password: str | None,
    *,
    actor: Any,
    full_name: str = "",
    unit: Unit | None = None,
    where: str = "",
) -> User:
    """Create a user; the password is stored as a hash only.

    With None as the password nobody can sign in as the user until one is set.
    """
    with audit.action("accounts.user_saved", actor=actor, where=where, user=username):
        user = User(username=username, full_name=full_name, unit=unit)
        user.set_password(password)
        user.save()
    return user


def set_active(user: User, active: bool, *, actor: Any, where: str = "") -> None:
    """Allow or stop a user's sign-in; the user's past stays."""
    with audit.action("accounts.user_saved", actor=actor, where=where, user=user.username):
        user.is_active = active
        user.save()


def set_password(username: str, password: str, *, actor: Any, where: str = "") -> None:
    """Set a user's password.

    Raises
    ------
    CallError
        If there is no such user.
    """
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CallError(Text("没有名为“{name}”的用户。", name=username), remedy=Text("请核对用户名。"))
    with audit.action("accounts.password_set", actor=actor, where=where, user=username):
        user.set_password(password)
        user.save()


def grant(
    user: User, role: str, division: str, *, actor: Any, unit: Unit | None = None, where: str = ""
) -> RoleAssignment:
    """Give `user` a role on the subtree of the division path `division` (empty = the whole instance)."""
    label = rights.roles()[role].label
    with audit.action(
        "accounts.role_granted",
        actor=actor,
        where=where,
        division=division,
        user=user.username,
        role=label.zh,
    ):
        assignment = RoleAssignment(user=user, role=role, division=division, unit=unit)
        assignment.save()
    return assignment


def console_user() -> User:
    """Return the user in whose name the command line acts; nobody can sign in as it."""
    found: User | None = User.objects.filter(username=CONSOLE).first()
    if found is None:
        with audit.action("core.first_start", actor="system"):
            found = User(username=CONSOLE, full_name="命令行")
            found.set_unusable_password()
            found.save()
            grant(found, "administrator", "", actor="system")
    return found


def ensure_administrator() -> tuple[str, str] | None:
    """Make the first administrator of an instance that has none.

    Returns
    -------
    (name, password) or None
        The password is made here and stored nowhere; None where there is an administrator already.
    """
    held = RoleAssignment.objects.filter(role="administrator").exclude(user__username=CONSOLE)
    if held.exists() or User.objects.filter(username="admin").exists():
        return None
    password = secrets.token_urlsafe(12)
    with audit.action("core.first_start", actor="system"):
        user = create_user("admin", password, actor="system", full_name="系统管理员")
        grant(user, "administrator", "", actor="system")
    return user.username, password
