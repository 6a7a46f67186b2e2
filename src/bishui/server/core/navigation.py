"""The main menu, from ``navigation.toml``: what a user may open, in groups, with the present place marked."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import reverse

from bishui.i18n import Bilingual
from bishui.server.core import rights


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "navigation.toml").read_text(encoding="utf-8"))


def menu(user: Any, path: str) -> list[dict[str, Any]]:
    """Return the menu of a user at an address.

    Returns
    -------
    list of dict
        ``label``, ``icon``, ``active`` and either ``url`` or, of a group, ``entries`` of the same shape. A
        group stands where its first entry does; one of whose entries the user may open none is left out.
    """
    entries = [entry for entry in _file()["entry"] if rights.holds(user, entry["action"])]
    here = _here([reverse(entry["route"]) for entry in entries], path)
    found: list[dict[str, Any]] = []
    groups: dict[str, dict[str, Any]] = {}
    for entry in entries:
        url = reverse(entry["route"])
        item = _item(entry) | {"url": url, "active": url == here}
        name = entry.get("group")
        if name is None:
            found.append(item)
            continue
        if name not in groups:
            groups[name] = _item(_group(name)) | {"entries": [], "active": False}
            found.append(groups[name])
        groups[name]["entries"].append(item)
        groups[name]["active"] |= item["active"]
    return found


def _here(urls: list[str], path: str) -> str:
    """Return the address of the entry under which `path` lies: the longest that it begins with."""
    fitting = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(fitting, key=len, default="")


def _group(name: str) -> dict[str, Any]:
    return next(group for group in _file()["group"] if group["id"] == name)


def _item(entry: dict[str, Any]) -> dict[str, Any]:
    return {"label": str(Bilingual(entry["label_zh"], entry["label_en"])), "icon": entry["icon"]}
