"""From a form to the record it asks for, by the services of `server.outfalls`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from pyproj import Geod

from bishui.errors import DataError, Forbidden, Where
from bishui.i18n import Text
from bishui.server.accounts.models import Division
from bishui.server.core import clock, rights
from bishui.server.field import points, specification, uploads
from bishui.server.field.envelope import Envelope
from bishui.server.field.limits import limit
from bishui.server.field.models import Submission
from bishui.server.outfalls import services
from bishui.server.outfalls.models import Outfall, Sample, Visit

_EARTH = Geod(ellps="GRS80")
_METRES_PER_DEGREE = 111_000


class Waiting(Exception):
    """Something has to come first: a form by its number, or a photograph by its SHA-256."""

    def __init__(self, thing: str) -> None:
        super().__init__(thing)
        self.thing = thing


class SetAside(Exception):
    """What the form rests on was set aside by a person."""


class Contradiction(Exception):
    """What the device knew is no longer so; a person has to decide."""

    def __init__(self, differences: list[dict[str, Any]], outfall: Outfall | None) -> None:
        super().__init__(len(differences))
        self.differences = differences
        self.outfall = outfall


def apply(submission: Submission, envelope: Envelope, *, decided: bool = False, chosen: Any = None) -> None:
    """Make the record that a form asks for, and note it on the submission.

    Parameters
    ----------
    decided
        Whether a person has decided that it counts although something changed.
    chosen
        The outfall that this person named instead of the form's own.

    Raises
    ------
    Waiting, SetAside, Contradiction, BishuiError
        Where there is no record yet, or never.
    """
    if envelope.kind == "discovery":
        _discover(submission, envelope, decided=decided)
        return
    if envelope.kind == "custody":
        _hand_over(submission, envelope)
        return
    outfall = chosen or _outfall_of(envelope)
    _check(submission, envelope.kind, outfall)
    _name(submission, outfall)
    if not decided and not envelope.links:
        changed = points.differences(dict(envelope.seen), outfall)
        if changed:
            raise Contradiction(changed, outfall)
    at = dated(submission.at, outfall.division)
    with clock.on(day_of(outfall.division)):
        record = _MAKERS[envelope.kind](submission, envelope, outfall, at)
    submission.record = record.pk


def day_of(division: str) -> date | None:
    """Return the fixed day of an invented city, None of a real one."""
    root = Division.objects.filter(code=division.partition("/")[0]).first()
    return root.as_of if root and root.fiction else None


def dated(at: datetime, division: str) -> datetime:
    """Return a time on the day that work in a city is dated by: so many days before it as before today."""
    day = day_of(division)
    return at + (day - date.today()) if day else at


# -- what a form is about -------------------------------------------------------------------------------


def former(client_id: UUID) -> Submission:
    """Return the form that another rests on, once it is done.

    Raises
    ------
    Waiting, SetAside
        If it is not.
    """
    found = Submission.objects.filter(client_id=client_id).first()
    if found is not None and found.fate == "set_aside":
        raise SetAside
    if found is None or found.fate != "done":
        raise Waiting(str(client_id))
    return found


def _outfall_of(envelope: Envelope) -> Outfall:
    keys = {link: former(client_id).outfall for link, client_id in envelope.links.items()}
    key = next((found for found in keys.values() if found), None) or envelope.outfall
    # locked, so that two who were at one outfall follow one another instead of crossing
    found = Outfall.objects.select_for_update().filter(pk=key).first() if key else None
    if found is None:
        raise DataError(
            Text("表单所指的排污口不存在。"),
            remedy=Text("请在设备上更新点位后，重新选择排污口再提交。"),
            where=Where(field="outfall"),
        )
    return found


def _check(submission: Submission, kind: str, record: Any) -> None:
    action = specification.forms()[kind]["needs"]
    if not rights.allowed(submission.user, action, record):
        raise Forbidden(
            rights.explain(submission.user, action, record), remedy=Text("请联系本单位的系统管理员。")
        )


def _name(submission: Submission, outfall: Outfall) -> None:
    submission.outfall, submission.outfall_name = outfall.pk, str(outfall)
    submission.division = outfall.division


def _place(submission: Submission, envelope: Envelope) -> dict[str, Any]:
    position = envelope.position
    if position is None:
        return {"clock_offset": submission.clock_offset}
    return {
        "lon": position.lon,
        "lat": position.lat,
        "datum": "WGS84",
        "accuracy": position.accuracy,
        "clock_offset": submission.clock_offset,
    }


# -- the kinds ------------------------------------------------------------------------------------------


def _discover(submission: Submission, envelope: Envelope, *, decided: bool) -> None:
    fields = specification.clean("discovery", envelope.fields)
    division, position = str(fields.pop("division")), envelope.position
    if not rights.allowed_in(submission.user, "outfalls.survey", division):
        raise Forbidden(Text("您没有在“{division}”排查的权限。", division=division))
    if position is None:
        raise DataError(
            Text("新发现的排污口没有定位。"),
            remedy=Text("请到现场打开定位后重新填写。"),
            where=Where(field="position"),
        )
    submission.division = division
    near = [] if decided else near_by(division, position.lon, position.lat)
    if near:
        submission.outfall_name = str(fields["name"])
        raise Contradiction([_as_near(outfall, metres) for outfall, metres in near], None)
    place = _place(submission, envelope) | {"coordinate_source": "device"}
    place.pop("clock_offset")
    with clock.on(day_of(division)):
        outfall = services.find_outfall(
            division=division,
            actor=submission.user,
            client_id=envelope.client_id,
            found_at=dated(submission.at, division),
            **place,
            **fields,
        )
    _name(submission, outfall)
    submission.record = outfall.pk


def near_by(division: str, lon: Decimal, lat: Decimal) -> list[tuple[Outfall, float]]:
    """Return the outfalls of a county closer than the limit, with the distance in metres, nearest first."""
    reach = Decimal(limit("near")) / _METRES_PER_DEGREE
    found: QuerySet[Outfall] = Outfall.objects.filter(
        division__startswith=division,
        merged_into="",
        removed_on=None,
        lat__range=(lat - reach, lat + reach),
        lon__range=(lon - 3 * reach, lon + 3 * reach),
    )
    measured = [(outfall, _metres(outfall, lon, lat)) for outfall in found[:200]]
    return sorted((pair for pair in measured if pair[1] <= limit("near")), key=lambda pair: pair[1])


def _metres(outfall: Outfall, lon: Decimal, lat: Decimal) -> float:
    assert outfall.lon is not None and outfall.lat is not None
    return float(_EARTH.inv(float(lon), float(lat), float(outfall.lon), float(outfall.lat))[2])


def _as_near(outfall: Outfall, metres: float) -> dict[str, Any]:
    return {"field": "near", "outfall": str(outfall.pk), "seen": "", "now": f"{outfall} · {metres:.0f} m"}


def _visit(submission: Submission, envelope: Envelope, outfall: Outfall, at: datetime) -> Model:
    fields = specification.clean("visit", envelope.fields)
    return services.record_visit(
        outfall,
        made_at=at,
        actor=submission.user,
        client_id=envelope.client_id,
        **_place(submission, envelope),
        **fields,
    )


def _photograph(submission: Submission, envelope: Envelope, outfall: Outfall, at: datetime) -> Model:
    fields = specification.clean("photograph", envelope.fields)
    upload = uploads.find(envelope.photo["sha256"])
    if upload is None or not upload.is_whole():
        raise Waiting(envelope.photo["sha256"])
    visit = _record_of(envelope, "visit", Visit)
    with upload.path.open("rb") as content:
        photo = services.add_photo(
            outfall,
            content,
            name_of(envelope),
            made_at=at,
            actor=submission.user,
            client_id=envelope.client_id,
            visit=visit,
            **_place(submission, envelope),
            **fields,
        )
    uploads.forget(upload)
    return photo


def name_of(envelope: Envelope) -> str:
    """Return the name of a photograph; cameras give some without a fitting end."""
    name = str(envelope.photo["name"])
    return name if name.lower().endswith((".jpg", ".jpeg", ".png")) else f"{envelope.client_id}.jpg"


def _sample(submission: Submission, envelope: Envelope, outfall: Outfall, at: datetime) -> Model:
    fields = specification.clean("sample", envelope.fields)
    fields["bottles"] = [{"code": code} for code in fields["bottles"]]
    return services.take_sample(
        outfall,
        fields.pop("number"),
        made_at=at,
        actor=submission.user,
        client_id=envelope.client_id,
        visit=_record_of(envelope, "visit", Visit),
        **_place(submission, envelope),
        **fields,
    )


def _hand_over(submission: Submission, envelope: Envelope) -> None:
    sample = _record_of(envelope, "sample", Sample)
    if sample is None:
        raise DataError(Text("交接单没有写明样品。"), remedy=Text("请从样品打开交接单后重新填写。"))
    _check(submission, "custody", sample)
    _name(submission, sample.outfall)
    fields = specification.clean("custody", envelope.fields)
    with clock.on(day_of(sample.division)):
        record = services.hand_over(
            sample,
            fields.pop("step"),
            at=dated(submission.at, sample.division),
            actor=submission.user,
            client_id=envelope.client_id,
            **fields,
        )
    submission.record = record.pk


def _record_of(envelope: Envelope, link: str, model: type[Any]) -> Any:
    client_id = envelope.links.get(link)
    return model.objects.get(pk=former(client_id).record) if client_id else None


_MAKERS: dict[str, Callable[[Submission, Envelope, Outfall, datetime], Model]] = {
    "visit": _visit,
    "photograph": _photograph,
    "sample": _sample,
}
