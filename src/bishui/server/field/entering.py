"""Who may speak to the exchange: a registered device by its key, or a person signed in on this browser."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from bishui.errors import BishuiError
from bishui.i18n import Text
from bishui.server.accounts import workspaces
from bishui.server.core import guard
from bishui.server.core.middleware import render_error
from bishui.server.field import devices

View = Callable[..., HttpResponseBase]


class NotKnown(BishuiError):
    """The device is not registered, or no longer."""

    code = "device-not-known"
    http_status = 401


def exchange(action: str) -> Callable[[View], View]:
    """Let a device, or a signed-in person, whose user holds `action` call the view; errors are JSON.

    A key is sent by the page itself and by nothing else, so that it needs no token against forged requests; a
    session does.
    """

    def wrap(view: View) -> View:
        by_session = csrf_protect(guard.requires(action)(view))
        by_key = guard.requires(action)(view)

        @csrf_exempt
        @wraps(view)
        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.META["HTTP_ACCEPT"] = "application/json"
            request.__dict__.pop("headers", None)  # a cached view of what was just set
            scheme, _, key = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
            if scheme != "Bearer":
                return by_session(request, *args, **kwargs)
            device = devices.of_key(key)
            if device is None:
                return render_error(request, _not_known())
            request.user = device.user
            request.device = device  # type: ignore[attr-defined]
            request.workspace = _city(request, device.division)  # type: ignore[attr-defined]
            return by_key(request, *args, **kwargs)

        entered.required_right = action  # type: ignore[attr-defined]
        return entered

    return wrap


def _city(request: HttpRequest, division: str) -> workspaces.Workspace | None:
    cities = workspaces.of_user(request.user)
    return next((city for city in cities if division.startswith(city.division)), None)


def _not_known() -> NotKnown:
    return NotKnown(
        Text("本设备没有登记，或登记已过期、已停用。"),
        remedy=Text("请在本设备上重新登录并登记；未发送的表单仍保存在设备上。"),
    )
