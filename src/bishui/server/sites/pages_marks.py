"""What people say about a site's data: flags on readings, and the names that files call it by."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bishui.errors import BishuiError
from bishui.server.core import guard
from bishui.server.sites import choosing, previews, services
from bishui.server.sites.forms import AliasForm, FlagForm, WithdrawForm
from bishui.server.sites.models import Flag, SiteAlias


def _tell(request: HttpRequest, form: Form) -> None:
    """Show what is wrong with a form that is not on the next page."""
    for name, faults in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        messages.error(request, f"{label}{_('：')}{_('；').join(str(fault) for fault in faults)}")


@guard.requires("observations.flag")
@require_POST
def add_flag(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Flag a stretch of readings."""
    site = choosing.site_of(request, pk)
    guard.check(request, "observations.flag", site)
    form = FlagForm(request.POST)
    back = f"{reverse('sites:site', args=[pk])}#flags"
    if "preview" in request.POST:
        return previews.flags(request, form, [str(pk)], url=reverse("sites:flag", args=[pk]), back_url=back)
    if form.is_valid():
        data = form.cleaned_data
        services.flag(
            site,
            item=data["item"],
            time_from=data["time_from"],
            time_to=data["time_to"],
            kind=data["flag"],
            reason=data["reason"],
            actor=request.user,
            where=guard.address(request),
        )
        messages.success(request, _("已标记，相关结果已重新计算。"))
    else:
        _tell(request, form)
    return redirect(back)


@guard.requires("observations.flag")
@require_POST
def withdraw_flag(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let flagged readings count again."""
    record = guard.one(request, Flag, "observations.flag", pk)
    if "preview" in request.POST:
        return previews.withdrawal(request, record)
    form = WithdrawForm(request.POST)
    if form.is_valid():
        try:
            services.withdraw_flag(
                record, why=form.cleaned_data["why"], actor=request.user, where=guard.address(request)
            )
            messages.success(request, _("标记已撤销，数据重新计入。"))
        except BishuiError as error:
            messages.error(request, str(error))
    else:
        _tell(request, form)
    if request.POST.get("back") == "flags":
        return redirect("sites:flags")
    return redirect(f"{reverse('sites:site', args=[record.site_id])}#flags")


@guard.requires("sites.edit")
@require_POST
def add_alias(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Confirm another name of a site."""
    site = choosing.site_of(request, pk)
    guard.check(request, "sites.edit", site)
    form = AliasForm(request.POST, prefix="alias")
    if form.is_valid():
        try:
            services.add_alias(
                site, form.cleaned_data["name"], actor=request.user, where=guard.address(request)
            )
            messages.success(request, _("别名已确认，今后的导入按它识别。"))
        except BishuiError as error:
            messages.error(request, str(error))
    else:
        _tell(request, form)
    return redirect(f"{reverse('sites:site', args=[pk])}#aliases")


@guard.requires("sites.edit")
@require_POST
def remove_alias(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take another name back."""
    alias = guard.one(request, SiteAlias, "sites.edit", pk)
    services.remove_alias(alias, actor=request.user, where=guard.address(request))
    messages.success(request, _("别名已删除。"))
    return redirect(f"{reverse('sites:site', args=[alias.site_id])}#aliases")
