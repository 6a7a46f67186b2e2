"""When the reports on outfalls are due (报送期限): days of the year, as data with their source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from bishui.i18n import Bilingual


@dataclass(frozen=True, slots=True)
class ReportDay:
    """A report that is due each year on a day; `kind` names the kind of report."""

    kind: str
    month: int
    day: int
    label: Bilingual
    to: str
    source: str
    certainty: str

    def in_year(self, year: int) -> date:
        """Return the day of a year."""
        return date(year, self.month, self.day)


@cache
def report_days() -> tuple[ReportDay, ...]:
    """Return the reports of ``data/reporting.toml`` in the order of the year."""
    text = (files("bishui.outfalls") / "data" / "reporting.toml").read_text("utf-8")
    found = [
        ReportDay(
            kind=entry["kind"],
            month=entry["month"],
            day=entry["day"],
            label=Bilingual(entry["label_zh"], entry["label_en"]),
            to=entry["to_zh"],
            source=entry["source"],
            certainty=entry["certainty"],
        )
        for entry in tomllib.loads(text)["due"]
    ]
    return tuple(sorted(found, key=lambda entry: (entry.month, entry.day)))


def next_report(today: date) -> tuple[ReportDay, date]:
    """Return the report that is due next, and its day; one that is due today is still the next."""
    days = [(entry, entry.in_year(year)) for year in (today.year, today.year + 1) for entry in report_days()]
    return next(found for found in days if found[1] >= today)
