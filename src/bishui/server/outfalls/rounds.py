"""How a round moves: what its outfall lacks, what it takes of the evidence, how the next one begins.

The rules are those of `bishui.outfalls`; here the records become the plain snapshot that they look at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.forms.models import model_to_dict

from bishui.errors import Conflict, Problem
from bishui.i18n import Bilingual, Text
from bishui.outfalls import (
    HandOver,
    PhotoSeen,
    SampleSeen,
    Snapshot,
    VisitSeen,
    life_cycle,
    outfall_types,
)
from bishui.outfalls import lacking as lacking_of
from bishui.server.core import clock

if TYPE_CHECKING:
    from bishui.server.core.workflow import Transition
    from bishui.server.outfalls.models_register import Outfall
    from bishui.server.outfalls.models_rounds import OutfallRound, Photo, Sample, Visit

#: What a visit answers, the last answer counts.
_ANSWERS = (
    "discharging", "colour", "turbidity", "odour", "oil_film", "abnormal", "can_sample",
    "cannot_sample_reason",
)  # fmt: skip
#: Fields of the outfall that evidence of the same name goes into; the others are fields of the round.
_OF_OUTFALL = frozenset(
    {
        "responsible_name",
        "responsible_unit",
        "responsible_kind",
        "discharger",
        "kind",
        "keep",
        "supervising_unit",
    }
)
_FILES = frozenset({"trace_report", "decision", "plan"})
_UNITS = {"responsible_unit": "responsible", "supervising_unit": "supervising"}


def latest(outfall: Outfall) -> OutfallRound | None:
    """Return the round that is open, or was last; with its outfall as it stands now."""
    from bishui.server.outfalls.models_rounds import OutfallRound

    found = OutfallRound.objects.filter(outfall=outfall.pk).select_related("outfall")
    return found.order_by("-number").first()


def at(outfall: Outfall, moment: datetime) -> OutfallRound | None:
    """Return the round that something recorded at a moment belongs to: the one that was open or last then."""
    from bishui.server.outfalls.models_rounds import OutfallRound

    rounds = list(OutfallRound.objects.filter(outfall=outfall.pk).order_by("-number"))
    return next((one for one in rounds if one.opened_at <= moment), rounds[-1] if rounds else None)


def bears_on(round_: OutfallRound, moment: datetime) -> bool:
    """Tell whether something recorded at a moment speaks of what a closed round came to."""
    since = round_.finished_on or (round_.outfall.stage_since or round_.opened_at).date()
    return moment.date() >= since


def lacking(
    round_: OutfallRound, transition: Transition, given: Mapping[str, Any], actor: Any
) -> list[Problem]:
    """Return what is lacking for a step."""
    names = [entry["rule"] for entry in transition.requires]
    return lacking_of(names, snapshot(round_, given=_asked_for(transition, given), actor=actor))


def _asked_for(transition: Transition, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the evidence that the step asks for: nothing else proves or writes anything."""
    keys = {part.key for part in transition.evidence}
    return {key: value for key, value in given.items() if key in keys}


def snapshot(round_: OutfallRound, *, given: Mapping[str, Any] | None = None, actor: Any = "") -> Snapshot:
    """Return what is known of an outfall in a round, as the rules look at it."""
    outfall = round_.outfall
    visits = list(round_.visits.order_by("made_at"))
    fields = model_to_dict(outfall) | model_to_dict(round_)
    fields |= {"supervising_unit": outfall.supervising_unit, "closed_on": outfall.stage_since}
    fields |= last_answers(visits)
    return Snapshot(
        fields=fields,
        visits=tuple(visit_seen(visit) for visit in visits),
        photos=tuple(photo_seen(photo) for photo in outfall.photos.order_by("made_at")),
        samples=tuple(
            sample_seen(sample)
            for sample in round_.samples.order_by("made_at").prefetch_related("results", "custody")
        ),
        given=given or {},
        actor=str(getattr(actor, "pk", "")),
    )


def last_answers(visits: list[Visit]) -> dict[str, Any]:
    """Return the last answer to each question of the visits, which are in order of time."""
    found: dict[str, Any] = {}
    for visit in visits:
        found |= {name: getattr(visit, name) for name in _ANSWERS if getattr(visit, name)}
    return found


def visit_seen(visit: Visit) -> VisitSeen:
    """Return a visit as the rules look at it."""
    rain = None if visit.rain is None else Decimal(visit.rain)
    return VisitSeen(visit.made_at, visit.by_id, visit.discharging, rain, tuple(visit.abnormal_kinds))


def photo_seen(photo: Photo) -> PhotoSeen:
    """Return a photograph as the rules look at it."""
    placed = photo.lon is not None and photo.lat is not None
    return PhotoSeen(str(photo.pk), photo.kind, photo.made_at, placed, str(photo.view_of_id or ""))


def sample_seen(sample: Sample) -> SampleSeen:
    """Return a sample as the rules look at it."""
    return SampleSeen(
        number=sample.number,
        at=sample.made_at,
        samplers=len(sample.samplers),
        flow_status=sample.flow_status,
        items=frozenset(result.item for result in sample.results.all()),
        custody=tuple(
            HandOver(step.step, step.at, step.to_name, step.from_name) for step in sample.custody.all()
        ),
        passes={"yes": True, "no": False}.get(sample.passes),
    )


def options(name: str) -> Mapping[str, Bilingual]:
    """Return a list of choices that the workflow file names.

    Raises
    ------
    KeyError
        If there is none of that name.
    """
    rules = life_cycle()
    lists: dict[str, Mapping[str, Bilingual]] = {
        "types": {one.id: one.label for one in outfall_types().values()},
        "categories": {one.id: one.label for one in rules.categories.values()},
        "triggers": {one.id: one.label for one in rules.triggers.values()},
        "abnormalities": rules.abnormalities,
        "trace_methods": rules.trace_methods,
    }
    return lists[name]


def take(round_: OutfallRound, transition: Transition, given: Mapping[str, Any]) -> None:
    """Take evidence into the fields of the round and of its outfall, and what follows from the step.

    Raises
    ------
    Conflict
        If the outfall was merged into another: its rounds rest.
    """
    from bishui.server.outfalls.models_register import Outfall

    # As it stands now: somebody may have edited the register since the round was opened on the screen.
    round_.outfall = Outfall.objects.select_for_update().get(pk=round_.outfall_id)
    if round_.outfall.merged_into:
        raise Conflict(
            Text("“{name}”已并入 {code}。", name=round_.outfall.name, code=round_.outfall.merged_into),
            remedy=Text("请在 {code} 中办理。", code=round_.outfall.merged_into),
        )
    if not transition.begins_anew:
        before = round_.planned_finish
        for key, value in _asked_for(transition, given).items():
            _take_one(round_, key, value)
        _STEPS.get(transition.id, _nothing)(round_, given, before)
    else:
        round_.superseded = True


def _take_one(round_: OutfallRound, key: str, value: Any) -> None:
    from bishui.server.outfalls.models_register import unit_of_code

    outfall = round_.outfall
    if key in _OF_OUTFALL:
        setattr(outfall, key, value)
        if key in _UNITS:
            setattr(outfall, _UNITS[key], unit_of_code(value))
    elif key == "department_unit":
        round_.department_unit = unit_of_code(value)
    elif key in _FILES:
        setattr(round_, f"{key}_id", value)
    elif key in {field.name for field in round_._meta.concrete_fields}:
        setattr(round_, key, value)


def _nothing(round_: OutfallRound, given: Mapping[str, Any], before: date | None) -> None:
    """Take nothing further."""


def _verify(round_: OutfallRound, given: Mapping[str, Any], before: date | None) -> None:
    """Keep what the visits answered."""
    answers = last_answers(list(round_.visits.order_by("made_at")))
    round_.can_sample = answers.get("can_sample", "")
    round_.cannot_sample_reason = answers.get("cannot_sample_reason", "")
    round_.outfall.abnormal = answers.get("abnormal", round_.outfall.abnormal)


def _found(round_: OutfallRound, given: Mapping[str, Any], before: date | None) -> None:
    round_.outfall.responsible_kind = "discharger"


def _no_action(round_: OutfallRound, given: Mapping[str, Any], before: date | None) -> None:
    round_.need_remediation, round_.category, round_.outfall.keep = "no", "none", "yes"


def _plan(round_: OutfallRound, given: Mapping[str, Any], before: date | None) -> None:
    round_.need_remediation = "yes"
    round_.outfall.due = round_.planned_finish


def _return(round_: OutfallRound, given: Mapping[str, Any], before: date | None) -> None:
    """Count the rejection; what was finished is not finished."""
    round_.rejections += 1
    round_.finished_on = None
    _postpone(round_, given, before)


def _postpone(round_: OutfallRound, given: Mapping[str, Any], before: date | None) -> None:
    """Keep the date that was, beside the new one."""
    from bishui.server.outfalls.models_rounds import DateChange

    round_.outfall.due = round_.planned_finish
    after = round_.planned_finish
    if before is not None and after is not None and before != after:
        DateChange(
            division=round_.division,
            round=round_,
            old=before,
            new=after,
            transition_until=given.get("transition_until"),
            reason=str(given.get("text", ""))[:500],
            approver=given.get("approver", ""),
            at=clock.now(),
        ).save()


def _sign_off(round_: OutfallRound, given: Mapping[str, Any], before: date | None) -> None:
    round_.signed_off_on = clock.now().date()
    round_.outfall.due = None
    if given.get("keep") == "no":
        round_.outfall.removed_on = round_.finished_on


_STEPS: Mapping[str, Callable[[OutfallRound, Mapping[str, Any], date | None], None]] = {
    "t02": _verify,
    "t07": _found,
    "t10": _no_action,
    "t11": _plan,
    "t14": _return,
    "t15": _sign_off,
    "t19": _postpone,
}


def follower(round_: OutfallRound, given: Mapping[str, Any]) -> OutfallRound:
    """Return the next round of an outfall, not yet saved; the outfall is there again, and not signed off."""
    from bishui.server.outfalls.models_rounds import OutfallRound

    outfall = round_.outfall
    outfall.removed_on, outfall.keep, outfall.due = None, "", None
    if round_.state != "not_outfall":
        outfall.abnormal = "yes"  # whatever opened it again, it is not in order
    return OutfallRound(
        outfall=outfall,
        division=round_.division,
        number=round_.number + 1,
        opened_at=clock.now(),
        former=round_,
        trigger=given.get("trigger", ""),
        trigger_record=given.get("trigger_record", ""),
        trigger_text=given.get("text", ""),
        can_sample=round_.can_sample,
        cannot_sample_reason=round_.cannot_sample_reason,
    )


def repeat_stage(round_: OutfallRound) -> None:
    """Write the state of the latest round beside its outfall, for lists, with what else of it changed."""
    from bishui.server.outfalls.models_register import moving

    outfall: Outfall = round_.outfall
    if outfall.stage != round_.state or outfall.stage_since is None:
        outfall.stage, outfall.stage_since = round_.state, clock.now()
    if outfall.changes():
        with moving(outfall):
            outfall.save()
