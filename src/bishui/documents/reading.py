"""From a file to a draft: the stages of the reader, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bishui.documents.annexes import annex_table, section_targets, source_targets
from bishui.documents.blocks import Blocks
from bishui.documents.boxes import take_boxes
from bishui.documents.cell_lines import with_rows_rebuilt
from bishui.documents.columns import lacks_content
from bishui.documents.coverage import NOT_UNDERSTOOD, Coverage
from bishui.documents.dated import milestones_in, reports_in
from bishui.documents.draft import (
    Became,
    DocumentHead,
    Finding,
    Milestone,
    PlanDraft,
    ReportDeadline,
    Target,
    Task,
)
from bishui.documents.duty_cells import says_first_leads
from bishui.documents.head import read_head
from bishui.documents.layout import Layout, Passage, take_apart
from bishui.documents.linting import lint
from bishui.documents.outline import outline_of
from bishui.documents.pieces import pieces_of
from bishui.documents.programme import programme_of, tables_in_boxes
from bishui.documents.prose import prose_tasks
from bishui.documents.readers import read_blocks
from bishui.documents.rebuilding import rebuilt
from bishui.documents.residue import account_for_residue, without_residue
from bishui.documents.tables import RawTable, tables_of
from bishui.documents.targets import passages_of_columns, target_passages, targets_in
from bishui.documents.tasks import TaskReader
from bishui.errors import CallError, UnknownLayout, UnreadableFile, Where
from bishui.i18n import Text

READER_VERSION = "3"
"""Changes whenever the same file may be read into another draft."""


def read_plan(path: str | Path, *, filename: str | None = None) -> PlanDraft:
    """Read a plan document into a draft.

    Parameters
    ----------
    path
        The file.
    filename
        The name to show and to keep, where it differs from the path's (an upload).

    Raises
    ------
    CallError
        There is no such file.
    UnreadableFile
        The file cannot be read as text.
    UnknownLayout
        It can be read, and nothing of a plan is in it, or its task table has no content column.
    """
    path = Path(path)
    name = filename or path.name
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise CallError(
            Text("找不到文件 {path}。", path=str(path)),
            remedy=Text("请检查文件名和所在文件夹。"),
            where=Where(file=name),
        ) from None
    except OSError as error:
        raise UnreadableFile(
            Text(
                "文件 {path} 打不开：{reason}。",
                path=str(path),
                reason=error.strerror or type(error).__name__,
            ),
            remedy=Text("请确认它是一个文件，并且有读取权限。"),
            where=Where(file=name),
        ) from None
    return read_plan_bytes(data, name)


def read_plan_bytes(data: bytes, filename: str) -> PlanDraft:
    """Read the bytes of a plan document into a draft; see `read_plan`."""
    draft = draft_of(read_blocks(data, filename))
    return replace(draft, findings=(*draft.findings, *lint(draft)))


def draft_of(document: Blocks) -> PlanDraft:
    """Turn blocks into a draft. Nothing here knows the format of the file."""
    coverage = Coverage(len(document.source_lines))
    flow, boxes = take_boxes(rebuilt(with_rows_rebuilt(without_residue(document))))
    layout = take_apart(flow, coverage)
    head = read_head(document.file, layout, "\n".join(document.source_lines), coverage)
    indicators, others = tables_in_boxes(boxes, coverage)
    raw = [table for part in layout.parts for table in tables_of(part, coverage)] + others
    programme = programme_of(boxes, indicators, raw, coverage)
    first_leads = any(map(says_first_leads, document.source_lines))
    tasks, findings = _tasks(raw, head.year, coverage, first_leads=first_leads)
    if not tasks:
        _refuse_without_content(raw, document)
    tables = tuple(annex_table(table, coverage) for table in raw if table.tasks is None)
    in_columns = passages_of_columns(programme.special_columns, document.source_lines)
    passages = [*target_passages(layout.passages), *in_columns]
    targets, reports, milestones = _stated(
        layout, passages, tasks, head, coverage=coverage, source_lines=document.source_lines
    )
    in_prose = [] if tasks else prose_tasks(layout.passages, head.year, coverage)
    tasks = tasks or in_prose
    found = (tasks, tables, targets, reports, milestones, indicators, programme.special_columns)
    if not any(found):
        raise _nothing_found(document)
    account_for_residue(document, coverage)
    account = coverage.finish()
    findings.extend(_reading_findings(account, bool(tasks or programme.projects)))
    findings.extend(Finding(each.rule, "warning", each.message, each.lines) for each in document.notices)
    return PlanDraft(
        reader_version=READER_VERSION,
        doc=head,
        tasks=tuple(tasks),
        targets=tuple(targets),
        tables=tables,
        section_targets=tuple(target for table in tables for target in section_targets(table)),
        source_targets=tuple(target for table in tables for target in source_targets(table)),
        report_deadlines=tuple(reports),
        milestones=tuple(milestones),
        coverage=account,
        findings=tuple(findings),
        source_lines=tuple(document.source_lines),
        indicators=programme.indicators,
        special_columns=programme.special_columns,
        projects=programme.projects,
        outline=outline_of(layout.headings),
        places=tuple(document.places),
    )


def _tasks(
    raw: list[RawTable], year: int | None, coverage: Coverage, *, first_leads: bool
) -> tuple[list[Task], list[Finding]]:
    tasks: list[Task] = []
    findings: list[Finding] = []
    for table in raw:
        if table.tasks is not None:
            reader = TaskReader(table, table.tasks, year, coverage, first_leads=first_leads)
            reader.read()
            tasks.extend(reader.tasks)
            findings.extend(reader.findings)
    return tasks, findings


def _stated(
    layout: Layout,
    passages: list[Passage],
    tasks: list[Task],
    head: DocumentHead,
    *,
    coverage: Coverage,
    source_lines: Sequence[str],
) -> tuple[list[Target], list[ReportDeadline], list[Milestone]]:
    """Return what the sentences of the body and of the tasks state, and note the lines it stands in."""
    targets: list[Target] = []
    reports: list[ReportDeadline] = []
    milestones: list[Milestone] = []
    last_year = head.period[1] if head.period else head.year
    year_end = f"{last_year}-12-31" if last_year else None
    for passage in passages:
        targets.extend(targets_in(passage, head.year, year_end))
        milestones.extend(milestones_in(passage, head.year))
    for passage in layout.passages:
        reports.extend(reports_in(passage, head.year))
    for index, task in enumerate(tasks):
        pieces = pieces_of(task.content, task.lines, source_lines)
        passage = Passage(task.content, pieces, (*task.section, task.theme))
        due = task.deadline_norm if task.deadline_norm and task.deadline_norm[:2] == "20" else year_end
        targets.extend(targets_in(passage, head.year, due, index))
        reports.extend(reports_in(passage, head.year, index))
    for kind, records in (("target", targets), ("milestone", milestones), ("report", reports)):
        for number, record in enumerate(records, start=1):
            coverage.mark_line(record.line, f"{kind} {number}")  # type: ignore[attr-defined]
    return targets, reports, milestones


def _refuse_without_content(raw: list[RawTable], document: Blocks) -> None:
    """Raise where a table names units and deadlines, and nothing that is to be done."""
    for table in raw:
        if lacks_content(table.header):
            raise UnknownLayout(
                Text(
                    "任务表的表头是“{header}”，其中没有“任务内容”列。",
                    header="、".join(filter(None, table.header)),
                ),
                remedy=Text(
                    "请把写明要做什么的那一列命名为“任务内容”（或“工作内容”“具体措施”），再读取一次。"
                ),
                where=Where(file=document.file, line=table.head_line),
            )


def _nothing_found(document: Blocks) -> UnknownLayout:
    return UnknownLayout(
        Text(
            "文件共 {count} 行，没有找到任务清单、附件表格，也没有写明目标或时限的段落。",
            count=len(document.source_lines),
        ),
        remedy=Text("请确认这是计划文件；任务清单须是表格，文本文件中各列之间用制表符分隔。"),
        where=Where(file=document.file),
    )


def _reading_findings(account: tuple[Became, ...], listed: bool) -> Iterator[Finding]:
    if not listed:
        yield Finding(
            "no-task-table",
            "warning",
            Text("没有找到任务清单表格，只读出了正文和附件中的内容。"),
            (1, max(1, len(account))),
        )
    missed = [entry.line for entry in account if NOT_UNDERSTOOD in entry.became]
    if missed:
        yield Finding(
            "lines-not-understood",
            "warning",
            Text("有 {count} 行没有读懂，已原样保留，请逐行核对。", count=len(missed)),
            (missed[0], missed[-1]),
        )
