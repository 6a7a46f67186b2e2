"""What the section targets of a plan would move is seen before it is confirmed."""

import pytest
from django.test import Client
from django.urls import reverse

from bishui.server.core import imports
from bishui.server.sites import services as sites
from tests.server.conftest import CITY, COUNTY_A

pytestmark = pytest.mark.django_db
# 0.9 mg/L ammonia is class Ⅲ (GB 3838-2002 表1): the plan's target Ⅲ of 甲河口 is attained.
MEASURED = """断面名称,监测时间,项目,结果,单位,标记,来源
甲河口,2025-04-01 08:00,氨氮,0.9,mg/L,,自动
"""


def moves(instance, session, **headers):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(
        instance.users["bureau_lead@city"], backend="django.contrib.auth.backends.ModelBackend"
    )
    url = reverse("plans:target_moves", args=[session.pk])
    return client.get(url, headers=headers).content.decode()


def test_the_targets_of_a_waiting_plan_are_seen_with_what_they_move(read_in, instance):
    sites.save_site(
        "S1", "甲河口", kind="section", division=CITY, county=COUNTY_A, water_type="river", actor="system"
    )
    lead = instance.users["bureau_lead@city"]
    readings = imports.receive(
        "observations", [MEASURED.encode()], "t.csv", division=CITY, actor=lead, options={}
    )
    imports.run_now(readings, actor=lead)
    text = moves(instance, read_in())
    assert "甲河口" in text and 'title="无目标"' in text and 'title="达标"' in text
    assert "0/0 → 1/1" in text


def test_a_plan_whose_sections_are_not_known_moves_nothing_and_says_so(read_in, instance):
    session = read_in()
    assert "没有可以推演的断面目标" in moves(instance, session)
    assert "<html" not in moves(instance, session, **{"HX-Request": "true"})
