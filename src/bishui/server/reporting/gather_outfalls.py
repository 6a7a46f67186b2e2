"""Gathers what the register of outfalls says for the reports of 25 June and 25 December."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.apps import apps
from django.urls import reverse

from bishui.outfalls import Progress, life_cycle, outfall_types
from bishui.server.core import workflow
from bishui.server.core.templatetags.bishui_ui import share
from bishui.server.outfalls import queries_report as reads
from bishui.server.outfalls.queries_report import MilestoneRead, OutfallRead
from bishui.server.reporting import gather_supervision
from bishui.server.reporting.facts import Facts, Gap, Row, Source, cell
from bishui.server.reporting.periods import Scope

#: The columns of the table of stages: the stages that each holds.
_GROUPS = (
    ("suspected",),
    ("verified", "sampled"),
    ("tracing", "traced"),
    ("planned", "remediating", "pending_acceptance"),
    ("signed_off",),
    ("no_action",),
    ("not_outfall",),
)
_OPEN = ("planned", "remediating", "pending_acceptance")
_TRACED = ("traced", "no_action", *_OPEN, "signed_off")
_DENOMINATORS = {
    "abnormal": "已查明存在异常的",
    "needs_remediation": "需要整治的",
    "identified": "已查明的全部",
}


def gather(scope: Scope) -> Facts:
    """Gather what was found, measured, traced and put right, at the end of the scope's day."""
    source = Source("排污口台账和销号记录", scope.as_of.isoformat(), reverse("outfalls:list"))
    found = reads.outfalls_on(scope.division, scope.as_of)
    facts = _counts(source, found, scope)
    facts.add(_samples(source, scope))
    facts.add(_milestones(source, reads.milestones_on(scope.division, scope.as_of), found))
    facts.add(_reopened(source, scope))
    facts.add(gather_supervision.gather(scope))
    facts.tables |= {
        "outfall_stages": _stages(found, scope.division),
        "outfall_categories": _categories(found),
        "outfall_signed": _signed(found, scope),
        "outfall_all": [_listed(number, one) for number, one in enumerate(found, start=1)],
    }
    facts.gaps += [
        Gap("排污口", one.name, "没有登记责任主体", _url(one.code))
        for one in found
        if one.stage in _TRACED and not one.responsible
    ]
    return facts


def _url(code: str) -> str:
    return reverse("outfalls:outfall", args=[code])


def _rows(found: Iterable[OutfallRead]) -> list[Row]:
    return [Row(f"{one.name}（{one.code}）", _url(one.code)) for one in found]


def _counts(source: Source, found: Sequence[OutfallRead], scope: Scope) -> Facts:
    """Return the figures that count outfalls."""

    def of(*stages: str) -> list[Row]:
        return _rows(one for one in found if one.stage in stages)

    unseen = ("suspected", "not_outfall")
    traced = [one for one in found if one.stage in _TRACED]
    late = [one for one in found if one.stage in _OPEN and _before(one.planned_finish, scope.as_of)]
    new = [one for one in found if one.found_on and one.found_on >= scope.first_day]
    signed = [one for one in found if one.stage == "signed_off"]
    abnormal = [one for one in found if one.abnormal and one.stage not in unseen]
    fallback = [one for one in traced if one.responsible_kind in ("government_fallback", "designated")]
    figures = {
        "total": ("登记的线索", _rows(found)),
        "identified": ("已核实的排污口", _rows(one for one in found if one.stage not in unseen)),
        "suspected": ("疑似排污口", of("suspected")),
        "not_outfall": ("非排污口", of("not_outfall")),
        "found": ("本期新发现", _rows(new)),
        "abnormal": ("已查明存在异常", _rows(abnormal)),
        "traced": ("已确定责任主体", _rows(traced)),
        "fallback": ("政府兜底或指定", _rows(fallback)),
        "tracing": ("溯源中", of("tracing")),
        "open": ("已定方案尚未销号", of(*_OPEN)),
        "signed_off": ("累计销号", _rows(signed)),
        "signed_now": ("本期销号", _rows(one for one in signed if _in(one.signed_off_on, scope))),
        "late": ("整治逾期", _rows(late)),
    }
    return Facts({f"outfalls.{key}": source.count(label, rows) for key, (label, rows) in figures.items()})


def _before(day: date | None, other: date) -> bool:
    return day is not None and day < other


def _in(day: date | None, scope: Scope) -> bool:
    return day is not None and scope.first_day <= day <= scope.as_of


def _samples(source: Source, scope: Scope) -> Facts:
    taken = reads.samples_between(scope.division, scope.first_day, scope.as_of)

    def of(*verdicts: str) -> list[Row]:
        return [
            Row(f"{sample.number} {sample.outfall}", _url(sample.outfall.code))
            for sample in taken
            if sample.passes in verdicts
        ]

    return Facts(
        {
            "outfalls.samples": source.count("采样", of("yes", "no", "")),
            "outfalls.samples_passed": source.count("达标的样品", of("yes")),
            "outfalls.samples_failed": source.count("超标的样品", of("no")),
            "outfalls.samples_open": source.count("未判定的样品", of("")),
        }
    )


def _milestones(source: Source, found: Sequence[MilestoneRead], outfalls: Sequence[OutfallRead]) -> Facts:
    rows = [Row(read.milestone.name, reverse("outfalls:progress")) for read in found]
    lacking = [one for one in outfalls if _is_lacking(one)]
    return Facts(
        {"outfalls.milestones": source.count("阶段目标", rows, reverse("outfalls:progress"))},
        {
            "outfall_milestones": [_milestone(read) for read in found],
            "outfall_lacking": [_lacking(number, one) for number, one in enumerate(lacking, start=1)],
        },
    )


def _is_lacking(one: OutfallRead) -> bool:
    closed = ("signed_off", "no_action", "not_outfall", "suspected")
    return one.stage not in closed and (one.abnormal or bool(one.category))


def _milestone(read: MilestoneRead) -> list[dict[str, Any]]:
    milestone, today = read.milestone, read.today
    words = {True: "已达到", False: "未达到", None: "不适用"}
    return [
        cell(milestone.name),
        cell(milestone.due.isoformat()),
        cell(f"{milestone.percent}%"),
        cell(_DENOMINATORS[milestone.denominator]),
        cell(_share(read.frozen)),
        cell(_share(today)),
        cell(words[today.attained]),
        cell(today.lacking, number=today.lacking),
    ]


def _share(found: Progress | None) -> str:
    if found is None:
        return "未冻结"
    return f"{len(found.done)}/{len(found.codes)}（{share(len(found.done), len(found.codes))}）"


def _lacking(number: int, one: OutfallRead) -> list[dict[str, Any]]:
    return [
        cell(number, number=number),
        cell(one.name, _url(one.code)),
        cell(one.code),
        cell(_stage(one.stage)),
        cell(one.responsible),
        cell(one.planned_finish.isoformat() if one.planned_finish else ""),
    ]


def _reopened(source: Source, scope: Scope) -> Facts:
    found = reads.reopened_between(scope.division, scope.first_day, scope.as_of)
    return Facts(
        {
            "outfalls.reopened": source.count(
                "重新整治", [Row(str(one.outfall), _url(one.outfall.code)) for one in found]
            )
        },
        {
            "outfall_reopened": [
                [
                    cell(one.outfall.name, _url(one.outfall.code)),
                    cell(one.outfall.code),
                    cell(one.opened_at.date().isoformat()),
                    cell(one.trigger_text),
                ]
                for one in found
            ]
        },
    )


def _stages(found: Sequence[OutfallRead], division: str) -> list[list[dict[str, Any]]]:
    """Return a row for each county and one for all."""
    divisions = apps.get_model("accounts", "Division")._default_manager
    names = dict(divisions.filter(division__startswith=division).values_list("division", "name"))
    by_county: dict[str, Counter[str]] = {}
    for one in found:
        by_county.setdefault(one.division, Counter())[one.stage] += 1
    lines = [(names.get(path, path), by_county[path]) for path in sorted(by_county)]
    if len(lines) > 1:
        lines.append(("合计", sum(by_county.values(), Counter())))
    return [
        [
            cell(name),
            _number(sum(counts.values())),
            *(_number(sum(counts[stage] for stage in group)) for group in _GROUPS),
        ]
        for name, counts in lines
    ]


def _number(count: int) -> dict[str, Any]:
    return cell(count, number=count)


def _categories(found: Sequence[OutfallRead]) -> list[list[dict[str, Any]]]:
    rows = []
    for category in life_cycle().categories.values():
        counts = Counter(one.stage for one in found if one.category == category.id)
        shown = [counts[stage] for stage in ("signed_off", "pending_acceptance", "remediating", "planned")]
        rows.append([cell(category.label.zh), _number(sum(counts.values())), *map(_number, shown)])
    return rows


def _signed(found: Sequence[OutfallRead], scope: Scope) -> list[list[dict[str, Any]]]:
    signed = [one for one in found if one.stage == "signed_off" and _in(one.signed_off_on, scope)]
    categories = life_cycle().categories
    return [
        [
            _number(number),
            cell(one.name, _url(one.code)),
            cell(one.code),
            cell(categories[one.category].label.zh if one.category in categories else ""),
            cell(one.signed_off_on.isoformat() if one.signed_off_on else ""),
        ]
        for number, one in enumerate(signed, start=1)
    ]


def _listed(number: int, one: OutfallRead) -> list[dict[str, Any]]:
    kind = outfall_types().get(one.kind)
    return [
        _number(number),
        cell(one.name, _url(one.code)),
        cell(one.code),
        cell(kind.name if kind else ""),
        cell(_stage(one.stage)),
        cell("是" if one.abnormal else "否"),
        cell(one.responsible),
    ]


def _stage(stage: str) -> str:
    states = workflow.load_all()["outfall_round"].states
    return states[stage].label.zh if stage in states else stage
