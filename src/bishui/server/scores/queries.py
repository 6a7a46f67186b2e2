"""Reads of this app: the schemes in force, and the scores as they stand now."""

from __future__ import annotations

from dataclasses import dataclass

from bishui.scoring import Fact, Rank, Rubric, ranks, score
from bishui.server.core.city import AssessedCity
from bishui.server.scores import facts
from bishui.server.scores.facts import Subject
from bishui.server.scores.models import Judgement, Scheme


@dataclass(frozen=True, slots=True)
class Standing:
    """The scores of a scheme as they stand: who is scored, the facts of each, the ranking."""

    subjects: dict[str, Subject]
    facts: dict[str, dict[str, Fact]]
    ranked: list[Rank]

    def tried(self, rubric: Rubric) -> Standing:
        """Return the same facts scored by another rubric."""
        scores = {key: score(rubric, found) for key, found in self.facts.items()}
        return Standing(self.subjects, self.facts, ranks(scores))

    def names(self) -> dict[str, str]:
        """Return the names of who is scored."""
        return {key: subject.name for key, subject in self.subjects.items()}


def schemes(division: str) -> list[Scheme]:
    """Return the newest version of each scheme of a city."""
    newest: dict[str, Scheme] = {}
    for scheme in Scheme.objects.filter(division=division).order_by("key", "-number"):
        newest.setdefault(scheme.key, scheme)
    return list(newest.values())


def scheme(division: str, key: str) -> Scheme | None:
    """Return the newest version of one scheme, or None."""
    return Scheme.objects.filter(division=division, key=key).order_by("-number").first()


def judgements(chosen: Scheme, year: int) -> dict[str, dict[str, Judgement]]:
    """Return what people entered, by subject and fact."""
    found: dict[str, dict[str, Judgement]] = {}
    for item in Judgement.objects.filter(division=chosen.division, key=chosen.key, year=year):
        found.setdefault(item.subject, {})[item.fact] = item
    return found


def standing(chosen: Scheme, city: AssessedCity) -> Standing:
    """Return the scores as they stand on the city's day."""
    everyone = {subject.id: subject for subject in facts.subjects(chosen.subject, city)}
    entered = judgements(chosen, city.today.year)
    known = {
        key: {
            **found,
            **{
                name: Fact(item.value, f"{item.reason}（{item.by}）")
                for name, item in entered.get(key, {}).items()
            },
        }
        for key, found in facts.facts(chosen.subject, city).items()
    }
    return Standing(everyone, known, []).tried(chosen.rubric)
