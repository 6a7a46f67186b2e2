"""Sign in, sign out, choose the city."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from bishui.errors import BishuiError
from bishui.i18n import Text
from bishui.server.accounts import workspaces
from bishui.server.core.guard import open_to_all
from bishui.server.core.middleware import render_error

sign_in = open_to_all(
    LoginView.as_view(template_name="accounts/login.html", redirect_authenticated_user=True)
)
sign_out = open_to_all(LogoutView.as_view())


class TooManyAttempts(BishuiError):
    """Too many wrong passwords."""

    code = "too-many-attempts"
    http_status = 429


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Say that the sign-in is locked for a while."""
    error = TooManyAttempts(
        Text("登录失败次数过多，已暂时锁定。"), remedy=Text("请 15 分钟后再试，或请系统管理员重设密码。")
    )
    return render_error(request, error)


@open_to_all
@require_POST
def workspace(request: HttpRequest) -> HttpResponse:
    """Choose the city to work in."""
    workspaces.choose(request, request.POST.get("code", ""))
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return redirect(target if safe else "/")
