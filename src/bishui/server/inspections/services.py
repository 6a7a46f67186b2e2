"""Writes of this app beside the draw: inspections, their findings, and the cases that follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO
from uuid import UUID

from bishui.errors import Conflict, DataError, Where
from bishui.i18n import Text
from bishui.server.cases import services as cases
from bishui.server.core import audit, clock, evidence
from bishui.server.inspections import norms
from bishui.server.inspections.models import DrawnOutfall, Finding, Inspection, Inspector, Recusal
from bishui.server.outfalls import queries_supervision as outfalls
from bishui.server.outfalls import services as rounds
from bishui.server.outfalls.moving import SYSTEM

_ANSWERS = ("yes", "no", "na")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found to be mended: the checklist item, in words, and by when."""

    item: str
    text: str
    deadline: date


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen on site.

    Attributes
    ----------
    answers
        ``yes``, ``no`` or ``na`` for each item of the checklist.
    flowing
        ``yes``, ``no`` or empty.
    rain
        Rain in mm over the hours that the rules look back on; None where nobody knows.
    sample, no_sample_why
        Number of the sample taken, or why none could be.
    """

    answers: Mapping[str, str]
    flowing: str = ""
    rain: Decimal | None = None
    sample: str = ""
    no_sample_why: str = ""
    text: str = ""


def record_inspection(
    outfall: Any,
    seen: Seen,
    *,
    purpose: str,
    made_at: datetime,
    inspectors: Sequence[str],
    actor: Any,
    named: DrawnOutfall | None = None,
    others_why: str = "",
    findings: Sequence[Found] = (),
    upload: tuple[BinaryIO, str] | None = None,
    client_id: UUID | None = None,
    where: str = "",
) -> Inspection:
    """Record an inspection; one that fails at an outfall that was closed opens a new round.

    Parameters
    ----------
    inspectors
        The codes of those who were there.
    named
        The entry of a draw that it fulfils.
    others_why
        Why others went than were drawn.
    client_id
        Given by the device: what is sent twice is one record.

    Raises
    ------
    DataError
        If an item is not answered, too few inspectors went, one of them is recused, the day does not fit, or
        the sample is not known.
    Conflict
        If the entry of the draw was replaced, or is another outfall's.
    """
    if client_id and (known := Inspection.objects.filter(client_id=client_id).first()):
        return known
    people = _people(outfall, inspectors, made_at.date())
    _check_seen(outfall, seen, purpose)
    _check_time(made_at)
    if named is not None:
        _check_named(named, outfall, people, made_at, others_why)
    trigger = _trigger(seen, purpose, outfall)
    with audit.action(
        "inspections.recorded", actor=actor, where=where, division=outfall.division, name=str(outfall)
    ):
        record = Inspection(
            division=outfall.division,
            outfall=outfall,
            named=named,
            client_id=client_id,
            purpose=purpose,
            made_at=made_at,
            received_at=clock.now(),
            inspectors=[{"code": one.code, "name": one.name} for one in people],
            others_why=others_why.strip(),
            checklist_version=norms.checklist_version(),
            answers=dict(seen.answers),
            flowing=seen.flowing,
            rain=seen.rain,
            sample=seen.sample.strip(),
            no_sample_why=seen.no_sample_why.strip(),
            text=seen.text.strip(),
            file=evidence.keep(*upload, division=outfall.division) if upload else None,
            passed=not trigger,
            by_id=str(getattr(actor, "pk", "") or ""),
            by_name=str(actor),
        )
        record.save()
        for found in findings:
            _finding(record, found)
        if trigger and outfalls.is_closed(outfall):
            _reopen(record, trigger, where)
    return record


def _people(outfall: Any, codes: Sequence[str], day: date) -> list[Inspector]:
    wanted = list(dict.fromkeys(code for code in codes if code))
    found = {one.code: one for one in Inspector.objects.filter(code__in=wanted)}
    missing = [code for code in wanted if code not in found]
    if missing:
        raise DataError(
            Text("名录中没有检查人员“{codes}”。", codes="、".join(missing)),
            remedy=Text("请先在“检查人员名录”中登记。"),
            where=Where(field="inspectors"),
        )
    least = int(norms.settings(outfall.division, day)["least_inspectors"])
    if len(wanted) < least:
        raise DataError(
            Text("检查人员只有 {count} 名，至少需要 {least} 名。", count=len(wanted), least=least),
            remedy=Text("请补充一同检查的持证人员。"),
            where=Where(field="inspectors"),
        )
    recused = [found[code].name for code in wanted if _must_not_meet(found[code], outfall, day)]
    if recused:
        raise DataError(
            Text("{names} 对“{name}”应当回避。", names="、".join(recused), name=str(outfall)),
            remedy=Text("请改派其他人员，回避关系不能放宽。"),
            where=Where(field="inspectors"),
        )
    return [found[code] for code in wanted]


def _must_not_meet(inspector: Inspector, outfall: Any, day: date) -> bool:
    """Tell whether an inspector is recused from an outfall, or works at the unit that answers for it."""
    if inspector.unit and inspector.unit == outfall.responsible_unit:
        return True
    said = Recusal.objects.filter(outfall=outfall.code, inspector=inspector.code)
    return any(
        (one.since is None or one.since <= day) and (one.until is None or day <= one.until) for one in said
    )


def _check_seen(outfall: Any, seen: Seen, purpose: str) -> None:
    if purpose not in norms.purposes():
        raise DataError(
            Text("不认识检查目的“{purpose}”。", purpose=purpose),
            remedy=Text("可用：{names}。", names="、".join(norms.purposes())),
            where=Where(field="purpose"),
        )
    open_items = [
        str(item.label) for item in norms.checklist().values() if seen.answers.get(item.id) not in _ANSWERS
    ]
    if open_items:
        raise DataError(
            Text("有 {count} 项没有回答：{items}。", count=len(open_items), items="；".join(open_items)),
            remedy=Text("每项请选“是”“否”或“不适用”。"),
            where=Where(field="answers"),
        )
    if seen.sample.strip() and outfalls.sample_named(seen.sample.strip(), outfall) is None:
        raise DataError(
            Text("“{outfall}”没有编号为“{number}”的样品。", outfall=str(outfall), number=seen.sample),
            remedy=Text("请先登记采样，或改填样品编号。"),
            where=Where(field="sample"),
        )
    if purpose == "storm" and (seen.rain is None or seen.flowing not in ("yes", "no")):
        raise DataError(
            Text("雨洪排口旱天巡查须填此前的雨量和是否排水。"),
            remedy=Text("雨量查不到时请改天再查，不能按旱天计。"),
            where=Where(field="rain"),
        )


def _check_time(made_at: datetime) -> None:
    if made_at > clock.now():
        raise DataError(
            Text("检查时间 {at} 还没有到。", at=f"{made_at:%Y-%m-%d %H:%M}"),
            remedy=Text("请核对设备时间。"),
            where=Where(field="made_at"),
        )


def _check_named(
    named: DrawnOutfall, outfall: Any, people: Sequence[Inspector], made_at: datetime, others_why: str
) -> None:
    draw = named.draw
    if named.outfall_id != outfall.pk or named.gone:
        raise Conflict(
            Text("“{name}”不是这次抽查应查的排污口。", name=str(outfall)), remedy=Text("请从抽查页面进入。")
        )
    # Forms tell minutes.
    drawn_at = (draw.drawn_at or made_at).replace(second=0)
    if made_at.date() not in draw.period or made_at < drawn_at:
        raise DataError(
            Text(
                "检查时间 {at} 不在抽取之后的本半年内（{first} 至 {last}）。",
                at=f"{made_at:%Y-%m-%d %H:%M}",
                first=drawn_at.date().isoformat(),
                last=draw.period.last.isoformat(),
            ),
            remedy=Text("请核对检查时间；抽取之前的检查不能充抵。"),
            where=Where(field="made_at"),
        )
    if {one.code for one in people} != set(named.inspectors) and not others_why.strip():
        raise DataError(
            Text("检查人员与抽取的不一致，没有写明理由。"),
            remedy=Text("请按抽取的人员检查，或写明换人的理由。"),
            where=Where(field="others_why"),
        )


def _trigger(seen: Seen, purpose: str, outfall: Any) -> str:
    """Return why the inspection fails, as the life cycle names it; empty where it passes."""
    for item in norms.checklist().values():
        if item.fails and seen.answers[item.id] == "no":
            return item.trigger
    return "dry_flow" if flows_dry(outfall, seen) else ""


def flows_dry(outfall: Any, seen: Seen) -> bool:
    """Tell whether a rain outfall was seen discharging in dry weather (旱天排水)."""
    settings = norms.settings(outfall.division, clock.now().date())
    dry = seen.rain is not None and seen.rain < Decimal(settings["dry_rain"])
    return dry and seen.flowing == "yes" and outfall.kind in settings["storm_kinds"]


def _finding(record: Inspection, found: Found) -> None:
    if not found.text.strip():
        raise DataError(
            Text("检查发现的问题没有写明。"), remedy=Text("请写明问题。"), where=Where(field="findings")
        )
    if found.deadline < record.made_at.date():
        raise DataError(
            Text("整改期限 {day} 早于检查日期。", day=found.deadline.isoformat()),
            remedy=Text("请选择检查之后的日期。"),
            where=Where(field="deadline"),
        )
    Finding(
        division=record.division,
        inspection=record,
        item=found.item,
        text=found.text.strip(),
        deadline=found.deadline,
    ).save()


def _reopen(record: Inspection, trigger: str, where: str) -> None:
    again = rounds.reopen(
        record.outfall,
        trigger,
        record=f"inspection:{record.pk}",
        text=str(Text("{day} 监督检查不合格", day=record.made_at.date().isoformat())),
        actor=SYSTEM,
        where=where,
    )
    record.reopened = str(again.pk)
    record.save()


def open_case(finding: Finding, unit: Any, *, actor: Any, where: str = "") -> Any:
    """Make a finding a case of the unit that has to mend it, with the finding's deadline.

    Raises
    ------
    Conflict
        If it is one already.
    """
    outfall = finding.inspection.outfall
    if finding.case:
        raise Conflict(Text("“{text}”已经转为督办。", text=finding.text), remedy=Text("请打开已有的督办单。"))
    with audit.action(
        "inspections.pass_on", actor=actor, where=where, division=finding.division, name=str(outfall)
    ):
        case = cases.open_case(
            str(Text("“{name}”监督检查发现问题", name=str(outfall)))[:200],
            finding.text,
            division=finding.division,
            unit=unit,
            deadline=finding.deadline,
            actor=actor,
            at=clock.now(),
            about=("outfall", outfall.code, str(outfall)),
            where=where,
        )
        finding.case = str(case.pk)
        finding.save()
    return case
