"""Divisions, units, users and the roles they hold."""

from __future__ import annotations

import re
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models

from bishui.errors import Conflict, DataError
from bishui.i18n import Bilingual, Text
from bishui.server.accounts.models_tokens import AccessToken
from bishui.server.core.records import OwnedRecord, Record, RecordQuerySet
from bishui.server.core.rights import Grant, roles

__all__ = ["AccessToken", "Division", "RoleAssignment", "Unit", "UnitSuccession", "User", "Users"]


class Division(OwnedRecord):
    """An administrative division (行政区划); its own path is its `division`.

    A root of the instance is a workspace. `fiction` marks an invented city, which is shown as at the
    fixed day `as_of`; a real one is shown as of today.
    """

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80, blank=True)
    level = models.CharField(max_length=12)
    parent = models.CharField(max_length=12, blank=True)
    fiction = models.BooleanField(default=False)
    as_of = models.DateField(null=True, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def shown_name(self) -> str:
        """The name in the language in use; the Chinese one where no English one was registered."""
        return str(Bilingual(self.name, self.name_en))

    def prepare(self) -> None:
        """Set the division's own path from its parent's."""
        above = Division.objects.filter(code=self.parent).first() if self.parent else None
        self.division = f"{above.division if above else ''}{self.code}/"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, unless the division would lie under itself or leave what belongs to it behind.

        Raises
        ------
        DataError
            If the division is named as its own parent.
        Conflict
            If its path would change while records belong to it: they would be left without a division.
        """
        if self.parent == self.code:
            raise DataError(
                Text("“{name}”不能是自己的上级。", name=self.name),
                remedy=Text("请改填上级区划代码，或留空。"),
            )
        former = str((self.loaded or {}).get("division", self.division))
        if former != self.division and self._holds(former):
            raise Conflict(
                Text("“{name}”已有所属的记录，不能改变上级或代码。", name=self.name),
                remedy=Text("请新立区划，并给原区划填写停用日期。"),
            )
        super().save(*args, **kwargs)

    def is_used(self) -> bool:
        """Tell whether any record belongs to the division or one below it."""
        return self._holds(self.division)

    def _holds(self, path: str) -> bool:
        owned = (model for model in apps.get_models() if issubclass(model, OwnedRecord))
        return any(
            model._default_manager.filter(division__startswith=path).exclude(pk=self.pk).exists()
            for model in owned
        )

    @property
    def is_root(self) -> bool:
        """Whether the division is a workspace of its own."""
        return not self.parent


class Unit(OwnedRecord):
    """A unit (单位): a bureau, a government, an enterprise. A renamed one stays, with its dates."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120, db_index=True)
    #: Other written forms of the name, separated by ``；``.
    aliases = models.TextField(blank=True)
    kind = models.CharField(max_length=20)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["division", "code"]

    def __str__(self) -> str:
        return self.name

    def names(self) -> list[str]:
        """Return every written form of the name."""
        return [self.name, *(part.strip() for part in re.split("[；;]", self.aliases) if part.strip())]


class UnitSuccession(OwnedRecord):
    """That a unit was renamed, or merged into another, on a day (更名、合并)."""

    old = models.OneToOneField(Unit, on_delete=models.PROTECT, related_name="succeeded_by")
    new = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="successor_of")
    on = models.DateField()
    kind = models.CharField(max_length=8)

    class Meta:
        ordering = ["on", "id"]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"


class Users(UserManager.from_queryset(RecordQuerySet)):  # type: ignore[misc]
    """The users, with Django's way of making one."""


class User(Record, AbstractUser):
    """A person who signs in."""

    unlogged_fields = frozenset({"password"})

    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="users")
    full_name = models.CharField(max_length=60, blank=True)

    objects = Users()  # type: ignore[misc]

    def __str__(self) -> str:
        return self.full_name or self.username

    def grants(self) -> list[Grant]:
        """Return the roles held, read once per request."""
        if not hasattr(self, "_grants"):
            held = self.assignments.all()
            self._grants = [
                Grant(item.role, item.division, str(item.unit_id) if item.unit_id else "") for item in held
            ]
        return self._grants

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, opening an action of its own where Django saves by itself (a renewed password hash)."""
        from bishui.server.core import audit

        with audit.action("accounts.user_saved", actor="system", user=self.username):
            super().save(*args, **kwargs)


class RoleAssignment(OwnedRecord):
    """A role of a user on a division subtree (`division`), for a unit where the role speaks of one."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments")
    role = models.CharField(max_length=40)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "division", "unit"], name="one_assignment")
        ]

    def __str__(self) -> str:
        return f"{self.user} {roles()[self.role].label}"
