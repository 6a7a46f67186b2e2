"""See before saving (保存前先看): what a flag, or its withdrawal, would move in classes, rates and ranks."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.assessment import FlagChange
from bishui.server.sites.models import FLAGS, Flag, QualityFinding
from bishui.server.waters import before_saving
from bishui.server.waters.before_saving import Save
from bishui.server.waters.changes_form import flags_of

#: What is asked for to save, and not to look.
_REASON = "reason"


def flags(
    request: HttpRequest, form: forms.Form, sites: Sequence[str], *, url: str, back_url: str, kind: str = ""
) -> HttpResponse:
    """Answer with what the flags of a form would move.

    Parameters
    ----------
    form
        With ``item``, ``time_from``, ``time_to``, and ``flag`` unless `kind` says it; no reason is needed.
    sites
        Identifiers of the sites.
    url, back_url
        Where the form is saved, and the page that it stands on.
    """
    form.fields[_REASON].required = False
    if not form.is_valid():
        return before_saving.wrong(request, form)
    data = form.cleaned_data
    span = (data["item"], data["time_from"], data["time_to"])
    save = Save.of(url, _("保存标记"), request.POST) if data[_REASON] else None
    return before_saving.answer(
        request,
        flags_of(sites, *span, kind or data["flag"]),
        heading=_("标记前先看"),
        save=save,
        back_url=back_url,
    )


def withdrawal(request: HttpRequest, flag: Flag) -> HttpResponse:
    """Answer with what would move if a flag was withdrawn."""
    change = FlagChange(
        id=str(flag.pk),
        site=str(flag.site_id),
        time_from=flag.time_from,
        time_to=flag.time_to,
        flag=flag.flag,
        item=flag.item or None,
        remove=True,
    )
    url = reverse("sites:flag_withdraw", args=[flag.pk])
    save = Save.of(url, _("撤销标记"), request.POST) if request.POST.get("why", "").strip() else None
    back_url = f"{reverse('sites:site', args=[flag.site_id])}#flags"
    return before_saving.answer(request, (change,), heading=_("撤销标记前先看"), save=save, back_url=back_url)


def findings(request: HttpRequest, found: Sequence[QualityFinding], kind: str) -> HttpResponse:
    """Answer with what would move if the readings of some findings were flagged."""
    changes = tuple(
        change
        for finding in found
        for change in flags_of([str(finding.site_id)], finding.item, finding.time_from, finding.time_to, kind)
    )
    if not changes or kind not in FLAGS:
        return before_saving.nothing(request, _("没有选择任何质控发现。"))
    return before_saving.answer(request, changes, heading=_("标记前先看"), back_url=reverse("sites:quality"))
