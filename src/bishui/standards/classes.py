"""Water quality classes (水质类别) Ⅰ–Ⅴ and 劣Ⅴ: labels, words, colours."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from bishui.i18n import current_language
from bishui.standards.editions import DATA, read_toml


@dataclass(frozen=True, slots=True)
class WaterClass:
    """One class of a section, best first (`rank` 1–6; 6 is 劣Ⅴ, worse than class V).

    Source: GB 3838-2002 clause 3 for Ⅰ–Ⅴ; 环办〔2011〕22号 2.(1) for 劣Ⅴ, the words and the colours.
    """

    rank: int
    id: str
    numeral: str
    label_zh: str
    label_en: str
    word_zh: str
    word_en: str
    colour_zh: str
    colour_en: str
    rgb: str

    @property
    def label(self) -> str:
        """The label in the language in use."""
        return self.label_en if current_language() == "en" else self.label_zh

    @property
    def word(self) -> str:
        """The word of water quality status (水质状况) in the language in use."""
        return self.word_en if current_language() == "en" else self.word_zh


@cache
def water_classes() -> Mapping[int, WaterClass]:
    """Return the six classes by rank, best first."""
    entries = read_toml(DATA / "classes.toml")["class"]
    return MappingProxyType({entry["rank"]: WaterClass(**entry) for entry in entries})


def water_class(rank: int) -> WaterClass:
    """Return the class of a rank from 1 to 6."""
    return water_classes()[rank]


#: How bulletins write the classes without the numeral's own sign, best first.
_IN_WORDS = (("一",), ("二",), ("三",), ("四",), ("五",), ("劣五", "劣5"))


@cache
def _spellings() -> Mapping[str, int]:
    spellings: dict[str, int] = {}
    for rank, entry in water_classes().items():
        numeral = unicodedata.normalize("NFKC", entry.numeral).casefold()
        for text in (numeral, entry.id.casefold(), str(rank), *_IN_WORDS[rank - 1]):
            spellings[text] = rank
    return spellings


def find_class(text: str) -> int | None:
    """Return the rank that a cell names (``Ⅲ``, ``III类``, ``3``, ``三类``, ``劣V``, ``劣Ⅴ类``), or None."""
    plain = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    return _spellings().get(plain.removesuffix("类").removesuffix("水质"))
