"""What every page's template is given."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

import bishui


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the version for the footer."""
    return {"bishui_version": bishui.__version__}
