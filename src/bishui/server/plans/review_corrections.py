"""Corrections of a read plan: records beside what was read, one at a time, seen by whoever corrects next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from bishui.errors import Conflict, DataError, Where
from bishui.i18n import Text
from bishui.server.accounts import services as accounts
from bishui.server.core import audit, imports, workflow
from bishui.server.core.ids import uuid7
from bishui.server.core.middleware import not_found
from bishui.server.core.models import ImportSession
from bishui.server.plans import directory, staging
from bishui.server.plans.models import DraftCorrection
from bishui.server.plans.review_draft import Draft, Entry, FieldView
from bishui.server.plans.review_fields import Listing, follow, listings, parse, shown

#: The staged plan in the session's folder.
STAGED = "plan.json"
_SHOWN = 80


@lru_cache(maxsize=8)
def _staged(path: str, _modified: int) -> dict[str, Any]:
    return staging.staged(Path(path))


def draft_of(session: ImportSession) -> Draft:
    """Return the draft of a read session with its corrections."""
    path = imports.staged(session, STAGED)
    if not path.is_file():
        raise not_found()
    data = _staged(str(path), path.stat().st_mtime_ns)
    return Draft(data, DraftCorrection.objects.filter(session=session))


def correct(
    session: ImportSession,
    path: str,
    text: str,
    *,
    seen: int,
    actor: Any,
    reason: str = "",
    where: str = "",
) -> None:
    """Correct one field; what was read stays beside it.

    Parameters
    ----------
    path
        The field: ``tasks/12/deadline``.
    text
        The value as typed; checked and taken apart as the reader does.
    seen
        How many changes of the field the person had before the eyes (0 = what was read).

    Raises
    ------
    NotFound
        If there is no such field.
    DataError
        If the field cannot hold the value.
    Conflict
        If somebody else corrected the field in between, or the import is no longer open to corrections.
    """
    with _action(session, "plans.draft_corrected", actor, where, reason) as act:
        draft = draft_of(session)
        entry, view = field_at(draft, path)
        value = parse(view.field, text, entry.record)
        if value == entry.record.get(view.field.key):
            return
        base = entry.read if entry.read is not None else entry.added.corrected if entry.added else {}
        as_read = base.get(view.field.key)
        stands = value != as_read or view.field.kind == "norm"
        _store(session, path, "field", as_read, value, seen=seen, actor=actor, reason=reason, stands=stands)
        act.params |= {
            "place": place_of(entry, view),
            "before": view.text[:_SHOWN],
            "after": shown(view.field, value)[:_SHOWN],
        }


def reset(session: ImportSession, path: str, what: str, *, seen: int, actor: Any, where: str = "") -> None:
    """Set a place back to what was read; an added record is dropped again."""
    with _action(session, "plans.draft_reset", actor, where) as act:
        found = DraftCorrection.objects.filter(session=session, path=path, what=what).first()
        if found is None:
            raise not_found()
        _store(session, path, what, found.as_read, found.corrected, seen=seen, actor=actor, stands=False)
        act.params |= {
            "place": path,
            "after": str(found.as_read if found.as_read is not None else "")[:_SHOWN],
        }


def leave_out(
    session: ImportSession, path: str, *, seen: int, actor: Any, reason: str = "", where: str = ""
) -> None:
    """Leave a record out that was read wrongly; its lines and what was read stay visible."""
    with _action(session, "plans.draft_left_out", actor, where, reason) as act:
        entry = entry_at(draft_of(session), path)
        if entry.listing.single:
            raise not_found()
        _store(session, path, "omit", None, None, seen=seen, actor=actor, reason=reason)
        act.params["place"] = f"{entry.listing.label.zh} {entry.name}"


def add(
    session: ImportSession,
    key: str,
    lines: tuple[int, int],
    texts: Mapping[str, str],
    *,
    actor: Any,
    reason: str = "",
    where: str = "",
) -> str:
    """Add a record that the reader missed, by the source lines it stands on.

    Returns
    -------
    str
        Its path in the draft.
    """
    with _action(session, "plans.draft_added", actor, where, reason) as act:
        draft = draft_of(session)
        listing = _listing(key)
        _check_lines(lines, len(draft.data["lines"]))
        record = _record(listing, texts, draft)
        record |= {"lines": list(lines), "line": lines[0]} | ({"task": None} if key == "targets" else {})
        path = f"{key}/{draft.size(key)}"
        _store(session, path, "add", None, record, seen=0, actor=actor, reason=reason)
        act.params |= {"place": listing.label.zh, "after": str(record[listing.add])[:_SHOWN]}
    return path


def _listing(key: str) -> Listing:
    listing = listings().get(key)
    if listing is None or not listing.add:
        raise not_found()
    return listing


def _check_lines(lines: tuple[int, int], count: int) -> None:
    if not 1 <= lines[0] <= lines[1] <= count:
        raise DataError(
            Text(
                "原文共 {count} 行，没有第 {first} 至 {last} 行。", count=count, first=lines[0], last=lines[1]
            ),
            remedy=Text("请重新选择起止行，起始行不大于结束行。"),
            where=Where(field=str(Text("行"))),
        )


def _record(listing: Listing, texts: Mapping[str, str], draft: Draft) -> dict[str, Any]:
    """Return a whole record of the JSON from typed texts; meanings follow unless they were typed too."""
    record: dict[str, Any] = {}
    order = sorted(listing.fields.values(), key=lambda field: field.kind != "flag")
    for field in order:
        text = texts.get(field.key, "")
        value = parse(field, text, record)
        if value is not None or field.key not in record:
            record[field.key] = value
        if not texts.get(field.means):
            record |= follow(field, value, draft.data["doc"]["year"])
    return record


def say_units(
    session: ImportSession,
    written: str,
    units: Sequence[str],
    *,
    seen: int,
    actor: Any,
    no_unit: bool = False,
    reason: str = "",
    where: str = "",
) -> None:
    """Say which units a written name means, or that it names no unit."""
    if not units and not no_unit:
        raise DataError(
            Text("没有为“{name}”选择单位。", name=written),
            remedy=Text("请选择一个或几个单位，或标明它不是单位。"),
            where=Where(field=str(Text("单位"))),
        )
    names = _unit_names(units)
    meant = Text("不是单位") if no_unit else "、".join(names)
    with _action(session, "plans.draft_unit_said", actor, where, reason) as act:
        value = {"units": [] if no_unit else list(units), "no_unit": no_unit}
        _store(session, f"units/{written}", "unit", None, value, seen=seen, actor=actor, reason=reason)
        act.params |= {"place": written, "after": str(meant)}


def say_new_unit(
    session: ImportSession,
    written: str,
    *,
    name: str,
    division: str,
    kind: str,
    seen: int,
    actor: Any,
    reason: str = "",
    where: str = "",
) -> None:
    """Register a new unit and say that a written name means it; whoever calls has checked the right."""
    name = name.strip()
    if not name or len(name) > 120:
        raise DataError(
            Text("单位名称不能为空，且不超过 120 个字。"),
            remedy=Text("请填写单位全称。"),
            where=Where(field=str(Text("单位名称"))),
        )
    with _action(session, "plans.draft_unit_said", actor, where, reason) as act:
        code = f"u-{uuid7().hex[-12:]}"
        unit = accounts.save_unit(code, name, division=division, actor=actor, kind=kind)
        value = {"units": [str(unit.pk)], "no_unit": False}
        _store(session, f"units/{written}", "unit", None, value, seen=seen, actor=actor, reason=reason)
        act.params |= {"place": written, "after": name}


def _unit_names(units: Sequence[str]) -> list[str]:
    known = directory.unit_names()
    if unknown := [unit for unit in units if unit not in known]:
        raise DataError(
            Text("单位台账中没有“{unit}”。", unit=unknown[0]), remedy=Text("请从列出的单位中选择。")
        )
    return [known[unit] for unit in units]


def check_line(session: ImportSession, line: int, *, seen: int, actor: Any, where: str = "") -> None:
    """Say that a line which was not understood needs no record."""
    with _action(session, "plans.draft_line_checked", actor, where) as act:
        draft = draft_of(session)
        _check_lines((line, line), len(draft.data["lines"]))
        before = "；".join(draft.data["became"][line - 1])
        _store(session, f"lines/{line}", "line", before, True, seen=seen, actor=actor)
        act.params["place"] = str(Text("第 {line} 行", line=line))


def entry_at(draft: Draft, path: str) -> Entry:
    """Return the record at a path, or refuse."""
    entry = draft.entry(path)
    if entry is None:
        raise not_found()
    return entry


def field_at(draft: Draft, path: str) -> tuple[Entry, FieldView]:
    """Return the record and the field at a path, or refuse."""
    record, _, key = path.rpartition("/")
    entry = entry_at(draft, record)
    view = next((view for view in entry.fields if view.field.key == key), None)
    if view is None:
        raise not_found()
    return entry, view


def place_of(entry: Entry, view: FieldView) -> str:
    """Return how the trail names a field."""
    return f"{entry.listing.label.zh} {entry.name} · {view.field.label.zh}"


@contextmanager
def _action(session: ImportSession, name: str, actor: Any, where: str, why: str = "") -> Iterator[audit.Act]:
    """Open an audited action on a session, held open to corrections until it ends."""
    with audit.action(
        name,
        actor=actor,
        where=where,
        why=why,
        division=session.division,
        name=str(session),
        place="",
        before="",
        after="",
    ) as act:
        held = ImportSession.objects.select_for_update().get(pk=session.pk)
        if held.state != "previewed":
            raise _closed(held)
        yield act


def _closed(session: ImportSession) -> Conflict:
    state = workflow.of(session).states[session.state].label
    return Conflict(
        Text("“{name}”当前为“{state}”，不能再更正。", name=str(session), state=state),
        remedy=Text("待复核的请先收回或由复核人退回；已生效的请重新识读后更正。"),
    )


def _store(
    session: ImportSession,
    path: str,
    what: str,
    as_read: Any,
    corrected: Any,
    *,
    seen: int,
    actor: Any,
    reason: str = "",
    stands: bool = True,
) -> None:
    found = DraftCorrection.objects.filter(session=session, path=path, what=what).first()
    if (found.version if found else 0) != seen:
        raise _meanwhile(found)
    row = found or DraftCorrection(session=session, division=session.division, path=path, what=what)
    row.as_read, row.corrected, row.stands, row.reason = as_read, corrected, stands, reason[:500]
    row.by = actor if isinstance(actor, str) else actor.get_username()
    row.at = datetime.now()
    row.save()


def _meanwhile(found: DraftCorrection | None) -> Conflict:
    return Conflict(
        Text("在您填写期间，{by}已改过这一处。", by=found.by if found else ""),
        remedy=Text("请核对对方填写的内容；您填写的内容仍在，确认后可再次保存。"),
    )
