"""What every request passes: headers, language, errors, default deny."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation

from bishui import i18n
from bishui.errors import BishuiError, Forbidden, NotFound
from bishui.i18n import Text

log = structlog.get_logger()
GetResponse = Callable[[HttpRequest], HttpResponse]

_POLICY = (
    "default-src 'self'; img-src 'self' data: blob: https://*.tianditu.gov.cn; style-src 'self'; "
    "script-src 'self'; worker-src 'self' blob:; connect-src 'self' https://*.tianditu.gov.cn; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)


class SecurityHeaders:
    """Content security policy, and no caching of pages behind the sign-in."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        response.headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self)")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class ProxyAddress:
    """Behind the HTTPS proxy in front, take the address that the proxy saw; without one, change nothing."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        forwarded = request.headers.get("X-Forwarded-For", "")
        if settings.HTTPS and forwarded:
            request.META["REMOTE_ADDR"] = forwarded.rsplit(",", 1)[-1].strip()
        return self.get_response(request)


class Language:
    """Let the pure rooms speak the language that Django chose for this request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        with i18n.use_language(translation.get_language() or "zh-hans"):
            return self.get_response(request)


def wants_json(request: HttpRequest) -> bool:
    """Tell whether the answer should be JSON."""
    return request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", "")


def render_error(request: HttpRequest, error: BishuiError) -> HttpResponse:
    """Render an error as JSON for the API and as a page for a person."""
    if wants_json(request):
        return JsonResponse(
            error.as_dict(), status=error.http_status, json_dumps_params={"ensure_ascii": False}
        )
    return render(request, "core/error.html", {"error": error}, status=error.http_status)


def not_found() -> NotFound:
    """Return the error for what does not exist, or may not be known to."""
    return NotFound(Text("您要找的内容不存在，或不在您的权限之内。"), remedy=Text("请从导航重新进入。"))


class Errors:
    """Turn every exception into a page or JSON of one shape; a traceback goes to the log only."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        response = self.get_response(request)
        if response.status_code != WrongMethod.http_status:
            return response
        allowed = response.headers["Allow"]
        wrong = WrongMethod(
            Text("此地址不接受 {method} 请求。", method=str(request.method)),
            remedy=Text("请改用 {allowed}，或从导航重新进入。", allowed=allowed),
        )
        shown = render_error(request, wrong)
        shown.headers["Allow"] = allowed
        return shown

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Render the exception."""
        if isinstance(exception, BishuiError):
            return render_error(request, exception)
        if isinstance(exception, Http404):
            return render_error(request, not_found())
        if isinstance(exception, PermissionDenied):
            return render_error(request, no_right())
        log.error("unexpected", path=request.path, exc_info=exception)
        remedy = Text("请稍后重试；若仍出现，请把时间和页面地址告诉系统管理员。")
        return render_error(request, Unexpected(Text("系统内部错误。"), remedy=remedy))


class Unexpected(BishuiError):
    """A fault of the software itself."""

    code = "unexpected"
    http_status = 500


class WrongMethod(BishuiError):
    """The address exists, but not for this method."""

    code = "wrong-method"
    http_status = 405


def no_right() -> Forbidden:
    """Return the error for a missing right."""
    return Forbidden(Text("您没有访问此页面的权限。"), remedy=Text("请联系本单位的系统管理员。"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form that did not come from our own page, or whose page was open for too long."""
    return render_error(
        request, Forbidden(Text("页面已过期，操作没有执行。"), remedy=Text("请返回上一页，刷新后重新提交。"))
    )


class DefaultDeny:
    """Refuse every view that does not say who may open it (`bishui.server.core.guard`)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Refuse an undeclared view."""
        if getattr(view, "required_right", None) or getattr(view, "is_open", False):
            return None
        module = getattr(view, "__module__", "")
        if module in _OPEN_MODULES or module.startswith(_OWN_GUARD):
            return None
        return render_error(request, no_right())


#: Views of Django itself that are meant for everybody.
_OWN_GUARD = "ninja."  # the API checks sign-in and right itself, operation by operation
_OPEN_MODULES = frozenset({"django.views.i18n", "django.contrib.staticfiles.views", "django.views.static"})
