"""Texts for users: written in Chinese, translated to English by gettext.

The source language of every user-facing text is Chinese, so the default language needs no catalogue
and a missing translation falls back to Chinese. English stands in
``locale/en/LC_MESSAGES/django.po``, one catalogue for the pure rooms and the server alike.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("zh-hans", "en")
LOCALE_DIR = Path(__file__).parent / "locale"

_language: ContextVar[str] = ContextVar("bishui_language", default="zh-hans")


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("django", LOCALE_DIR, [language], fallback=True)


def current_language() -> str:
    """Return the language in use: ``zh-hans`` or ``en``."""
    return _language.get()


def set_language(language: str) -> None:
    """Use `language` in this context; anything that does not begin with ``en`` means Chinese."""
    _language.set("en" if language.lower().startswith("en") else "zh-hans")


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Use `language` inside the block and the former one after it."""
    token = _language.set("en" if language.lower().startswith("en") else "zh-hans")
    try:
        yield
    finally:
        _language.reset(token)


class Text:
    """A user-facing text with its parameters, translated when it is shown.

    Parameters
    ----------
    template
        The Chinese text, with ``{name}`` for each parameter. It is also the key in the catalogue.
    **params
        What fills the places; a parameter may itself be a `Text`.
    """

    __slots__ = ("params", "template")

    def __init__(self, template: str, **params: Any) -> None:
        self.template = template
        self.params: Mapping[str, Any] = params

    def render(self, language: str) -> str:
        """Return the text in `language` (``zh-hans`` or ``en``)."""
        with use_language(language):
            return str(self)

    def both(self) -> dict[str, str]:
        """Return ``{"zh": …, "en": …}``, the form used in JSON."""
        return {"zh": self.render("zh-hans"), "en": self.render("en")}

    def __str__(self) -> str:
        template = self.template
        if current_language() == "en":
            template = _catalogue("en").gettext(template)
        return template.format(**self.params) if self.params else template

    def __repr__(self) -> str:
        return f"Text({self.template!r}, {dict(self.params)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and (self.template, self.params) == (other.template, other.params)

    def __hash__(self) -> int:
        return hash((self.template, tuple(sorted((k, str(v)) for k, v in self.params.items()))))


class Bilingual:
    """A text that a data file gives in both languages (``label_zh``, ``label_en``)."""

    __slots__ = ("en", "zh")

    def __init__(self, zh: str, en: str = "") -> None:
        self.zh = zh
        self.en = en or zh

    def render(self, language: str) -> str:
        """Return the text in `language`."""
        return self.en if language.startswith("en") else self.zh

    def both(self) -> dict[str, str]:
        """Return ``{"zh": …, "en": …}``."""
        return {"zh": self.zh, "en": self.en}

    def __str__(self) -> str:
        return self.render(current_language())

    def __repr__(self) -> str:
        return f"Bilingual({self.zh!r}, {self.en!r})"
