"""Writes of this app."""

from __future__ import annotations

from typing import Any, BinaryIO

from django.db.models import Max

from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.server.core import audit, clock, evidence, files, workflow
from bishui.server.standards.models import OverrideFile
from bishui.standards import parse_override


def upload(
    content: bytes,
    name: str,
    *,
    division: str,
    why: str,
    actor: Any,
    basis: tuple[BinaryIO, str] | None = None,
    where: str = "",
) -> OverrideFile:
    """Check an override file, keep it and hand it in for another person's confirmation.

    Parameters
    ----------
    content, name
        The file and its name.
    division
        Path of the division for which it is to hold.
    why
        Why it is uploaded; kept with the hand-in.
    basis
        Content and name of the document that it rests on.

    Raises
    ------
    DataError
        If the file is wrong, with a problem for each entry, or says what a living version says already.
    """
    override = parse_override(content, files.safe_name(name))
    _check_new(division, override.digest)
    with audit.action(
        "standards.override_uploaded",
        actor=actor,
        where=where,
        why=why,
        division=division,
        name=override.name,
        basis=override.basis,
    ):
        record = OverrideFile(
            division=division,
            number=_next_number(division),
            name=override.name[:200],
            basis=override.basis[:300],
            in_force_from=override.in_force_from,
            in_force_to=override.in_force_to,
            digest=override.digest,
            limit_count=len(override.limits),
            setting_count=len(override.settings),
            file=files.keep([content], name, division=division),
            basis_file=evidence.keep(*basis, division=division) if basis else None,
            uploaded_by=actor,
            uploaded_at=clock.now(),
        )
        record.save()
        workflow.fire(record, "submit", actor=actor, evidence={"text": why}, where=where)
    return record


def _next_number(division: str) -> int:
    last = OverrideFile.objects.filter(division=division).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _check_new(division: str, digest: str) -> None:
    living = OverrideFile.objects.filter(
        division=division, digest=digest, state__in=("submitted", "in_force")
    ).first()
    if living is not None:
        raise DataError(
            Text("内容与第 {number} 版“{name}”相同。", number=living.number, name=living.name),
            remedy=Text("不用重复上传；如需替换，请先修改文件。"),
            where=Where(field="file"),
        )
