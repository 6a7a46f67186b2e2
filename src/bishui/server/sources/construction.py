"""The checklist of standardised construction (规范化建设): items as data, answers by source and year."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from bishui.errors import DataError, Where
from bishui.i18n import Bilingual, Text
from bishui.server.core import audit
from bishui.server.sites.queries import SiteFacts
from bishui.server.sources.models import ChecklistAnswer

ANSWERS: dict[str, Text] = {"yes": Text("是"), "no": Text("否"), "not_applicable": Text("不适用")}
_MOST_EVIDENCE = 300


@dataclass(frozen=True, slots=True)
class Item:
    """One item; `water` names the kinds of source (``surface``, ``ground``) that it applies to."""

    key: str
    label: Bilingual
    source: str
    certainty: str
    water: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition of the list, with the day from which it is answered."""

    version: str
    in_force_from: date
    source: str
    certainty: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """How far a list is met: `met` of `answered`, `unanswered` beside; what does not apply is in neither."""

    met: int
    answered: int
    unanswered: int


@cache
def editions() -> tuple[Edition, ...]:
    """Return the editions of ``rules/construction.toml``, the newest last."""
    path = Path(__file__).parent / "rules" / "construction.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(sorted(map(_edition, data["edition"]), key=lambda edition: edition.in_force_from))


def _edition(data: Mapping[str, Any]) -> Edition:
    items = tuple(
        Item(
            item["key"],
            Bilingual(item["label_zh"], item["label_en"]),
            item["source"],
            item["certainty"],
            tuple(item.get("water", ("surface", "ground"))),
        )
        for item in data["item"]
    )
    return Edition(data["version"], data["in_force_from"], data["source"], data["certainty"], items)


def edition_of(year: int) -> Edition:
    """Return the edition in force at the end of a year; before the first one, the first."""
    fitting = [edition for edition in editions() if edition.in_force_from <= date(year, 12, 31)]
    return fitting[-1] if fitting else editions()[0]


def items_for(source: SiteFacts, year: int) -> list[Item]:
    """Return the items that apply to a source; all of them where its kind of water is not registered."""
    water = source.attributes.get("source_water")
    return [item for item in edition_of(year).items if not water or water in item.water]


def answers(sources: Sequence[SiteFacts], year: int) -> dict[str, dict[str, ChecklistAnswer]]:
    """Return the answers of a year by code of the source and key of the item."""
    found: dict[str, dict[str, ChecklistAnswer]] = {source.code: {} for source in sources}
    for answer in ChecklistAnswer.objects.filter(source__in=list(found), year=year):
        found[answer.source][answer.item] = answer
    return found


def share(items: Sequence[Item], given: Mapping[str, ChecklistAnswer]) -> Share:
    """Count: an item that does not apply is left out, an unanswered one is counted beside."""
    words = [given[item.key].answer if item.key in given else "" for item in items]
    met = words.count("yes")
    return Share(met, met + words.count("no"), words.count(""))


def answer(
    source: SiteFacts,
    year: int,
    given: Mapping[str, tuple[str, str]],
    *,
    actor: Any,
    at: datetime,
    where: str = "",
) -> int:
    """Keep the answers that differ from what is kept; return how many.

    Parameters
    ----------
    given
        Answer (key of `ANSWERS`, or empty to take it back) and evidence by key of the item.

    Raises
    ------
    DataError
        If an answer is none of the words, or a "yes" or "not applicable" does not say on what grounds.
    """
    items = items_for(source, year)
    kept = answers([source], year)[source.code]
    for item in items:
        _check(item, *given.get(item.key, ("", "")))
    changed = 0
    with audit.action(
        "sources.checklist_answered",
        actor=actor,
        where=where,
        division=source.division,
        source=source.name,
        year=year,
    ):
        for item in items:
            record = kept.get(item.key) or _blank(source, year, item)
            if item.key in given and given[item.key] != (record.answer, record.evidence):
                record.by, record.at = str(actor), at
                _keep(record, *given[item.key])
                changed += 1
    return changed


def _check(item: Item, word: str, evidence: str) -> None:
    if word and word not in ANSWERS:
        raise DataError(
            Text(
                "“{item}”的回答只能是 {words}。", item=item.label, words="、".join(map(str, ANSWERS.values()))
            ),
            remedy=Text("请重新选择。"),
            where=Where(field=item.key),
        )
    if len(evidence) > _MOST_EVIDENCE:
        raise DataError(
            Text("“{item}”的说明超过 {n} 个字。", item=item.label, n=_MOST_EVIDENCE),
            remedy=Text("请缩短说明。"),
            where=Where(field=item.key),
        )
    if word in ("yes", "not_applicable") and not evidence:
        raise DataError(
            Text("“{item}”没有写依据。", item=item.label),
            remedy=Text("回答“是”写佐证（文号、照片编号），回答“不适用”写原因。"),
            where=Where(field=item.key),
        )


def _blank(source: SiteFacts, year: int, item: Item) -> ChecklistAnswer:
    return ChecklistAnswer(source=source.code, division=source.division, year=year, item=item.key)


def _keep(record: ChecklistAnswer, word: str, evidence: str) -> None:
    """Save an answer, or take it back where the word is empty."""
    record.answer, record.evidence = word, evidence
    record.edition = edition_of(record.year).version
    if word:
        record.save()
    elif not record._state.adding:
        record.delete()
