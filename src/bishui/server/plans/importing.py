"""The import of plan documents: read, preview, write into the ledger, take back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from bishui.documents import READER_VERSION, PlanDraft, read_plan_bytes
from bishui.errors import Problem, Where
from bishui.i18n import Text
from bishui.server.core import imports, registers
from bishui.server.core.models import ImportSession
from bishui.server.plans import (
    aliases,
    amending,
    calendar,
    directory,
    duties,
    ledger,
    rereading,
    review_corrections,
    staging,
)
from bishui.server.plans.models import Plan, PlanAmendment
from bishui.server.plans.unit_names import resolve_plan

_ACCOUNT = pa.schema([("line", pa.int32()), ("became", pa.string()), ("text", pa.string())])


class PlanImport:
    """A plan document (计划文件) becomes a plan with tasks, units and targets."""

    key = "plan"
    label = Text("计划文件")
    right = "plans.import"
    take_back_right = "plans.take_back"
    options: Sequence[registers.Field] = ()
    preview_template = "plans/import_preview.html"
    two_persons = True

    def template_url(self) -> str:
        """Return an empty text: a plan is read as it was issued."""
        return ""

    def read(self, session: ImportSession, progress: imports.Progress) -> imports.Reading:
        """Read the document into a draft; nothing counts yet."""
        draft = read_plan_bytes(session.file.path.read_bytes(), session.file.name)
        progress(1, 2)
        data = staging.stage(draft, imports.staged(session, review_corrections.STAGED))
        if "amends" in session.options:
            rereading.carry_over(session, data)
        units = _units(session.division, data)
        sections = _sections(session.division, data)
        problems = [
            *([] if "amends" in session.options else _second_plan(session, data)),
            *_findings(draft),
            *_unknown_units(units, session.file.name),
            *_unknown_sections(sections, session.file.name),
        ]
        progress(2, 2)
        return imports.Reading(
            summary=_summary(draft, data, units, sections),
            reader_version=READER_VERSION,
            problems=problems,
            account=_account(draft),
            has_content=bool(data["tasks"] or data["targets"] or data["section_targets"]),
        )

    def store(self, session: ImportSession, progress: imports.Progress) -> None:
        """Do nothing: a plan lies in the records alone."""

    def is_stored(self, session: ImportSession) -> bool:
        """Tell whether the draft is still there to be written."""
        return imports.staged(session, review_corrections.STAGED).is_file()

    def record(self, session: ImportSession) -> None:
        """Write the plan and all its parts as people agreed to them, or amend the plan that is read again."""
        draft = review_corrections.draft_of(session)
        plan = rereading.amended_plan(session)
        if plan is None:
            plan = Plan.objects.filter(import_session=session).first()
            plan = plan or ledger.write(session, draft.effective(), draft.given_units())
        elif not PlanAmendment.objects.filter(session=session).exists():
            rereading.check_basis(session, plan)
            changes = amending.compare(plan, session, draft.effective(), draft.given_units())
            amending.apply(plan, session, changes)
        duties.renew_plan(plan)
        calendar.renew(plan)
        aliases.learn(session)

    def take_back(self, session: ImportSession) -> None:
        """Let the plan, or what the amendment changed, count no more; what was reported stays readable."""
        rereading.undo_of(session)
        aliases.forget(session)

    def settle(self, session: ImportSession) -> None:
        """Judge the sections anew: the plan brought their targets."""
        from bishui.server.sites import services as sites

        sites.warm(session.division)


def _units(division: str, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each written unit name with how often it stands there and what it means."""
    names = directory.unit_names()
    found: dict[tuple[str, tuple[str, ...]], dict[str, Any]] = {}
    for (position, role), cell in resolve_plan(
        staging.unit_cells(data), directory.directory_of(division)
    ).items():
        for item in cell:
            entry = found.setdefault(
                (item.written, item.units),
                {
                    "written": item.written,
                    "units": [names[unit] for unit in item.units],
                    "reason": item.reason,
                    "count": 0,
                    "line": data["tasks"][position - 1]["lines"][0],
                    "roles": [],
                },
            )
            entry["count"] += 1
            entry["roles"] = sorted({*entry["roles"], role})
    return sorted(found.values(), key=lambda entry: (bool(entry["units"]), -entry["count"], entry["written"]))


def _sections(division: str, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    targets = data["section_targets"]
    sites = directory.sites_of(division, [target["section"] for target in targets])
    return [
        {
            "section": target["section"],
            "class": target["class"],
            "klass": ledger.target_rank(target["class"]),
            "known": sites.get(target["section"]) is not None,
            "line": target["lines"][0],
        }
        for target in targets
    ]


def _summary(
    draft: PlanDraft,
    data: Mapping[str, Any],
    units: list[dict[str, Any]],
    sections: list[dict[str, Any]],
) -> dict[str, Any]:
    became: dict[str, int] = {}
    for entry in draft.coverage:
        for kind in dict.fromkeys(staging.kind_of(text) for text in entry.became):
            became[kind] = became.get(kind, 0) + 1
    return {
        "title": data["doc"]["title"],
        "kind": data["doc"]["kind"],
        "year": data["doc"]["year"],
        "region": data["doc"]["region"],
        "issuer": data["doc"]["issuer"],
        "counts": {
            name: len(data[name])
            for name in (
                "tasks",
                "targets",
                "section_targets",
                "source_targets",
                "report_deadlines",
                "tables",
                "milestones",
            )
        },
        "units": units,
        "units_known": sum(bool(unit["units"]) for unit in units),
        "sections": sections,
        "sections_known": sum(section["known"] for section in sections),
        "lines": len(draft.source_lines),
        "became": became,
        "not_understood": [
            {"line": entry.line, "text": draft.source_lines[entry.line - 1][:120]}
            for entry in draft.coverage
            if "not understood" in entry.became
        ],
    }


def _second_plan(session: ImportSession, data: Mapping[str, Any]) -> list[Problem]:
    year = data["doc"]["year"]
    others = Plan.objects.filter(division=session.division, year=year, kind=data["doc"]["kind"], active=True)
    return [
        Problem(
            "second-plan",
            Text("本市 {year} 年已有生效的计划“{title}”。", year=year, title=other.title),
            Text("确认导入后两份计划同时生效；如要取代，请先撤回原计划的导入。"),
            Where(file=session.file.name),
            data["doc"]["title"],
        )
        for other in (others if year else [])
    ]


def _findings(draft: PlanDraft) -> list[Problem]:
    return [
        Problem(
            finding.rule,
            finding.message,
            Text("请对照原文核实；不影响其余内容的导入。"),
            Where(file=draft.doc.file, line=finding.lines[0]),
            draft.source_lines[finding.lines[0] - 1][:80] if draft.source_lines else None,
        )
        for finding in draft.findings
    ]


def _unknown_units(units: list[dict[str, Any]], file: str) -> list[Problem]:
    what = {
        "unknown": Text("单位台账中没有这个单位。"),
        "ambiguous": Text("单位台账中有多个单位符合这个写法。"),
        "empty": Text("单位台账中没有这一统称所指的单位。"),
    }
    return [
        Problem(
            f"unit-{unit['reason']}",
            Text("“{name}”：{what}", name=unit["written"], what=what[unit["reason"]]),
            Text("请在单位台账中新增，或把这一写法填入已有单位的“其他写法”；也可导入后在任务页面指定。"),
            Where(file=file, line=unit["line"]),
            unit["written"],
        )
        for unit in units
        if unit["reason"]
    ]


def _unknown_sections(sections: list[dict[str, Any]], file: str) -> list[Problem]:
    return [
        Problem(
            "section-unknown",
            Text("监测点位台账中没有这个断面，其目标暂不参与评价。"),
            Text("请在点位台账中新增该断面，或为已有点位登记别名；登记后自动关联。"),
            Where(file=file, line=section["line"]),
            section["section"],
        )
        for section in sections
        if not section["known"]
    ]


def _account(draft: PlanDraft) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "line": entry.line,
                "became": "；".join(entry.became),
                "text": draft.source_lines[entry.line - 1],
            }
            for entry in draft.coverage
        ],
        schema=_ACCOUNT,
    )
