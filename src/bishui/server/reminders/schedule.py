"""What the worker does for this app: the reminders of each day, and the deliveries that are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from bishui.i18n import Text
from bishui.server.accounts import succession
from bishui.server.core import daily, jobs
from bishui.server.reminders import delivery, making, occasions, rules
from bishui.server.reminders.models import Contact


def register() -> None:
    """Make these known, and let addresses pass on with their unit; called once at start."""
    daily.register("reminders.remind", remind)
    jobs.at_each_beat(delivery.wake)
    succession.register(succession.Holding(Text("通知方式"), _contacts, _pass_contacts))


def _contacts(unit: Any) -> int:
    return Contact.objects.filter(unit=unit.code).count()


def _pass_contacts(old: Any, new: Any) -> None:
    for contact in Contact.objects.filter(unit=old.code):
        contact.unit = new.code
        contact.save()


def remind(day: date) -> None:
    """Make the reminders of a day; an invented city stands at its own fixed day."""
    for city in occasions.cities(day):
        making.make(_wanted(city), city.today)


def _wanted(city: occasions.City) -> Iterator[making.Reminder]:
    for rule in rules.rules():
        yield from making.wanted(rule, occasions.of(rule.occasion, city, rule.window(city.today)), city.today)
