"""One's own keys for programs: make, show once, revoke."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bishui.server.accounts import tokens
from bishui.server.accounts.models import AccessToken, User
from bishui.server.core import guard
from bishui.server.core.middleware import not_found

#: Keys read what the pages of sites and results show, so that is the right they need.
_ACTION = "sites.view"


class TokenForm(forms.Form):
    """A new key."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["name"] = forms.CharField(
            label=_("用途"), max_length=60, help_text=_("给自己看的说明，如“办公室 QGIS”。")
        )
        self.fields["days"] = forms.TypedChoiceField(
            label=_("有效期"),
            choices=[(days, _("%(days)s 天") % {"days": days}) for days in tokens.LIFETIMES],
            coerce=int,
            initial=90,
        )


@guard.requires(_ACTION)
@require_http_methods(["GET", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """Show one's keys, and make another for the city worked in."""
    city = request.workspace  # type: ignore[attr-defined]
    if not city:
        raise not_found()
    user = User.objects.get(pk=request.user.pk)
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _made, key = tokens.make(
            user,
            city.division,
            form.cleaned_data["name"],
            form.cleaned_data["days"],
            actor=request.user,
            where=guard.address(request),
        )
        text = _("访问令牌：{key}（只显示这一次，请现在存好；用户名 {user}）")
        messages.success(request, text.format(key=key, user=user.username))
        return redirect("accounts:tokens")
    context = {
        "form": form,
        "city": city,
        "address": request.build_absolute_uri(reverse("api-features:landing")),
        "tokens": [
            {"token": token, "valid": token.is_valid(date.today())}
            for token in user.tokens.filter(division=city.division)
        ],
    }
    return render(request, "accounts/tokens.html", context)


@guard.requires(_ACTION)
@require_POST
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Revoke one of one's own keys."""
    token = AccessToken.objects.filter(pk=pk, user__username=request.user.get_username()).first()
    if token is None:
        raise not_found()
    tokens.revoke(token, actor=request.user, where=guard.address(request))
    messages.success(request, _("访问令牌“%(name)s”已停用。") % {"name": token.name})
    return redirect("accounts:tokens")
