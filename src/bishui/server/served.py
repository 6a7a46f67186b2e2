"""What granian serves: the WSGI entry, made ready for the pages once the first answers are out."""

from __future__ import annotations

from threading import Timer

from django.urls import get_resolver

from bishui.server.wsgi import application

__all__ = ["application"]

#: Who waits for the server to start at all comes first.
_SECONDS_LATER = 2.0


def _load_ahead() -> None:
    """Load the pages and the compiled kernels, so that no page waits for them."""
    from bishui.assessment import warm_up

    get_resolver().url_patterns  # noqa: B018 - asking loads them
    warm_up()


_later = Timer(_SECONDS_LATER, _load_ahead)
_later.daemon = True
_later.start()
