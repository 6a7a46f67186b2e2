"""Render templates alone: no database, no context processor, addresses of our own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.template.backends.django import DjangoTemplates
from django.test import RequestFactory
from django.urls import include, path

import bishui.server

TEMPLATES = Path(bishui.server.__file__).parent / "core" / "templates"

Render = Callable[..., str]


def _page(*_: object) -> HttpResponse:
    return HttpResponse()


class Urls:
    """The addresses that the frame posts to."""

    urlpatterns = [
        path(
            "accounts/",
            include(
                (
                    [
                        path("sign-out/", _page, name="logout"),
                        path("workspace/", _page, name="workspace"),
                    ],
                    "accounts",
                )
            ),
        ),
        path("i18n/", _page, name="set_language"),
    ]


@pytest.fixture
def render(settings: Any) -> Render:
    """Return ``render(template_or_source, **context)``."""
    settings.ROOT_URLCONF = Urls
    backend = DjangoTemplates(
        {
            "NAME": "parts",
            "DIRS": [TEMPLATES],
            "APP_DIRS": False,
            "OPTIONS": {
                "libraries": {"bishui_ui": "bishui.server.core.templatetags.bishui_ui"},
                "context_processors": ["django.template.context_processors.request"],
            },
        }
    )

    def rendered(template: str, path: str = "/sections/", **context: Any) -> str:
        made = backend.get_template(template) if template.endswith(".html") else backend.from_string(template)
        return made.render(context, RequestFactory().get(path))

    return rendered
