"""``bishui plan read``: a plan document in, a summary on the screen and the draft as JSON out."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bishui.cli.output import write_json
from bishui.documents import PlanDraft, UnitCell, read_plan
from bishui.i18n import Text

_LONGEST = 40
_MOST_MISSED = 10
_BECAME = {
    "task": Text("任务"),
    "target": Text("目标"),
    "table": Text("附件表格和表头"),
    "milestone": Text("阶段目标"),
    "report": Text("报送时限"),
    "project": Text("工程项目"),
    "special_column": Text("专栏"),
    "heading": Text("标题"),
    "title": Text("文件题目"),
    "issuer": Text("发布机关"),
    "date of issue": Text("印发日期"),
    "document number": Text("发文字号"),
    "annex list": Text("附件说明"),
    "text": Text("正文"),
    "note": Text("表注"),
    "ignored: blank": Text("空行（略过）"),
    "ignored: repeated head": Text("重复的表头（略过）"),
    "ignored: bookmark": Text("书签和域代码（略过）"),
    "ignored: table of contents": Text("目录（略过）"),
    "ignored": Text("略过"),
    "not understood": Text("没有读懂"),
}


@click.command(
    "read",
    help="读取计划文件，显示任务、目标、附件表格和未读懂的行。 Read a plan document and show what was found.",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--json",
    "out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="把读取结果写成 JSON 文件；“-”为标准输出。 Write the draft as JSON; “-” is standard output.",
)
def read(file: Path, out: Path | None) -> None:
    """Read FILE and show what was found in it; exit with 1 if it cannot be read, 2 if the call is wrong."""
    draft = read_plan(file)
    if out is not None:
        write_json(draft.to_json(), out)
    if out != Path("-"):
        _show(draft, Console())


def _show(draft: PlanDraft, console: Console) -> None:
    doc = draft.doc
    console.print(doc.title or str(Text("（没有标题）")), style="bold")
    console.print(
        str(
            Text(
                "地区 {region}，年份 {year}，发布机关 {issuer}",
                region=doc.region or "—",
                year=doc.year or "—",
                issuer=doc.issuer or "—",
            )
        )
    )
    console.print(str(_counts(draft)))
    if draft.indicators or draft.special_columns or draft.projects:
        console.print(str(_programme_counts(draft)))
    if draft.tasks:
        console.print(_tasks(draft))
    if draft.targets:
        console.print(_targets(draft))
    if draft.tables:
        console.print(_tables(draft))
    for finding in draft.findings:
        first, last = finding.lines
        place = str(Text("第 {first}–{last} 行", first=first, last=last))
        console.print(f"[{finding.rule}] {place} {finding.message}", style="yellow", markup=False)
    _show_missed(draft, console)
    console.print(_coverage(draft))


def _show_missed(draft: PlanDraft, console: Console) -> None:
    """Show the first lines that were not understood; the JSON holds all of them."""
    missed = [entry.line for entry in draft.coverage if "not understood" in entry.became]
    for line in missed[:_MOST_MISSED]:
        text = draft.source_lines[line - 1].strip()
        console.print(str(Text("没有读懂第 {line} 行：{text}", line=line, text=_short(text))), markup=False)
    if len(missed) > _MOST_MISSED:
        console.print(str(Text("……另有 {count} 行，见 JSON 的 coverage。", count=len(missed) - _MOST_MISSED)))


def _counts(draft: PlanDraft) -> Text:
    return Text(
        "任务 {tasks} 项，目标 {targets} 个，附件表格 {tables} 张，断面目标 {sections} 个，"
        "水源地目标 {sources} 个，报送时限 {reports} 个",
        tasks=len(draft.tasks),
        targets=len(draft.targets),
        tables=len(draft.tables),
        sections=len(draft.section_targets),
        sources=len(draft.source_targets),
        reports=len(draft.report_deadlines),
    )


def _programme_counts(draft: PlanDraft) -> Text:
    return Text(
        "指标表 {tables} 张共 {rows} 行，专栏 {columns} 个，工程项目 {projects} 个，标题 {headings} 个",
        tables=len(draft.indicators),
        rows=sum(len(table.rows) for table in draft.indicators),
        columns=len(draft.special_columns),
        projects=len(draft.projects),
        headings=len(draft.outline),
    )


def _tasks(draft: PlanDraft) -> Table:
    table = _table(
        Text("任务"), Text("序号"), Text("主要任务"), Text("牵头单位"), Text("完成时限"), Text("行")
    )
    for task in draft.tasks:
        deadline = task.deadline if task.deadline_norm is None else f"{task.deadline}（{task.deadline_norm}）"
        number = "" if task.seq is None else str(task.seq)
        title = _short(task.theme or task.content)
        table.add_row(number, title, _short(_names(task.lead)), deadline, _lines(task.lines))
    return table


def _targets(draft: PlanDraft) -> Table:
    table = _table(Text("目标"), Text("指标"), Text("要求"), Text("期限"), Text("行"))
    for target in draft.targets:
        wanted = f"{target.op} {target.value}{target.unit or ''}"
        table.add_row(_short(target.indicator), _short(wanted), target.deadline or "", str(target.line))
    return table


def _tables(draft: PlanDraft) -> Table:
    table = _table(Text("附件表格"), Text("附件"), Text("名称"), Text("行数"), Text("行"))
    for each in draft.tables:
        table.add_row(each.annex, each.name, str(len(each.rows)), _lines(each.lines))
    return table


def _coverage(draft: PlanDraft) -> Table:
    table = _table(Text("每一行的去向"), Text("成为"), Text("行数"))
    for kind, count in draft.coverage_counts().items():
        word, _, rest = kind.partition(" ")
        label = _BECAME.get(kind) or _BECAME.get(word.rstrip(":"))
        table.add_row(f"{label} {rest if word == 'heading' else ''}".strip() if label else kind, str(count))
    return table


def _table(title: Text, *heads: Text) -> Table:
    table = Table(title=str(title), title_justify="left")
    for head in heads:
        table.add_column(str(head), overflow="fold")
    return table


def _names(cell: UnitCell) -> str:
    return "、".join(cell.units) + ("等" if cell.etc else "")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _lines(lines: tuple[int, int]) -> str:
    return str(lines[0]) if lines[0] == lines[1] else f"{lines[0]}–{lines[1]}"
