"""Pages that record something at an outfall: found, visit, photograph, sample, hand-over, results, links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bishui.errors import BishuiError
from bishui.server.core import clock, guard, rights
from bishui.server.core.middleware import not_found
from bishui.server.outfalls import (
    forms_record,
    links,
    pages_list,
    services,
    shown_chain,
    shown_names,
    shown_photos,
)
from bishui.server.outfalls.models import Channel, Discharger, Outfall, Photo, Sample
from bishui.server.outfalls.pages_outfall import one

_BOTH = ["GET", "POST"]
#: So many dischargers and channels of the county are offered; the register of links takes any.
_OFFERED = 400


def _answer(
    request: HttpRequest, outfall: Outfall, title: str, form: forms.Form, save: Callable[[], Any]
) -> HttpResponse:
    """Show the form, or save what was written and go back to the outfall; what is refused is said above."""
    if request.method == "POST" and form.is_valid():
        try:
            save()
        except BishuiError as error:
            if error.http_status in (403, 404):
                raise
            form.add_error(None, str(error))
        else:
            return redirect("outfalls:outfall", code=outfall.code)
    back = reverse("outfalls:outfall", args=[outfall.code])
    context = {
        "title": title,
        "form": form,
        "about": outfall.name,
        "cancel_url": back,
        "crumbs": [
            {"label": _("排污口台账"), "url": reverse("outfalls:list")},
            {"label": outfall.name or outfall.code, "url": back},
            {"label": title},
        ],
    }
    return render(request, "outfalls/form.html", context)


def _for(request: HttpRequest, code: str, action: str) -> Outfall:
    """Return the outfall with a code, if the user may do `action` there."""
    outfall = one(request, code)
    guard.check(request, action, outfall)
    return outfall


def _now(request: HttpRequest) -> datetime:
    """Return the time that a form begins with: of an invented city on its fixed day."""
    with clock.on(request.workspace.as_of if request.workspace else None):  # type: ignore[attr-defined]
        return clock.now()


def _given(form: forms.Form, *without: str) -> dict[str, Any]:
    """Return what was written, without blanks."""
    return {
        name: value
        for name, value in form.cleaned_data.items()
        if name not in without and value not in (None, "", [])
    }


@guard.requires("outfalls.survey")
@require_http_methods(_BOTH)
def new(request: HttpRequest) -> HttpResponse:
    """Register a suspected outfall (T01)."""
    city: Any = request.workspace or None  # type: ignore[attr-defined]
    if city is None:
        return pages_list.no_city(request)
    counties = {
        path: name
        for path, name in shown_names.counties(city.division).items()
        if path != city.division and rights.allowed_in(request.user, "outfalls.survey", path)
    }
    form = forms_record.FoundForm(
        request.POST or None, counties=counties, waters=shown_names.waters(city.division)
    )
    if request.method == "POST" and form.is_valid():
        try:
            outfall = services.find_outfall(
                form.cleaned_data["name"],
                actor=request.user,
                where=guard.address(request),
                **_given(form, "name"),
            )
        except BishuiError as error:
            form.add_error(None, str(error))
        else:
            return redirect("outfalls:outfall", code=outfall.code)
    crumbs = [
        {"label": _("排污口台账"), "url": reverse("outfalls:list")},
        {"label": _("登记疑似排污口")},
    ]
    context = {
        "title": _("登记疑似排污口"),
        "form": form,
        "crumbs": crumbs,
        "cancel_url": reverse("outfalls:list"),
    }
    return render(request, "outfalls/form.html", context)


@guard.requires("outfalls.survey")
@require_http_methods(_BOTH)
def visit(request: HttpRequest, code: str) -> HttpResponse:
    """Record a visit on site."""
    outfall = _for(request, code, "outfalls.survey")
    form = forms_record.VisitForm(request.POST or None, now=_now(request))

    def save() -> None:
        services.record_visit(
            outfall,
            actor=request.user,
            where=guard.address(request),
            people=forms_record.people_of(form.cleaned_data["people"]),
            **_given(form, "people"),
        )

    return _answer(request, outfall, _("登记现场记录"), form, save)


@guard.requires("outfalls.survey")
@require_http_methods(_BOTH)
def photo(request: HttpRequest, code: str) -> HttpResponse:
    """Add a photograph."""
    outfall = _for(request, code, "outfalls.survey")
    words = shown_photos.kinds()
    earlier = {
        str(photo.pk): f"{words.get(photo.kind, photo.kind)} {photo.made_at:%Y-%m-%d %H:%M}"
        for photo in outfall.photos.order_by("-made_at")
    }
    form = forms_record.PhotoForm(
        request.POST or None, request.FILES or None, now=_now(request), earlier=earlier
    )

    def save() -> None:
        given = _given(form, "file", "view_of")
        seen = form.cleaned_data["view_of"]
        if seen:
            given["view_of"] = Photo.objects.get(pk=seen, outfall=outfall)
        upload = form.cleaned_data["file"]
        services.add_photo(
            outfall, upload.file, upload.name, actor=request.user, where=guard.address(request), **given
        )

    return _answer(request, outfall, _("添加照片"), form, save)


@guard.requires("outfalls.survey")
@require_http_methods(_BOTH)
def view_of(request: HttpRequest, code: str, pk: UUID) -> HttpResponse:
    """Say which earlier photograph shows the same view: chosen among the pictures themselves."""
    outfall = _for(request, code, "outfalls.survey")
    photos = list(outfall.photos.order_by("-made_at"))
    later = next((one for one in photos if one.pk == pk), None)
    if later is None:
        raise not_found()
    earlier = {str(one.pk): one for one in photos if one.made_at < later.made_at}
    if request.method == "POST" and request.POST.get("view_of") in earlier:
        chosen = earlier[request.POST["view_of"]]
        services.match_view(later, chosen, actor=request.user, where=guard.address(request))
        return redirect(f"{reverse('outfalls:outfall', args=[code])}#photos")
    back = reverse("outfalls:outfall", args=[code])
    title = _("指明同一视角的照片")
    context = {
        "outfall": outfall,
        "later": shown_photos.one(later),
        "earlier": [shown_photos.one(one) for one in earlier.values()],
        "title": title,
        "crumbs": [
            {"label": _("排污口台账"), "url": reverse("outfalls:list")},
            {"label": outfall.name or code, "url": back},
            {"label": title},
        ],
    }
    return render(request, "outfalls/view_of.html", context)


@guard.requires("outfalls.sample")
@require_http_methods(_BOTH)
def sample(request: HttpRequest, code: str) -> HttpResponse:
    """Record a sample that was taken."""
    outfall = _for(request, code, "outfalls.sample")
    form = forms_record.SampleForm(request.POST or None, now=_now(request))

    def save() -> None:
        services.take_sample(
            outfall,
            form.cleaned_data["number"],
            actor=request.user,
            where=guard.address(request),
            samplers=forms_record.people_of(form.cleaned_data["samplers"]),
            bottles=forms_record.people_of(form.cleaned_data["bottles"]),
            **_given(form, "number", "samplers", "bottles"),
        )

    return _answer(request, outfall, _("登记采样"), form, save)


def _sample(outfall: Outfall, pk: UUID) -> Sample:
    found = outfall.samples.filter(pk=pk).first()
    if found is None:
        raise not_found()
    return found


@guard.requires("outfalls.sample")
@require_http_methods(_BOTH)
def custody(request: HttpRequest, code: str, pk: UUID) -> HttpResponse:
    """Record a step in the chain of custody of a sample."""
    outfall = _for(request, code, "outfalls.sample")
    record = _sample(outfall, pk)
    form = forms_record.CustodyForm(request.POST or None, now=_now(request))

    def save() -> None:
        given = _given(form, "step")
        services.hand_over(
            record, form.cleaned_data["step"], actor=request.user, where=guard.address(request), **given
        )

    return _answer(request, outfall, _("登记样品交接"), form, save)


@guard.requires("outfalls.sample")
@require_http_methods(_BOTH)
def results(request: HttpRequest, code: str, pk: UUID) -> HttpResponse:
    """Enter the results of a sample."""
    outfall = _for(request, code, "outfalls.sample")
    record = _sample(outfall, pk)
    form = forms_record.ResultsForm(request.POST or None, request.FILES or None)

    def save() -> None:
        upload = form.cleaned_data["report"]
        services.enter_results(
            record,
            form.results(),
            laboratory=form.cleaned_data["laboratory"],
            report_number=form.cleaned_data["report_number"],
            report=(upload.file, upload.name) if upload else None,
            actor=request.user,
            where=guard.address(request),
        )

    return _answer(request, outfall, _("登记检测结果"), form, save)


@guard.requires("outfalls.edit")
@require_http_methods(_BOTH)
def link(request: HttpRequest, code: str) -> HttpResponse:
    """Add a link to the chain, with its evidence."""
    outfall = _for(request, code, "outfalls.edit")
    uppers, lowers = _ends(outfall)
    form = forms_record.LinkForm(request.POST or None, request.FILES or None, uppers=uppers, lowers=lowers)

    def save() -> None:
        upload = form.cleaned_data["evidence_file"]
        links.add_link(
            outfall,
            upper=_end(form.cleaned_data["upper"]),
            lower=_end(form.cleaned_data["lower"]),
            upload=(upload.file, upload.name) if upload else None,
            actor=request.user,
            where=guard.address(request),
            **_given(form, "upper", "lower", "evidence_file"),
        )

    return _answer(request, outfall, _("增加链路"), form, save)


def _ends(outfall: Outfall) -> tuple[dict[str, str], dict[str, str]]:
    """Return what may stand at each end: dischargers and channels of the county, channels and the outfall."""
    inside = {"division__startswith": outfall.division}
    dischargers = Discharger.objects.filter(**inside).values_list("code", "name")[:_OFFERED]
    channels = list(Channel.objects.filter(**inside).values_list("code", "name")[:_OFFERED])
    through = {f"channel:{code}": _("通道 %(name)s") % {"name": name} for code, name in channels}
    uppers = {f"discharger:{code}": name for code, name in dischargers}
    return {**uppers, **through}, {f"outfall:{outfall.code}": outfall.name, **through}


def _end(text: str) -> tuple[str, str]:
    kind, _sign, code = text.partition(":")
    return kind, code


@guard.requires("outfalls.edit")
@require_http_methods(_BOTH)
def link_end(request: HttpRequest, code: str, pk: UUID) -> HttpResponse:
    """End a link of the chain, with the reason."""
    outfall = _for(request, code, "outfalls.edit")
    record = next((one for one in shown_chain.links_above(outfall) if one.pk == pk), None)
    if record is None:
        raise not_found()
    form = forms_record.LinkEndForm(request.POST or None)

    def save() -> None:
        links.end_link(
            outfall,
            record,
            until=form.cleaned_data["until"],
            why=form.cleaned_data["ended_why"],
            actor=request.user,
            where=guard.address(request),
        )

    return _answer(request, outfall, _("终止链路"), form, save)
