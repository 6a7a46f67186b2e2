"""What was recorded at an outfall: visits and photographs, each exactly once however often it is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, BinaryIO, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction

from bishui.errors import Conflict, DataError, Where
from bishui.i18n import Text
from bishui.outfalls import life_cycle, trigger_of_visit
from bishui.server.core import audit, clock, evidence
from bishui.server.outfalls import photographs, rounds
from bishui.server.outfalls.models import Outfall, Photo, Sample, Visit
from bishui.server.outfalls.moving import CLOSED_REOPENED, reopen_by_itself

R = TypeVar("R", Visit, Photo, Sample)

VISIT_PURPOSES = (
    "survey", "check", "review", "sampling", "tracing", "acceptance", "patrol", "revisit", "dry",
    "inspection",
)  # fmt: skip
#: So far a device's clock may be ahead unnoticed.
_TOLERANCE = timedelta(minutes=10)
PHOTO_KINDS = ("outfall", "surroundings", "before", "after", "sign", "sealed", "other")


def record_visit(
    outfall: Outfall,
    *,
    purpose: str,
    made_at: datetime,
    actor: Any,
    people: Sequence[str],
    client_id: UUID | None = None,
    where: str = "",
    **fields: Any,
) -> Visit:
    """Record a visit on site; what it shows may open a closed outfall again.

    Parameters
    ----------
    outfall
        The outfall.
    purpose
        One of `VISIT_PURPOSES`.
    made_at
        When, by the clock of the device.
    people
        Names of those who were there.
    client_id
        Given by the device: what is sent again is the record that exists.
    **fields
        Further fields of `Visit`: what was seen, place and accuracy, known offset of the clock.

    Raises
    ------
    DataError
        If the purpose is unknown, nobody was there, or it was made in the future.
    """
    one_of(purpose, VISIT_PURPOSES, "purpose")
    if not [name for name in people if name.strip()]:
        raise DataError(
            Text("没有填写到场人员。"), remedy=Text("请填写到场人员姓名。"), where=Where(field="people")
        )

    def make() -> Visit:
        with audit.action(
            "outfalls.visited", actor=actor, where=where, division=outfall.division, name=outfall.name
        ):
            visit = Visit(purpose=purpose, people=[name.strip() for name in people if name.strip()], **fields)
            keep(visit, outfall, made_at, actor, client_id)
            _tell_outfall(visit)
            _look(visit)
        return visit

    return once(Visit, client_id, outfall, make)


def _tell_outfall(visit: Visit) -> None:
    """Keep beside the outfall what the newest visit answers."""
    newer = Visit.objects.filter(outfall=visit.outfall_id, made_at__gt=visit.made_at)
    outfall = Outfall.objects.select_for_update().get(pk=visit.outfall_id)
    for name in ("abnormal", "sign"):
        answer = getattr(visit, name)
        if name == "abnormal" and answer == "no" and _put_right(visit.outfall):
            continue  # what is put right was found abnormal all the same
        if answer and not newer.exclude(**{name: ""}).exists():
            setattr(outfall, name, answer)
    if outfall.changes():
        outfall.save()


def _put_right(outfall: Outfall) -> bool:
    latest = rounds.latest(outfall)
    return latest is not None and latest.need_remediation == "yes"


def _look(visit: Visit) -> None:
    """Open the outfall again where the visit shows what opens it."""
    latest = rounds.latest(visit.outfall)
    if latest is None or latest.state not in CLOSED_REOPENED or not rounds.bears_on(latest, visit.made_at):
        return
    trigger = trigger_of_visit(rounds.visit_seen(visit), rounds.snapshot(latest), life_cycle())
    if trigger is not None:
        reopen_by_itself(latest, trigger, record=f"Visit {visit.pk}", text=visit.text or str(trigger.label))


def add_photo(
    outfall: Outfall,
    content: BinaryIO,
    name: str,
    *,
    kind: str,
    made_at: datetime,
    actor: Any,
    client_id: UUID | None = None,
    visit: Visit | None = None,
    view_of: Photo | None = None,
    where: str = "",
    **fields: Any,
) -> Photo:
    """Keep a photograph with its time and place, and the copy without EXIF that alone may leave the bureau.

    Parameters
    ----------
    content, name
        The file as the device made it.
    kind
        One of `PHOTO_KINDS`.
    visit
        The visit that it belongs to.
    view_of
        The earlier photograph of the same view.
    **fields
        Further fields of `Photo`: place, accuracy, caption.

    Raises
    ------
    DataError
        If the kind is unknown, the file is no picture, or the earlier one is another outfall's.
    """
    one_of(kind, PHOTO_KINDS, "kind")
    for other, field in ((visit, "visit"), (view_of, "view_of")):
        _refuse_foreign(other, outfall, field)

    def make() -> Photo:
        picture = photographs.read(content, name)
        with audit.action(
            "outfalls.photographed", actor=actor, where=where, division=outfall.division, name=outfall.name
        ):
            photo = Photo(kind=kind, visit=visit, view_of=view_of, exif=picture.exif, **fields)
            photo.file = evidence.keep(content, name, division=outfall.division)
            photo.public_file = photographs.keep_public(picture, name, division=outfall.division)
            keep(photo, outfall, made_at, actor, client_id)
        return photo

    return once(Photo, client_id, outfall, make)


def match_view(photo: Photo, earlier: Photo, *, actor: Any, where: str = "") -> Photo:
    """Say which earlier photograph shows the same view (同一视角); a phone without signal can not.

    Raises
    ------
    DataError
        If the other one is of another outfall, or was not made before.
    """
    outfall = photo.outfall
    _refuse_foreign(earlier, outfall, "view_of")
    if earlier.made_at >= photo.made_at:
        raise DataError(
            Text("所选照片不早于这一张。"),
            remedy=Text("请选择整治前拍摄的照片。"),
            where=Where(field="view_of"),
        )
    with audit.action(
        "outfalls.view_matched", actor=actor, where=where, division=outfall.division, name=outfall.name
    ):
        photo.view_of = earlier
        photo.save()
    return photo


def _refuse_foreign(other: Visit | Photo | None, outfall: Outfall, field: str) -> None:
    if other is not None and other.outfall_id != outfall.pk:
        raise DataError(
            Text("所选记录不属于“{name}”。", name=outfall.name),
            remedy=Text("请选择同一排污口的记录。"),
            where=Where(field=field),
        )


def once(model: type[R], client_id: UUID | None, outfall: Outfall, make: Callable[[], R]) -> R:
    """Make a record unless a device sent it before, or sends it a second time at this very moment."""
    before = _already(model, client_id, outfall)
    if before is not None:
        return before
    try:
        with transaction.atomic():
            return make()
    except IntegrityError:
        other = _already(model, client_id, outfall)
        if other is None:
            raise
        return other


def _already(model: type[R], client_id: UUID | None, outfall: Outfall) -> R | None:
    """Return the record that a device sent before under the same identifier.

    Raises
    ------
    Conflict
        If it belongs to another outfall: the device gave the identifier twice.
    """
    found = model.objects.filter(client_id=client_id).first() if client_id else None
    if found is not None and found.outfall_id != outfall.pk:
        raise Conflict(
            Text("记录编号 {id} 已用于另一个排污口。", id=client_id),
            remedy=Text("请在设备上重新保存该记录后再上传。"),
        )
    return found


def one_of(value: str, known: Sequence[str], field: str) -> None:
    """Refuse a word that is none of those known.

    Raises
    ------
    DataError
        With the field.
    """
    if value not in known:
        raise DataError(
            Text("不认识“{value}”。", value=value),
            remedy=Text("可用：{known}。", known="、".join(known)),
            where=Where(field=field),
        )


def keep(
    record: Visit | Photo | Sample, outfall: Outfall, made_at: datetime, actor: Any, client_id: UUID | None
) -> None:
    """Save what was recorded with its round, its times and who did it; within an audited action.

    Raises
    ------
    DataError
        If it was made later than now, after the known offset of the device's clock.
    """
    refuse_future(made_at, record.clock_offset or 0, "made_at")
    record.outfall = outfall
    record.round = rounds.at(outfall, made_at)
    record.division = outfall.division
    record.client_id = client_id
    record.made_at = made_at.replace(microsecond=0)
    record.received_at = record.received_at or clock.now()
    record.by_id = str(getattr(actor, "pk", ""))
    record.by_name = str(actor)
    record.save()


def refuse_future(at: datetime, offset: int, field: str) -> None:
    """Refuse a time later than now, after the known offset of the device's clock in seconds.

    Raises
    ------
    DataError
        With the field.
    """
    off = timedelta(seconds=abs(offset)) + _TOLERANCE
    if at > max(clock.now(), datetime.now()) + off:  # an invented city's day stands still, its phones do not
        raise DataError(
            Text("记录时间 {at} 晚于现在。", at=f"{at:%Y-%m-%d %H:%M}"),
            remedy=Text("请核对设备时间。"),
            where=Where(field=field),
        )
