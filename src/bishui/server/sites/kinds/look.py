"""What a method asks of the server: one site, its period, the tables and the rules in force."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import pyarrow as pa

from bishui.assessment import Period
from bishui.server.core.city import AssessedCity
from bishui.server.sites import choosing, queries
from bishui.server.sites.models import Site
from bishui.server.sites.sampled import Sampled
from bishui.server.standards import queries as standards
from bishui.standards import Override, Rules, rules


@dataclass(frozen=True)
class Look:
    """A site looked at in a period.

    Attributes
    ----------
    city
        The city worked in; its tables are the ones assessed.
    site
        The site of the page.
    period
        The period chosen on the page.
    sampled
        The months in which the site has numbers.
    """

    city: AssessedCity
    site: Site
    period: Period
    sampled: Sampled = field(default_factory=Sampled)

    @property
    def id(self) -> str:
        """The site's identifier in the tables."""
        return str(self.site.pk)

    @cached_property
    def year(self) -> Period:
        """January to the last month of the period."""
        return choosing.year_to_date(self.period)

    @cached_property
    def due(self) -> date:
        """The last day that is due: of the year so far, and not after the day that the pages speak of."""
        return min(self.year.last_day, self.city.today)

    def rows(self, period: Period, sites: Iterable[str] | None = None) -> pa.Table:
        """Return the measurements of some sites, as a rule of this one, in a period."""
        last = queries.end_of(self.city)
        end = min(period.end, last) if last else period.end
        wanted = [self.id] if sites is None else list(sites)
        return queries.measurements(self.city.division, wanted, period.start, end)

    def absence(self, period: Period) -> str:
        """Return why nothing can be said of a period: a key of ``words.REASONS``.

        Numbers that a person set aside are under review; else there are none.
        """
        without = self.sampled.absence(period)
        if without:
            return without
        held = any(
            flag["site"] == self.id
            and flag["flag"] == "under_review"
            and flag["time_from"] <= period.end
            and flag["time_to"] >= period.start
            for flag in self.flags.to_pylist()
        )
        return "under_review" if held else "no_data"

    @cached_property
    def sites(self) -> pa.Table:
        """The sites of the city."""
        return queries.sites_table(self.city.division)

    @cached_property
    def flags(self) -> pa.Table:
        """The flags that hold in the city."""
        return queries.flags_table(self.city.division)

    @cached_property
    def override(self) -> Override | None:
        """The bureau's own limits and settings that hold on the period's last day."""
        return standards.override_in_force(self.site.division, self.period.last_day)

    @cached_property
    def own(self) -> Callable[[date], Override | None]:
        """The bureau's own limits and settings by day."""
        return standards.by_day(self.site.division)

    def rules(self, key: str, **changes: Any) -> Rules:
        """Return the rules of a method on the period's last day, with the bureau's own settings."""
        return rules(key, self.period.last_day, self.override, **changes)
