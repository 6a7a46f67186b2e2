"""Import sessions (导入): file kept, every row accounted for, preview, one commit, undo.

One import is one commit. The record row is flipped to ``active`` only after the other store (where the
kind has one) holds the rows under the import's identifier, which that store accepts once; rows count only
while their import is active. Whatever line a process is killed at, `reconcile` finds the import wholly in
or wholly out.

    received ─▶ previewed ─▶ committing ─▶ active ─▶ taken back
        └▶ unreadable, repeat    └▶ previewed (failed, nothing counts)

A kind that asks for two persons goes by ``submitted``: one submits, another confirms or returns with reasons.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq
import structlog
from django.db import transaction

from bishui.errors import BishuiError, Conflict, Problem, Where
from bishui.i18n import Text
from bishui.server.core import audit, files, registers, workflow
from bishui.server.core.models import ImportSession

log = structlog.get_logger()
Progress = Callable[[int, int], None]
SHOWN_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """What a kind of import read from a file, before anything counts.

    Attributes
    ----------
    summary
        Counts and findings for the preview, as JSON.
    problems
        Each rejected cell with its place, reason and remedy.
    account
        One row for each row or line of the file: what became of it.
    """

    summary: dict[str, Any]
    reader_version: str
    problems: Sequence[Problem] = ()
    account: pa.Table | None = None
    #: Whether committing would change anything.
    has_content: bool = True
    extra: dict[str, Any] = field(default_factory=dict)


class ImportKind(Protocol):
    """What one kind of import does at each step."""

    key: str
    label: Text
    right: str
    take_back_right: str
    #: What the upload page asks for beside the file, as register fields; the answers are ``session.options``.
    options: Sequence[registers.Field]
    #: A template that shows ``session.summary`` on the preview page.
    preview_template: str
    #: Whether a second person must confirm what the first has submitted.
    two_persons: bool

    def template_url(self) -> str:
        """Return the address of the template to download, or an empty text."""

    def read(self, session: ImportSession, progress: Progress) -> Reading:
        """Read the file into the session's folder; nothing counts yet."""

    def store(self, session: ImportSession, progress: Progress) -> None:
        """Put the rows into the other store under the import's identifier; repeating does nothing."""

    def is_stored(self, session: ImportSession) -> bool:
        """Tell whether the other store holds the rows."""

    def record(self, session: ImportSession) -> None:
        """Write the records, in the transaction that makes the import active."""

    def take_back(self, session: ImportSession) -> None:
        """Undo the records, in the transaction that makes the import count no more."""

    def settle(self, session: ImportSession) -> None:
        """Do what pages would otherwise wait for, once the import counts; it may fail or be cut off."""


_kinds: dict[str, ImportKind] = {}


def register(kind: ImportKind) -> None:
    """Make a kind of import known."""
    _kinds[kind.key] = kind


def kind(key: str) -> ImportKind:
    """Return a kind of import by its key."""
    return _kinds[key]


def kinds() -> list[ImportKind]:
    """Return every kind of import."""
    return list(_kinds.values())


def receive(
    kind_key: str,
    chunks: Iterable[bytes],
    name: str,
    *,
    division: str,
    actor: Any,
    where: str = "",
    options: dict[str, Any] | None = None,
) -> ImportSession:
    """Keep the file and open a session for it."""
    with audit.action(
        "core.import_received", actor=actor, where=where, division=division, name=files.safe_name(name)
    ):
        stored = files.keep(chunks, name, division=division)
        session = ImportSession(
            kind=kind_key,
            file=stored,
            division=division,
            options=options or {},
            created_at=datetime.now(),
            created_by=str(actor) if isinstance(actor, str) else actor.get_username(),
        )
        session.save()
    return session


def read(session: ImportSession, progress: Progress | None = None) -> None:
    """Read the file of a received session and show what would happen.

    A file that cannot be read ends in the state ``unreadable`` with the reason; a file that is already
    active for the same division ends in ``repeat``.
    """
    with _held(session):
        session.refresh_from_db()
        if session.state != "received":
            return
        former = _active_twin(session)
        if former is not None:
            session.repeat_of = former
            workflow.fire(session, "recognise", actor="system")
            return
        try:
            reading = kind(session.kind).read(session, progress or _file_progress(session))
        except BishuiError as error:
            _refuse(session, error)
            return
        _keep_reading(session, reading)
        workflow.fire(session, "preview", actor="system")


def _active_twin(session: ImportSession) -> ImportSession | None:
    return (
        ImportSession.objects.filter(
            kind=session.kind,
            division=session.division,
            file__sha256=session.file.sha256,
            options=session.options,
            state__in=["active", "committing"],
        )
        .exclude(pk=session.pk)
        .first()
    )


def _refuse(session: ImportSession, error: BishuiError) -> None:
    problems = error.problems or (
        Problem(error.code, error.what, error.remedy or Text("请核对后重新导入。"), error.where),
    )
    session.problems = [problem.as_dict() for problem in problems[:SHOWN_PROBLEMS]]
    session.problem_count = len(problems)
    session.summary = {"error": error.as_dict()}
    workflow.fire(session, "refuse", actor="system")


def _keep_reading(session: ImportSession, reading: Reading) -> None:
    session.folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(problem.as_dict(), ensure_ascii=False) for problem in reading.problems]
    (session.folder / "problems.jsonl").write_text("\n".join(lines), encoding="utf-8")
    if reading.account is not None:
        pq.write_table(reading.account, session.folder / "account.parquet")
    session.reader_version = reading.reader_version
    session.summary = {**reading.summary, "has_content": reading.has_content}
    session.problem_count = len(reading.problems)
    session.problems = [problem.as_dict() for problem in reading.problems[:SHOWN_PROBLEMS]]


def read_again(session: ImportSession) -> None:
    """Read a previewed session anew: what it is compared with has changed; call in an audited action."""
    _keep_reading(session, kind(session.kind).read(session, _file_progress(session)))
    session.save()


def needs_two(session: ImportSession) -> bool:
    """Tell whether a second person must confirm the import."""
    return kind(session.kind).two_persons


def submit(session: ImportSession, *, actor: Any, where: str = "") -> None:
    """Hand the previewed import to a second person; it cannot be changed until that one has decided."""
    _check_content(session)
    workflow.fire(session, "submit", actor=actor, where=where)


def send_back(session: ImportSession, *, actor: Any, why: str, where: str = "") -> None:
    """Return a submitted import to be corrected, with the reason."""
    workflow.fire(session, "return", actor=actor, evidence={"why": why}, where=where)


def withdraw(session: ImportSession, *, actor: Any, where: str = "") -> None:
    """Take one's own submitted import back to correct it."""
    workflow.fire(session, "withdraw", actor=actor, where=where)


def start_commit(session: ImportSession, *, actor: Any, where: str = "", alone: str = "") -> None:
    """Record that a person wants the import; `finish_commit` does it.

    Parameters
    ----------
    alone
        Why one person decides where two should; only the console may, and only where the instance permits it.
    """
    _check_content(session)
    if alone:
        workflow.fire(session, "commit_alone", actor=actor, evidence={"why": alone}, where=where, why=alone)
    else:
        step = "confirm" if session.state == "submitted" else "commit"
        workflow.fire(session, step, actor=actor, where=where)


def _check_content(session: ImportSession) -> None:
    if not session.summary.get("has_content", True):
        raise Conflict(
            Text("“{name}”中没有可导入的新内容。", name=str(session)), remedy=Text("请查看预览中列出的原因。")
        )


def finish_commit(session: ImportSession, progress: Progress | None = None) -> None:
    """Bring a ``committing`` session to ``active``; run again after a crash it does nothing twice.

    Raises
    ------
    BishuiError
        If it cannot be done; the session is back in ``previewed`` and nothing of it counts.
    """
    with _held(session):
        session.refresh_from_db()
        if session.state != "committing":
            return
        handler = kind(session.kind)
        try:
            handler.store(session, progress or _file_progress(session))
            _land(session)
        except BishuiError as error:
            session.refresh_from_db()
            session.summary = {**session.summary, "error": error.as_dict()}
            workflow.fire(session, "fail", actor="system")
            raise
        handler.settle(session)


def _land(session: ImportSession) -> None:
    with audit.action("core.import_landed", actor="system", division=session.division, name=str(session)):
        kind(session.kind).record(session)
        session.landed_at = datetime.now()
        workflow.fire(session, "land", actor="system")


def take_back(session: ImportSession, *, actor: Any, why: str, where: str = "") -> None:
    """Take an active import back as a whole."""
    with audit.action(
        "core.import_taken_back",
        actor=actor,
        why=why,
        where=where,
        division=session.division,
        name=str(session),
    ):
        workflow.fire(session, "take_back", actor=actor, evidence={"why": why}, where=where)
        kind(session.kind).take_back(session)


def discard(session: ImportSession, *, actor: Any, where: str = "") -> None:
    """Put a previewed import aside; its file stays."""
    workflow.fire(session, "discard", actor=actor, where=where)
    shutil.rmtree(session.folder / "staged", ignore_errors=True)


def reconcile(queued: Collection[str] = ()) -> list[ImportSession]:
    """Bring every half-done commit to one side; called at start-up and by the worker.

    Parameters
    ----------
    queued
        Identifiers of sessions whose commit waits in the queue of jobs: these are not half-done.

    Returns
    -------
    list of ImportSession
        Those that were mended.
    """
    mended: list[ImportSession] = []
    for session in ImportSession.objects.filter(state="committing").exclude(pk__in=queued):
        if _reconcile_one(session):
            mended.append(session)
    return mended


def _reconcile_one(session: ImportSession) -> bool:
    try:
        with _held(session, wait=False):
            session.refresh_from_db()
            if session.state != "committing":
                return False
            if kind(session.kind).is_stored(session):
                _land(session)
            else:
                workflow.fire(session, "fail", actor="system")
            log.info("import reconciled", session=str(session.pk), state=session.state)
            return True
    except BlockingIOError:
        return False


def active_ids(kind_key: str, division: str = "") -> list[str]:
    """Return the identifiers of the imports that count."""
    found = ImportSession.objects.filter(kind=kind_key, state="active", division__startswith=division)
    return [str(pk) for pk in found.order_by("pk").values_list("pk", flat=True)]


def all_problems(session: ImportSession) -> list[dict[str, Any]]:
    """Return every problem of a session, in the JSON form of `bishui.errors.Problem`."""
    path = session.folder / "problems.jsonl"
    if not path.is_file():
        return list(session.problems)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def account(session: ImportSession) -> pa.Table | None:
    """Return what became of each row of the file."""
    path = session.folder / "account.parquet"
    return pq.read_table(path) if path.is_file() else None


@contextmanager
def _held(session: ImportSession, *, wait: bool = True) -> Iterator[None]:
    """Hold the session alone; the lock goes with the process, however it ends."""
    session.folder.mkdir(parents=True, exist_ok=True)
    with (session.folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


def _file_progress(session: ImportSession) -> Progress:
    path = session.folder / "progress.json"
    last = [-1]

    def report(done: int, total: int) -> None:
        percent = int(100 * done / total) if total else 0
        if percent == last[0]:
            return
        last[0] = percent
        part = path.with_suffix(".part")
        part.write_text(json.dumps({"done": done, "total": total}))
        part.replace(path)

    return report


def progress_of(session: ImportSession) -> tuple[int, int] | None:
    """Return (done, total) of a running step, or None where nothing was reported yet."""
    try:
        data = json.loads((session.folder / "progress.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return int(data["done"]), int(data["total"])


def staged(session: ImportSession, name: str) -> Path:
    """Return the path of a staged file of the session; its folder exists."""
    folder = session.folder / "staged"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def where_of(problem: dict[str, Any]) -> Where:
    """Return the place of a problem in its JSON form."""
    return Where(**problem["where"])


def run_now(session: ImportSession, *, actor: Any, progress: Progress | None = None, alone: str = "") -> None:
    """Read and commit at once, for the command line and the demonstration.

    An import that takes two persons is submitted, unless `alone` says why one decides; see `start_commit`.
    """
    read(session, progress)
    session.refresh_from_db()
    if session.state != "previewed" or not session.summary.get("has_content", True):
        return
    if needs_two(session) and not alone:
        submit(session, actor=actor)
        return
    start_commit(session, actor=actor, alone=alone if needs_two(session) else "")
    finish_commit(session, progress)
    session.refresh_from_db()


def on_commit(job: Callable[[], Any]) -> None:
    """Run `job` when the open transaction is durable."""
    transaction.on_commit(job)
