"""An outlet or an outfall's point over its own standard: one alert, withdrawn when its data or grade change."""

from datetime import date

import pytest
from django.urls import reverse

from bishui.server.alerts.models import Alert
from bishui.server.sites import services as sites
from bishui.server.sites.services import save_site
from tests.server.alerts.conftest import DAY, land, look
from tests.server.alerts.test_alerts import flag_all, last_step
from tests.server.conftest import CITY
from tests.server.sites.conftest import lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def over_the_grade(city):
    """A sample at a works' outlet, 60 mg/L COD where grade 1A allows 50, and the alert of it."""
    save_site(
        "P1",
        "城南厂",
        kind="sewage_plant",
        division=CITY,
        discharge_grade="1A",
        built=DAY.date(),
        actor="tester",
    )
    save_site("P1-out", "城南厂总排口", kind="plant_outlet", division=CITY, plant="P1", actor="tester")
    land("城南厂总排口,2021-04-12 09:00,化学需氧量,60,mg/L,,手工")
    look()
    return Alert.objects.get(kind="exceedance", level="day")


def test_an_outlet_over_the_grade_of_its_works_gives_one_alert(over_the_grade, at):
    """GB 18918-2002 表1 第1项."""
    assert (over_the_grade.value, over_the_grade.against, over_the_grade.multiple) == ("60", "50", "0.2")
    assert "GB 18918-2002 表1 第1项" in str(over_the_grade)
    assert look() == 0
    assert Alert.objects.count() == 1
    page = at().get(reverse("alerts:alert", args=[over_the_grade.pk])).content.decode()
    assert 'data-chart="around-0"' in page and "日均值" in page


def test_an_outlet_s_alert_is_withdrawn_when_its_sample_is_flagged_or_its_grade_is_corrected(over_the_grade):
    record = flag_all(over_the_grade)
    look()
    over_the_grade.refresh_from_db()
    assert over_the_grade.state == "withdrawn"
    sites.withdraw_flag(record, why="化验记录有误", actor=lead())
    look()
    over_the_grade.refresh_from_db()
    assert over_the_grade.state == "new"
    save_site("P1", "城南厂", kind="sewage_plant", division=CITY, discharge_grade="1B", actor="tester")
    look()
    over_the_grade.refresh_from_db()
    assert over_the_grade.state == "withdrawn"
    assert last_step(over_the_grade).evidence["text"].startswith("按现在的数据")


def test_an_outfall_s_point_is_compared_with_the_standard_registered_for_it(city):
    """GB 8978-1996 表4: COD of other units, grade 1, is 100 mg/L; without the trade it may be 60."""
    known = {"discharge_standard": "gb8978", "discharge_grade": "1", "built": date(2005, 1, 1)}
    for code, trade, cod in (("Q1", "other", 110), ("Q2", "", 90)):
        save_site(
            code, f"{code}采样点", kind="outfall_point", division=CITY, trade=trade, actor="tester", **known
        )
        land(f"{code}采样点,2021-04-12 09:00,化学需氧量,{cod},mg/L,,手工", name=f"{code}.csv")
    look()
    (alert,) = Alert.objects.all()
    assert (alert.name, alert.against) == ("Q1采样点", "100")
