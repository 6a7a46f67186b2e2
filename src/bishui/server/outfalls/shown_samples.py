"""Samples of an outfall with their custody and their results, each against the limit that applies to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.i18n import Bilingual
from bishui.outfalls import life_cycle
from bishui.server.outfalls.models import Outfall, Sample, SampleResult
from bishui.standards import any_item


def words() -> dict[str, dict[str, str]]:
    """Return the words of purposes, states of flow and steps of custody."""
    return {
        "purpose": {
            "survey": _("排查监测"),
            "tracing": _("溯源监测"),
            "acceptance": _("验收监测"),
            "supervision": _("监督监测"),
            "own": _("自行监测"),
            "after": _("整治后监测"),
        },
        "flow": {
            "measured": _("已测流"),
            "not_measured": _("未测流"),
            "no_condition": _("不具备测流条件"),
        },
        "custody": {key: str(step.label) for key, step in life_cycle().custody.items()},
    }


def shown(outfall: Outfall, samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """Return the samples as the page tells them, the newest first."""
    return [_sample(outfall, sample) for sample in samples]


def _sample(outfall: Outfall, sample: Sample) -> dict[str, Any]:
    named = words()
    flow = named["flow"].get(sample.flow_status, sample.flow_status)
    report = sample.report
    last = list(life_cycle().custody)[-1]
    return {
        "sample": sample,
        "purpose": named["purpose"].get(sample.purpose, sample.purpose),
        "flow": f"{flow} {sample.flow_given}".strip(),
        "samplers": "、".join(str(person) for person in sample.samplers),
        "bottles": "、".join(str(one["code"] if isinstance(one, dict) else one) for one in sample.bottles),
        "on_its_way": not any(step.step == last for step in sample.custody.all()),
        "report": {"name": report.name, "url": reverse("outfalls:evidence", args=[outfall.code, report.pk])}
        if report
        else None,
        "custody": [
            {"step": named["custody"].get(step.step, step.step), "record": step}
            for step in sample.custody.all()
        ],
        "verdict": _verdict(sample),
        "results": _results(sample),
    }


def _verdict(sample: Sample) -> dict[str, str] | None:
    """Return the verdict on the whole sample; None where its results are not there yet."""
    if not sample.judged:
        return None
    told = {"yes": ("good", _("达标")), "no": ("bad", _("超标"))}
    tone, label = told.get(sample.passes, ("idle", _("未判定")))
    return {"tone": tone, "label": label}


def _results(sample: Sample) -> list[dict[str, Any]]:
    judged = {entry["mean"]["item"]: entry for entry in sample.judged.get("items", [])}
    return [_result(result, judged.get(result.item, {})) for result in sample.results.all()]


def _result(result: SampleResult, judged: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result with its limit, its verdict and the clause; of one without limit the reason."""
    told = {
        "meets": ("good", _("达标")),
        "exceeds": ("bad", _("超标")),
        "cannot_be_judged": ("idle", _("无法判定")),
    }
    judgement = judged.get("judgement") or {}
    row = judgement.get("row") or {}
    tone, verdict = told.get(judgement.get("verdict", ""), ("", ""))
    limit = row.get("limit")
    reason = judgement.get("reason") or judged.get("reason")
    return {
        "item": _item(result.item),
        "given": result.given,
        "unit": result.unit,
        "limit": "~".join(limit) if isinstance(limit, list) else limit,
        "tone": tone,
        "verdict": verdict,
        "clause": row.get("clause") or _either(reason),
    }


def _either(text: Mapping[str, str] | None) -> str:
    """Return a text that was kept in both languages."""
    return str(Bilingual(text.get("zh", ""), text.get("en", ""))) if text else ""


def _item(key: str) -> str:
    try:
        item = any_item(key)
    except KeyError:
        return key
    return str(Bilingual(item.name_zh, item.name_en))
