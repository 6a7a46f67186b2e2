"""The file that holds a data directory: whole or refused, and never half unpacked."""

import gzip
import io
import tarfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bishui.errors import CallError
from bishui.server import archive
from bishui.server.archive import DamagedArchive, Member

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
