"""A photograph without what its camera wrote beside the picture (EXIF), and that metadata read as evidence.

The picture itself is copied byte for byte: the pixels of a public copy are those that were taken.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from bishui.errors import UnreadableFile
from bishui.i18n import Text

_JPEG, _PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
_EXIF = b"Exif\x00\x00"
_START_OF_SCAN, _END_OF_IMAGE, _COMMENT = 0xDA, 0xD9, 0xFE
_APPLICATION = range(0xE0, 0xF0)
_JFIF, _COLOUR, _ADOBE = 0xE0, 0xE2, 0xEE
_ICC = b"ICC_PROFILE\x00"
#: Chunks of PNG that say nothing but how the picture is drawn (PNG specification, clause 11).
_PNG_KEPT = frozenset(b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP bKGD hIST pHYs".split())

_ORIENTATION, _EXIF_PART, _GPS_PART = 0x0112, 0x8769, 0x8825
#: Tags of EXIF that are kept as evidence (CIPA DC-008, tables 4 to 15).
_TAGS = {
    0x010F: "make",
    0x0110: "model",
    _ORIENTATION: "orientation",
    0x0131: "software",
    0x0132: "changed_at",
    0x9003: "taken_at",
    0x9011: "taken_at_offset",
}
_GPS_TAGS = {1: "lat_ref", 2: "lat", 3: "lon_ref", 4: "lon", 7: "gps_time", 29: "gps_date", 31: "gps_error"}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}


def without_metadata(content: bytes) -> bytes:
    """Return a photograph (JPEG or PNG) without place, time, device, comments and anything behind its end.

    The colour profile stays, and of EXIF nothing but which way is up, where it is not the plain one.

    Raises
    ------
    UnreadableFile
        If it is neither JPEG nor PNG, or damaged.
    """
    if content.startswith(_PNG):
        return _plain_png(content)
    kept = [_JPEG]
    upright = _orientation(content)
    if upright != 1:
        kept.append(_segment(0xE1, _EXIF + _only_orientation(upright)))
    for marker, body in _segments(content):
        if marker == _START_OF_SCAN:
            return b"".join([*kept, body])
        if not _is_metadata(marker, body):
            kept.append(_segment(marker, body))
    raise _damaged()


def read_exif(content: bytes) -> dict[str, str]:
    """Return what the camera wrote into a JPEG: device, time, place in degrees; empty where there is nothing.

    Damaged metadata are no fault of the picture: what can be read of them is returned.
    """
    if not content.startswith(_JPEG):
        return {}
    try:
        tiff = next(body[6:] for marker, body in _segments(content) if _is_exif(marker, body))
        return _evidence(tiff)
    except (StopIteration, struct.error, UnreadableFile, ValueError, ZeroDivisionError):
        return {}


def is_photograph(content: bytes) -> bool:
    """Tell whether a file begins as a photograph that can be taken in does (JPEG or PNG)."""
    return content.startswith((_JPEG, _PNG))


# -- JPEG -----------------------------------------------------------------------------------------------


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield marker and body of each segment; the last is the scan, with all up to the end of the image."""
    if not content.startswith(_JPEG):
        raise UnreadableFile(
            Text("文件不是 JPEG 或 PNG 照片。"), remedy=Text("请用手机相机拍照，或另存为 JPEG 后再上传。")
        )
    at = len(_JPEG)
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _START_OF_SCAN:
            yield marker, content[at : _end_of_image(content, at)]
            return
        length = struct.unpack_from(">H", content, at + 2)[0]
        if length < 2 or at + 2 + length > len(content):
            raise _damaged()
        yield marker, content[at + 4 : at + 2 + length]
        at += 2 + length
    raise _damaged()


def _end_of_image(content: bytes, at: int) -> int:
    """Return where the image ends; cameras put further pictures or a film behind it.

    Inside a scan 0xFF is followed by 0 or a restart marker; between the scans of a progressive picture stand
    segments whose bodies are passed over.
    """
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 2 > len(content):
            raise _damaged()
        marker = content[at + 1]
        if marker == _END_OF_IMAGE:
            return at + 2
        if marker == 0xFF:
            at += 1
        elif marker == 0 or 0xD0 <= marker <= 0xD7 or at + 4 > len(content):
            at += 2
        else:
            at += 2 + struct.unpack_from(">H", content, at + 2)[0]


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _is_exif(marker: int, body: bytes) -> bool:
    return marker == 0xE1 and body.startswith(_EXIF)


def _is_metadata(marker: int, body: bytes) -> bool:
    if marker == _COLOUR:
        return not body.startswith(_ICC)
    return marker == _COMMENT or (marker in _APPLICATION and marker not in (_JFIF, _ADOBE))


def _damaged() -> UnreadableFile:
    return UnreadableFile(
        Text("照片文件不完整或已损坏。"), remedy=Text("请重新拍照，或从手机相册中重新选择。")
    )


# -- EXIF -----------------------------------------------------------------------------------------------


def _orientation(content: bytes) -> int:
    value = read_exif(content).get("orientation", "1")
    return int(value) if value.isdigit() and 1 <= int(value) <= 8 else 1


def _only_orientation(value: int) -> bytes:
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, value, 0)
    return b"MM\x00\x2a" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)


def _evidence(tiff: bytes) -> dict[str, str]:
    order = {b"II": "<", b"MM": ">"}[tiff[:2]] if tiff[:2] in (b"II", b"MM") else ""
    if not order:
        return {}
    first = _directory(tiff, order, struct.unpack_from(order + "I", tiff, 4)[0])
    inner = _directory(tiff, order, first[_EXIF_PART]) if _EXIF_PART in first else {}
    found = {
        name: str(value) for tag, name in _TAGS.items() if (value := (first | inner).get(tag)) is not None
    }
    if _GPS_PART in first:
        found |= _place(_directory(tiff, order, first[_GPS_PART]))
    return {name: text for name, text in found.items() if text}


def _directory(tiff: bytes, order: str, at: int) -> dict[int, Any]:
    """Return the entries of one directory of a TIFF structure by tag; what cannot be read is left out."""
    found: dict[int, Any] = {}
    for number in range(struct.unpack_from(order + "H", tiff, at)[0]):
        tag, kind, count, inline = struct.unpack_from(order + "HHII", tiff, at + 2 + 12 * number)
        size = _SIZES.get(kind, 0) * count
        start = at + 10 + 12 * number if size <= 4 else inline
        if size and start + size <= len(tiff):
            found[tag] = _value(tiff, order, kind, count, start)
    return found


def _value(tiff: bytes, order: str, kind: int, count: int, at: int) -> Any:
    if kind in (5, 10):
        numbers = struct.unpack_from(order + ("I" if kind == 5 else "i") * 2 * count, tiff, at)
        return [
            Fraction(a, b) if b else Fraction(0) for a, b in zip(numbers[::2], numbers[1::2], strict=True)
        ]
    if kind in (3, 4, 9):
        values = struct.unpack_from(order + {3: "H", 4: "I", 9: "i"}[kind] * count, tiff, at)
        return values[0]
    text = tiff[at : at + count].split(b"\x00")[0].decode("utf-8", "replace")
    return "".join(character for character in text if character.isprintable()).strip()


def _place(gps: dict[int, Any]) -> dict[str, str]:
    named = {name: gps[tag] for tag, name in _GPS_TAGS.items() if tag in gps}
    found: dict[str, str] = {}
    for name, negative in (("lat", "S"), ("lon", "W")):
        parts = named.get(name)
        if isinstance(parts, list) and len(parts) == 3:
            degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
            found[name] = f"{float(-degrees if named.get(f'{name}_ref') == negative else degrees):.7f}"
    if isinstance(named.get("gps_time"), list) and len(named["gps_time"]) == 3:
        found["gps_time"] = ":".join(f"{int(part):02d}" for part in named["gps_time"])
    if isinstance(named.get("gps_date"), str):
        found["gps_date"] = named["gps_date"]
    if isinstance(named.get("gps_error"), list) and named["gps_error"]:
        found["gps_error"] = f"{float(named['gps_error'][0]):.1f}"
    return found


# -- PNG ------------------------------------------------------------------------------------------------


def _plain_png(content: bytes) -> bytes:
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            break
        if name in _PNG_KEPT:
            kept.append(content[at:end])
        if name == b"IEND":
            return b"".join(kept)
        at = end
    raise _damaged()
