"""Photographs that come in pieces, in any order and as often as the link needs, until each byte is there."""

from __future__ import annotations

import hashlib
import os
import re
from datetime import datetime

from django.db import transaction

from bishui.errors import CallError, DataError, Where
from bishui.i18n import Text
from bishui.server.core import files
from bishui.server.field.limits import limit
from bishui.server.field.models import Upload

_SHA256 = re.compile(r"[0-9a-f]{64}")


def take_in(sha256: str, size: int, offset: int, piece: bytes) -> Upload:
    """Keep one piece of a photograph; a piece that came before changes nothing.

    Parameters
    ----------
    sha256, size
        Digest (64 lower-case hexadecimal digits) and length in bytes of the whole content.
    offset
        Where the piece begins.

    Raises
    ------
    CallError
        If the piece cannot be one of such a content.
    DataError
        If all pieces are there and the content is another than was announced; they are thrown away, and the
        device sends them anew.
    """
    _check(sha256, size, offset, piece)
    with transaction.atomic():
        upload = find(sha256, lock=True) or Upload(sha256=sha256, size=size)
        if upload.size != size:
            raise _unfit(sha256)
        if upload.is_whole():
            return upload
        _write(upload, offset, piece)
        upload.ranges = joined([*upload.ranges, [offset, offset + len(piece)]])
        upload.moved_at = datetime.now()
        wrong = upload.is_whole() and _digest(upload) != sha256
        if wrong:
            upload.ranges = []
        upload.save()
    if wrong:
        upload.path.unlink(missing_ok=True)
        raise DataError(
            Text("照片 {digest} 传输后内容不符。", digest=sha256[:12]),
            remedy=Text("设备会自动重新上传；如反复出现，请导出为文件上报。"),
            where=Where(field="photo"),
        )
    return upload


def find(sha256: str, *, lock: bool = False) -> Upload | None:
    """Return the upload of a content, None where no byte of it came."""
    found = Upload.objects.filter(sha256=sha256)
    return (found.select_for_update() if lock else found).first()


def missing(upload: Upload | None, size: int) -> list[list[int]]:
    """Return the ranges of bytes that have not arrived, as pairs of start and end."""
    gaps: list[list[int]] = []
    at = 0
    for start, end in upload.ranges if upload else []:
        if at < start:
            gaps.append([at, start])
        at = end
    return [*gaps, [at, size]] if at < size else gaps


def forget(upload: Upload) -> None:
    """Let go of the bytes once they are kept elsewhere; only after the transaction has ended well."""
    path = upload.path
    upload.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def joined(ranges: list[list[int]]) -> list[list[int]]:
    """Return ranges in order, with those that touch or overlap made one."""
    found: list[list[int]] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        else:
            found.append([start, end])
    return found


def _check(sha256: str, size: int, offset: int, piece: bytes) -> None:
    fits = offset >= 0 and len(piece) > 0 and offset + len(piece) <= size
    if not _SHA256.fullmatch(sha256) or not fits or len(piece) > limit("chunk"):
        raise _unfit(sha256)
    if size > limit("photograph"):
        raise DataError(
            Text("照片超过 {limit} MB。", limit=limit("photograph") >> 20),
            remedy=Text("请在相机设置中降低照片尺寸后重拍。"),
            where=Where(field="photo"),
        )


def _unfit(sha256: str) -> CallError:
    return CallError(
        Text("照片分片与照片 {digest} 不符。", digest=sha256[:12]),
        remedy=Text("请更新现场页面后重试。"),
        where=Where(field="photo"),
    )


def _write(upload: Upload, offset: int, piece: bytes) -> None:
    upload.path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(upload.path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.pwrite(descriptor, piece, offset)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(upload: Upload) -> str:
    digest = hashlib.sha256()
    for piece in files.chunks_of(upload.path):
        digest.update(piece)
    return digest.hexdigest()
