"""Unsent work that comes as a file: the way across networks that do not touch."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from bishui.errors import BishuiError, Problem, UnreadableFile, Where
from bishui.i18n import Text
from bishui.server.field import receiving, uploads
from bishui.server.field.limits import limit
from bishui.server.field.models import Submission

_FORMAT = "bishui-field"
_MOST_BYTES_OF_FORMS = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: the forms in its order, and what could not be read."""

    submissions: list[Submission]
    problems: list[Problem]


def import_file(file: Any, name: str, *, user: Any, division: str, where: str = "") -> Imported:
    """Take in the forms and photographs of a file that a device exported; what came before is not doubled.

    The one who imports stands for the forms; who was on site is written in them. Times of the device are put
    right by the difference that it had last heard of from a server.

    Raises
    ------
    UnreadableFile
        If it is no such file.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            content = _content(archive)
            offset = int(content.get("offset") or 0)
            sender = receiving.Sender(
                user=user, division=division, offset=offset, where=where, came_by="file"
            )
            problems = list(_take_photographs(archive, _awaited(content["forms"])))
            found, unread = _receive_all(content["forms"], sender)
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        NotImplementedError,
    ) as fault:
        raise UnreadableFile(
            Text("文件“{name}”不是现场页面导出的文件，或不完整。", name=name),
            remedy=Text("请在设备上重新导出后再导入。"),
            where=Where(file=name),
        ) from fault
    return Imported(found, [*problems, *unread])


def _content(archive: zipfile.ZipFile) -> dict[str, Any]:
    if archive.getinfo("forms.json").file_size > _MOST_BYTES_OF_FORMS:
        raise ValueError("too large")
    content = json.loads(archive.read("forms.json"))
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise ValueError("format")
    return content


def _receive_all(forms: list[Any], sender: receiving.Sender) -> tuple[list[Submission], list[Problem]]:
    found: dict[Any, Submission] = {}
    problems = []
    for number, form in enumerate(forms, 1):
        try:
            submission = receiving.receive(form, sender)
            found[submission.client_id] = submission
        except BishuiError as error:
            remedy = error.remedy or Text("请在设备上更正后重新导出。")
            problems.append(Problem(error.code, error.what, remedy, Where(row=number)))
    for submission in found.values():
        submission.refresh_from_db()  # one that waited may have gone on with a later one
    return list(found.values()), problems


def _awaited(forms: list[Any]) -> set[str]:
    """Return the digests of the photographs whose forms are not done yet."""
    wanted = {form["client_id"]: form["photo"]["sha256"] for form in forms if form.get("photo")}
    done = Submission.objects.filter(client_id__in=wanted, fate__in=("done", "set_aside"))
    for client_id in done.values_list("client_id", flat=True):
        wanted.pop(str(client_id), None)
    return set(wanted.values())


def _take_photographs(archive: zipfile.ZipFile, awaited: set[str]) -> Iterator[Problem]:
    """Bring each photograph in that is still needed, by the same way as over the network."""
    for entry in archive.infolist():
        digest = PurePosixPath(entry.filename).stem
        if digest not in awaited or entry.is_dir():
            continue
        try:
            with archive.open(entry) as content:
                at = 0
                while piece := content.read(limit("chunk")):
                    uploads.take_in(digest, entry.file_size, at, piece)
                    at += len(piece)
        except (BishuiError, zipfile.BadZipFile) as fault:
            what = fault.what if isinstance(fault, BishuiError) else Text("照片不完整。")
            yield Problem("photograph", what, Text("请在设备上重新导出。"), Where(file=entry.filename))
