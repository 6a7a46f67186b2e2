"""The installable page itself: shell, worker and manifest. None of them holds anybody's data."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from bishui.server.core import guard
from bishui.server.core.templatetags import assets
from bishui.server.field import limits, specification
from bishui.server.field.words import words

_ICONS = (192, 512)


def files_of_shell() -> list[str]:
    """Return the addresses that the page needs without signal."""
    found = assets.find_asset("field")
    built = [found.script, *found.styles, *found.preloads]
    pages = [reverse("field:shell"), reverse("field:manifest")]
    return [*pages, *(static(f"built/{name}") for name in built), *_icons()]


def _icons() -> list[str]:
    return [static(f"field/icon-{size}.png") for size in _ICONS]


def setting() -> dict[str, Any]:
    """Return what the page is drawn from: the forms, the words in both languages, addresses and limits."""
    said = {}
    for code in ("zh-hans", "en"):
        with translation.override(code):
            said[code[:2]] = words()
    return {
        "forms": list(specification.forms().values()),
        "words": said,
        "urls": {
            "hello": reverse("field:hello"),
            "device": reverse("field:device"),
            "points": reverse("field:points"),
            "forms": reverse("field:forms"),
            "uploads": reverse("field:upload", args=["0"]).removesuffix("0"),
            "worker": reverse("field:worker"),
            "shell": reverse("field:shell"),
            "sign_in": f"{reverse('accounts:login')}?next={reverse('field:shell')}",
        },
        "limits": {
            name: limits.limit(name)
            for name in ("chunk", "forms_at_once", "points", "poor_accuracy", "photograph")
        },
    }


@guard.open_to_all
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the page; it is the same for everybody, and kept on the device."""
    return render(request, "field/shell.html", {"setting": setting(), "icons": _icons()})


@guard.open_to_all
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Give the manifest by which the page is installed (W3C Web App Manifest)."""
    said = words()
    content = {
        "id": reverse("field:shell"),
        "name": said["app_name"],
        "short_name": said["app_short"],
        "description": said["app_about"],
        "lang": "zh-Hans",
        "start_url": reverse("field:shell"),
        "scope": reverse("field:shell"),
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#f3f6f8",
        "theme_color": "#06344a",
        "icons": [
            {"src": url, "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}
            for size, url in zip(_ICONS, _icons(), strict=True)
        ],
    }
    response = HttpResponse(json.dumps(content, ensure_ascii=False), content_type="application/manifest+json")
    response["Cache-Control"] = "no-cache"
    return response


@guard.open_to_all
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Give the service worker, with the list of what it keeps; another content makes another version."""
    script = assets.find_asset("field-worker").script
    path = assets.MANIFEST.parent / script
    kept = files_of_shell()
    shown = json.dumps(setting(), ensure_ascii=False, sort_keys=True)
    template = (Path(__file__).parent / "templates/field/shell.html").read_text(encoding="utf-8")
    version = hashlib.sha256("\n".join([*kept, shown, template]).encode()).hexdigest()[:16]
    start = f"self.SHELL={json.dumps({'version': version, 'files': kept})};\n"
    response = HttpResponse(
        start + path.read_text(encoding="utf-8"), content_type="text/javascript; charset=utf-8"
    )
    response["Cache-Control"] = "no-cache"
    response["Service-Worker-Allowed"] = reverse("field:shell")
    return response
