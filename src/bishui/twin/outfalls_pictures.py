"""Photographs of outfalls that exist nowhere: a bank, water, a pipe and its flow, drawn as PNG."""

from __future__ import annotations

import struct
import zlib

import numpy as np

_WIDTH, _HEIGHT = 160, 112
_BANK, _WATER, _PIPE, _SKY = (150, 138, 104), (86, 138, 150), (112, 112, 116), (206, 220, 226)
_FOUL, _CLEAN, _SEAL, _SIGN = (98, 84, 60), (150, 190, 196), (176, 172, 166), (36, 96, 170)


def outfall_picture(kind: str, number: int) -> bytes:
    """Return the photograph of an outfall as PNG; equal arguments give equal bytes.

    Parameters
    ----------
    kind
        ``outfall``, ``surroundings``, ``before``, ``after``, ``sealed`` or ``sign``.
    number
        Which outfall: decides where pipe and bank lie, so that two pictures of one show the same view.
    """
    rng = np.random.default_rng([13, number])
    left, top = int(rng.integers(40, 100)), int(rng.integers(46, 60))
    picture = np.empty((_HEIGHT, _WIDTH, 3), dtype=np.int16)
    picture[:34] = _SKY
    picture[34:80] = _BANK
    picture[80:] = _WATER
    if kind != "surroundings":
        _draw_mouth(picture, kind, left, top)
    if kind == "sign":
        picture[40:62, left + 30 : left + 50] = _SIGN
        picture[62:80, left + 39 : left + 41] = _PIPE
    grain = np.random.default_rng([14, number, len(kind)]).integers(-7, 8, picture.shape[:2])
    return _png(np.clip(picture + grain[:, :, None], 0, 255).astype(np.uint8))


def _draw_mouth(picture: np.ndarray, kind: str, left: int, top: int) -> None:
    """Draw the pipe, and below it what comes out."""
    rows, columns = np.mgrid[:_HEIGHT, :_WIDTH]
    distance = np.hypot(rows - top, columns - left)
    picture[distance < 15] = _PIPE
    picture[distance < 11] = _SEAL if kind == "sealed" else (28, 30, 34)
    if kind in ("outfall", "before", "after"):
        flow = _CLEAN if kind == "after" else _FOUL
        picture[top + 6 : 84, left - 4 : left + 4] = flow
        plume = (rows >= 82) & (np.abs(columns - left) < 4 + (rows - 82) * 1.4)
        picture[plume] = flow


def _png(picture: np.ndarray) -> bytes:
    rows = np.concatenate([np.zeros((_HEIGHT, 1), np.uint8), picture.reshape(_HEIGHT, -1)], axis=1)
    head = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
