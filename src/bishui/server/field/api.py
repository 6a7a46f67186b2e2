"""The exchange with devices, as JSON: points out; forms and pieces of photographs in."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bishui.errors import BishuiError, CallError, Where
from bishui.i18n import Text
from bishui.server.core import guard, rights
from bishui.server.core.middleware import no_right
from bishui.server.field import clocks, devices, points, receiving, uploads
from bishui.server.field.entering import exchange
from bishui.server.field.limits import limit
from bishui.server.field.models import Device, Submission


def _answer(content: dict[str, Any], status: int = 200) -> JsonResponse:
    now = {"server_now": round(datetime.now().replace(tzinfo=clocks.CST).timestamp() * 1000)}
    return JsonResponse(now | content, status=status, json_dumps_params={"ensure_ascii": False})


def _device(request: HttpRequest) -> Device | None:
    return getattr(request, "device", None)


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        found = json.loads(request.body)
    except ValueError as fault:
        raise _wrong("body") from fault
    if not isinstance(found, dict):
        raise _wrong("body")
    return found


def _wrong(field: str) -> CallError:
    return CallError(
        Text("请求的格式不正确：{field}。", field=field),
        remedy=Text("请联网打开现场页面，更新后重试。"),
        where=Where(field=field),
    )


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise _wrong(name)
    return int(text)


@exchange("outfalls.survey")
@require_safe
def hello(request: HttpRequest) -> HttpResponse:
    """Say who the user is, in which city, and what time it is here."""
    city = request.workspace  # type: ignore[attr-defined]
    device = _device(request)
    return _answer(
        {
            "user": {"id": str(request.user.pk), "name": request.user.get_username()},
            "city": {"division": city.division, "name": city.name, "fiction": city.fiction} if city else None,
            "counties": points.counties(request.user, city.division) if city else [],
            "device": str(device.pk) if device else "",
            "expires_on": device.expires_on.isoformat() if device else "",
            "may_sample": rights.holds(request.user, "outfalls.sample"),
            # for the registration alone: a device that has a key sends no cookies
            "csrf": "" if device else get_token(request),
        }
    )


@exchange("outfalls.survey")
@require_POST
def register(request: HttpRequest) -> HttpResponse:
    """Register this browser as a device of the user who has signed in."""
    city = request.workspace  # type: ignore[attr-defined]
    if city is None or _device(request) is not None:
        raise no_right()
    name = str(_body(request).get("name", ""))
    device, key = devices.register(request.user, name, city.acting, where=guard.address(request))
    return _answer(
        {"device": str(device.pk), "key": key, "expires_on": device.expires_on.isoformat()}, status=201
    )


@exchange("outfalls.survey")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Give the next part of the points of a county."""
    city = request.workspace  # type: ignore[attr-defined]
    division = request.GET.get("division", "")
    if city is None or not division.startswith(city.division):
        return _answer({"points": [], "cursor": "", "limit": limit("points")})
    town, after = request.GET.get("town", ""), request.GET.get("after", "")
    return _answer(points.carried(request.user, division, town=town, after=after))


@exchange("outfalls.survey")
@require_http_methods(["GET", "HEAD", "PUT"])
def upload(request: HttpRequest, sha256: str) -> HttpResponse:
    """Take in one piece of a photograph, or say which bytes are missing."""
    size = _number(request, "size")
    if request.method != "PUT":
        return _answer({"missing": uploads.missing(uploads.find(sha256), size)})
    kept = uploads.take_in(sha256, size, _number(request, "offset"), request.body)
    if kept.is_whole():
        receiving.resume(sha256, where=guard.address(request))
    return _answer({"missing": uploads.missing(kept, size)})


@exchange("outfalls.survey")
@require_POST
def forms(request: HttpRequest) -> HttpResponse:
    """Take in forms; each has its own result, whatever becomes of the others."""
    body = _body(request)
    sent = body.get("forms")
    if not isinstance(sent, list) or len(sent) > limit("forms_at_once"):
        raise _wrong("forms")
    sender = _sender(request, body.get("now"))
    return _answer({"offset": sender.offset, "results": [_result(form, sender) for form in sent]})


def _sender(request: HttpRequest, device_now: Any) -> receiving.Sender:
    try:
        shown = clocks.moment(int(device_now))
    except (TypeError, ValueError) as fault:
        raise _wrong("now") from fault
    offset = round((datetime.now() - shown).total_seconds())
    device = _device(request)
    if device is not None:
        devices.note_clock(device, offset, where=guard.address(request))
    return receiving.Sender(
        user=request.user,
        division=device.division if device else guard.acting_division(request),
        device=device,
        offset=offset,
        where=guard.address(request),
    )


def _result(form: Any, sender: receiving.Sender) -> dict[str, Any]:
    try:
        return told(receiving.receive(form, sender))
    except BishuiError as error:
        client_id = form.get("client_id", "") if isinstance(form, dict) else ""
        return {"client_id": str(client_id), "fate": "unreadable", "reason": error.as_dict()}


def told(submission: Submission) -> dict[str, Any]:
    """Return what a device is told of a form."""
    return {
        "client_id": str(submission.client_id),
        "fate": submission.fate,
        "reason": submission.reason or None,
        "waits_for": submission.waits_for,
        "differences": [points.worded(entry) for entry in submission.differences],
        "flags": [{"key": key, **clocks.FLAGS[key].both()} for key in submission.flags],
        "outfall": str(submission.outfall or ""),
        "decided_why": submission.decided_why,
        "other_content": len(submission.others),
    }
