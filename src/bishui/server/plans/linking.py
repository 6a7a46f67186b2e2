"""What a progress report can point to: sections and sites, and whatever other apps offer (排污口, 项目)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from bishui.i18n import Text

Choices = Callable[[str], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Linkable:
    """A kind of thing: its name, the route of its page and what there is of it in a division.

    `choices` gives identifier → name for a division path.
    """

    kind: str
    label: Text
    route: str
    choices: Choices


_kinds: dict[str, Linkable] = {}


def register(linkable: Linkable) -> None:
    """Let reports point to things of this kind; an app calls it when it is ready."""
    _kinds[linkable.kind] = linkable


def kinds() -> list[Linkable]:
    """Return the kinds of thing that a report can point to."""
    return list(_kinds.values())


def address(kind: str, object_id: str) -> str:
    """Return the page of a thing, or an empty text where its kind has none any more."""
    linkable = _kinds.get(kind)
    if linkable is None:
        return ""
    try:
        return reverse(linkable.route, args=[object_id])
    except NoReverseMatch:
        return ""


def label_of(kind: str) -> str:
    """Return the name of a kind in the current language."""
    return str(_kinds[kind].label) if kind in _kinds else kind
