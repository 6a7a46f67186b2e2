"""Reads a plan of the ledger again: a new session for the same file, with the corrections that still fit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bishui.errors import Conflict
from bishui.i18n import Text
from bishui.server.core import audit
from bishui.server.core.models import ImportSession
from bishui.server.plans import amending, calendar, directory, duties
from bishui.server.plans.models import DraftCorrection, Plan, PlanAmendment, TaskUnit
from bishui.server.plans.review_corrections import draft_of
from bishui.server.plans.review_draft import Draft
from bishui.server.plans.review_fields import listings
from bishui.server.plans.review_match import of_json, pair
from bishui.server.plans.staging import unit_cells
from bishui.server.plans.unit_names import resolve_plan


def reread(plan: Plan, *, actor: Any, where: str = "") -> ImportSession:
    """Open a session that reads the plan's file again; `core.imports.read` does the rest.

    Raises
    ------
    Conflict
        If the plan counts no more, has no file, or is being amended already.
    """
    with audit.action("plans.reread", actor=actor, where=where, division=plan.division, name=str(plan)):
        held = Plan.objects.select_for_update().get(pk=plan.pk)
        former = _basis(held)
        session = ImportSession(
            kind=former.kind,
            file=former.file,
            division=held.division,
            options={"amends": str(held.pk), "after": str(former.pk)},
            created_at=datetime.now(),
            created_by=actor if isinstance(actor, str) else actor.get_username(),
        )
        session.save()
    return session


def _basis(plan: Plan) -> ImportSession:
    former = amending.current_session(plan)
    if not plan.active or former is None:
        raise Conflict(
            Text("“{name}”不能重新识读：已撤回，或没有原始文件。", name=str(plan)),
            remedy=Text("请重新导入文件。"),
        )
    if open_amendment(plan) is not None:
        raise Conflict(
            Text("“{name}”已有一次修订正在办理。", name=str(plan)),
            remedy=Text("请先完成或放弃那一次修订。"),
        )
    return former


def open_amendment(plan: Plan) -> ImportSession | None:
    """Return the amendment of a plan that is under way, or None."""
    return (
        ImportSession.objects.filter(
            options__amends=str(plan.pk), state__in=["received", "previewed", "submitted", "committing"]
        )
        .order_by("-created_at")
        .first()
    )


def amended_plan(session: ImportSession) -> Plan | None:
    """Return the plan that a session amends, or None for a first import."""
    pk = session.options.get("amends")
    return Plan.objects.get(pk=pk) if pk else None


def check_basis(session: ImportSession, plan: Plan) -> None:
    """Refuse an amendment of what is no longer the plan's reading.

    Raises
    ------
    Conflict
        If another amendment landed or was taken back in between, or the plan counts no more.
    """
    current = amending.current_session(plan)
    if not plan.active or current is None or str(current.pk) != session.options["after"]:
        raise Conflict(
            Text("“{name}”在此期间已被另一次修订更新或撤回。", name=str(plan)),
            remedy=Text("请放弃本次修订，重新识读后再办理。"),
        )


def carry_over(session: ImportSession, data: Mapping[str, Any]) -> None:
    """Take over the corrections of the former reading wherever the reader reads the same as then."""
    if DraftCorrection.objects.filter(session=session).exists():
        return
    former = ImportSession.objects.get(pk=session.options["after"])
    before, after = draft_of(former), Draft(data)
    rows = [
        *_records(session, before, after),
        *_units(session, before, data),
        *_added(session, before, after),
    ]
    rows += _lines(session, before, data)
    with audit.action(
        "plans.corrections_carried",
        actor="system",
        division=session.division,
        name=str(session),
        count=len(rows),
    ):
        DraftCorrection.objects.bulk_create(rows)


def _copy(session: ImportSession, old: Any, path: str) -> DraftCorrection:
    return DraftCorrection(
        session=session,
        division=session.division,
        path=path,
        what=old.what,
        as_read=old.as_read,
        corrected=old.corrected,
        reason=old.reason,
        by=old.by,
        at=old.at,
        carried_from=old,
    )


def same_records(before: Draft, after: Draft, key: str) -> dict[int, int]:
    """Return which record of a former reading is which of a new one."""
    listing = listings()[key]
    if listing.single:
        return {0: 0}
    return dict(pair(before.as_read(key), after.as_read(key), listing.same, of_json))


def _records(session: ImportSession, before: Draft, after: Draft) -> list[DraftCorrection]:
    """Carry corrected fields and records left out."""
    rows = []
    for key in listings():
        became = same_records(before, after, key)
        for old in [*before.standing("field"), *before.standing("omit")]:
            name, index, *field = old.path.split("/")
            if name != key or int(index) not in became:
                continue
            place = became[int(index)]
            if old.what == "omit" or after.as_read(key)[place].get(field[0]) == old.as_read:
                rows.append(_copy(session, old, "/".join([key, str(place), *field])))
    return rows


def _added(session: ImportSession, before: Draft, after: Draft) -> list[DraftCorrection]:
    """Carry the added records, with their own corrections, behind what the reader now reads."""
    rows = []
    sizes = {key: len(after.as_read(key)) for key in listings()}
    for old in before.standing("add"):
        key = old.path.split("/")[0]
        path = f"{key}/{sizes[key]}"
        sizes[key] += 1
        rows.append(_copy(session, old, path))
        for field in before.standing("field"):
            if field.path.startswith(f"{old.path}/"):
                rows.append(_copy(session, field, f"{path}/{field.path.rsplit('/', 1)[1]}"))
    return rows


def _lines(session: ImportSession, before: Draft, data: Mapping[str, Any]) -> list[DraftCorrection]:
    count = len(data["lines"])
    return [
        _copy(session, old, old.path)
        for old in before.standing("line")
        if int(old.path.split("/")[1]) <= count
    ]


def _units(session: ImportSession, before: Draft, data: Mapping[str, Any]) -> list[DraftCorrection]:
    """Carry what people said of written names, in the review and afterwards on the pages of tasks."""
    rows = [_copy(session, old, old.path) for old in before.standing("unit")]
    said = {row.path.removeprefix("units/") for row in rows}
    resolved = resolve_plan(unit_cells(data), directory.directory_of(session.division))
    open_names = {item.written for cell in resolved.values() for item in cell if item.reason} - said
    meant: dict[str, set[str]] = {}
    held = TaskUnit.objects.filter(
        task__plan=session.options["amends"], written__in=open_names, unit__isnull=False
    )
    for written, unit in held.values_list("written", "unit_id"):
        meant.setdefault(written, set()).add(str(unit))
    for written, units in meant.items():
        rows.append(
            DraftCorrection(
                session=session,
                division=session.division,
                path=f"units/{written}",
                what="unit",
                corrected={"units": sorted(units), "no_unit": False},
                by="system",
                at=datetime.now(),
            )
        )
    return rows


def not_carried(session: ImportSession) -> list[DraftCorrection]:
    """Return the corrections of the former reading that no longer fit: the reader now reads another value."""
    carried = set(DraftCorrection.objects.filter(session=session).values_list("carried_from", flat=True))
    former = DraftCorrection.objects.filter(session=session.options["after"], stands=True)
    return [row for row in former if row.pk not in carried]


def undo_of(session: ImportSession) -> None:
    """Take back what a session did to the ledger: an amendment, or the whole plan.

    Raises
    ------
    Conflict
        If a later amendment stands on it.
    """
    amendment = PlanAmendment.objects.filter(session=session, stands=True).select_related("plan").first()
    if amendment is not None:
        amending.undo(amendment)
        duties.renew_plan(amendment.plan)
        calendar.renew(amendment.plan)
        return
    for plan in Plan.objects.filter(import_session=session, active=True):
        if PlanAmendment.objects.filter(plan=plan, stands=True).exists():
            raise Conflict(
                Text("“{name}”已有修订生效，不能先撤回最初的导入。", name=str(plan)),
                remedy=Text("请先撤回修订。"),
            )
        plan.active = False
        plan.save()
