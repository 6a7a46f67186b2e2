"""``bishui plan diff``: two plans in, what is kept, changed, added, dropped, stronger or weaker out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from bishui.cli.output import write_json
from bishui.documents import Comparison, compare, read_plan
from bishui.documents.comparison import (
    VERDICTS,
    Change,
    Entry,
    Mention,
    Relation,
    Verdict,
    field_word,
    kind_word,
    relation_sentence,
    verdict_word,
)
from bishui.i18n import Text

_LONGEST = 40
_STYLES: dict[Verdict, str] = {
    "weakened": "red",
    "dropped": "red",
    "strengthened": "green",
    "added": "green",
    "outside": "dim",
}
_QUIET: tuple[Verdict, ...] = ("kept", "outside")


@click.command(
    "diff",
    help="比较两份计划：保持、变化、新增、取消、收严、放宽。 Compare two plans, entry by entry.",
)
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option(
    "--json",
    "out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="把比较结果写成 JSON 文件；“-”为标准输出。 Write the comparison as JSON; “-” is standard output.",
)
@click.option("--all", "everything", is_flag=True, help="连同保持不变的也列出。 List what is kept, too.")
def diff(before: Path, after: Path, out: Path | None, everything: bool) -> None:
    """Read BEFORE and AFTER and show how they differ; exit with 1 if one cannot be read."""
    comparison = compare(read_plan(before), read_plan(after))
    if out is not None:
        write_json(comparison.to_json(), out)
    if out != Path("-"):
        _show(comparison, Console(), everything=everything)


def _show(comparison: Comparison, console: Console, *, everything: bool) -> None:
    before, after = comparison.before, comparison.after
    _print(console, Text("前：{title}", title=before.title or before.file))
    _print(console, Text("后：{title}", title=after.title or after.file))
    _print(console, relation_sentence(comparison.relation))
    console.print(_counts(comparison))
    for kind in comparison.counts():
        entries = comparison.of(kind)
        alone = _one_side(entries)
        shown = [entry for entry in entries if everything or entry.verdict not in _QUIET]
        if alone is not None and not everything:
            _print(console, f"\n{kind_word(kind)}：{alone}")
        elif shown:
            _print(console, f"\n{kind_word(kind)}", "bold")
            for entry in shown:
                _show_entry(entry, comparison.relation, console)


def _print(console: Console, text: object, style: str | None = None) -> None:
    console.print(str(text), style=style, markup=False, soft_wrap=True)


def _one_side(entries: tuple[Entry, ...]) -> Text | None:
    """Return a sentence where only one of the plans has anything of a kind."""
    if len(entries) > 1 and not any(entry.before for entry in entries):
        return Text("只有后一份计划有，共 {count} 项。", count=len(entries))
    if len(entries) > 1 and not any(entry.after for entry in entries):
        return Text("只有前一份计划有，共 {count} 项。", count=len(entries))
    return None


def _counts(comparison: Comparison) -> Table:
    counts = comparison.counts()
    used = [verdict for verdict in VERDICTS if any(verdict in held for held in counts.values())]
    table = Table(title=str(Text("总体情况")), title_justify="left")
    table.add_column("")
    for verdict in used:
        word = verdict_word(verdict, comparison.relation)
        table.add_column(str(word), justify="right", style=_STYLES.get(verdict))
    for kind, held in counts.items():
        table.add_row(str(kind_word(kind)), *(str(held.get(verdict) or "") for verdict in used))
    return table


def _show_entry(entry: Entry, relation: Relation, console: Console) -> None:
    head = Line("  ")
    head.append(f"{verdict_word(entry.verdict, relation)} ", style=_STYLES.get(entry.verdict, "yellow"))
    head.append(f"{_numbers(entry)}{entry.title} ")
    head.append(_lines(entry), style="dim")
    console.print(head, soft_wrap=True)
    for change in entry.changes:
        for part in _change(change, relation):
            console.print(Line("      ").append(part), soft_wrap=True)
    for other in entry.near:
        near = Text("名称相近：{text}（第 {line} 行）", text=other.text, line=other.lines[0])
        _print(console, f"      {near}")
    if entry.note is not None:
        _print(console, f"      {entry.note}", "dim")


def _numbers(entry: Entry) -> str:
    """Return the numbers of the tasks on both sides (3→4、5)."""
    if entry.kind != "task":
        return ""
    sides = [
        "、".join(str(mention.number or mention.index) for mention in side)
        for side in (entry.before, entry.after)
    ]
    return "→".join(filter(None, sides)) + " "


def _lines(entry: Entry) -> str:
    parts = []
    if entry.before:
        parts.append(str(Text("前 {lines}", lines=_places(entry.before))))
    if entry.after:
        parts.append(str(Text("后 {lines}", lines=_places(entry.after))))
    if entry.similarity is not None and entry.similarity < 1:
        parts.append(str(Text("相似度 {share}", share=f"{entry.similarity:.2f}")))
    return f"[{'，'.join(parts)}]"


def _places(mentions: Iterable[Mention]) -> str:
    numbers = [
        str(first) if first == last else f"{first}–{last}"
        for first, last in (mention.lines for mention in mentions)
    ]
    return str(Text("第 {numbers} 行", numbers="、".join(numbers)))


def _change(change: Change, relation: Relation) -> Iterator[Line]:
    verdict = "" if change.verdict == "changed" else f"（{verdict_word(change.verdict, relation)}）"
    head = f"{field_word(change.field)}{verdict}："
    if change.dropped or change.added:
        line = Line(head)
        line.append("".join(f" −{unit}" for unit in change.dropped), style="red")
        yield line.append("".join(f" +{unit}" for unit in change.added), style="green")
    elif change.spans and max(len(change.before), len(change.after)) > _LONGEST:
        yield _spans(head, change)
    else:
        yield Line(f"{head}{change.before or '—'} → {change.after or '—'}")


def _spans(head: str, change: Change) -> Line:
    """Return a changed text: what went in [-…-], what came in {+…+}, long unchanged pieces shortened."""
    line = Line(head)
    for span in change.spans:
        if span.kind == "same":
            short = len(span.text) <= _LONGEST // 2
            line.append(span.text if short else f"{span.text[:8]}…{span.text[-8:]}")
        elif span.kind == "dropped":
            line.append(f"[-{span.text}-]", style="red")
        else:
            line.append(f"{{+{span.text}+}}", style="green")
    return line
