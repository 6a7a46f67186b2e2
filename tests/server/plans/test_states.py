"""The derived state of a task: exactly one on every day, from accepted evidence and deadlines alone."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.server.plans.states import (
    FINISHED,
    FOREVER,
    STATES,
    Facts,
    Owed,
    Report,
    Step,
    due_day,
    rules,
    standing_on,
    standings_on,
)

BEGIN, DUE = date(2025, 1, 1), date(2025, 6, 30)
YEAR = st.dates(date(2025, 1, 1), date(2025, 12, 31))
STEPS = (
    Step("spring", date(2025, 3, 31), Decimal(1)),
    Step("summer", DUE, Decimal(3)),
)
LEAD = Owed("d-lead", "lead", "lead", Decimal("0.6"))
COUNTIES = (
    Owed("d-a", "a", "responsible", Decimal("0.2")),
    Owed("d-b", "b", "responsible", Decimal("0.2")),
)
HELPER = Owed("d-help", "help", "cooperating", Decimal(0))
REPORTS = st.lists(
    st.builds(
        Report,
        YEAR,
        st.sampled_from(["lead", "a", "b", "help"]),
        st.frozensets(st.sampled_from(["spring", "summer"])),
        st.none(),
        st.booleans(),
        st.booleans(),
    ),
    max_size=8,
)


def facts(*reports, due=DUE, duties=(LEAD, *COUNTIES, HELPER), steps=STEPS):
    return Facts(due, BEGIN, steps, duties, reports)


def everything(unit, day, **kwargs):
    return Report(day, unit, frozenset({"spring", "summer"}), **kwargs)


@given(REPORTS, YEAR)
def test_every_task_and_duty_has_exactly_one_known_state(reports, day):
    whole, parts = standings_on(day, facts(*reports))
    assert {whole.state, *(part.state for part in parts.values())} <= set(STATES)
    assert len(parts) == 4


@settings(deadline=None)
@given(REPORTS)
def test_percentages_never_fall_while_evidence_is_added(reports):
    percents = [
        standing_on(date(2025, 1, 1) + timedelta(days=n), facts(*reports)).percent for n in range(0, 365, 5)
    ]
    assert percents == sorted(percents)


@given(REPORTS, YEAR)
def test_reports_of_later_days_do_not_count_yet(reports, day):
    known = [report for report in reports if report.day <= day]
    assert standings_on(day, facts(*reports)) == standings_on(day, facts(*known))


@given(REPORTS, YEAR)
def test_what_awaits_its_review_counts_for_nothing(reports, day):
    accepted = [report for report in reports if not report.waiting]
    with_waiting, without = standing_on(day, facts(*reports)), standing_on(day, facts(*accepted))
    assert (with_waiting.percent, with_waiting.done_on) == (without.percent, without.done_on)


@given(REPORTS, YEAR)
def test_a_hundred_percent_means_done_and_nothing_else_does(reports, day):
    standing = standing_on(day, facts(*reports))
    assert (standing.percent == 100) == (standing.state in FINISHED) == (standing.done_on is not None)


@settings(deadline=None)
@given(REPORTS, YEAR)
def test_a_standing_holds_until_the_day_it_names(reports, day):
    standing = standing_on(day, facts(*reports))
    known = [report for report in reports if report.day <= day]
    for later in range(1, 200):
        then = day + timedelta(days=later)
        if then >= standing.until:
            break
        assert standing_on(then, facts(*known)).state == standing.state


@pytest.mark.parametrize(
    ("day", "reports", "state"),
    [
        (date(2025, 2, 1), [], "not_started"),
        (date(2025, 3, 5), [], "due_soon"),
        (date(2025, 4, 1), [], "behind"),  # a quarter of the weight was due, nothing is accepted
        (
            date(2025, 4, 1),
            [Report(date(2025, 3, 1), "lead", frozenset({"spring"}), for_all=True)],
            "in_progress",
        ),
        (
            date(2025, 6, 1),
            [Report(date(2025, 3, 1), "lead", frozenset({"spring"}), for_all=True)],
            "due_soon",
        ),
        (
            date(2025, 7, 1),
            [Report(date(2025, 3, 1), "lead", frozenset({"spring"}), for_all=True)],
            "overdue",
        ),
        (date(2025, 7, 1), [everything("lead", DUE, for_all=True)], "done"),
        (date(2025, 7, 2), [everything("lead", date(2025, 7, 1), for_all=True)], "late_done"),
        (date(2025, 7, 1), [everything("lead", DUE, for_all=True, waiting=True)], "overdue"),
        (date(2025, 7, 1), [everything("help", DUE)], "overdue"),
    ],
)
def test_state_around_the_milestones_of_31_march_and_30_june(day, reports, state):
    assert rules()["due_soon_days"] == 30
    assert standing_on(day, facts(*reports)).state == state


def test_a_task_is_the_weighted_sum_of_its_duties_and_their_milestones():
    reports = [Report(date(2025, 3, 1), "lead", frozenset({"spring"})), everything("a", date(2025, 3, 2))]
    whole, parts = standings_on(date(2025, 3, 3), facts(*reports))
    assert (parts["d-lead"].percent, parts["d-a"].percent, parts["d-b"].percent) == (25, 100, 0)
    assert whole.percent == 35  # 0.6 × 25 % + 0.2 × 100 %


def test_only_a_lead_speaks_for_all_responsible_units_and_only_where_it_says_so():
    whole, parts = standings_on(DUE, facts(everything("lead", DUE)))
    assert (whole.percent, parts["d-a"].percent) == (60, 0)
    whole, parts = standings_on(DUE, facts(everything("lead", DUE, for_all=True)))
    assert (whole.percent, parts["d-a"].percent) == (100, 100)


def test_a_cooperating_unit_stands_where_the_task_stands_and_holds_nothing_up():
    reports = [everything(unit, date(2025, 5, 1)) for unit in ("lead", "a", "b")]
    whole, parts = standings_on(DUE, facts(*reports))
    assert (whole.state, parts["d-help"].state) == ("done", "done")


KILOMETRES = Step("pipes", date(2025, 12, 31), Decimal(2), target="t", amount=Decimal(32))


def built(day, value, unit="lead"):
    return Report(day, unit, figures={"t": Decimal(value)})


def test_an_accepted_figure_counts_as_its_part_of_the_target():
    measured = facts(
        built(date(2025, 6, 20), "11.2"), due=KILOMETRES.due, duties=(LEAD,), steps=(KILOMETRES,)
    )
    assert standing_on(date(2025, 6, 30), measured).percent == 35
    assert standing_on(date(2025, 6, 30), measured).state == "in_progress"
    assert standing_on(date(2025, 9, 30), measured).state == "behind"


def test_a_figure_that_reaches_the_target_reaches_the_milestone():
    measured = facts(built(date(2025, 11, 1), "32"), due=KILOMETRES.due, duties=(LEAD,), steps=(KILOMETRES,))
    assert standing_on(date(2025, 11, 2), measured).done_on == date(2025, 11, 1)


def test_one_countys_kilometres_say_nothing_of_the_whole():
    measured = facts(
        built(date(2025, 6, 1), "32", unit="a"),
        due=KILOMETRES.due,
        duties=(LEAD, *COUNTIES),
        steps=(KILOMETRES,),
    )
    assert standing_on(date(2025, 6, 2), measured).percent == 0


def test_a_milestone_of_one_unit_takes_the_place_of_those_of_the_task():
    own = Step("own", date(2025, 5, 31), Decimal(1), duty="d-a")
    reports = [Report(date(2025, 5, 1), "a", frozenset({"own"}))]
    _whole, parts = standings_on(DUE, facts(*reports, steps=(*STEPS, own)))
    assert (parts["d-a"].percent, parts["d-b"].percent) == (100, 0)


def test_without_known_units_any_report_counts():
    assert standing_on(DUE, facts(everything("somebody", DUE), duties=())).state == "done"


def test_a_task_without_a_day_is_never_late():
    undated = facts(due=None, steps=(Step("end", None, Decimal(1)),))
    standing = standing_on(date(2026, 12, 31), undated)
    assert (standing.state, standing.until) == ("not_started", FOREVER)


@pytest.mark.parametrize(
    ("norm", "due"),
    [
        ("2025-06-30", date(2025, 6, 30)),
        ("all year", date(2025, 12, 31)),
        ("every quarter", date(2025, 12, 31)),
        ("every year 12-25", date(2025, 12, 25)),
        ("relative:+20 workdays", None),
        ("", None),
        (None, None),
    ],
)
def test_what_a_deadline_means_as_a_day(norm, due):
    assert due_day(norm, 2025) == due


def test_an_open_deadline_without_a_year_is_no_day():
    assert due_day("all year", None) is None
