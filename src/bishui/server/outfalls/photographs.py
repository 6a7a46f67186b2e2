"""Pictures: EXIF read as evidence of its own, and a copy without it for everybody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from bishui.errors import UnreadableFile, Where
from bishui.i18n import Text
from bishui.outfalls import read_exif, without_metadata
from bishui.server.core import files
from bishui.server.core.models import StoredFile


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture without its metadata, and what they said, by name."""

    plain: bytes
    exif: dict[str, str]


def read(content: BinaryIO, name: str) -> Picture:
    """Open a photograph.

    Raises
    ------
    UnreadableFile
        If it is no JPEG or PNG, or damaged.
    """
    content.seek(0)
    given = content.read()
    content.seek(0)
    try:
        return Picture(without_metadata(given), read_exif(given))
    except UnreadableFile as fault:
        raise UnreadableFile(
            Text("“{name}”不是可用的照片。", name=name),
            remedy=Text("请上传 JPEG 或 PNG 格式的原图。"),
            where=Where(file=name, field="file"),
        ) from fault


def keep_public(picture: Picture, name: str, *, division: str) -> StoredFile:
    """Keep the copy without metadata, its pixels those that were taken; within an audited action."""
    return files.keep([picture.plain], files.safe_name(name), division=division)
