"""What the invented city's bureau supervises: draws, inspections, applications, what the public sees.

The public numbers are fixed and invented; one draw is published, the other still owes a visit.
"""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.db import transaction

from bishui.server.accounts.models import User
from bishui.server.approvals import areas
from bishui.server.approvals import services as approvals
from bishui.server.approvals.models import Application
from bishui.server.core import clock
from bishui.server.demonstrations.loading import fill_register
from bishui.server.demonstrations.twin_work import People
from bishui.server.inspections import drawing, norms
from bishui.server.inspections import services as inspections
from bishui.server.inspections.models import Draw, DrawnOutfall
from bishui.server.outfalls import queries_supervision as outfalls
from bishui.server.portal import services as portal
from bishui.server.portal.models import LISTS

_PERCENT = 20
_NUMBERS = {1: "03 11 17 22 26 30 + 09", 2: "05 08 14 19 27 33 + 12"}
_SOURCE = "岚津市民生彩票第{issue}期开奖号码（虚构）"
_PAPER = "岚津新闻网（虚构）开奖公告"
_INSPECTORS = ("甲", "乙", "丙", "丁", "戊", "己")
_TEN, _EVENING = time(10, 0), time(21, 30)
_APPLICANT = "汀岸新材料（虚构）有限公司"


def load_supervision(workspace: Any, people: People, operator: User) -> None:
    """Load it; once there is a draw it is left as it is."""
    root = workspace.division
    if Draw.objects.filter(division=root).exists():
        return
    # Each deed is an entry of its own in the trail, as the commitment of a draw is its time stamp.
    with transaction.atomic():
        _inspectors(workspace.code, operator)
        first = _hold(root, date(2025, 3, 3), "2025021", people)
        for entry in first:
            _visit(entry, date(2025, 4, 3), people)
        with clock.on(date(2025, 5, 8)):
            drawing.publish(first[0].draw, actor=people.lead)
        second = _hold(root, date(2025, 9, 1), "2025079", people)
        for entry in second[1:]:
            _visit(entry, date(2025, 9, 25), people)
        _rounds_of_routine(root, workspace.as_of, people)
        _dry_visits(root, workspace.as_of, people)
        _applications(root, workspace.as_of, people)
        _public(root, workspace.as_of, people)


def _inspectors(city: str, operator: User) -> None:
    fill_register(
        "inspectors",
        (
            {
                "code": f"E{number:02}",
                "name": f"检查员{name}",
                "certificate": f"虚构-{number:04}",
                "active": "yes",
                "division": city,
            }
            for number, name in enumerate(_INSPECTORS, start=1)
        ),
        operator,
    )


def _hold(root: str, day: date, issue: str, people: People) -> list[DrawnOutfall]:
    """Freeze a list, and draw when the public number is known."""
    with clock.on(day):
        draw = drawing.freeze(
            root,
            random_source=_SOURCE.format(issue=issue),
            random_at=datetime.combine(day + timedelta(days=3), _EVENING),
            percent=_PERCENT,
            actor=people.lead,
        )
    with clock.on(day + timedelta(days=7)):
        return drawing.carry_out(draw, _NUMBERS[draw.half], _PAPER, actor=people.lead)


def _visit(entry: DrawnOutfall, day: date, people: People) -> None:
    with clock.on(day + timedelta(days=1)):
        inspections.record_inspection(
            entry.outfall,
            inspections.Seen(_answers(), no_sample_why="当日停产，未排水", text="现场与台账一致。"),
            purpose="draw",
            made_at=datetime.combine(day, _TEN),
            inspectors=entry.inspectors,
            named=entry,
            actor=people.reviewer,
        )


def _answers(**changed: str) -> dict[str, str]:
    return {item: changed.get(item, "yes") for item in norms.checklist()}


def _rounds_of_routine(root: str, as_of: date, people: People) -> None:
    """Inspect two that stand: one without remarks, one whose sign has faded."""
    days = (as_of - timedelta(days=20), as_of - timedelta(days=6))
    standing = [one for one in outfalls.pool(root, as_of) if one.stage == "signed_off"][:2]
    for one, day, sign in zip(standing, days, ("yes", "no"), strict=False):
        found = inspections.Found("sign", "标识牌褪色，编码无法辨认。", as_of + timedelta(days=20))
        with clock.on(day + timedelta(days=1)):
            inspections.record_inspection(
                one,
                inspections.Seen(_answers(sign=sign), flowing="yes", no_sample_why="日常检查，未采样"),
                purpose="routine",
                made_at=datetime.combine(day, _TEN),
                inspectors=["E01", "E03"],
                findings=[found] if sign == "no" else [],
                actor=people.reviewer,
            )


def _dry_visits(root: str, as_of: date, people: People) -> None:
    """Visit some rain outfalls after dry days; none of them discharged."""
    kinds = norms.settings(root, as_of)["storm_kinds"]
    day = as_of - timedelta(days=12)
    seen = inspections.Seen(_answers(), flowing="no", rain=Decimal("0.0"), no_sample_why="旱天无水")
    for one in outfalls.of_kinds(root, kinds, day)[:4]:
        with clock.on(day + timedelta(days=1)):
            inspections.record_inspection(
                one,
                seen,
                purpose="storm",
                made_at=datetime.combine(day, _TEN),
                inspectors=["E02", "E05"],
                actor=people.reviewer,
            )


def _applications(root: str, as_of: date, people: People) -> None:
    """Receive two: a new one inside a special area that waits for a person, a change that was registered."""
    if Application.objects.filter(division__startswith=root).exists():
        return
    placed = [one for one in outfalls.standing(root, as_of).order_by("code") if one.lon and one.kind]
    near = placed[0]
    assert near.lon is not None and near.lat is not None
    _area(root, near.lon, near.lat, people)
    with clock.on(as_of - timedelta(days=9)):
        new = approvals.receive(
            f"{_APPLICANT}排污口",
            division=near.division,
            deed="new",
            kind="hj1312-01",
            applicant=_APPLICANT,
            lon=near.lon,
            lat=near.lat,
            water=near.water,
            volume=Decimal(420),
            purpose="新建生产线配套污水处理站，处理达标后排放。",
            actor=people.reviewer,
        )
    with clock.on(as_of - timedelta(days=6)):
        approvals.move(new, "accept", actor=people.reviewer, texts={"text": "岚环审受〔2025〕31号（虚构）"})
    _registration(next(one for one in placed if one.kind == "hj1312-19"), as_of, people)


def _area(root: str, lon: Decimal, lat: Decimal, people: People) -> None:
    """Draw a square zone around a place."""
    half = 0.004
    west, east, south, north = float(lon) - half, float(lon) + half, float(lat) - half, float(lat) + half
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    feature = {
        "type": "Feature",
        "properties": {
            "code": "99Z-1",
            "name": "岚津市饮用水水源准保护区（虚构）",
            "kind": "drinking_water",
            "level": "准保护区",
            "since": "2020-01-01",
        },
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False).encode()
    areas.import_areas(
        BytesIO(content),
        "special-areas.geojson",
        source="岚政函〔2020〕8号（虚构）",
        division=root,
        actor=people.lead,
    )


def _registration(outfall: Any, as_of: date, people: People) -> None:
    with clock.on(as_of - timedelta(days=40)):
        changed = approvals.receive(
            outfall.name,
            division=outfall.division,
            deed="change",
            kind=outfall.kind,
            applicant=outfall.responsible_name or "岚津市住房和城乡建设局（虚构）",
            outfall=outfall.code,
            actor=people.reviewer,
        )
        approvals.consult(changed, {"affects_water_works": "no"}, actor=people.reviewer)
        approvals.move(
            changed, "accept", actor=people.reviewer, texts={"text": "岚环登受〔2025〕7号（虚构）"}
        )
    with clock.on(as_of - timedelta(days=35)):
        approvals.move(
            changed,
            "register",
            actor=people.lead,
            texts={"paper": "岚环登〔2025〕7号（虚构）", "text": "雨季前完成清淤。"},
        )


def _public(root: str, as_of: date, people: People) -> None:
    """Release every list, name whom to call, and take down one report that waits for a person."""
    with clock.on(as_of):
        for name in LISTS:
            portal.set_release(root, name, True, actor=people.lead)
        portal.save_office(root, "岚津市生态环境局（虚构）", "虚构12369", actor=people.lead)
        seen = [one for one in outfalls.standing(root, as_of).order_by("code") if one.stage == "signed_off"]
        if seen:
            portal.receive(
                seen[-1],
                kind="dry_flow",
                text="连着几天没有下雨，管口还在流水。",
                seen_on=as_of - timedelta(days=2),
            )
