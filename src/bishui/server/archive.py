"""One file that holds a whole data directory, with the SHA-256 of everything in it.

A gzipped tar whose last member is the manifest: an archive that was cut short has none and is refused.
Knows nothing of Django, so that an instance that no longer starts can be restored.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import IO, Any

from bishui.errors import CallError, DataError, Where
from bishui.i18n import Text

MANIFEST = "manifest.json"
FORM = 1
_CHUNK = 1 << 20
_LEVEL = 3
_SECRET = 0o600


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its path in the data directory and where its bytes are now."""

    name: str
    path: Path


class Stage(Enum):
    """What is being done with an archive."""

    PACK = "pack"
    CHECK = "check"
    UNPACK = "unpack"


#: Is told the stage, how many bytes of it are done, and how many there are.
Progress = Callable[[Stage, int, int], None]


def _silent(stage: Stage, done: int, total: int) -> None:
    """Tell nobody."""


class DamagedArchive(DataError):
    """The file is no backup, was cut short, or holds other bytes than its manifest says."""

    code = "damaged-archive"


def write(
    out: Path, members: Iterable[Member], about: Mapping[str, Any], progress: Progress = _silent
) -> dict[str, Any]:
    """Write an archive, read it back, and only then give it its name.

    Parameters
    ----------
    out
        The file to make; there must be none.
    members
        The files, read one after another while they are packed.
    about
        What the manifest says beside the list of files.
    progress
        Is told how far the packing and the reading back are.

    Returns
    -------
    dict
        The manifest: `about`, ``form`` and ``files`` with ``path``, ``size`` and ``sha256``.

    Raises
    ------
    CallError
        If there is a file of that name, or it is just being written.
    DamagedArchive
        If what was written cannot be read back as it was.
    """
    _refuse_existing(out)
    with _part_of(out) as (part, stream):
        files = _pack(stream, list(members), about, progress)
        stream.flush()
        os.fsync(stream.fileno())
        manifest = check(part, progress)
        if manifest["files"] != files:
            raise _damaged(part, Text("写入的内容与读回的不一致。"))
        _refuse_existing(out)
        part.replace(out)
    return manifest


def _refuse_existing(out: Path) -> None:
    if out.exists():
        raise CallError(
            Text("“{file}”已经存在，没有覆盖。", file=str(out)),
            remedy=Text("请换一个文件名，或先移走原来的备份。"),
        )


@contextmanager
def _part_of(out: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """Give the unfinished file of an archive; what a killed process left of it is written anew.

    Raises
    ------
    CallError
        If another process is writing it.
    """
    part = out.with_name(f".{out.name}.part")
    with part.open("ab") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            raise CallError(
                Text("“{file}”正在写入。", file=str(out)),
                remedy=Text("请等那次备份结束，或换一个文件名。"),
            ) from fault
        part.chmod(_SECRET)  # it holds the instance's key
        stream.truncate(0)
        try:
            yield part, stream
        finally:
            part.unlink(missing_ok=True)


def _pack(
    stream: IO[bytes], members: Iterable[Member], about: Mapping[str, Any], progress: Progress
) -> list[dict[str, Any]]:
    files = []
    told = _Told(progress, Stage.PACK, sum(_size(member.path) for member in members))
    with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=_LEVEL, format=tarfile.PAX_FORMAT) as tar:
        for member in members:
            try:
                source = member.path.open("rb")
            except FileNotFoundError:
                continue  # taken away meanwhile: nothing speaks of it any more
            with source:
                info = tar.gettarinfo(arcname=member.name, fileobj=source)
                hashing = _Hashing(source, told)
                tar.addfile(info, hashing)
            files.append({"path": member.name, "size": info.size, "sha256": hashing.digest.hexdigest()})
        text = json.dumps({"form": FORM, **about, "files": files}, ensure_ascii=False, indent=1).encode()
        last = tarfile.TarInfo(MANIFEST)
        last.size = len(text)
        tar.addfile(last, io.BytesIO(text))
    told.end()
    return files


def _size(path: Path) -> int:
    """Return the size of a file; none of one that was taken away meanwhile."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


class _Told:
    """How far one stage is, told on."""

    def __init__(self, progress: Progress, stage: Stage, total: int) -> None:
        self._progress, self._stage, self._total = progress, stage, total
        self._done = 0
        self.reach(0)

    def add(self, size: int) -> None:
        """Say that so many further bytes are done."""
        self.reach(self._done + size)

    def reach(self, done: int) -> None:
        """Say that so many bytes are done; a file that grew does not make more than the whole."""
        self._done = min(done, self._total)
        self._progress(self._stage, self._done, self._total)

    def end(self) -> None:
        """Say that everything is done."""
        self.reach(self._total)


class _Hashing:
    """A file that is hashed, and told of, while it is read."""

    def __init__(self, source: IO[bytes], told: _Told) -> None:
        self._source, self._told = source, told
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._source.read(size)
        self.digest.update(piece)
        self._told.add(len(piece))
        return piece


def check(path: Path, progress: Progress = _silent) -> dict[str, Any]:
    """Read an archive from end to end and compare every byte with its manifest; return the manifest.

    Raises
    ------
    DamagedArchive
        If anything is missing, changed or added.
    """
    return _walk(path, None, progress)


def unpack(path: Path, folder: Path, progress: Progress = _silent) -> dict[str, Any]:
    """Unpack an archive into a folder that does not exist yet; return its manifest.

    The folder appears only when everything was unpacked and every byte agreed with the manifest.

    Raises
    ------
    CallError
        If the folder exists and is not empty.
    DamagedArchive
        If the archive is not whole.
    """
    if folder.exists() and any(folder.iterdir()):
        raise CallError(
            Text("“{folder}”不是空的，没有恢复。", folder=str(folder)),
            remedy=Text("请指定空目录；或加 --replace，原目录会改名保留。"),
        )
    waiting = folder.with_name(f".{folder.name}.restoring")
    shutil.rmtree(waiting, ignore_errors=True)
    waiting.mkdir(parents=True)
    try:
        manifest = _walk(path, waiting, progress)
        if folder.exists():
            folder.rmdir()
        waiting.replace(folder)
    finally:
        shutil.rmtree(waiting, ignore_errors=True)
    return manifest


def _walk(path: Path, folder: Path | None, progress: Progress) -> dict[str, Any]:
    stage = Stage.CHECK if folder is None else Stage.UNPACK
    with path.open("rb") as packed:
        told = _Told(progress, stage, _size(path))
        with _faults(path):
            manifest, found = _members_of(path, packed, folder, told)
        told.end()
    if manifest is None:
        raise _damaged(path, Text("文件不完整：没有清单。"))
    if manifest.get("form") != FORM:
        raise _damaged(path, Text("备份格式 {form} 不是本版本的格式。", form=manifest.get("form")))
    if manifest["files"] != found:
        raise _damaged(path, Text("内容与清单不符：{names}。", names=_differing(manifest["files"], found)))
    return manifest


def _members_of(
    path: Path, packed: IO[bytes], folder: Path | None, told: _Told
) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """Return the manifest and what was found; what is told are the packed bytes read so far."""
    found: list[dict[str, Any]] = []
    manifest: dict[str, Any] | None = None
    with gzip.open(packed) as stream, tarfile.open(fileobj=stream, mode="r:") as tar:
        for info in tar:
            if manifest is not None:
                raise _damaged(path, Text("清单之后还有内容。"))
            if info.name == MANIFEST:
                manifest = json.loads(_content(tar, info).read())
            else:
                found.append(_take(path, tar, info, folder, lambda: told.reach(packed.tell())))
        while stream.read(_CHUNK):
            pass  # to the end: the checksum of the whole stands there
    return manifest, found


def _take(
    path: Path, tar: tarfile.TarFile, info: tarfile.TarInfo, folder: Path | None, read: Callable[[], None]
) -> dict[str, Any]:
    """Hash one member, and write it below the folder if there is one; `read` is called after each piece."""
    if not info.isfile() or not _is_safe(info.name):
        raise _damaged(path, Text("含有不应出现的内容“{name}”。", name=info.name))
    source, digest = _content(tar, info), hashlib.sha256()
    with _target(folder, info) as target:
        while piece := source.read(_CHUNK):
            digest.update(piece)
            read()
            if target is not None:
                target.write(piece)
        if target is not None:
            target.flush()
            os.fsync(target.fileno())
    return {"path": info.name, "size": info.size, "sha256": digest.hexdigest()}


@contextmanager
def _target(folder: Path | None, info: tarfile.TarInfo) -> Iterator[IO[bytes] | None]:
    if folder is None:
        yield None
        return
    place = folder / info.name
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("xb") as stream:
        place.chmod(info.mode & 0o700 | 0o600)
        yield stream


def _content(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    stream = tar.extractfile(info)
    assert stream is not None  # a regular file has content
    return stream


def _is_safe(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and not re.search(r"[\\\0]", name)


def _differing(wanted: list[dict[str, Any]], found: list[dict[str, Any]]) -> str:
    known = {entry["path"]: entry for entry in found}
    names = [entry["path"] for entry in wanted if known.pop(entry["path"], None) != entry]
    return "、".join([*names, *known][:5])


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, zlib.error, UnicodeDecodeError, ValueError, KeyError) as fault:
        raise _damaged(path, _said(fault)) from fault
    except OSError as fault:
        if fault.filename is not None:  # a place on the disk, not the archive
            raise
        raise _damaged(path, _said(fault)) from fault


def _said(fault: Exception) -> Text:
    """Return what a reader of archives found wrong, in words."""
    if isinstance(fault, EOFError):
        return Text("文件在中途断开，后面的内容没有了。")
    if isinstance(fault, gzip.BadGzipFile) and "Not a gzipped file" in str(fault):
        return Text("文件开头不是备份的格式。")
    return Text("内容已损坏，无法读完（{fault}）。", fault=fault)


def _damaged(path: Path, why: Text) -> DamagedArchive:
    return DamagedArchive(
        Text("“{file}”不是完整的备份：{why}", file=path.name, why=why),
        remedy=Text("请改用另一份备份；每份备份都可用 bishui backup --check 核验。"),
        where=Where(file=str(path)),
    )
