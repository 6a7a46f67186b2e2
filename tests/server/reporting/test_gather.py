"""Every figure of a report comes from a query, with its source and its day; what is missing is listed."""

import io
import json
from datetime import date, datetime

import pytest

from bishui.errors import DataError
from bishui.server.plans import progress_reports as progress
from bishui.server.plans import queries as plans
from bishui.server.reporting import periods
from bishui.server.reporting.facts import Facts
from bishui.server.reporting.gather import gather
from bishui.server.reporting.gather_ledger import reached
from bishui.server.reporting.ledger_reads import TargetRead
from tests.server.conftest import CITY, COUNTY_A
from tests.server.reporting.conftest import TODAY, half_year
from tests.server.sites.conftest import bring, csv

pytestmark = pytest.mark.django_db


def texts(facts, *keys):
    return [facts.figures[key].text for key in keys]


def test_sections_are_counted_k_of_n_with_m_missing(planned):
    facts = gather(half_year())
    assert texts(facts, "sections.total", "sections.judged", "sections.missing") == ["3", "2", "1"]
    # 甲河口 has 1.2 mg/L of ammonia nitrogen (Ⅳ), 乙河桥 0.3 (Ⅱ): GB 3838-2002, table 1
    assert texts(facts, "sections.good", "sections.good_percent") == ["1", "50.0%"]
    assert texts(facts, "sections.attained", "sections.with_verdict", "sections.attained_percent") == [
        "1",
        "2",
        "50.0%",
    ]
    assert "甲河口（Ⅳ类，氨氮" in facts.figures["sections.failed_words"].text


def test_the_change_is_told_over_the_sections_that_have_a_class_in_both_periods(planned):
    facts = gather(half_year())
    assert texts(facts, "sections.comparable", "sections.change") == ["1", "较去年同期下降100.0个百分点"]
    assert texts(facts, "sections.better", "sections.worse") == ["0", "1"]


def test_no_data_is_never_fine(city):
    facts = gather(periods.scope_of(CITY, "half_year", 2023, None, today=TODAY, as_of=None))
    assert (
        texts(facts, "sections.good_percent", "sections.attained_percent", "sections.change")
        == ["无数据"] * 3
    )
    assert texts(facts, "sections.judged", "sections.missing") == ["0", "3"]
    kinds = {gap.kind for gap in facts.gaps}
    assert {"断面", "比较", "计划", "任务", "重点项目"} <= kinds


def test_what_is_missing_is_named_one_by_one(planned):
    gaps = {(gap.kind, gap.what) for gap in gather(half_year()).gaps}
    assert ("断面", "丙断面") in gaps
    assert any(kind == "目标指标" and "优良比例" in what for kind, what in gaps)
    assert {("单位填报", "市生态环境局"), ("单位填报", "乙县人民政府")} <= gaps
    assert ("重点项目", "2025年上半年") in gaps


def test_readings_after_the_reports_day_do_not_count(planned):
    scope = half_year(date(2025, 3, 31))
    assert gather(scope).charts["months"]["heads"] == ["1月", "2月", "3月"]
    before = gather(half_year()).figures["sections.judged"].text
    bring(csv("丙断面,2025-06-20 08:00,氨氮,0.3,mg/L,,手工"), "later.csv")
    assert gather(half_year(date(2025, 6, 10))).figures["sections.judged"].text == before
    assert int(gather(half_year()).figures["sections.judged"].text) == int(before) + 1


def test_tasks_stand_as_on_the_reports_day_and_not_as_today(planned):
    at_end, later = gather(half_year()), gather(half_year(TODAY))
    assert texts(at_end, "tasks.total", "tasks.overdue") == ["3", "0"]
    assert texts(later, "tasks.overdue") == ["1"]
    assert "市生态环境局1项" in later.figures["tasks.overdue_units"].text
    assert later.tables["late_tasks"][0][1]["text"].startswith("1 =涉水企业核查")


def test_the_value_of_a_target_is_the_newest_accepted_figure(planned):
    task = plans.task_of(CITY, 2)
    target = task.targets.get(value=10)
    staff, lead = planned.users["unit_reporter@city"], planned.users["bureau_lead@city"]
    given = progress.Given(
        "已改造4公里。",
        figures=[progress.Figure("改造污水管网", "4.0", "公里", str(target.pk))],
        files=[(io.BytesIO(b"%PDF-1.4 evidence"), "evidence.pdf")],
    )
    unit = planned.units["city-bureau"]
    report = progress.hand_in(task, unit, given, actor=staff, at=datetime(2025, 6, 1, 9))
    assert texts(gather(half_year()), "targets.known") == ["0"]
    progress.accept(report, actor=lead, on=date(2025, 6, 2))
    facts = gather(half_year())
    assert texts(facts, "targets.known", "targets.met") == ["1", "0"]
    assert ["≥10公里", "4.0公里", "2025-06-01", "未达到"] in [
        [c["text"] for c in row[2:]] for row in facts.tables["targets"]
    ]
    assert texts(gather(half_year(date(2025, 5, 31))), "targets.known") == ["0"]


@pytest.mark.parametrize(
    ("op", "value", "met"),
    [(">=", "10", True), (">=", "9.9", False), (">", "10", False), ("<=", "10", True), ("<", "10", False),
     ("=", "10", True), ("=", "11", False), ("decrease", "12", True), ("meets", "10", None), (">=", None, None)],
)  # fmt: skip
def test_when_a_target_is_reached(op, value, met):
    from decimal import Decimal

    known = Decimal(value) if value else None
    assert reached(TargetRead("", "", "", op, Decimal(10), "10", "", "", known)) is met


def test_every_figure_has_a_name_a_source_and_a_day_and_counts_what_it_names(planned):
    facts = gather(half_year())
    for key, figure in facts.figures.items():
        assert figure.label and figure.source and figure.text, key
        assert figure.as_of == "2025-06-30", key
        if figure.rows and figure.text.isdigit():
            assert int(figure.text) == len(figure.rows), key


def test_a_county_is_told_of_its_own_records_only(planned):
    scope = periods.scope_of(COUNTY_A, "half_year", 2025, None, today=TODAY, as_of=None)
    facts = gather(scope)
    assert texts(facts, "sections.total", "tasks.total") == ["0", "0"]


def test_what_was_gathered_can_be_kept_and_read_again(planned):
    facts = gather(half_year())
    kept = json.loads(json.dumps(facts.as_dict()))
    assert Facts.of(kept).as_dict() == facts.as_dict()


def test_two_gatherings_of_one_state_are_the_same(planned):
    assert gather(half_year()).as_dict() == gather(half_year()).as_dict()


def test_periods_and_what_they_are_compared_with():
    month = periods.scope_of(CITY, "monthly", 2025, 1, today=TODAY, as_of=None)
    assert (month.period.label, month.before.label, month.name) == ("2025-01", "2024-12", "2025年1月")
    year = periods.scope_of(CITY, "annual", 2025, None, today=TODAY, as_of=None)
    assert (year.period.label, year.before.label, year.as_of) == ("2025", "2024", TODAY)
    half = half_year()
    assert (half.period.label, half.before.label, half.as_of) == (
        "2025-01~06",
        "2024-01~06",
        date(2025, 6, 30),
    )


@pytest.mark.parametrize(
    ("kind", "year", "month", "as_of"),
    [("monthly", 2025, None, None), ("monthly", 2025, 13, None), ("annual", 2026, None, None),
     ("half_year", 2025, None, date(2025, 12, 1)), ("half_year", 2025, None, date(2024, 12, 31))],
)  # fmt: skip
def test_a_period_that_cannot_be_is_refused_with_its_place(kind, year, month, as_of):
    with pytest.raises(DataError) as refused:
        periods.scope_of(CITY, kind, year, month, today=TODAY, as_of=as_of)
    assert refused.value.where is not None
