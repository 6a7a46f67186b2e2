"""A public copy of a photograph shows the same pixels, and tells neither place nor time nor device."""

from __future__ import annotations

import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageChops, PngImagePlugin

from bishui.errors import UnreadableFile
from bishui.outfalls import is_photograph, read_exif, without_metadata
from tests.outfalls.cameras import camera


def opened(content):
    image = Image.open(BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize("extra", [{}, {"progressive": True}, {"optimize": True}])
def test_nothing_but_the_picture_is_left_of_a_jpeg(extra):
    content = camera(**extra)
    plain = without_metadata(content)
    for told in (b"Exif", b"Maker", b"Phone", b"2025:10:20", b"Zhang", b"film", b"voice"):
        assert told in content
        assert told not in plain
    assert dict(opened(plain).getexif()) == {}
    assert ImageChops.difference(opened(content), opened(plain)).getbbox() is None
    assert opened(plain).info["icc_profile"] == b"\x00" * 128
    assert without_metadata(plain) == plain


def test_which_way_is_up_stays():
    plain = without_metadata(camera(orientation=6))
    assert dict(opened(plain).getexif()) == {0x0112: 6}


def test_what_the_camera_wrote_is_read_as_evidence():
    found = read_exif(camera(orientation=6))
    assert found == {
        "make": "Maker",
        "model": "Phone 5",
        "orientation": "6",
        "taken_at": "2025:10:20 09:08:07",
        "lat": "24.3300000",
        "lon": "109.1200000",
        "gps_time": "01:08:07",
        "gps_date": "2025:10:20",
    }


def test_a_png_loses_its_texts_too():
    note = PngImagePlugin.PngInfo()
    note.add_text("Author", "Zhang San")
    out = BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, "PNG", pnginfo=note)
    plain = without_metadata(out.getvalue() + b"behind")
    assert b"Zhang" not in plain
    assert not plain.endswith(b"behind")
    assert opened(plain).getpixel((1, 1)) == (255, 0, 0)


@pytest.mark.parametrize("cut", [3, 40, -40])
def test_a_photograph_that_is_cut_off_is_refused(cut):
    content = camera().split(b"\x00\x00ftyp")[0]
    with pytest.raises(UnreadableFile):
        without_metadata(content[:cut])


def test_a_page_is_no_photograph_and_damaged_metadata_are_no_fault_of_the_picture():
    assert not is_photograph(b"<svg/>")
    with pytest.raises(UnreadableFile):
        without_metadata(b"<svg/>")
    content = camera()
    at = content.index(b"Exif\x00\x00") + 6
    damaged = content[: at + 4] + b"\xff\xff\xff\xff" + content[at + 8 :]
    assert read_exif(damaged) == {}
    assert zlib.crc32(without_metadata(damaged)) == zlib.crc32(without_metadata(content))
