"""How often one address may ask: a count for each span, in the server's own memory."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Mapping
from functools import cache, wraps
from pathlib import Path
from typing import Any

from django.core.cache import cache as memory
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from bishui.errors import BishuiError
from bishui.i18n import Text
from bishui.server.core import guard
from bishui.server.core.guard import View


class TooMany(BishuiError):
    """One address asked more often than the public pages allow."""

    code = "too-many-requests"
    http_status = 429


@cache
def rules() -> Mapping[str, Any]:
    """Return the data of ``rules/portal.toml``."""
    return tomllib.loads((Path(__file__).parent / "rules" / "portal.toml").read_text(encoding="utf-8"))


def limited(what: str, *, methods: tuple[str, ...] = ("GET", "HEAD", "POST")) -> Callable[[View], View]:
    """Refuse a view to an address that asked for `what` more often than the rules allow.

    Parameters
    ----------
    what
        A limit of the rules: ``pages`` or ``reports``.
    methods
        The methods that are counted.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method in methods:
                _count(what, guard.address(request))
            return view(request, *args, **kwargs)

        return counted

    return wrap


def _count(what: str, address: str) -> None:
    limit = rules()[what]
    span = int(time.time()) // limit["seconds"]
    key = f"portal-{what}-{address}-{span}"
    memory.add(key, 0, timeout=limit["seconds"])
    if memory.incr(key) > limit["count"]:
        raise TooMany(
            Text("访问过于频繁。"),
            remedy=Text("请在 {minutes} 分钟后再试。", minutes=max(1, limit["seconds"] // 60)),
        )
