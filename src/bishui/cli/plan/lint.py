"""``bishui plan lint``: plan documents in, the doubts about them out."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click
from rich.console import Console

from bishui.documents import Finding, PlanDraft, read_plan
from bishui.documents.linting import RULES
from bishui.i18n import Text

_STYLES = {"error": "red", "warning": "yellow", "note": "dim"}
_SEVERITIES = {"error": Text("错误"), "warning": Text("存疑"), "note": Text("提示")}


@click.command(
    "lint",
    help="检查计划文件本身的矛盾和疏漏；有错误时退出码为 1。 "
    "Check plan documents for contradictions; ends with 1 if there are errors.",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 Print the findings as JSON.")
@click.pass_context
def lint(context: click.Context, files: tuple[Path, ...], as_json: bool) -> None:
    """Read FILES and show what is doubtful in them; exit with 1 if something is wrong, 2 if the call is."""
    drafts = [(file, read_plan(file)) for file in files]
    if as_json:
        click.echo(json.dumps([_record(draft) for _, draft in drafts], ensure_ascii=False, indent=1))
    else:
        console = Console()
        for file, draft in drafts:
            _show(file, draft, console)
    if any(finding.severity == "error" for _, draft in drafts for finding in draft.findings):
        context.exit(1)


def _record(draft: PlanDraft) -> dict[str, object]:
    return {
        "file": draft.doc.file,
        "title": draft.doc.title,
        "counts": dict(Counter(finding.severity for finding in draft.findings)),
        "findings": [finding.to_json() for finding in draft.findings],
    }


def _show(file: Path, draft: PlanDraft, console: Console) -> None:
    console.print(draft.doc.title or str(file), style="bold", markup=False)
    for finding in draft.findings:
        console.print(
            _sentence(finding), style=_STYLES[finding.severity], markup=False, highlight=False, soft_wrap=True
        )
    counts = Counter(finding.severity for finding in draft.findings)
    console.print(
        str(
            Text(
                "错误 {errors} 个，存疑 {warnings} 个，提示 {notes} 个",
                errors=counts["error"],
                warnings=counts["warning"],
                notes=counts["note"],
            )
        )
    )


def _sentence(finding: Finding) -> str:
    """Return a finding as one line: where, how grave, what, by which rule."""
    first, last = finding.lines
    place = (
        Text("第 {first} 行", first=first)
        if first == last
        else Text("第 {first}–{last} 行", first=first, last=last)
    )
    rule = RULES.get(finding.rule)
    what = f"{rule.what}：" if rule else ""
    return f"{place} [{_SEVERITIES[finding.severity]}] {what}{finding.message} ({finding.rule})"
