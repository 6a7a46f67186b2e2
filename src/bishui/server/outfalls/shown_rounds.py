"""The rounds of an outfall and its visits as its page tells them: tracing, remediation, proof of sign-off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.outfalls import life_cycle
from bishui.server.core.models import StoredFile
from bishui.server.outfalls.models import OutfallRound, Visit
from bishui.server.outfalls.shown_stages import WITH_DEADLINE, stage_label, stage_tone, stages

#: The straight way from the bank to sign-off; a stage beside it stands for the one named here.
_WAY = (
    "suspected",
    "verified",
    "sampled",
    "tracing",
    "traced",
    "planned",
    "remediating",
    "pending_acceptance",
    "signed_off",
)
_ENDS_EARLY = {"not_outfall": "suspected", "no_action": "traced"}


def _word(known: Mapping[str, Any], key: Any) -> str:
    """Return the word of the life cycle's data for a key."""
    found = known.get(str(key))
    return str(getattr(found, "label", found)) if found is not None else str(key)


def _listed(keys: Any, known: Mapping[str, Any]) -> str:
    return "、".join(_word(known, key) for key in keys)


def purposes() -> dict[str, str]:
    """Return the purposes of visits in words."""
    return {
        "survey": _("排查"),
        "check": _("核查"),
        "review": _("复核"),
        "sampling": _("采样"),
        "tracing": _("溯源"),
        "acceptance": _("验收"),
        "patrol": _("巡查"),
        "revisit": _("回访"),
        "dry": _("旱天复查"),
        "inspection": _("监督检查"),
    }


def steps(round_: OutfallRound) -> list[dict[str, Any]]:
    """Return the stages on the way, with the present one marked."""
    known = stages()
    way = list(_WAY)
    if round_.state in _ENDS_EARLY:
        way = [*way[: way.index(_ENDS_EARLY[round_.state]) + 1], round_.state]
    at = way.index(round_.state) if round_.state in way else 0
    return [
        {"label": known[key].label, "reached": place <= at, "now": place == at}
        for place, key in enumerate(way)
        if key in known
    ]


def round_told(round_: OutfallRound, today: date) -> dict[str, Any]:
    """Return one round: its state, and the facts of tracing, remediation and sign-off that it has."""
    return {
        "round": round_,
        "label": stage_label(round_.state),
        "tone": stage_tone(round_.state),
        "trace": _trace(round_),
        "remediation": _remediation(round_, today),
        "moved": list(round_.date_changes.all()),
    }


def _file(round_: OutfallRound, label: str, stored: StoredFile | None) -> list[dict[str, Any]]:
    if stored is None:
        return []
    url = reverse("outfalls:evidence", args=[round_.outfall.code, stored.pk])
    return [{"label": label, "file": stored.name, "line": None, "url": url}]


def _given(*pairs: tuple[str, Any]) -> list[dict[str, Any]]:
    return [
        {"label": label, "day" if isinstance(value, date) else "text": value}
        for label, value in pairs
        if value not in ("", None)
    ]


def _trace(round_: OutfallRound) -> list[dict[str, Any]]:
    rules = life_cycle()
    level = {"county": _("县级人民政府"), "city": _("市级人民政府")}.get(round_.fallback_level, "")
    return [
        *_given(
            (_("不具备采样条件的原因"), round_.cannot_sample_reason),
            (_("补采日期"), round_.revisit_on),
            (_("溯源方法"), _listed(round_.trace_methods, rules.trace_methods)),
            (_("溯源结论"), round_.trace_finding),
            (_("兜底责任主体"), level),
            (_("存在问题"), _listed(round_.problems, rules.abnormalities)),
        ),
        *_file(round_, _("溯源报告"), round_.trace_report),
        *_file(round_, _("责任主体确定文件"), round_.decision),
    ]


def _remediation(round_: OutfallRound, today: date) -> list[dict[str, Any]]:
    unit = round_.department_unit
    found = _given(
        (_("整治类型"), _word(life_cycle().categories, round_.category)),
        (_("整治措施"), round_.measures),
        (_("牵头部门"), unit.name if unit else ""),
        (_("责任人"), round_.responsible_person),
        (_("资金（万元）"), "" if round_.funds is None else f"{round_.funds.normalize():f}"),
        (_("开工日期"), round_.started_on),
        (_("进展"), round_.progress),
        (_("完工日期"), round_.finished_on),
        (_("过渡期至"), round_.transition_until),
        (_("验收退回次数"), round_.rejections or ""),
        (_("销号日期"), round_.signed_off_on),
    )
    if round_.planned_finish:
        late = (today - round_.planned_finish).days
        over = late > 0 and round_.state in WITH_DEADLINE
        note = _("逾期 %(days)s 天") % {"days": late} if over else ""
        found.insert(0, {"label": _("计划完成"), "day": round_.planned_finish, "note": note})
    return [*found, *_file(round_, _("一口一策方案"), round_.plan)]


def visit_told(visit: Visit) -> dict[str, Any]:
    """Return one visit: who saw what."""
    known = {"yes": _("是"), "no": _("否")}
    seen = _given(
        (_("正在排水"), known.get(visit.discharging, "")),
        (_("颜色"), visit.colour),
        (_("浑浊度"), visit.turbidity),
        (_("气味"), visit.odour),
        (_("油膜"), known.get(visit.oil_film, "")),
        (_("前72小时降雨（mm）"), visit.rain),
        (_("存在异常"), known.get(visit.abnormal, "")),
        (_("异常状况"), _listed(visit.abnormal_kinds, life_cycle().abnormalities)),
        (_("疑似来源"), visit.suspected_source),
        (_("具备采样条件"), known.get(visit.can_sample, "")),
        (_("不具备采样条件的原因"), visit.cannot_sample_reason),
        (_("记录"), visit.text),
    )
    return {
        "visit": visit,
        "purpose": purposes().get(visit.purpose, visit.purpose),
        "people": "、".join(str(person) for person in visit.people) or visit.by_name,
        "seen": seen,
    }
