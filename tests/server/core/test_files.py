"""Kept files: under their hash, once, whole or not at all."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.server.conftest import CITY

from bishui.errors import DataError
from bishui.server.core import audit, files
from bishui.server.core.models import StoredFile


def keep(*chunks, name="a.csv"):
    with audit.action("core.import_received", actor="system", name=name):
        return files.keep(chunks, name, division=CITY)


def test_a_file_lies_under_its_hash_whole(db, data_dir):
    stored = keep(b"ab", b"", b"c")
    assert stored.sha256 == hashlib.sha256(b"abc").hexdigest()
    assert stored.path.read_bytes() == b"abc"
    assert stored.size == 3
    assert files.check_content(stored) == []


def test_the_same_content_twice_is_kept_once_under_both_names(db, data_dir):
    first, second = keep(b"abc", name="a.csv"), keep(b"abc", name="b.csv")
    assert first.path == second.path
    assert [first.name, second.name] == ["a.csv", "b.csv"]
    assert len([path for path in (data_dir / "files").rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("chunks", [(), (b"",), (b"x" * 11,), (b"x" * 6, b"x" * 5)])
def test_an_empty_or_too_large_file_leaves_nothing(db, data_dir, settings, chunks):
    settings.UPLOAD_LIMIT = 10
    with pytest.raises(DataError) as refused:
        keep(*chunks)
    assert refused.value.remedy
    assert not StoredFile.objects.exists()
    assert [path for path in (data_dir / "files").rglob("*") if path.is_file()] == []


def test_a_break_while_receiving_leaves_nothing(db, data_dir):
    def broken():
        yield b"abc"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError), audit.action("core.import_received", actor="system", name="x"):
        files.keep(broken(), "x.csv", division=CITY)
    assert not StoredFile.objects.exists()
    assert [path for path in (data_dir / "files").rglob("*") if path.is_file()] == []


def test_a_changed_and_a_missing_file_are_told_apart(db, data_dir):
    stored = keep(b"abc")
    stored.path.write_bytes(b"abd")
    assert files.check_content(stored) == ["changed"]
    stored.path.unlink()
    assert files.check_content(stored) == ["missing"]


@given(st.text(max_size=400))
def test_a_safe_name_is_one_short_name_whatever_was_given(name):
    safe = files.safe_name(name)
    assert 0 < len(safe) <= 200
    assert not set(safe) & {"/", "\\", "\n", "\r", "\x00", "\x7f"}
    assert files.safe_name(safe) == safe


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("../../a.csv", "a.csv"),
        ("C:\\表\\断面.xlsx", "断面.xlsx"),
        ("a\r\nX: y.csv", "aX: y.csv"),
        ("/", "unnamed"),
    ],
)
def test_a_name_is_the_last_part_only(given_name, safe):
    assert files.safe_name(given_name) == safe
