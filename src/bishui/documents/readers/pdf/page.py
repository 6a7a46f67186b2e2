"""One page of a PDF as pdfium gives it: characters and ruled lines with their places, from the top left."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

from bishui.documents.readers.limits import DEEPEST

_THIN = 3.0
"""Points: a filled area is a ruled line when it is no thicker."""

_SHORTEST = 4.0
"""Points: shorter lines belong to drawings."""

_STRAIGHT = 0.8
"""Points that the ends of a horizontal or vertical line may be off."""

MOST_RULINGS = 20_000
"""Lines of one page; a page with more is a drawing."""

# Fonts map ideographs to the radicals that look alike; Unicode's own table of their equivalents
# (EquivalentUnifiedIdeograph.txt) for those of simplified Chinese. The Kangxi radicals fold by NFKC.
_RADICALS = dict(
    zip(
        "⺁⺇⺌⺟⺠⺢⺣⺤⺥⺩⺪⺫⺬⺭⺮⺯⺶⺹⺼⻁⻄⻅⻆⻉⻋⻍⻑⻓⻔⻖⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻩⻬⻮⻰⻳",
        "厂几小母民水灬爪爫王疋目示礻竹糸羊耂肉虎西见角贝车辶長长门阝青韦页风飞食马骨鬼鱼鸟黄齐齿龙龟",
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character: its box, its baseline and its size in points. `top` grows downwards."""

    text: str
    left: float
    right: float
    baseline: float
    size: float

    @property
    def middle(self) -> tuple[float, float]:
        """Return the middle of the character."""
        return (self.left + self.right) / 2, self.baseline - 0.35 * self.size


@dataclass(frozen=True, slots=True)
class Ruling:
    """A straight line: where it stands across its direction, and from where to where it goes."""

    horizontal: bool
    at: float
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Page:
    """A page with its number, counted from 1; `pictures` says whether it holds images."""

    number: int
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    rulings: tuple[Ruling, ...]
    pictures: bool
    unmapped: int


Turn = Callable[[float, float], tuple[float, float]]


def read_page(page: Any, number: int) -> Page:
    """Read the page of an open document."""
    left, bottom, right, top = page.get_cropbox()
    turn = _turn(page.get_rotation(), (left, bottom, right, top))
    width, height = page.get_size()
    text = page.get_textpage()
    try:
        glyphs, unmapped = _glyphs(text, turn)
    finally:
        text.close()
    rulings, pictures = _drawn(page, turn)
    return Page(number, width, height, tuple(glyphs), tuple(rulings), pictures, unmapped)


def _turn(rotation: int, box: tuple[float, float, float, float]) -> Turn:
    """Return how a point of the page is seen: turned as the page is shown, from the top left."""
    left, bottom, right, top = box
    turns: dict[int, Turn] = {
        0: lambda x, y: (x - left, top - y),
        90: lambda x, y: (y - bottom, x - left),
        180: lambda x, y: (right - x, y - bottom),
        270: lambda x, y: (top - y, right - x),
    }
    return turns[rotation % 360]


def _glyphs(text: Any, turn: Turn) -> tuple[list[Glyph], int]:
    """Return the characters in the order of the page, and how many have no meaning known to the font."""
    glyphs: list[Glyph] = []
    seen: set[tuple[str, int, int]] = set()
    unmapped = 0
    box, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    for index in range(text.count_chars()):
        code = pdfium.FPDFText_GetUnicode(text.raw, index)
        character = _character(code)
        if not character:
            unmapped += code in {0, 0xFFFD}
            continue
        if not pdfium.FPDFText_GetLooseCharBox(text.raw, index, box):
            continue
        pdfium.FPDFText_GetCharOrigin(text.raw, index, x, y)
        (x0, y0), (x1, y1) = turn(box.left, box.bottom), turn(box.right, box.top)
        baseline = turn(x.value, y.value)[1]
        size = max(abs(y1 - y0), 1.0)
        # Bold type is imitated by drawing a character twice, a little apart.
        key = (character, round(min(x0, x1) / (0.3 * size)), round(baseline / (0.3 * size)))
        if key not in seen:
            seen.add(key)
            glyphs.append(Glyph(character, min(x0, x1), max(x0, x1), baseline, size))
            unmapped += 0xE000 <= code <= 0xF8FF
    return _paired(glyphs), unmapped


def _character(code: int) -> str:
    """Return the character of a code; white space and marks that pdfium makes up give nothing."""
    if code in {0xFFFE, 0x02}:
        return "-"
    if code <= 0x20 or code in {0xA0, 0xAD, 0xFEFF, 0x200B, 0x3000, 0xFFFD}:
        return ""
    character = chr(code)
    if 0x2F00 <= code <= 0x2FDF:
        return unicodedata.normalize("NFKC", character)
    return _RADICALS.get(character, character)


def _paired(glyphs: list[Glyph]) -> list[Glyph]:
    """Put the halves of characters outside the basic plane together."""
    whole: list[Glyph] = []
    for glyph in glyphs:
        if whole and "\ud800" <= whole[-1].text <= "\udbff" and "\udc00" <= glyph.text <= "\udfff":
            high = whole.pop()
            text = (high.text + glyph.text).encode("utf-16", "surrogatepass").decode("utf-16")
            whole.append(replace(glyph, text=text, left=high.left))
        else:
            whole.append(glyph)
    return [glyph for glyph in whole if not "\ud800" <= glyph.text <= "\udfff"]


def _drawn(page: Any, turn: Turn) -> tuple[list[Ruling], bool]:
    rulings: list[Ruling] = []
    pictures = False
    for item in page.get_objects(max_depth=DEEPEST):
        if item.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures = True
        elif item.type == pdfium.FPDF_PAGEOBJ_PATH and len(rulings) < MOST_RULINGS:
            rulings.extend(_rulings_of(item, turn))
    return rulings, pictures


def _rulings_of(item: Any, turn: Turn) -> Iterator[Ruling]:
    """Give the straight lines that a path draws: strokes, and filled areas thin enough to be one."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(item.raw, fill, stroke)
    if not fill.value and not stroke.value:
        return
    for points in _outlines(item, turn):
        if stroke.value:
            for (x0, y0), (x1, y1) in pairwise(points):
                yield from _ruling(x0, y0, x1, y1, _STRAIGHT)
        else:
            xs, ys = [x for x, _ in points], [y for _, y in points]
            yield from _ruling(min(xs), min(ys), max(xs), max(ys), _THIN)


def _ruling(x0: float, y0: float, x1: float, y1: float, thickness: float) -> Iterator[Ruling]:
    wide, high = abs(x1 - x0), abs(y1 - y0)
    if high <= thickness and wide >= _SHORTEST and wide > high:
        yield Ruling(True, (y0 + y1) / 2, min(x0, x1), max(x0, x1))
    elif wide <= thickness and high >= _SHORTEST:
        yield Ruling(False, (x0 + x1) / 2, min(y0, y1), max(y0, y1))


def _outlines(item: Any, turn: Turn) -> Iterator[list[tuple[float, float]]]:
    """Give the points of each part of a path, as they are seen on the page."""
    matrices = _matrices(item)
    points: list[tuple[float, float]] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(pdfium.FPDFPath_CountSegments(item.raw)):
        segment = pdfium.FPDFPath_GetPathSegment(item.raw, index)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = (x.value, y.value)
        for matrix in matrices:
            point = matrix.on_point(*point)
        if kind == pdfium.FPDF_SEGMENT_MOVETO and points:
            yield points
            points = []
        points.append(turn(*point))
        if pdfium.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    if points:
        yield points


def _matrices(item: Any) -> list[Any]:
    """Return the transformations from a path's own measure to the page's, innermost first."""
    matrices = [item.get_matrix()]
    container = item.container
    while container is not None:
        matrices.append(container.get_matrix())
        container = container.container
    return matrices
