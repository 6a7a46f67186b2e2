"""Looking at one city: its tables and a moment go to the rules, what they find is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from bishui.assessment import AlertFinding, alerts_look_back, find_alerts
from bishui.server.accounts import queries as accounts
from bishui.server.alerts import keeping, telling, withdrawing
from bishui.server.alerts.aims import aims_of, discharges_of
from bishui.server.core import clock
from bishui.server.sites import queries as sites
from bishui.server.standards import queries as standards


def look(division: str, day: date, fixed: date | None = None) -> int:
    """Look at a city on a day: withdraw what no longer holds, keep what is found; return how many are new.

    Parameters
    ----------
    division
        The city's path.
    day
        The day to look at: the present one up to now, an earlier one up to its end.
    fixed
        The fixed day of an invented city, which stands for the present one.
    """
    moment = _moment(fixed or day)
    found = findings(division, moment)
    with clock.on(fixed):
        withdrawing.withdraw(division, moment)
        made = keeping.keep(found, division)
        telling.tell(made, moment.date())
    return len(made)


def _moment(day: date) -> datetime:
    now = datetime.now().replace(microsecond=0)
    return now if day == now.date() else datetime.combine(day, time(23, 59, 59))


def findings(division: str, moment: datetime) -> Sequence[AlertFinding]:
    """Return what the rules find in a city at a moment; nothing is kept."""
    own = standards.by_day(division)
    rows = sites.measurements(division, None, alerts_look_back(moment, override=own), moment)
    if not rows.num_rows:
        return ()
    return find_alerts(
        rows,
        sites.sites_table(division),
        aims_of(division, moment.date()),
        sites.flags_table(division),
        moment=moment,
        places=places(division),
        discharges=discharges_of(division),
        override=own,
    )


def places(division: str) -> dict[str, list[str]]:
    """Return by site identifier the names of the water and of the county that it lies in."""
    counties = dict(accounts.divisions_below(division))
    kinds = dict.fromkeys(sites.sites_table(division)["kind"].to_pylist())
    found = [site for kind in kinds for site in sites.sites_of_kind(division, kind)]
    return {site.id: [site.water, counties.get(site.county, "")] for site in found}
