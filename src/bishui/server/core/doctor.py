"""The health check (体检): the trail's chain, the kept files, half-done imports, the stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from bishui.errors import Problem, Where
from bishui.i18n import Text
from bishui.server.core import audit, files
from bishui.server.core.models import ImportSession, StoredFile


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: how much it looked at, what is wrong, and what is only worth knowing."""

    title: Text
    count: int
    problems: tuple[Problem, ...]
    notes: tuple[Text, ...] = ()


_checks: list[Callable[[], Finding]] = []


def register(check: Callable[[], Finding]) -> Callable[[], Finding]:
    """Add a check; the apps add theirs."""
    _checks.append(check)
    return check


def examine() -> Iterator[Finding]:
    """Run every check; where the tables are not of this version, that alone, for the others need them."""
    for check in _checks:
        found = check()
        yield found
        if check is migrations and found.problems:
            return


@register
def migrations() -> Finding:
    """The records' tables are those of this version."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    problems = tuple(
        Problem(
            "migration",
            Text("数据库缺少更新 {name}。", name=f"{migration.app_label}.{migration.name}"),
            Text("请重新启动系统，更新会自动完成。"),
        )
        for migration, _ in plan
    )
    return Finding(Text("数据库结构"), len(executor.loader.applied_migrations), problems)


@register
def chain() -> Finding:
    """No entry of the audit trail was changed, removed or inserted."""
    count, problems = audit.verify()
    return Finding(Text("操作留痕"), count, tuple(problems))


@register
def kept_files() -> Finding:
    """Every kept file is there and has the bytes its hash says."""
    problems = []
    stored = list(StoredFile.objects.all())
    for file in stored:
        for fault in files.check_content(file):
            what = Text("文件“{name}”丢失。", name=file.name)
            if fault == "changed":
                what = Text("文件“{name}”的内容与登记的哈希不符。", name=file.name)
            problems.append(
                Problem("file", what, Text("请从备份中恢复。"), Where(file=file.sha256[:16]), file.sha256)
            )
    return Finding(Text("原始文件"), len(stored), tuple(problems))


@register
def half_done() -> Finding:
    """No import hangs between its two stores."""
    hanging = ImportSession.objects.filter(state="committing")
    problems = tuple(
        Problem(
            "half-done",
            Text("导入“{name}”停在入库途中。", name=str(session)),
            Text("请启动后台进程（bishui worker），它会自动处理。"),
        )
        for session in hanging
    )
    return Finding(Text("导入批次"), ImportSession.objects.count(), problems)
