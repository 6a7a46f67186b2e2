"""What the invented city keeps about its drinking-water sources, aquatic ecology and water use."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from bishui import twin
from bishui.server.accounts.models import User
from bishui.server.core import clock
from bishui.server.core.advancing import advance
from bishui.server.demonstrations.loading import fill_register
from bishui.server.demonstrations.twin_work import People
from bishui.server.sites.queries import sites_of_kind
from bishui.server.sources import construction, releases
from bishui.server.sources.models import ChecklistAnswer, ConditionSurvey, Release, SourceProblem

_REGISTERS = ("source_problems", "source_surveys", "ecology_surveys", "ecology_species", "water_use")
_NOON = time(12, 0)


@cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("twin_sources.toml").read_text(encoding="utf-8"))


def load_sources(workspace: Any, day: date, people: People, operator: User) -> None:
    """Load all of it; what is there already is left as it is."""
    for key in _REGISTERS:
        fill_register(key, _file()[key], operator)
    _steps(people, operator)
    _surveys(people, operator, day)
    _checklists(workspace.division, operator, day)
    _releases(workspace.division, people, day)


def _steps(people: People, operator: User) -> None:
    """Let the problems go their way, unless one of them has begun it."""
    codes = {step["code"] for step in _file()["step"]}
    if SourceProblem.objects.filter(code__in=codes).exclude(state="open").exists():
        return
    for step in _file()["step"]:
        problem = SourceProblem.objects.get(code=step["code"])
        actor = operator if step["by"] == "operator" else people.reviewer
        name = f"{step['code']}.pdf"
        content = BytesIO(twin.evidence_file(name, step["text"]))
        uploads = {"file": (content, name)} if step["transition"] == "rectify" else {}
        with clock.on(step["day"]):
            advance(problem, step["transition"], actor=actor, texts={"text": step["text"]}, uploads=uploads)


def _surveys(people: People, operator: User, day: date) -> None:
    """Have the surveys of the years before approved by a second person."""
    former = ConditionSurvey.objects.filter(year__lt=day.year, state="draft")
    codes = [row["code"] for row in _file()["source_surveys"]]
    for survey in former.filter(code__in=codes):
        with clock.on(date(survey.year + 1, 1, 20)):
            advance(survey, "submit", actor=operator)
            advance(survey, "approve", actor=people.reviewer)


def _checklists(division: str, operator: User, day: date) -> None:
    sources = {source.code: source for source in sites_of_kind(division, "drinking_water_source")}
    for entry in _file()["checklist"]:
        code, year = entry["source"], entry["year"]
        if not ChecklistAnswer.objects.filter(source=code, year=year).exists():
            given = {key: (value[0], value[1]) for key, value in entry.items() if isinstance(value, list)}
            at = datetime.combine(day, _NOON)
            construction.answer(sources[code], year, given, actor=operator, at=at)


def _releases(division: str, people: People, day: date) -> None:
    """Let the divisions release their quarters, and note what is missing."""
    releases.renew(division, day)
    for entry in _file()["release"]:
        for year, quarter, on in entry["done"]:
            open_ones = Release.objects.filter(
                division=f"{division}{entry['division']}/", year=year, quarter=quarter, state="due"
            )
            for release in open_ones:
                texts = {"day": on.isoformat(), "url": f"https://lanjin.example/water/{year}q{quarter}"}
                with clock.on(on):
                    releases.advance(release, "release", actor=people.reviewer, day=on, texts=texts)
    releases.note_missing(division, day)
