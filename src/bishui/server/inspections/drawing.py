"""Holding a draw: freeze the list, wait for the public number, draw, send inspectors, let others step in.

The order of the steps is what makes a draw worth anything: list and people are hashed and in the audit trail
before the public number is known, and no step leads back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError

from bishui import outfalls as room
from bishui.errors import Conflict, DataError, Forbidden, Where
from bishui.i18n import Text
from bishui.outfalls import HalfYear, pair_inspectors, supplements
from bishui.server.core import audit, clock, rights, workflow
from bishui.server.inspections import norms
from bishui.server.inspections.models import Draw, DrawnOutfall, Inspector, Recusal
from bishui.server.outfalls import queries_supervision as outfalls
from bishui.standards import add_workdays


def name_of(division: str, period: HalfYear) -> str:
    """Return the name of the draw of a division and a half-year, such as ``450222-2024H2``."""
    return f"{division.rstrip('/').rpartition('/')[2]}-{period}"


def freeze(
    division: str,
    *,
    random_source: str,
    random_at: datetime,
    actor: Any,
    percent: int | None = None,
    where: str = "",
) -> Draw:
    """Freeze and commit the list of the present half-year (冻结名单、公布承诺).

    Parameters
    ----------
    random_source
        The public number agreed on: what it is and of which date, such as a lottery's draw.
    random_at
        When it will be known; it must still lie ahead.

    Raises
    ------
    Conflict
        If the division's draw of the half-year exists already.
    DataError
        If the public number is not named, is known already, or too few inspectors may be sent.
    """
    now = clock.now()
    period = HalfYear.of(now.date())
    code = name_of(division, period)
    if Draw.objects.filter(division=division, year=period.year, half=period.half).exists():
        raise _held_already(code)
    _check_source(random_source, random_at, now)
    settings = norms.settings(division, now.date())
    draw = _listed(division, period, code, percent, now.date())
    draw.by_class = bool(settings["draw_by_class"])
    draw.rules_version = settings.version
    draw.random_source, draw.random_at = random_source.strip(), random_at
    draw.committed_at, draw.committed_by = now, str(actor)
    _freeze_people(draw, now.date(), int(settings["least_inspectors"]))
    with audit.action(
        "inspections.draw_committed",
        actor=actor,
        where=where,
        division=division,
        code=code,
        size=len(draw.listed),
        count=draw.count,
        list_hash=draw.list_hash,
        people_hash=draw.people_hash,
        source=draw.random_source,
        random_at=random_at,
    ):
        try:
            draw.save()
        except IntegrityError as error:  # somebody else froze it at this moment
            raise _held_already(code) from error
    return draw


def _held_already(code: str) -> Conflict:
    return Conflict(
        Text("“{code}”已经抽查过，名单冻结后不能重来。", code=code),
        remedy=Text("请打开已有的抽查继续办理；每半年一次。"),
    )


def _check_source(random_source: str, random_at: datetime, now: datetime) -> None:
    if not random_source.strip():
        raise DataError(
            Text("没有约定公开随机数。"),
            remedy=Text("请写明用哪一个事先无人能知道的公开数字，如某期彩票的开奖号码。"),
            where=Where(field="random_source"),
        )
    if random_at <= now:
        raise DataError(
            Text("公开随机数在 {at} 就已公布，不能用于本次抽查。", at=f"{random_at:%Y-%m-%d %H:%M}"),
            remedy=Text("名单必须先于随机数冻结，请另选以后公布的数字。"),
            where=Where(field="random_at"),
        )


def _listed(division: str, period: HalfYear, code: str, percent: int | None, day: date) -> Draw:
    pool = outfalls.pool(division, day)
    if not pool:
        raise DataError(
            Text("没有可以抽查的排污口。"),
            remedy=Text("名单由工矿企业、园区污水处理厂和城镇污水处理厂排污口组成，请先在台账中判定类型。"),
        )
    commitment = room.commit(code, [one.code for one in pool], percent)
    entries = {
        one.code: {
            "code": one.code,
            "name": one.name,
            "kind": one.kind,
            "responsible": one.responsible_name or str(one.responsible or ""),
        }
        for one in pool
    }
    return Draw(
        division=division,
        code=code,
        year=period.year,
        half=period.half,
        percent=commitment.percent,
        listed_on=day,
        listed=[entries[one] for one in commitment.ids],
        untyped=outfalls.untyped(division, day),
        list_hash=commitment.list_hash,
    )


def active_inspectors(division: str, day: date) -> list[Inspector]:
    """Return those who may be sent to outfalls of a division: active, their certificate valid."""
    found = [
        one
        for one in Inspector.objects.filter(active="yes").order_by("code")
        if division.startswith(one.division) or one.division.startswith(division)
    ]
    return [one for one in found if one.certified_until is None or one.certified_until >= day]


def _recused(listed: Mapping[str, Any], people: list[Inspector], day: date) -> list[list[str]]:
    """Return the pairs that must not meet: the registered, and who works at the responsible unit."""
    known = {one.code for one in people}
    pairs = {
        (one.outfall, one.inspector)
        for one in Recusal.objects.filter(inspector__in=known)
        if (one.since is None or one.since <= day) and (one.until is None or day <= one.until)
    }
    own = {one.code: one.responsible_unit for one in outfalls.by_codes(list(listed)).values()}
    pairs |= {(code, one.code) for code, unit in own.items() for one in people if unit and one.unit == unit}
    return [list(pair) for pair in sorted(pairs) if pair[0] in listed]


def _freeze_people(draw: Draw, day: date, least: int) -> None:
    people = active_inspectors(draw.division, day)
    if len(people) < least:
        raise DataError(
            Text("在用的检查人员只有 {count} 名，至少需要 {least} 名。", count=len(people), least=least),
            remedy=Text("请先在“检查人员名录”台账中登记持证人员。"),
        )
    draw.inspectors = [one.code for one in people]
    draw.recusals = _recused({entry["code"]: entry for entry in draw.listed}, people, day)
    lines = [*draw.inspectors, *(f"{outfall}|{inspector}" for outfall, inspector in draw.recusals)]
    draw.people_hash = hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def postpone(
    draw: Draw, *, random_source: str, random_at: datetime, why: str, actor: Any, where: str = ""
) -> None:
    """Agree on another public number where the first did not come; what was agreed before stays to be seen.

    Raises
    ------
    Conflict
        If it was drawn already.
    DataError
        If no reason is given, or the new number is known already.
    """
    if draw.state != "committed":
        raise Conflict(
            Text("“{code}”已经抽取，不能改用别的随机数。", code=draw.code),
            remedy=Text("请按已抽取的名单检查。"),
        )
    if not why.strip():
        raise DataError(Text("没有写明改定的理由。"), remedy=Text("理由会与原约定一并公开。"))
    _check_source(random_source, random_at, clock.now())
    with audit.action(
        "inspections.draw_postponed",
        actor=actor,
        where=where,
        why=why,
        division=draw.division,
        code=draw.code,
        source=random_source.strip(),
    ):
        draw.former_sources = [
            *draw.former_sources,
            {"source": draw.random_source, "at": draw.random_at.isoformat(), "why": why.strip()},
        ]
        draw.random_source, draw.random_at = random_source.strip(), random_at
        draw.save()


def carry_out(draw: Draw, number: str, reference: str, *, actor: Any, where: str = "") -> list[DrawnOutfall]:
    """Draw by the public number, taken exactly as it was published; send inspectors to each outfall drawn.

    Raises
    ------
    Conflict
        If it was drawn already.
    Forbidden
        If the number is not due yet.
    DataError
        If an outfall's inspectors do not suffice.
    """
    if draw.state == "committed" and not draw.meets("number_is_due", actor):
        raise Forbidden(
            Text("约定的随机数要到 {at} 才公布。", at=f"{draw.random_at:%Y-%m-%d %H:%M}"),
            remedy=Text("请在公布之后照原样填写。"),
        )
    with audit.action(
        "inspections.drawn", actor=actor, where=where, division=draw.division, code=draw.code, number=number
    ):
        draw.public_random, draw.random_reference, draw.drawn_at = number, reference.strip(), clock.now()
        if number.strip():
            drawn = draw.drawing()
            draw.seed, draw.order = drawn.seed, list(drawn.order)
        workflow.fire(
            draw, "draw", actor=actor, evidence={"number": number, "reference": reference}, where=where
        )
        return _name(draw)


def _name(draw: Draw) -> list[DrawnOutfall]:
    drawn = draw.drawing()
    recused = {(outfall, inspector) for outfall, inspector in draw.recusals}
    pairs = pair_inspectors(drawn, draw.inspectors, recused)
    kinds = {entry["code"]: entry["kind"] for entry in draw.listed}
    added = supplements(drawn, kinds) if draw.by_class else ()
    for code in added:
        pairs[code] = _pair_of_one(draw, code)
    records = [
        _entry(draw, code, position, "drawn" if code in drawn.drawn else "supplement", pairs[code])
        for position, code in enumerate((*drawn.drawn, *added), start=1)
    ]
    DrawnOutfall.objects.bulk_create(records)
    return records


def _entry(draw: Draw, code: str, position: int, role: str, pair: tuple[str, ...]) -> DrawnOutfall:
    listed = next(entry for entry in draw.listed if entry["code"] == code)
    return DrawnOutfall(
        division=draw.division,
        draw=draw,
        outfall=outfalls.by_codes([code])[code],
        code=code,
        name=listed["name"],
        kind=listed["kind"],
        position=position,
        role=role,
        inspectors=list(pair),
    )


def _pair_of_one(draw: Draw, code: str) -> tuple[str, ...]:
    """Return the inspectors of an outfall that comes in later: the same order of scores, without the load."""
    alone = room.Draw(room.commit(draw.code, [code], 100), draw.public_random, draw.seed, (code,))
    recused = {(outfall, inspector) for outfall, inspector in draw.recusals}
    return pair_inspectors(alone, draw.inspectors, recused)[code]


def replace(entry: DrawnOutfall, *, why: str, actor: Any, where: str = "") -> DrawnOutfall:
    """Let the next of the order step in for an outfall that can not be visited; the old entry stays.

    Raises
    ------
    Conflict
        If it was replaced or visited already, or the results are published.
    DataError
        If no reason is given, or nobody is left to step in.
    """
    draw = entry.draw
    if draw.state != "drawn" or entry.gone or entry.inspections.exists():
        raise Conflict(
            Text("“{name}”已经检查、替补或公开，不能再替补。", name=entry.name), remedy=Text("请刷新页面。")
        )
    if not why.strip():
        raise DataError(
            Text("没有写明替补“{name}”的理由。", name=entry.name), remedy=Text("理由会与原名单一并公开。")
        )
    code = _next(draw, entry)
    with audit.action(
        "inspections.replaced",
        actor=actor,
        where=where,
        why=why,
        division=draw.division,
        code=draw.code,
        position=entry.position,
    ):
        entry.gone_why, entry.gone_at, entry.gone_by = why.strip(), clock.now(), str(actor)
        entry.save()
        new = _entry(draw, code, draw.named.count() + 1, "replacement", _pair_of_one(draw, code))
        new.steps_in_for = entry
        new.save()
    return new


def _next(draw: Draw, entry: DrawnOutfall) -> str:
    """Return the next code of the order that is not named yet; of the same class, where each counts."""
    named = set(draw.named.values_list("code", flat=True))
    kinds = {one["code"]: one["kind"] for one in draw.listed}
    group = room.class_of(entry.kind)
    for code in draw.order:
        same = not draw.by_class or room.class_of(kinds[code]) == group
        if code not in named and same:
            return str(code)
    raise DataError(
        Text("名单中已没有可以替补“{name}”的排污口。", name=entry.name),
        remedy=Text("请在履职情况中如实说明缺额。"),
    )


def publish(draw: Draw, *, actor: Any, where: str = "") -> None:
    """Release list and results when the visits are over (公开结果)."""
    if draw.state == "drawn" and not draw.meets("visits_are_over", actor):
        waiting = draw.named.filter(gone_at__isnull=True, inspections__isnull=True).count()
        raise Forbidden(
            Text("还有 {count} 个抽中的排污口没有检查，名单在检查前保密。", count=waiting),
            remedy=Text("请先填报检查，或在半年结束后公开。"),
        )
    if not rights.allowed(actor, "portal.manage", draw):
        raise Forbidden(
            Text("您没有公开抽查结果的权限。"), remedy=Text("请由有“管理对外公开”权限的人员办理。")
        )
    with audit.action(
        "core.transition",
        actor=actor,
        where=where,
        division=draw.division,
        name=draw.code,
        transition="公开名单和结果",
    ):
        draw.published_at = clock.now()
        workflow.fire(draw, "publish", actor=actor, where=where)


def publish_by(draw: Draw, last_visit: date) -> date:
    """Return the last day to publish after the visits."""
    number = int(norms.settings(draw.division, last_visit)["publish_workdays"])
    return add_workdays(last_visit, number).day


def gone_since(draw: Draw) -> list[tuple[str, str, Text]]:
    """Return those of the frozen list that the register no longer holds so: code, name, what became of it.

    They stay on the list: nobody is drawn away by being removed, merged or given another type afterwards.
    """
    now = outfalls.by_codes(draw.codes)
    found: list[tuple[str, str, Text]] = []
    for entry in draw.listed:
        one = now.get(entry["code"])
        if one is None:
            found.append((entry["code"], entry["name"], Text("台账中已没有")))
        elif one.merged_into:
            found.append((entry["code"], entry["name"], Text("已并入 {code}", code=one.merged_into)))
        elif one.removed_on is not None:
            found.append(
                (entry["code"], entry["name"], Text("已于 {day} 撤销", day=one.removed_on.isoformat()))
            )
        elif room.class_of(one.kind) != room.class_of(entry["kind"]):
            found.append((entry["code"], entry["name"], Text("类型已改判")))
    return found


def left_since_last(draw: Draw) -> list[tuple[str, str, Text]]:
    """Return who stood on the list of the draw before and is not on this one, with what became of it."""
    before = draw.period.before
    last = Draw.objects.filter(division=draw.division, year=before.year, half=before.half).first()
    if last is None:
        return []
    present = set(draw.codes)
    known = {code: (code, name, what) for code, name, what in gone_since(last)}
    return [
        known.get(entry["code"], (entry["code"], entry["name"], Text("已不在名单类型之内")))
        for entry in last.listed
        if entry["code"] not in present
    ]
