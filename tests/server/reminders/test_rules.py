"""When a reminder is due: the steps of a rule before and after the day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bishui.server.reminders.rules import Rule, rules, webhook_body

DAY = date(2025, 6, 30)
BEFORE = Rule("b", "duty_due", (30, 7, 1), ("unit",), "warn")
AFTER = Rule("a", "duty_overdue", (1, 8, 15), ("unit",), "bad")


@pytest.mark.parametrize(
    ("left", "step"), [(31, None), (30, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0, 1), (-1, None)]
)
def test_before_the_day_the_nearest_step_counts(left, step):
    assert BEFORE.step(DAY - timedelta(days=left), DAY) == step


@pytest.mark.parametrize(("past", "step"), [(0, None), (1, 1), (7, 1), (8, 8), (14, 8), (400, 15)])
def test_after_the_day_the_latest_step_counts(past, step):
    assert AFTER.step(DAY + timedelta(days=past), DAY) == step


@given(st.integers(-60, 60), st.sampled_from([BEFORE, AFTER]))
def test_law_whatever_gives_a_reminder_lies_in_the_window_that_is_asked_for(offset, rule):
    day = DAY + timedelta(days=offset)
    first, last = rule.window(day)
    if rule.step(day, DAY) is not None:
        assert first <= DAY <= last


def test_every_rule_of_the_file_can_be_used():
    assert {rule.occasion for rule in rules()} == {
        "duty_due",
        "duty_overdue",
        "report_due",
        "report_missing",
        "case_due",
        "case_overdue",
    }
    assert all(rule.days and set(rule.to) <= {"unit", "bureau"} for rule in rules())


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu", "json"])
def test_a_webhook_body_holds_the_text_as_it_is(kind):
    text = '引号" {text} 反斜杠\\'
    fields = {"id": "1", "subject": "题", "text": text, "url": "/x", "whole": text}
    assert text in list(_leaves(webhook_body(kind, fields)))


def _leaves(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    else:
        yield value
