"""Collect every user-facing text into the catalogue ``locale/en/LC_MESSAGES/django.po``.

The source language is Chinese; the catalogue holds the English. With ``--check`` nothing is written and a
missing or doubtful translation is an error.
"""

from __future__ import annotations

import re
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.template.base import Lexer, Token, TokenType
from django.utils.translation import trim_whitespace

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src/bishui"
CATALOGUE = SOURCE / "locale/en/LC_MESSAGES/django.po"
KEYWORDS = {
    "Text": None,
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
_TRANSLATE = re.compile(r"""^\s*(?:translate|trans)\s+(?:"(?P<d>[^"]*)"|'(?P<s>[^']*)')""")
_INLINE = re.compile(r"""_\(\s*(?:"([^"]*)"|'([^']*)')\s*\)""")


def python_texts(path: Path) -> list[tuple[int, str | tuple[str, str]]]:
    """Return (line, text) of every literal text in a Python file."""
    found: list[tuple[int, str | tuple[str, str]]] = []
    with path.open("rb") as file:
        for line, message, _comments, _context in extract("python", file, KEYWORDS):
            text = message if isinstance(message, str) else tuple(message)[:2]
            if text:
                found.append((line, text))  # type: ignore[arg-type]
    return found


def template_texts(path: Path) -> list[tuple[int, str | tuple[str, str]]]:
    """Return (line, text) of every ``translate``, ``blocktranslate`` and ``_()`` in a template."""
    found: list[tuple[int, str | tuple[str, str]]] = []
    block: Block | None = None
    for token in Lexer(path.read_text("utf-8")).tokenize():
        content = token.contents
        if block is not None:
            if token.token_type == TokenType.BLOCK and content.startswith("endblocktrans"):
                found.append((token.lineno, block.text()))
                block = None
            else:
                block.take(token)
        elif token.token_type == TokenType.BLOCK and content.startswith(("blocktranslate", "blocktrans")):
            block = Block("trimmed" in content.split())
        elif token.token_type in (TokenType.BLOCK, TokenType.VAR):
            if match := _TRANSLATE.match(content):
                found.append((token.lineno, match["d"] if match["d"] is not None else match["s"]))
            found += [(token.lineno, one or two) for one, two in _INLINE.findall(content)]
    return found


class Block:
    """The inside of a ``blocktranslate``: its text, and its plural where it has one."""

    def __init__(self, trimmed: bool) -> None:
        self.trimmed = trimmed
        self.forms: list[list[str]] = [[]]

    def take(self, token: Token) -> None:
        """Take one token of the inside."""
        if token.token_type == TokenType.BLOCK and token.contents.startswith("plural"):
            self.forms.append([])
        elif token.token_type == TokenType.VAR:
            self.forms[-1].append(f"%({token.contents.split('|')[0].strip()})s")
        elif token.token_type == TokenType.TEXT:
            self.forms[-1].append(token.contents.replace("%", "%%"))

    def text(self) -> str | tuple[str, str]:
        """Return the text as the catalogue has it."""
        whole = ["".join(form) for form in self.forms]
        texts = [trim_whitespace(form) if self.trimmed else form for form in whole]
        return (texts[0], texts[1]) if len(texts) == 2 else texts[0]


def collect() -> Catalog:
    """Return a catalogue of all texts, without translations."""
    catalogue = Catalog(locale="en", project="Bishui", charset="utf-8", fuzzy=False)
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            _add(catalogue, path, python_texts(path))
    for path in sorted(SOURCE.rglob("templates/**/*.html")):
        _add(catalogue, path, template_texts(path))
    return catalogue


def _add(catalogue: Catalog, path: Path, texts: list[tuple[int, str | tuple[str, str]]]) -> None:
    name = path.relative_to(ROOT).as_posix()
    for _line, text in texts:
        catalogue.add(text, locations=[(name, 0)])


def merged() -> tuple[Catalog, list[str]]:
    """Return the catalogue with the known translations, and the texts that have none."""
    fresh = collect()
    known = read_po(BytesIO(CATALOGUE.read_bytes()), locale="en") if CATALOGUE.exists() else Catalog("en")
    missing: list[str] = []
    for message in fresh:
        if not message.id:
            continue
        former = known.get(message.id)
        if former is not None and former.string and former.string != ("", ""):
            message.string = former.string
        else:
            missing.append(message.id if isinstance(message.id, str) else message.id[0])
    return fresh, missing


def places(text: str) -> set[str]:
    """Return the names of the places in a text, of either style."""
    return set(re.findall(r"\{(\w+)[^}]*\}", text)) | set(re.findall(r"%\((\w+)\)s", text))


def faults(catalogue: Catalog) -> list[str]:
    """Return translations whose places are not those of the source, or that still hold Chinese."""
    found = []
    for message in catalogue:
        source = message.id if isinstance(message.id, str) else message.id[0]
        for target in [message.string] if isinstance(message.string, str) else list(message.string or []):
            if source and target and places(target) - places(source):
                found.append(f"{source!r}: other places in {target!r}")
    return found


def main() -> int:
    """Write the catalogue, or with ``--check`` compare."""
    settings.configure(USE_I18N=False)
    catalogue, missing = merged()
    wrong = faults(catalogue)
    for text in wrong:
        print(text)
    if "--check" in sys.argv:
        for text in missing:
            print(f"no English for: {text}")
        print(f"{len(catalogue)} texts, {len(missing)} without English, {len(wrong)} faulty")
        return 1 if missing or wrong else 0
    buffer = BytesIO()
    write_po(buffer, catalogue, width=110, sort_output=True, omit_header=False, include_lineno=False)
    kept = re.sub(
        rb'"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team):[^\n]*\n',
        b"",
        buffer.getvalue(),
    )
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_bytes(kept)
    print(f"{len(catalogue)} texts, {len(missing)} without English")
    return 0


if __name__ == "__main__":
    sys.exit(main())
