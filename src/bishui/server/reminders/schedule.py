"""What the worker does for this app: the reminders of each day, and the deliveries that are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bishui.server.core import daily, jobs
from bishui.server.reminders import delivery, making, occasions, rules


def register() -> None:
    """Make both known; called once at start."""
    daily.register("reminders.remind", remind)
    jobs.at_each_beat(delivery.wake)


def remind(day: date) -> None:
    """Make the reminders of a day; an invented city stands at its own fixed day."""
    for city in occasions.cities(day):
        making.make(_wanted(city), city.today)


def _wanted(city: occasions.City) -> Iterator[making.Reminder]:
    for rule in rules.rules():
        yield from making.wanted(rule, occasions.of(rule.occasion, city, rule.window(city.today)), city.today)
