"""Stored files: written once under their SHA-256, durable before they are named."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse

from bishui.errors import DataError
from bishui.i18n import Text
from bishui.server.core.models import StoredFile

_CHUNK = 1024 * 1024


def safe_name(name: str) -> str:
    """Return the last part of `name` without control characters, at most 200 characters long."""
    base = re.sub(r"[\x00-\x1f\x7f]", "", name.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    return base[-200:] or "unnamed"


def chunks_of(path: Path) -> Iterable[bytes]:
    """Yield the content of a file in pieces of one MiB."""
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece


def keep(chunks: Iterable[bytes], name: str, *, division: str) -> StoredFile:
    """Keep a file: write it, flush it to the disk, then name it. Call inside an audited action.

    Raises
    ------
    DataError
        If the file is empty or larger than the limit.
    """
    root = Path(settings.DATA_DIR) / "files"
    root.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    descriptor, temporary = tempfile.mkstemp(dir=root, prefix=".part-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in chunks:
                size += len(piece)
                _check_size(size, name)
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if size == 0:
            raise DataError(
                Text("文件“{name}”是空的。", name=name), remedy=Text("请检查文件是否保存完整后重新选择。")
            )
        record = StoredFile(
            sha256=digest.hexdigest(), name=safe_name(name), size=size, at=datetime.now(), division=division
        )
        record.path.parent.mkdir(exist_ok=True)
        Path(temporary).replace(record.path)
        sync_folder(record.path.parent)
    finally:
        Path(temporary).unlink(missing_ok=True)
    record.save()
    return record


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk, so that a new name survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_size(size: int, name: str) -> None:
    if size > settings.UPLOAD_LIMIT:
        raise DataError(
            Text("文件“{name}”超过 {limit} MB。", name=name, limit=settings.UPLOAD_LIMIT // _CHUNK),
            remedy=Text("请按年或按站点拆分后分别导入。"),
        )


def check_content(stored: StoredFile) -> list[str]:
    """Return what is wrong with a kept file: missing, or other bytes than its name says."""
    if not stored.path.is_file():
        return ["missing"]
    digest = hashlib.sha256()
    for piece in chunks_of(stored.path):
        digest.update(piece)
    return [] if digest.hexdigest() == stored.sha256 else ["changed"]


def upload_chunks(upload: Any) -> Iterable[bytes]:
    """Yield the content of an uploaded file."""
    yield from upload.chunks(_CHUNK)


def download(stored: StoredFile) -> FileResponse:
    """Return a kept file as an attachment that no browser runs."""
    response = FileResponse(
        stored.path.open("rb"),
        as_attachment=True,
        filename=stored.name,
        content_type="application/octet-stream",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
