"""The file that holds a data directory: whole or refused, and never half unpacked."""

import fcntl
import gzip
import io
import os
import signal
import subprocess
import sys
import tarfile
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bishui.errors import CallError
from bishui.server import archive
from bishui.server.archive import DamagedArchive, Member, Stage

ABOUT = {"bishui": "0", "at": "2025-01-01T00:00:00"}


def make(folder, content):
    for name, data in content.items():
        path = folder / "from" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return [Member(name, folder / "from" / name) for name in content]


@pytest.fixture
def packed(tmp_path):
    """An archive of three files."""
    content = {"records.sqlite3": b"r" * 5000, "files/ab/甲.csv": "甲".encode() * 99, "empty": b""}
    archive.write(tmp_path / "a.tar.gz", make(tmp_path, content), ABOUT)
    return tmp_path / "a.tar.gz"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.dictionaries(st.sampled_from(["a", "b/c", "b/水", "d/e/f"]), st.binary(max_size=300)))
def test_what_is_unpacked_is_what_was_packed(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("round")
    written = archive.write(folder / "a.tar.gz", make(folder, content), ABOUT)
    assert archive.unpack(folder / "a.tar.gz", folder / "to") == written
    found = {p.relative_to(folder / "to").as_posix(): p for p in (folder / "to").rglob("*") if p.is_file()}
    assert {name: path.read_bytes() for name, path in found.items()} == content


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_changed_bit_is_found_or_changes_nothing_that_is_restored(packed, tmp_path, at, bit):
    data = bytearray(packed.read_bytes())
    data[int(at * len(data))] ^= 1 << bit
    (tmp_path / "changed.tar.gz").write_bytes(data)
    try:
        found = archive.check(tmp_path / "changed.tar.gz")
    except DamagedArchive:
        return
    assert found == archive.check(packed)  # a bit of the wrapping, such as its time


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True))
def test_an_archive_that_was_cut_short_is_refused_and_leaves_nothing(packed, tmp_path, at):
    data = packed.read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(data[: int(at * (len(data) - 12))])
    with pytest.raises(DamagedArchive, match="不是完整的备份"):
        archive.unpack(tmp_path / "cut.tar.gz", tmp_path / "to")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz", "cut.tar.gz", "from"]


def forged(path, members):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for info, data in members:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    path.write_bytes(gzip.compress(raw.getvalue()))
    return path


@pytest.mark.parametrize("name", ["../out", "/etc/x", "a/../../b", "a\\b"])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path, name):
    path = forged(tmp_path / "f.tar.gz", [(tarfile.TarInfo(name), b"x")])
    with pytest.raises(DamagedArchive, match="不应出现"):
        archive.unpack(path, tmp_path / "to")


def test_a_link_is_refused(tmp_path):
    link = tarfile.TarInfo("a")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with pytest.raises(DamagedArchive, match="不应出现"):
        archive.check(forged(tmp_path / "f.tar.gz", [(link, b"")]))


def test_neither_a_file_nor_a_folder_in_use_is_overwritten(packed, tmp_path):
    with pytest.raises(CallError, match="已经存在"):
        archive.write(packed, [], ABOUT)
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / "mine").write_text("x")
    with pytest.raises(CallError, match="不是空的"):
        archive.unpack(packed, tmp_path / "to")
    assert (tmp_path / "to" / "mine").read_text() == "x"


def test_a_backup_is_readable_by_its_owner_only(packed):
    assert packed.stat().st_mode & 0o077 == 0


def test_each_stage_tells_how_many_bytes_are_done_up_to_all_of_them(tmp_path):
    members = make(tmp_path, {"a": b"a" * 3_000_000, "b/c": b"c" * 1_000_000})
    told = []

    def progress(*step):
        told.append(step)

    archive.write(tmp_path / "a.tar.gz", members, ABOUT, progress)
    archive.unpack(tmp_path / "a.tar.gz", tmp_path / "to", progress)
    packed = (tmp_path / "a.tar.gz").stat().st_size
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == [Stage.PACK, Stage.CHECK, Stage.UNPACK]
    for stage, whole in ((Stage.PACK, 4_000_000), (Stage.CHECK, packed), (Stage.UNPACK, packed)):
        done = [done for told_stage, done, _ in told if told_stage is stage]
        assert done == sorted(done)
        assert (done[0], done[-1], len(done) > 3) == (0, whole, True)
        assert {total for told_stage, _, total in told if told_stage is stage} == {whole}


KILLED = """
import sys
from pathlib import Path
from bishui.server import archive
what, place = sys.argv[1], Path(sys.argv[2])
if what == "write":
    archive.write(place / "b.tar.gz", [archive.Member("large", place / "large")], {})
else:
    archive.unpack(place / "a.tar.gz", place / "to")
"""


def killed(what, folder, started):
    """Start a process that writes or unpacks, and kill it once `started` says that it is in the middle."""
    process = subprocess.Popen([sys.executable, "-c", KILLED, what, str(folder)])
    while not started():
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_a_killed_backup_leaves_a_part_that_is_refused_and_written_anew(tmp_path):
    (tmp_path / "large").write_bytes(os.urandom(30_000_000))
    part = tmp_path / ".b.tar.gz.part"
    killed("write", tmp_path, lambda: part.exists() and part.stat().st_size > 0)
    assert not (tmp_path / "b.tar.gz").exists()
    with pytest.raises(DamagedArchive, match="不是完整的备份"):
        archive.check(part)
    archive.write(tmp_path / "b.tar.gz", [Member("large", tmp_path / "large")], ABOUT)
    assert archive.check(tmp_path / "b.tar.gz")["files"][0]["size"] == 30_000_000
    assert not part.exists()


def test_a_killed_restoration_leaves_no_folder_and_may_be_repeated(tmp_path):
    (tmp_path / "large").write_bytes(os.urandom(30_000_000))
    archive.write(tmp_path / "a.tar.gz", [Member("large", tmp_path / "large")], ABOUT)
    killed("unpack", tmp_path, (tmp_path / ".to.restoring" / "large").exists)
    assert not (tmp_path / "to").exists()
    archive.unpack(tmp_path / "a.tar.gz", tmp_path / "to")
    assert (tmp_path / "to" / "large").read_bytes() == (tmp_path / "large").read_bytes()
    assert not (tmp_path / ".to.restoring").exists()


def test_two_backups_do_not_write_one_file(tmp_path):
    with (tmp_path / ".a.tar.gz.part").open("ab") as held:
        held.write(b"the other one")
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(CallError, match="正在写入"):
            archive.write(tmp_path / "a.tar.gz", [], ABOUT)
    assert (tmp_path / ".a.tar.gz.part").read_bytes() == b"the other one"
