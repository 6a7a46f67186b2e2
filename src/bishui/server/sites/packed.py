"""Texts of many sites in one block of bytes, of which one is read without the others.

A page of one site needs the results of one; a province's are millions of values. The block begins with a
table of where each text lies, and each text is compressed by itself.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any

_SIZE = 8
_LEVEL = 3


def pack(texts: Mapping[str, str]) -> bytes:
    """Return JSON texts by site as one block."""
    bodies = [zlib.compress(text.encode(), _LEVEL) for text in texts.values()]
    ends = list(accumulate(map(len, bodies)))
    table = zlib.compress(json.dumps([list(texts), ends]).encode(), _LEVEL)
    return b"".join([len(table).to_bytes(_SIZE, "big"), table, *bodies])


class Packed(Mapping[str, Any]):
    """What `pack` put together, read again where it is asked for."""

    def __init__(self, block: bytes) -> None:
        self._first = _SIZE + int.from_bytes(block[:_SIZE], "big")
        sites, ends = json.loads(zlib.decompress(block[_SIZE : self._first]))
        self._block = block
        self._spans = dict(zip(sites, zip([0, *ends], ends, strict=False), strict=True))

    def __getitem__(self, site: str) -> Any:
        begin, end = self._spans[site]
        return json.loads(zlib.decompress(self._block[self._first + begin : self._first + end]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._spans)

    def __len__(self) -> int:
        return len(self._spans)
