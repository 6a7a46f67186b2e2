"""Everything that happened to an outfall on one line of time, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.server.core import timeline
from bishui.server.outfalls.models import (
    ChainLink,
    Custody,
    DateChange,
    Outfall,
    OutfallRound,
    Photo,
    Sample,
    Visit,
)

#: At equal moments the later step of the work stands above.
_ORDER = {"transition": 3, "date": 2, "custody": 1}


@dataclass(frozen=True, slots=True)
class Happened:
    """What was recorded at an outfall, from which its history is told."""

    rounds: Sequence[OutfallRound]
    visits: Sequence[Visit]
    photos: Sequence[Photo]
    samples: Sequence[Sample]
    links: Sequence[ChainLink]


def history(outfall: Outfall, happened: Happened) -> list[dict[str, Any]]:
    """Return the entries for the part ``core/parts/timeline.html``."""
    rounds, samples = happened.rounds, happened.samples
    found = [entry for one in rounds for entry in _round(outfall, one)]
    found += [_visit(visit) for visit in happened.visits]
    found += [_sample(sample) for sample in samples]
    found += [_handed(step) for sample in samples for step in sample.custody.all()]
    found += _photos(happened.photos)
    found += [_moved(change) for one in rounds for change in one.date_changes.all()]
    found += [entry for link in happened.links for entry in _link(link)]
    return sorted(found, key=lambda entry: (entry["when"], _ORDER.get(entry["order"], 0)), reverse=True)


def _round(outfall: Outfall, one: OutfallRound) -> list[dict[str, Any]]:
    entries = timeline.entries(
        one, file_url=lambda key: reverse("outfalls:evidence", args=[outfall.code, key])
    )
    for entry in entries:
        entry["order"] = "transition"
    if one.number > 1:
        begun = {"what": _("重新整治（第 %(number)s 轮）") % {"number": one.number}, "tone": "bad"}
    else:
        begun = {"what": _("发现疑似排污口"), "tone": "info"}
    return [*entries, {"when": one.opened_at, "who": "", "text": one.trigger_text, "order": "", **begun}]


def _visit(visit: Visit) -> dict[str, Any]:
    people = "、".join(str(person) for person in visit.people)
    seen = [visit.text, visit.suspected_source]
    return {
        "when": visit.made_at,
        "who": visit.by_name,
        "what": _("现场记录：%(people)s") % {"people": people or visit.by_name},
        "text": " ".join(part for part in seen if part),
        "tone": "warn" if visit.abnormal == "yes" else "info",
        "order": "visit",
    }


def _sample(sample: Sample) -> dict[str, Any]:
    results = "；".join(str(result) for result in sample.results.all())
    return {
        "when": sample.made_at,
        "who": sample.by_name,
        "what": _("采样 %(number)s") % {"number": sample.number},
        "text": results,
        "tone": "info",
        "order": "sample",
    }


def _handed(step: Custody) -> dict[str, Any]:
    people = " → ".join(part for part in (step.from_name, step.to_name) if part)
    return {
        "when": step.at,
        "who": "",
        "what": _("样品 %(number)s 流转：%(people)s") % {"number": step.sample.number, "people": people},
        "text": step.condition,
        "tone": "idle",
        "order": "custody",
    }


def _photos(photos: Iterable[Photo]) -> list[dict[str, Any]]:
    """Return one entry for the photographs that one person took at one visit."""
    taken: dict[tuple[datetime, str], int] = {}
    for photo in photos:
        key = (photo.made_at.replace(second=0), photo.by_name)
        taken[key] = taken.get(key, 0) + 1
    return [
        {
            "when": when,
            "who": who,
            "what": _("拍照 %(count)s 张") % {"count": count},
            "tone": "idle",
            "order": "photo",
        }
        for (when, who), count in taken.items()
    ]


def _moved(change: DateChange) -> dict[str, Any]:
    return {
        "when": change.at,
        "who": change.approver,
        "what": _("整治期限由 %(old)s 延至 %(new)s") % {"old": change.old, "new": change.new},
        "why": change.reason,
        "tone": "warn",
        "order": "date",
    }


def _link(link: ChainLink) -> list[dict[str, Any]]:
    entries = []
    if link.since:
        entries.append(_linked(link, link.since, _("查明排污链路"), link.evidence, "info"))
    if link.until:
        entries.append(_linked(link, link.until, _("排污链路终止"), link.ended_why, "warn"))
    return entries


def _linked(link: ChainLink, day: Any, what: str, text: str, tone: str) -> dict[str, Any]:
    at = datetime.combine(day, time())
    return {"when": at, "who": "", "what": f"{what}：{link}", "text": text, "tone": tone, "order": "link"}
