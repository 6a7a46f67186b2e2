"""Outfalls of the three classes in county A, four inspectors, a draw of the city under way."""

from datetime import date, datetime, timedelta

import pytest
from django.db.models import QuerySet

from bishui.server.core import audit, clock
from bishui.server.inspections import drawing, norms, services
from bishui.server.inspections.models import Inspector
from bishui.server.outfalls.models import Outfall
from tests.server.conftest import CITY, COUNTY_A

DAY = date(2026, 9, 1)
NUMBER = "07 12 15 21 28 33 + 06"
KINDS = ["hj1312-01"] * 17 + ["hj1312-07"] * 4 + ["hj1312-09"] * 2


def outfall(number, kind, stage="no_action", **fields):
    """Register an outfall of county A with a made code; give the record.

    Its stage is written past the life cycle, which has tests of its own.
    """
    with audit.action("outfalls.found", actor="system", name="x"):
        record = Outfall(
            code=f"L990101-{number:05}-X", name=f"排污口{number}", division=COUNTY_A, kind=kind, **fields
        )
        record.save()
    QuerySet(Outfall).filter(pk=record.pk).update(stage=stage)
    return Outfall.objects.get(pk=record.pk)


@pytest.fixture
def pool(instance):
    """23 outfalls that the draw is over, by code."""
    return {one.code: one for one in (outfall(n, kind) for n, kind in enumerate(KINDS, start=1))}


@pytest.fixture
def inspectors(instance):
    """Four certified inspectors, one of them at county A's bureau, and one whose certificate has run out."""
    with audit.action("core.register_saved", actor="system", register="x", name="x"):
        for number in range(1, 6):
            Inspector(
                code=f"E0{number}",
                name=f"检查员{number}",
                certificate=f"证号{number}",
                division=CITY,
                unit="a-bureau" if number == 4 else "",
                certified_until=date(2026, 1, 1) if number == 5 else None,
            ).save()


def freeze(actor, division=CITY):
    """Freeze the list on `DAY`; the public number comes three days later."""
    at = datetime.combine(DAY, datetime.now().time()) + timedelta(days=3)
    with clock.on(DAY):
        return drawing.freeze(division, random_source="某期开奖号码", random_at=at, actor=actor)


def carry_out(draw, actor):
    """Draw on the day after the public number came."""
    with clock.on(DAY + timedelta(days=4)):
        return drawing.carry_out(draw, NUMBER, "某报 2026-09-04", actor=actor)


def answers(**changed):
    """Answer every item of the checklist with yes, but those given."""
    return {item: changed.get(item, "yes") for item in norms.checklist()}


def visit(entry, actor, *, day=DAY + timedelta(days=10), **seen):
    """Inspect an outfall drawn, as it should be done."""
    given = {"answers": answers(), "no_sample_why": "停产"} | seen
    with clock.on(day):
        return services.record_inspection(
            entry.outfall,
            services.Seen(**given),
            purpose="draw",
            made_at=datetime.combine(day, datetime.min.time()).replace(hour=0),
            inspectors=entry.inspectors,
            actor=actor,
            named=entry,
        )
