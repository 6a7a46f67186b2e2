"""What a page shows of drinking-water sources, put together from the records and the readings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bishui.server.accounts import queries as accounts
from bishui.server.core import registers, rights
from bishui.server.core.city import AssessedCity
from bishui.server.sites.queries import SiteFacts, sites_of_kind
from bishui.server.sources import attainment, construction
from bishui.server.sources.attainment import SourceYear
from bishui.server.sources.construction import Share
from bishui.server.sources.models import ConditionSurvey, Release, SourceProblem

KIND = "drinking_water_source"


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source as the overview shows it; `survey` and `release` are the newest, or None."""

    facts: SiteFacts
    state: str
    year: SourceYear
    open_problems: int
    late_problems: int
    checklist: Share
    survey: ConditionSurvey | None
    release: Release | None


def sources_of(city: AssessedCity, user: Any) -> list[SiteFacts]:
    """Return the sources of the city that the user may see, by name."""
    return [
        source
        for source in sites_of_kind(city.division, KIND)
        if rights.allowed_in(user, "sources.view", source.division)
    ]


def lines(city: AssessedCity, sources: list[SiteFacts]) -> list[SourceLine]:
    """Return the overview's lines, in the order of `sources`."""
    year = city.today.year
    months = attainment.years_of(city, sources, year)
    waiting = _open_problems(city)
    late = Counter(problem.source for problem in waiting if problem.due < city.today)
    every = Counter(problem.source for problem in waiting)
    answers = construction.answers(sources, year)
    surveys = _newest_surveys(source.code for source in sources)
    releases = last_releases(city)
    return [
        SourceLine(
            facts=source,
            state=attainment.state_on(source, city.today),
            year=months[source.id],
            open_problems=every[source.code],
            late_problems=late[source.code],
            checklist=construction.share(construction.items_for(source, year), answers[source.code]),
            survey=surveys.get(source.code),
            release=releases.get(source.division),
        )
        for source in sources
    ]


def _open_problems(city: AssessedCity) -> list[SourceProblem]:
    inside = SourceProblem.objects.filter(division__startswith=city.division)
    return list(inside.exclude(state="closed"))


def _newest_surveys(codes: Iterable[str]) -> dict[str, ConditionSurvey]:
    found = ConditionSurvey.objects.filter(source__in=list(codes)).order_by("year")
    return {survey.source: survey for survey in found}


def last_releases(city: AssessedCity) -> dict[str, Release]:
    """Return, by division, the source water's newest release that is made."""
    made = Release.objects.filter(
        division__startswith=city.division, water="source", state="released"
    ).order_by("year", "quarter")
    return {release.division: release for release in made}


def unit_names(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of units by their codes."""
    model: Any = registers.load_all()["units"].model
    wanted = set(codes) - {""}
    return dict(model._default_manager.filter(code__in=wanted).values_list("code", "name"))


def site_by_code(division: str) -> Mapping[str, Any]:
    """Return the sites of a division's subtree by code."""
    model: Any = registers.load_all()["sites"].model
    return {site.code: site for site in model._default_manager.filter(division__startswith=division)}


def division_names(division: str) -> dict[str, str]:
    """Return the names of the divisions of a subtree by path, in the language in use."""
    return accounts.division_names(division)
