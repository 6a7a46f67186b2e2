"""A transition with the files handed in with it: all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from bishui.server.core import audit, evidence, workflow
from bishui.server.core.models import StoredFile
from bishui.server.core.records import OwnedRecord


def advance(
    record: OwnedRecord,
    transition_id: str,
    *,
    actor: Any,
    texts: Mapping[str, str] | None = None,
    uploads: Mapping[str, tuple[BinaryIO, str]] | None = None,
    prepare: Callable[[Mapping[str, StoredFile]], None] | None = None,
    where: str = "",
) -> None:
    """Fire a transition of a record, keeping the files handed in with it.

    Parameters
    ----------
    texts, uploads
        The evidence by the keys of the workflow file; of a file its open content and its name.
    prepare
        Called with the kept files before the record is saved, to set what the record holds of them.

    Raises
    ------
    BishuiError
        As `bishui.server.core.workflow.fire`; a file that is refused stops the whole.
    """
    label = workflow.of(record).transitions[transition_id].label.zh
    with audit.action(
        "core.transition",
        actor=actor,
        where=where,
        division=record.division,
        name=str(record),
        transition=label,
    ):
        if transition_id not in {item.id for item in workflow.available(record, actor)}:
            workflow.fire(
                record, transition_id, actor=actor, where=where
            )  # says why not, before a file is kept
        kept = {
            key: evidence.keep(content, name, division=record.division)
            for key, (content, name) in (uploads or {}).items()
        }
        if prepare is not None:
            prepare(kept)
        files = {key: str(file.pk) for key, file in kept.items()}
        workflow.fire(record, transition_id, actor=actor, evidence={**(texts or {}), **files}, where=where)
