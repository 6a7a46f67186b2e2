"""The base of all records: owned, versioned, and never written outside an audited action.

A record knows what it was when it was loaded, so that the audit trail holds before and after of each
field. Writing without an open `bishui.server.core.audit.action` is an error: there is no unaudited path,
neither for a page nor for an import nor for an administrator.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

from django.db import models

from bishui.errors import Conflict, Problem
from bishui.i18n import Bilingual, Text
from bishui.server.core import audit, inserting, workflow
from bishui.server.core.ids import uuid7

M = TypeVar("M", bound="Record")


class RecordQuerySet(models.QuerySet[M]):
    """A query set whose bulk writes are audited too."""

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        """Create many records; the open action notes each one's identifier."""
        records = list(objs)
        for record in records:
            record.check_write(loaded=None)
        audit.current().note_many(self.model._meta.label, "create", [str(record.pk) for record in records])
        if args or kwargs.keys() - {"batch_size"} or not inserting.is_plain(self.model):
            return super().bulk_create(records, *args, **kwargs)
        inserting.insert(self.model, records)
        return records

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        """Refuse: it would pass by the check for somebody else's change."""
        raise TypeError("records are changed one by one, so that nobody's change is overwritten")

    def update(self, **kwargs: Any) -> int:
        """Refuse: a blind update has no before."""
        raise TypeError("records are changed one by one, so that the trail holds the before")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the records; the open action notes each one."""
        for record in self:
            audit.current().note(record, "delete", {})
        return super().delete()


class Record(models.Model):
    """Something people work with, with a globally unique, time-ordered identifier.

    `version` counts the changes: saving a record that somebody else has changed since it was loaded
    is refused with `bishui.errors.Conflict`.
    """

    #: The workflow whose states `state` follows, if the record has one.
    workflow_name: ClassVar[str] = ""
    #: Fields that the audit trail names but whose content it does not keep.
    unlogged_fields: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True

    loaded: dict[str, Any] | None = None

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any, **kwargs: Any) -> Any:
        """Keep what was loaded, as the before of a change."""
        record = super().from_db(db, field_names, values, **kwargs)
        record.loaded = dict(zip(field_names, values, strict=False))
        return record

    def changes(self, names: Iterable[str] | None = None) -> dict[str, list[Any]]:
        """Return ``{field: [before, after]}`` for the fields that differ from what was loaded."""
        before = self.loaded or {}
        chosen = set(names) if names is not None else None
        found: dict[str, list[Any]] = {}
        for field in self._meta.concrete_fields:
            if field.name == "version" or (chosen is not None and field.name not in chosen):
                continue
            old, new = before.get(field.attname), getattr(self, field.attname)
            if old == new or (not before and new in ("", [], {})) or field.primary_key:
                continue
            hidden = field.name in self.unlogged_fields
            found[field.name] = ["…", "…"] if hidden else [audit.plain(old), audit.plain(new)]
        return found

    def check_write(self, loaded: Mapping[str, Any] | None) -> None:
        """Refuse what no save may do, bulk or single; `loaded` is None for a new record.

        Raises
        ------
        Conflict
            If the state was changed otherwise than by its workflow.
        """
        workflow.check_state(self, loaded)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the record inside the open action.

        Raises
        ------
        Conflict
            If somebody else changed the record since it was loaded.
        """
        adding = self._state.adding
        self.check_write(loaded=None if adding else self.loaded or {})
        changed = self.changes()
        audit.current().note(self, "create" if adding else "change", changed)
        if adding:
            super().save(*args, **kwargs)
        else:
            self._save_over(kwargs.get("update_fields"))
        self.loaded = {field.attname: getattr(self, field.attname) for field in self._meta.concrete_fields}

    def _save_over(self, update_fields: Iterable[str] | None) -> None:
        names = set(update_fields) if update_fields is not None else None
        values = {
            field.attname: getattr(self, field.attname)
            for field in self._meta.concrete_fields
            if not field.primary_key and (names is None or field.name in names)
        }
        values["version"] = self.version + 1
        manager: models.QuerySet[Any] = models.QuerySet(type(self))
        if not manager.filter(pk=self.pk, version=self.version).update(**values):
            raise Conflict(
                Text("“{name}”在您打开之后已被他人修改。", name=str(self)),
                remedy=Text("请刷新页面，核对对方的修改后再保存。"),
            )
        self.version += 1

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the record inside the open action."""
        audit.current().note(self, "delete", {})
        return super().delete(*args, **kwargs)


class OwnedRecord(Record):
    """A record with an owning division.

    `division` is the path of division codes from the instance's root, each followed by a slash
    (``450200/450221/``): a subtree is a prefix.
    """

    division = models.CharField(max_length=200, db_index=True)

    class Meta:
        abstract = True

    def prepare(self) -> None:
        """Set what follows from other fields, before a register saves the record."""

    @classmethod
    @contextmanager
    def preparing(cls, rows: Sequence[Mapping[str, Any]]) -> Iterator[None]:
        """Hold what `prepare` looks up for many records, given as texts by field, while it is open."""
        yield

    @classmethod
    def assign_keys(cls, records: Sequence[Any]) -> None:
        """Give new records of a register that assigns keys their keys; within an audited action."""
        raise TypeError(f"{cls.__name__} is given its keys by people")

    @classmethod
    def after_adding(cls, records: Sequence[Any]) -> None:
        """Do what else begins with new records of a register; within the audited action that saved them."""

    def is_used(self) -> bool:
        """Tell whether other records rest on this one without a foreign key; it is then not taken back."""
        return False

    @classmethod
    def remove_unused(cls, records: Sequence[Any]) -> Any | None:
        """Delete records, in the given order, as long as nothing rests on them; within an audited action.

        Returns
        -------
        Any or None
            The first that something rests on, as `is_used` tells; the deletion is then to be undone.
        """
        if cls.is_used is OwnedRecord.is_used and cls.delete is Record.delete:
            cls._default_manager.filter(pk__in=[record.pk for record in records]).delete()
            return None
        for record in records:
            if record.is_used():
                return record
            record.delete()
        return None

    def right_named(self, name: str) -> str:
        """Return the action that a workflow file calls `name`; a name with ``@`` depends on the record."""
        return name

    def meets(self, condition: str, actor: Any) -> bool:
        """Tell whether a condition that a workflow file names holds for the record and who acts.

        Raises
        ------
        KeyError
            If the record knows no such condition.
        """
        raise KeyError(condition)

    def lacking(self, transition: workflow.Transition, given: Mapping[str, Any], actor: Any) -> list[Problem]:
        """Return which of the transition's requirements are not met; asked only where it has some.

        `given` holds the evidence that is handed in with it, as values by key.
        """
        raise TypeError(f"{type(self).__name__} answers no requirements")

    def take_evidence(self, transition: workflow.Transition, given: Mapping[str, Any], actor: Any) -> None:
        """Take evidence into the record's fields; within the audited action, before the record is saved."""

    def follower(self, transition: workflow.Transition, given: Mapping[str, Any]) -> Any:
        """Return the new record, not yet saved, of a transition that begins anew."""
        raise TypeError(f"{type(self).__name__} never begins anew")

    def evidence_options(self, name: str) -> Mapping[str, Bilingual]:
        """Return a list of choices that a workflow file calls `name`.

        Raises
        ------
        KeyError
            If the record knows no such list.
        """
        raise KeyError(name)

    def responsible_units(self) -> frozenset[str]:
        """Return the identifiers of the units that the record is the duty of."""
        return frozenset()
