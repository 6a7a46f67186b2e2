"""Pages of users: who may sign in, with which roles; one's own password."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bishui.errors import Forbidden
from bishui.i18n import Text
from bishui.server.accounts import queries, services
from bishui.server.accounts.models import Division, RoleAssignment, Unit, User
from bishui.server.core import audit, guard, rights
from bishui.server.core.middleware import not_found

_PER_PAGE = 50
_ACTION = "users.manage"


class UserForm(forms.Form):
    """A new user with a first role."""

    def __init__(self, manager: Any, data: Any = None) -> None:
        super().__init__(data)
        divisions = _divisions(manager)
        units = Unit.objects.filter(_inside(rights.divisions(manager, _ACTION)), valid_to=None)
        self.fields["username"] = forms.RegexField(
            r"^[\w.@+-]{2,60}$",
            label=_("用户名"),
            help_text=_("登录用，二至六十个字母、数字或 . @ + - _。"),
            error_messages={"invalid": _("用户名只能用二至六十个字母、数字或 . @ + - _，不能有空格。")},
        )
        self.fields["full_name"] = forms.CharField(label=_("姓名"), max_length=60)
        self.fields["role"] = forms.ChoiceField(
            label=_("角色"),
            choices=[(role.id, str(role.label)) for role in rights.roles().values()],
            initial="viewer",  # the least that there is
        )
        self.fields["division"] = forms.ChoiceField(
            label=_("辖区"),
            choices=divisions,
            required=all(path for path, _name in divisions),  # the empty path is everything
            help_text=_("权限所及的行政区划，含下级；责任单位填报人填任务所属的市。"),
        )
        self.fields["unit"] = forms.ModelChoiceField(
            label=_("所属单位"), queryset=units, required=False, help_text=_("责任单位填报人必填。")
        )

    def clean(self) -> dict[str, Any]:
        """Ask for the unit where the role speaks of one; refuse a name that is taken."""
        cleaned = super().clean() or {}
        role = rights.roles().get(cleaned.get("role", ""))
        if role and "own_unit" in role.actions.values() and not cleaned.get("unit"):
            self.add_error("unit", _("该角色须指明所属单位。"))
        if User.objects.filter(username=cleaned.get("username", "")).exists():
            self.add_error("username", _("该用户名已存在。"))
        return cleaned


def _inside(paths: list[str]) -> Q:
    """Return the condition that a record lies in one of the subtrees."""
    inside = Q(pk__in=[])
    for path in paths:
        inside |= Q(division__startswith=path)
    return inside


def _divisions(manager: Any) -> list[tuple[str, str]]:
    paths = rights.divisions(manager, _ACTION)
    found = [
        (division.division, division.shown_name)
        for division in Division.objects.order_by("division")
        if any(division.division.startswith(path) for path in paths)
    ]
    return [("", _("全部")), *found] if "" in paths else found


def _managed(request: HttpRequest) -> QuerySet[User]:
    """Return the users all of whose roles lie where the manager manages users."""
    paths = rights.divisions(request.user, _ACTION)
    inside = _inside(paths)
    outside = RoleAssignment.objects.exclude(inside).values("user")
    held = RoleAssignment.objects.filter(inside).values("user")
    mine = Q(pk__in=held) if "" not in paths else Q()
    found: QuerySet[User] = User.objects.filter(mine).exclude(pk__in=outside)
    return found.exclude(username=services.CONSOLE)


@guard.requires(_ACTION)
def listing(request: HttpRequest) -> HttpResponse:
    """List the users and their roles."""
    found = _managed(request).select_related("unit").prefetch_related("assignments").order_by("username")
    if text := request.GET.get("q", "").strip():
        found = found.filter(
            Q(username__icontains=text) | Q(full_name__icontains=text) | Q(unit__name__icontains=text)
        )
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    names = queries.division_names("")
    columns = [_("用户名"), _("姓名"), _("单位"), _("角色"), _("状态")]
    context = {
        "page": page,
        "filters": [{"name": "q", "label": _("用户名、姓名或单位"), "kind": "search", "value": text}],
        "columns": [{"label": label} for label in columns],
        "rows": [{"cells": _cells(user, names)} for user in page],
    }
    return render(request, "accounts/users.html", context)


def _cells(user: User, names: dict[str, str]) -> list[dict[str, Any]]:
    roles = [
        f"{rights.roles()[held.role].label}（{names.get(held.division, _('全部'))}）"
        for held in user.assignments.all()
        if held.role in rights.roles()
    ]
    return [
        {"text": user.username, "url": reverse("accounts:user", args=[user.pk])},
        {"text": user.full_name or "—"},
        {"text": user.unit or "—"},
        {"text": _("；").join(roles) or "—"},
        {
            "state": "good" if user.is_active else "idle",
            "pill": _("可登录") if user.is_active else _("已停用"),
        },
    ]


@guard.requires(_ACTION)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add a user; the password is made here and shown once."""
    form = UserForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if not rights.allowed_in(request.user, _ACTION, data["division"]):
            raise Forbidden(Text("您不能在该辖区授予角色。"))
        password = secrets.token_urlsafe(12)
        user = _create(request, data, password)
        _show_once(request, user, password)
        return redirect("accounts:user", pk=user.pk)
    context = {"form": form, "crumbs": _crumbs(_("新增用户"))}
    return render(request, "accounts/user_form.html", context)


def _create(request: HttpRequest, data: dict[str, Any], password: str) -> User:
    """Make the user with the first role, as one deed."""
    name, unit, actor = data["username"], data["unit"], request.user
    with audit.action("accounts.user_saved", actor=actor, where=guard.address(request), user=name):
        user = services.create_user(name, password, actor=actor, full_name=data["full_name"], unit=unit)
        services.grant(user, data["role"], data["division"], actor=actor, unit=unit)
    return user


def _show_once(request: HttpRequest, user: User, password: str) -> None:
    text = _("用户名 {user}，密码 {password}（只显示这一次，请转告本人，登录后修改）")
    messages.success(request, text.format(user=user.username, password=password))


def _crumbs(label: str) -> list[dict[str, Any]]:
    return [{"label": _("用户"), "url": reverse("accounts:users")}, {"label": label}]


def _one(request: HttpRequest, pk: UUID) -> User:
    found = _managed(request).filter(pk=pk).first()
    if found is None:
        raise not_found()
    return found


@guard.requires(_ACTION)
def user_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one user, with what can be done."""
    user = _one(request, pk)
    names = queries.division_names("")
    cells = _cells(user, names)
    labels = [_("用户名"), _("姓名"), _("单位"), _("角色"), _("状态")]
    facts = [{"label": label, **cell} for label, cell in zip(labels, cells, strict=True)]
    facts[0].pop("url", None)
    is_self = user.pk == request.user.pk
    context = {"person": user, "facts": facts, "crumbs": _crumbs(str(user)), "is_self": is_self}
    return render(request, "accounts/user.html", context)


@guard.requires(_ACTION)
@require_POST
def act(request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
    """Reset the password, or stop or allow the sign-in."""
    user = _one(request, pk)
    where = guard.address(request)
    if user.pk == request.user.pk:  # one's own password has its own page, which keeps the session
        raise not_found()
    if what == "password":
        password = secrets.token_urlsafe(12)
        services.set_password(user.username, password, actor=request.user, where=where)
        _show_once(request, user, password)
    elif what in ("stop", "allow"):
        services.set_active(user, what == "allow", actor=request.user, where=where)
        messages.success(request, _("已保存。"))
    else:
        raise not_found()
    return redirect("accounts:user", pk=pk)


@guard.signed_in
@require_http_methods(["GET", "POST"])
def own_password(request: HttpRequest) -> HttpResponse:
    """Change one's own password."""
    form = PasswordChangeForm(request.user, request.POST or None)  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid():
        services.set_password(
            request.user.get_username(),
            form.cleaned_data["new_password1"],
            actor=request.user,
            where=guard.address(request),
        )
        update_session_auth_hash(request, User.objects.get(pk=request.user.pk))
        messages.success(request, _("密码已修改。"))
        return redirect("sites:overview")
    return render(request, "accounts/password.html", {"form": form})
