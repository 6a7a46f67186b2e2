"""Plain text shared by all stages: folding, gaps, and a text without spaces that knows its source."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code).isascii() is False}
# Punctuation that patterns tell apart in Chinese text stays full width.
_KEPT = set("：；？！，（）")
_FOLD = {code: half for code, half in _FULL_WIDTH.items() if chr(code) not in _KEPT} | {
    ord("％"): ord("%"),
    ord("．"): ord("."),
}
_CJK = "\u2e80-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef"
_GAP = re.compile(rf"(?<=[{_CJK}])[ \t\u00a0\u3000]+(?=\S)|(?<=\S)[ \t\u00a0\u3000]+(?=[{_CJK}])")
_MARKUP = re.compile(r"</?(?:p|br|span|div|strong|b|i|em|u|font|sup|sub)(?:\s[^<>]*)?/?>", re.IGNORECASE)
# What an export of a word processor leaves of bookmarks and fields: [bookmark: _Toc1], PAGEREF _Toc1 \\h.
_RESIDUE = re.compile(
    r"\[bookmark:[^\]]*\]"
    r"|\b(?:PAGEREF|REF|HYPERLINK)\s+(?:\\l\s+)?\"?_(?:Toc|Ref|Hlk)\w*\"?(?:\s+\\[a-z*]+)*"
    r"|\bTOC(?:\s+\\[a-z]+(?:\s+\"[^\"]*\")?)+"
)
_LATIN = re.compile(r"[A-Za-z0-9]")
_SHORT = 60  # characters; longer texts are not kept
_CHINESE = "一二三四五六七八九十"


def fold(text: str) -> str:
    """Return `text` with full-width digits, letters, ％ and ． made half width, character by character."""
    return text.translate(_FOLD)


def squeeze(text: str) -> str:
    """Return `text` folded and without any white space: the form in which texts are compared."""
    return _short_squeezed(text) if len(text) <= _SHORT else _squeezed(text)


def _squeezed(text: str) -> str:
    return "".join(fold(text).replace("\u200b", "").replace("\ufeff", "").split())


# The stages of the reader compare the same heads and captions over and over.
_short_squeezed = lru_cache(maxsize=4096)(_squeezed)


def close_gaps(text: str) -> str:
    """Return `text` without the spaces that exports leave between Chinese characters and digits."""
    return _GAP.sub("", text.strip())


def has_residue(text: str) -> bool:
    """Tell whether bookmarks or fields of a word processor are left in a text."""
    return bool(_RESIDUE.search(text))


def clean_cell(text: str) -> str:
    """Return the text of a cell without markup that an export left in it; no other character is lost."""
    text = _RESIDUE.sub("", text)
    if "<" in text:
        text = _MARKUP.sub("", text)
    if "&" in text:
        text = html.unescape(text)
    return text.replace("\u00a0", " ").strip()


def number_of(text: str) -> int:
    """Return an integer written in digits or as a Chinese numeral below one hundred; 0 where it is none."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    in_tens = _CHINESE.find(tens) + 1 if tens else len(ten)
    return in_tens * 10 + (_CHINESE.find(ones) + 1 if ones else 0)


def join_wrapped(first: str, second: str) -> str:
    """Put together two parts of a text that was broken over lines.

    Chinese text takes no space at the break; two Latin words or numbers do.
    """
    first, second = first.rstrip(), second.lstrip()
    if first and second and _LATIN.match(first[-1]) and _LATIN.match(second[0]):
        return f"{first} {second}"
    return first + second


@dataclass(frozen=True, slots=True)
class Compact:
    """A text folded and without white space, with the place in the original of each of its characters.

    Patterns run on `text`; `original` gives back what was written.
    """

    source: str
    text: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, source: str) -> Compact:
        """Make the compact form of `source`."""
        text = "".join(fold(source).replace("\u200b", " ").split())
        if len(text) == len(source):
            return cls(source, text, tuple(range(len(source))))
        places = (
            i for i, character in enumerate(source) if not character.isspace() and character != "\u200b"
        )
        return cls(source, text, tuple(places))

    def original(self, start: int, end: int) -> str:
        """Return what stands in the source for ``text[start:end]``."""
        if start >= end:
            return ""
        return self.source[self.places[start] : self.places[end - 1] + 1]

    def place(self, index: int) -> int:
        """Return the index in the source of the character ``text[index]``."""
        return self.places[min(index, len(self.places) - 1)] if self.places else 0


def depth_split(text: str, separators: str, opening: str, closing: str) -> list[tuple[str, str]]:
    """Split `text` at separators that stand outside all brackets.

    Returns
    -------
    list of (part, separator after it); the last separator is empty. A bracket that is never closed does not
    swallow the rest: the text is then split as if it were an ordinary character.
    """
    if not _balanced(text, opening, closing):
        opening = closing = ""
    parts: list[tuple[str, str]] = []
    depth, begin = 0, 0
    for index, character in enumerate(text):
        if character in opening:
            depth += 1
        elif character in closing:
            depth -= 1
        elif depth == 0 and character in separators:
            parts.append((text[begin:index], character))
            begin = index + 1
    parts.append((text[begin:], ""))
    return parts


def _balanced(text: str, opening: str, closing: str) -> bool:
    depth = 0
    for character in text:
        depth += (character in opening) - (character in closing)
        if depth < 0:
            return False
    return depth == 0
