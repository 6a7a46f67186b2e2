"""Gathers targets, tasks, projects and the report calendar from the ledger of plans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from django.urls import reverse

from bishui.server.core.templatetags.bishui_ui import share
from bishui.server.plans.states import FINISHED
from bishui.server.plans.steps import field_labels
from bishui.server.reporting import ledger_reads as ledger
from bishui.server.reporting.facts import NO_DATA, Facts, Gap, Row, Source, cell, number_cell
from bishui.server.reporting.ledger_reads import ProjectRead, TargetRead, TaskRead
from bishui.server.reporting.periods import Scope

#: The states as documents name them, in the order of the columns.
_WORDS = {
    "done": "已完成",
    "late_done": "逾期完成",
    "in_progress": "进行中",
    "due_soon": "临近期限",
    "not_started": "未启动",
    "behind": "滞后",
    "overdue": "逾期",
}
_GOING = ("in_progress", "due_soon", "not_started")
_NAMED_UNITS = 8


def gather(scope: Scope) -> Facts:
    """Gather what the ledger says of a scope on the report's day."""
    plans = ledger.plans_of(scope)
    tasks = ledger.tasks_of(scope, plans)
    facts = _plans(scope, plans)
    facts.add(_targets(scope, ledger.targets_of(scope, plans)))
    facts.add(_tasks(scope, tasks))
    facts.add(_units(scope, tasks))
    facts.add(_projects(scope, ledger.projects_of(scope, plans)))
    facts.add(_calendar(scope, ledger.calendar_of(scope, plans)))
    return facts


def _source(scope: Scope, words: str) -> Source:
    return Source(words, scope.as_of.isoformat(), reverse("plans:list"))


def _plans(scope: Scope, plans: Sequence[Any]) -> Facts:
    source = _source(scope, "计划台账")
    rows = [Row(plan.title, reverse("plans:plan", args=[plan.pk])) for plan in plans]
    titles = "、".join(f"《{plan.title}》" for plan in plans)
    facts = Facts({"plans.titles": source.text("依据的计划", titles, str(len(plans)), rows=rows)})
    if not plans:
        facts.gaps.append(Gap("计划", scope.name, "没有导入适用于本时段的计划", source.url))
    return facts


# -- targets -------------------------------------------------------------------------------------------

_SIGNS = {">=": "≥", ">": ">", "<=": "≤", "<": "<", "=": "=", "increase": "提高", "decrease": "下降"}


def reached(target: TargetRead) -> bool | None:
    """Tell whether the newest value reaches the target; None without a value or a comparison."""
    value = target.reported
    if value is None or target.op not in _SIGNS:
        return None
    if target.op in ("<=", "<"):
        return value < target.value or (target.op == "<=" and value == target.value)
    if target.op == "=":
        return value == target.value
    return value > target.value or (target.op != ">" and value == target.value)


def _targets(scope: Scope, targets: Sequence[TargetRead]) -> Facts:
    source = _source(scope, "计划目标与指标序列的最新数值（录入、已认可填报、水质评价）")
    known = [target for target in targets if target.reported is not None]
    met = [target for target in known if reached(target)]
    facts = Facts(
        {
            "targets.total": source.count("可量化目标", _target_rows(targets)),
            "targets.known": source.count("已有数值的目标", _target_rows(known)),
            "targets.met": source.count("已达到目标值的目标", _target_rows(met)),
            "targets.missing": source.count(
                "尚无数值的目标", _target_rows(t for t in targets if t.reported is None)
            ),
        },
        {"targets": [_target_row(number, target) for number, target in enumerate(targets, start=1)]},
    )
    facts.gaps += [
        Gap("目标指标", target.text, "尚无数值", _target_url(target))
        for target in targets
        if target.reported is None
    ]
    return facts


def _target_url(target: TargetRead) -> str:
    return reverse("plans:plan", args=[target.plan])


def _target_rows(targets: Iterable[TargetRead]) -> list[Row]:
    return [Row(f"{target.text}：{_reported(target)}", _target_url(target)) for target in targets]


def _reported(target: TargetRead) -> str:
    return f"{target.reported_text}{target.unit}" if target.reported is not None else NO_DATA


def _target_row(number: int, target: TargetRead) -> list[dict[str, Any]]:
    verdict = reached(target)
    sign = _SIGNS.get(target.op, target.op).removeprefix("=")
    return [
        cell(number, number=number),
        cell(target.text, _target_url(target)),
        cell(f"{sign}{target.value_text}{target.unit}"),
        cell(_reported(target), number=target.reported_text if target.reported is not None else None),
        cell(target.reported_on.isoformat() if target.reported_on else ""),
        cell({True: "已达到", False: "未达到", None: NO_DATA}[verdict]),
    ]


# -- tasks ---------------------------------------------------------------------------------------------


def _task_url(task: TaskRead) -> str:
    return reverse("plans:task", args=[task.id])


def _task_rows(tasks: Iterable[TaskRead]) -> list[Row]:
    return [
        Row(f"{task.number} {task.name}：{_WORDS[task.state]}，{task.percent}%", _task_url(task))
        for task in tasks
    ]


def percent_of(tasks: Sequence[TaskRead]) -> int | None:
    """Return the progress of some tasks: their percentages by weight, rounded down; None without any."""
    weight = sum((task.weight for task in tasks), Decimal(0))
    if not weight:
        return None
    mean = sum((task.weight * task.percent for task in tasks), Decimal(0)) / weight
    return int(mean.to_integral_value(ROUND_FLOOR))


def _tasks(scope: Scope, tasks: Sequence[TaskRead]) -> Facts:
    source = _source(scope, "任务台账（进度由已认可的佐证和节点推算）")
    done = [task for task in tasks if task.state in FINISHED]
    whole = percent_of(tasks)
    late = [task for task in tasks if task.state == "overdue"]
    behind = [task for task in tasks if task.state == "behind"]
    facts = Facts(
        {
            "tasks.total": source.count("任务总数", _task_rows(tasks)),
            "tasks.done": source.count("已完成任务", _task_rows(done)),
            "tasks.done_percent": source.percent("任务完成率", _task_rows(done), len(tasks)),
            "tasks.percent": source.text(
                "总体进度（按权重）",
                f"{whole}%" if whole is not None else "",
                "" if whole is None else str(whole),
            ),
            "tasks.going": source.count("按期推进的任务", _task_rows(t for t in tasks if t.state in _GOING)),
            "tasks.behind": source.count("滞后任务", _task_rows(behind)),
            "tasks.overdue": source.count("逾期任务", _task_rows(late)),
            "tasks.overdue_units": source.text(
                "逾期任务的牵头单位", _units_words(late), str(len(late)), rows=_task_rows(late)
            ),
        }
    )
    facts.add(_fields(source, tasks))
    facts.tables["late_tasks"] = [
        _late_row(scope, number, task) for number, task in enumerate([*late, *behind], start=1)
    ]
    if not tasks:
        facts.gaps.append(Gap("任务", scope.name, "台账中没有任务", source.url))
    return facts


def _units_words(tasks: Sequence[TaskRead]) -> str:
    """Return the lead units of some tasks with their numbers, the most first."""
    counts = Counter(lead for task in tasks for lead in (task.leads or ("牵头单位不明",)))
    named = [f"{unit}{count}项" for unit, count in counts.most_common(_NAMED_UNITS)]
    rest = len(counts) - len(named)
    return "、".join(named) + (f"等{len(counts)}个单位" if rest else "")


def _fields(source: Source, tasks: Sequence[TaskRead]) -> Facts:
    rows, bars = [], []
    names = {**{key: name.zh for key, name in field_labels().items()}, "": "未分领域"}
    for key, name in names.items():
        own = [task for task in tasks if (task.field if task.field in names else "") == key]
        if not own:
            continue
        states = Counter(task.state for task in own)
        done, going = sum(states[s] for s in FINISHED), sum(states[s] for s in _GOING)
        counts = [done, going, states["behind"], states["overdue"]]
        url = f"{source.url}?field={key}"
        percent = percent_of(own)
        rows.append(
            [
                cell(name, url),
                number_cell(len(own)),
                *(number_cell(count) for count in counts),
                cell(f"{percent}%" if percent is not None else NO_DATA, number=percent),
            ]
        )
        bars.append([name, counts])
    return Facts({}, {"fields": rows}, {"fields": {"bars": bars}})


def _late_row(scope: Scope, number: int, task: TaskRead) -> list[dict[str, Any]]:
    days = (scope.as_of - task.due).days if task.due and task.due < scope.as_of else None
    return [
        cell(number, number=number),
        cell(f"{task.number} {task.name}", _task_url(task)),
        cell("、".join(task.leads)),
        cell(task.due.isoformat() if task.due else task.deadline),
        cell(f"{task.percent}%", number=task.percent),
        cell(f"{_WORDS[task.state]}{f'{days}天' if days else ''}"),
    ]


# -- units ---------------------------------------------------------------------------------------------


def _units(scope: Scope, tasks: Sequence[TaskRead]) -> Facts:
    """Gather how each unit that leads or is responsible stands; a unit without any report is a gap."""
    source = _source(scope, "任务台账（按责任分工）")
    held: dict[str, list[ledger.DutyRead]] = {}
    for task in tasks:
        for duty in task.duties:
            held.setdefault(duty.unit, []).append(duty)
    names = ledger.unit_names(held)
    silent = [unit for unit in names if not any(duty.reports for duty in held[unit])]
    facts = Facts(
        {
            "units.total": source.count("承担任务的单位", [Row(name) for name in names.values()]),
            "units.silent": source.count("尚未填报的单位", [Row(names[unit]) for unit in silent]),
        },
        {"units": [_unit_row(names[unit], held[unit]) for unit in _by_lateness(held, names)]},
    )
    facts.gaps += [
        Gap("单位填报", names[unit], f"承担{len(held[unit])}项任务，尚无填报", source.url) for unit in silent
    ]
    return facts


def _by_lateness(held: dict[str, list[ledger.DutyRead]], names: dict[str, str]) -> list[str]:
    def rank(unit: str) -> tuple[int, int]:
        return -sum(duty.state == "overdue" for duty in held[unit]), -len(held[unit])

    return sorted(names, key=rank)


def _unit_row(name: str, duties: Sequence[ledger.DutyRead]) -> list[dict[str, Any]]:
    done = sum(duty.state in FINISHED for duty in duties)
    reports = sum(duty.reports for duty in duties)
    return [
        cell(name),
        number_cell(len(duties)),
        number_cell(done),
        cell(share(done, len(duties))),
        number_cell(sum(duty.state == "behind" for duty in duties)),
        number_cell(sum(duty.state == "overdue" for duty in duties)),
        cell(reports if reports else "未填报", number=reports),
    ]


# -- projects and calendar -----------------------------------------------------------------------------


def _projects(scope: Scope, projects: Sequence[ProjectRead]) -> Facts:
    source = Source("重点项目台账和计划所列项目", scope.as_of.isoformat(), reverse("ledgers:index"))
    silent = [project for project in projects if not project.stage]
    facts = Facts(
        {
            "projects.total": source.count("重点项目", [Row(_project_words(p)) for p in projects]),
            "projects.silent": source.count("没有进度的重点项目", [Row(_project_words(p)) for p in silent]),
        },
        {"projects": [_project_row(number, p) for number, p in enumerate(projects, start=1)]},
    )
    facts.gaps += [
        Gap("重点项目", project.name, "计划列有此项目，台账中没有进度", source.url) for project in silent
    ]
    if not projects:
        facts.gaps.append(Gap("重点项目", scope.name, "台账和适用的计划都没有列出重点项目", source.url))
    return facts


def _project_words(project: ProjectRead) -> str:
    return f"{project.name}：{project.stage or NO_DATA}"


def _project_row(number: int, project: ProjectRead) -> list[dict[str, Any]]:
    return [
        cell(number, number=number),
        cell(project.name),
        cell(project.units),
        number_cell(project.funds),
        number_cell(project.spent),
        cell(project.stage or NO_DATA),
        cell(project.end.isoformat() if project.end else ""),
    ]


def _calendar(scope: Scope, found: Sequence[ledger.DueRead]) -> Facts:
    source = _source(scope, "报送日历")
    owed = [Row(f"{entry.what}：{unit}") for entry in found for unit in entry.owed]
    missing = [Row(f"{entry.what}：{unit}") for entry in found for unit in entry.missing]
    late = [Row(f"{entry.what}：{unit}") for entry in found for unit in entry.late]
    facts = Facts(
        {
            "calendar.owed": source.count("应报材料（份）", owed),
            "calendar.late": source.count("逾期报送（份）", late),
            "calendar.missing": source.count("缺报（份）", missing),
        },
        {
            "calendar": [
                [
                    cell(entry.what),
                    cell(entry.due.isoformat()),
                    number_cell(len(entry.owed)),
                    number_cell(len(entry.in_time)),
                    number_cell(len(entry.late)),
                    number_cell(len(entry.missing)),
                ]
                for entry in found
            ]
        },
    )
    facts.gaps += [
        Gap("材料报送", f"{unit}的{entry.what}", f"应于{entry.due.isoformat()}报送，缺报", source.url)
        for entry in found
        for unit in entry.missing
    ]
    return facts
