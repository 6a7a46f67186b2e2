"""The commands that write the whole instance into one file, and bring it back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from bishui.errors import CallError, DataError
from bishui.i18n import Text
from bishui.server import archive
from bishui.server.archive import Stage
from bishui.server.console import console, platform, prepare, set_up
from bishui.server.supervise import serving

_MB = 10**6
#: What each stage is called beside its bar.
_STAGES = {
    Stage.PACK: Text("打包"),
    Stage.CHECK: Text("核验"),
    Stage.UNPACK: Text("展开"),
}


@click.command(help="把整个系统备份为一个文件并核验。 Write the whole instance into one verified file.")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="只核验已有的备份文件。 Only check an existing backup.")
def backup(out: Path, check: bool) -> None:
    """Write the whole instance into one verified file, or check one."""
    manifest = _checked(out) if check else _backup(out)
    size = sum(entry["size"] for entry in manifest["files"])
    click.echo(
        str(
            Text(
                "{file}：{count} 个文件，{size} MB，备份于 {at}，版本 {version}，逐字节核验无误。",
                file=str(out),
                count=len(manifest["files"]),
                size=f"{size / _MB:.1f}",
                at=manifest["at"],
                version=manifest["bishui"],
            )
        )
    )
    if manifest["measurements"] == "outside":
        click.echo(str(Text("监测数据在对象存储中（BISHUI_STORE_URL），不在本文件内，请另行备份。")))


@platform
def _backup(out: Path) -> dict[str, Any]:
    from bishui.server.accounts.services import console_user
    from bishui.server.core import backup as instance

    prepare()
    _say(Text("导出记录……"))
    with _bars() as progress:
        return instance.write(out, actor=console_user(), progress=progress)


def _checked(file: Path) -> dict[str, Any]:
    with _bars() as progress:
        return archive.check(file, progress)


@contextmanager
def _bars() -> Iterator[archive.Progress]:
    """Show each stage as a bar with its bytes and the time left, on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[Stage, TaskID] = {}

        def progress(stage: Stage, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(str(_STAGES[stage]))
            bars.update(tasks[stage], completed=done, total=total)

        yield progress


def _say(what: Text) -> None:
    """Name a step that has no bar, on a terminal only."""
    if console.is_terminal:
        console.print(str(what))


@click.command(help="从备份文件恢复整个系统。 Bring the whole instance back from a backup.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--replace",
    is_flag=True,
    help="数据目录不空时，先把它改名保留。 Keep a data directory that is there under another name.",
)
def restore(file: Path, replace: bool) -> None:
    """Bring the whole instance back: nothing is touched before the backup has proved whole."""
    folder = Path(os.environ.get("BISHUI_DATA") or "var").resolve()
    manifest = _checked(file)
    _refuse_newer(manifest)
    former = _put_aside(folder) if replace else None
    try:
        with _bars() as progress:
            archive.unpack(file, folder, progress)
        set_up()
        _take_over(file, folder, manifest)
    except BaseException:
        if former is not None:
            _put_back(folder, former)
        raise
    click.echo(str(Text("已恢复到 {folder}。", folder=str(folder))))
    if former is not None:
        click.echo(str(Text("原数据目录保留在 {folder}。", folder=str(former))))


def _take_over(file: Path, folder: Path, manifest: dict[str, Any]) -> None:
    """Bring the records in, to this version, and look whether all is well."""
    from bishui.server.accounts.services import console_user
    from bishui.server.core import audit, doctor
    from bishui.server.core import backup as instance

    _say(Text("导入记录……"))
    instance.load_records(folder)
    prepare()
    with audit.action("core.restored", actor=console_user(), name=file.name, at=manifest["at"]):
        pass
    _say(Text("体检……"))
    problems = [problem for finding in doctor.examine() for problem in finding.problems]
    if problems:
        raise DataError(
            Text("恢复后的体检发现 {n} 处问题。", n=len(problems)),
            remedy=Text("请改用另一份备份。"),
            problems=problems,
        )


def _refuse_newer(manifest: dict[str, Any]) -> None:
    """Refuse a backup whose records have been changed by a version newer than this one."""
    apps = Path(__file__).parent
    ours = {path.name for path in apps.iterdir() if (path / "migrations").is_dir()}
    here = {f"{path.parts[-3]}.{path.stem}" for path in apps.glob("*/migrations/[0-9]*.py")}
    unknown = [name for name in manifest["migrations"] if name.split(".")[0] in ours and name not in here]
    if unknown:
        raise CallError(
            Text("备份来自更新的版本 {version}（含 {name}）。", version=manifest["bishui"], name=unknown[0]),
            remedy=Text("请先把软件升级到该版本，再恢复。"),
        )


def _put_aside(folder: Path) -> Path | None:
    if not folder.exists() or not any(folder.iterdir()):
        return None
    former = folder.with_name(f"{folder.name}.before-{datetime.now():%Y%m%d-%H%M%S}")
    with serving(folder):
        folder.rename(former)
    return former


def _put_back(folder: Path, former: Path) -> None:
    """Give the former directory its name again; what was restored stays beside it for a look."""
    if folder.exists():
        folder.rename(former.with_name(f"{former.name}.failed"))
    former.rename(folder)
