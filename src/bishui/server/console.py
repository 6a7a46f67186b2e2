"""The commands that need the platform: serve, worker, init, demo, doctor, imports, passwords."""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

import bishui
from bishui.errors import CallError, DataError, Where
from bishui.i18n import Text

console = Console(stderr=True)


def set_up() -> None:
    """Set Django up with the settings of the environment."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bishui.server.settings")
    import django

    django.setup()


def platform(function: Callable[..., Any]) -> Callable[..., Any]:
    """Set the platform up before the command runs."""

    @wraps(function)
    def command(*args: Any, **kwargs: Any) -> Any:
        set_up()
        return function(*args, **kwargs)

    return command


def prepare() -> None:
    """Bring the records' tables and the static files to this version; mend what a crash left."""
    from django.conf import settings
    from django.core.management import call_command

    from bishui.server.core import backup, imports, jobs

    backup.refuse_half_restored(Path(settings.DATA_DIR))
    if not is_prepared():
        call_command("migrate", verbosity=0, interactive=False)
        _collect_static()
    imports.reconcile(jobs.queued_commits())
    _prepared_stamp().write_text(_prepared_for(), encoding="utf-8")


def _prepared_stamp() -> Path:
    from django.conf import settings

    return Path(settings.DATA_DIR) / ".prepared"


def _prepared_for() -> str:
    """Return what the data directory must have been prepared for: this code, this database."""
    here = Path(__file__).parent
    made_from = [*here.glob("*/migrations/*.py"), here / "static/built/manifest.json"]
    stamps = [f"{path.name}{path.stat().st_mtime_ns}" for path in sorted(made_from) if path.exists()]
    text = "\n".join([bishui.__version__, os.environ.get("BISHUI_DATABASE_URL", ""), *stamps])
    return hashlib.sha256(text.encode()).hexdigest()


def is_prepared() -> bool:
    """Tell whether the data directory was prepared for just this code: then a start need not look again."""
    from django.conf import settings

    path, database = _prepared_stamp(), settings.DATABASES["default"]
    if "sqlite" in str(database["ENGINE"]) and not Path(str(database["NAME"])).is_file():
        return False
    return path.is_file() and path.read_text(encoding="utf-8") == _prepared_for()


def _collect_static() -> None:
    from django.conf import settings
    from django.core.management import call_command

    built = Path(__file__).parent / "static/built/manifest.json"
    stamp = f"{bishui.__version__} {built.stat().st_mtime_ns if built.exists() else 0}"
    path = Path(settings.STATIC_ROOT) / ".stamp"
    if not path.is_file() or path.read_text() != stamp:
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        path.write_text(stamp)


def _first_sign_in() -> None:
    from bishui.server.accounts.services import ensure_administrator

    made = ensure_administrator()
    if made:
        click.echo(
            str(
                Text("用户名 {user}，密码 {password}（只显示这一次，请记下）", user=made[0], password=made[1])
            )
        )
    else:
        click.echo(str(Text("用已有账户登录；忘记密码：bishui password 用户名")))


#: In which city a command works; not needed where there is one.
city_option = click.option("--city", help="城市的区划代码。 Division code of the city.")


@click.command(help="建立空的系统：数据库、首个管理员，可同时登记城市。 Set up an empty instance.")
@click.option("--code", help="城市的区划代码，如 450200。 Division code of the city.")
@click.option("--name", help="城市名称。 Name of the city.")
@platform
def init(code: str | None, name: str | None) -> None:
    """Set up an empty instance, with its city where it is named."""
    if bool(code) != bool(name):
        raise CallError(
            Text("--code 与 --name 要一起给出。"), remedy=Text("两项都给出，或都不给出，以后再登记。")
        )
    if code and name:
        code, name = _sound_city(code, name)
    prepare()
    _first_sign_in()
    if code and name:
        from bishui.server.accounts.services import save_division

        save_division(code, name, actor="system", level="city")
        click.echo(str(Text("已登记 {name}（{code}）。", name=name, code=code)))


def _sound_city(code: str, name: str) -> tuple[str, str]:
    """Return the code and the name as the register of divisions keeps them.

    Raises
    ------
    CallError
        If the register would refuse them.
    """
    from bishui.server.core import register_records, registers

    given = {"code": code, "name": name, "level": "city"}
    values, problems = register_records.parse_row(registers.load_all()["divisions"], given)
    if problems:
        raise CallError(Text("城市没有登记。"), problems=problems)
    return values["code"], values["name"]


def _serve(host: str, port: int, workers: int, tls: tuple[Path, Path] | None = None) -> None:
    from django.conf import settings

    from bishui.server.supervise import Child, serving, supervise, web_command, worker_command

    with serving(Path(settings.DATA_DIR)):
        address = f"{'https' if tls else 'http'}://{host}:{port}/"
        click.echo(str(Text("网址 {address}（Ctrl+C 停止）", address=address)))
        sys.stdout.flush()
        web = Child("web", web_command(port, workers, host, tls), port, tls=bool(tls))
        supervise([web, Child("worker", worker_command())])


def _port(port: int | None) -> int:
    from django.conf import settings

    return port or int(settings.PORT)


@click.command(help="启动网站和后台进程。 Serve, web and worker together.")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址。 Address to listen on.")
@click.option("--port", type=int, help="端口，默认取 BISHUI_PORT 或 8000。 Port.")
@click.option("--workers", type=int, default=2, show_default=True, help="网站进程数。 Web processes.")
@click.option(
    "--tls",
    nargs=2,
    type=click.Path(path_type=Path),
    metavar="CERT KEY",
    help="用证书和私钥（PEM）直接提供 HTTPS。 Serve HTTPS with a certificate and its key (PEM).",
)
def serve(host: str, port: int | None, workers: int, tls: tuple[Path, Path] | None) -> None:
    """Serve, web and worker together."""
    if tls:
        from bishui.server.tls import check

        check(*tls)
        os.environ["BISHUI_TLS"] = "1"  # cookies go by HTTPS only; the children read it too
    _start(lambda: None)
    _serve(host, _port(port), workers, tls)


@click.command(help="载入演示（虚构城市与两座真实城市的公开资料）并启动。 Load the demonstrations and serve.")
@click.option("--empty", is_flag=True, help="不载入任何演示数据。 Start with neither demonstration.")
@click.option("--no-serve", is_flag=True, help="只载入，不启动。 Load only.")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址。 Address to listen on.")
@click.option("--port", type=int, help="端口，默认取 BISHUI_PORT 或 8000。 Port.")
def demo(empty: bool, no_serve: bool, host: str, port: int | None) -> None:
    """Load the demonstrations and serve."""
    _start((lambda: None) if empty else _load_demonstrations)
    if not no_serve:
        _serve(host, _port(port), 2)


def _load_demonstrations() -> None:
    from bishui.server.demonstrations import load_all

    load_all(lambda text: click.echo(str(text)))


def _start(load: Callable[[], None]) -> None:
    """Prepare the data directory and make the first administrator; a start like the last one skips both."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bishui.server.settings")
    from django.conf import settings

    mark = Path(settings.DATA_DIR) / f".started-{load.__name__.strip('_<>')}"
    if is_prepared() and mark.exists():
        click.echo(str(Text("用已有账户登录；忘记密码：bishui password 用户名")))
        return
    set_up()
    prepare()
    load()
    _first_sign_in()
    mark.touch()


@click.command(help="只运行后台进程。 Run a worker only.")
@click.option("--batch", is_flag=True, help="做完现有任务后退出。 Stop when the queue is empty.")
@platform
def worker(batch: bool) -> None:
    """Run a worker only."""
    from bishui.server.core.jobs import run_worker

    run_worker(batch=batch)


@click.command(help="体检：核验留痕链、原始文件、导入批次与数据存储。 Check the health of the instance.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。 Print JSON.")
@click.option(
    "--phone",
    metavar="ADDRESS",
    help="像手机一样打开此地址，说明现场页面为何不能用。 Say why a phone cannot use this address.",
)
@platform
def doctor(as_json: bool, phone: str | None) -> None:
    """Check the health of the instance."""
    import json

    from bishui.server.core.doctor import examine
    from bishui.server.field import phones

    findings = list(examine()) if phone is None else [phones.examine(phone)]
    if as_json:
        shown = [
            {
                "title": item.title.both(),
                "count": item.count,
                "problems": [p.as_dict() for p in item.problems],
                "notes": [note.both() for note in item.notes],
            }
            for item in findings
        ]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        for item in findings:
            word = Text("正常") if not item.problems else Text("{n} 处问题", n=len(item.problems))
            click.echo(f"{item.title}: {item.count}, {word}")
            for line in (*item.problems, *item.notes):
                click.echo(f"  {line}")
    if any(item.problems for item in findings):
        raise click.exceptions.Exit(1)


@click.command(help="重设用户密码并显示一次。 Reset a user's password and show it once.")
@click.argument("username")
@platform
def password(username: str) -> None:
    """Reset a user's password and show it once."""
    from bishui.server.accounts.services import set_password

    prepare()
    made = secrets.token_urlsafe(12)
    set_password(username, made, actor="system")
    click.echo(
        str(Text("用户名 {user}，密码 {password}（只显示这一次，请记下）", user=username, password=made))
    )


def city_named(code: str | None) -> str:
    """Return the division path to import into.

    Raises
    ------
    CallError
        If there is no city, or several and none was named.
    """
    from bishui.server.accounts.models import Division

    roots = {root.code: root for root in Division.objects.filter(parent="")}
    if code is None and len(roots) == 1:
        return str(next(iter(roots.values())).division)
    if code in roots:
        return str(roots[code].division)
    listed = "、".join(f"{root.code} {root.name}" for root in roots.values()) or "—"
    raise CallError(
        Text("请用 --city 指明城市；本系统中有：{listed}。", listed=listed),
        remedy=Text("新的城市用 bishui init --code 代码 --name 名称 登记。"),
    )


def run_import(kind: str, file: Path, city: str | None, options: dict[str, Any], alone: str = "") -> None:
    """Import one file at once and say what became of it.

    What takes two persons is submitted for a second one, unless `alone` says why one decides.

    Raises
    ------
    DataError
        If the file cannot be read; rejected cells are listed and the rest is imported.
    """
    from bishui.server.accounts.services import console_user
    from bishui.server.core import files, imports

    if not file.is_file():
        raise CallError(
            Text("没有文件“{file}”。", file=str(file)),
            remedy=Text("请核对路径和文件名。"),
            where=Where(file=str(file)),
        )
    prepare()
    actor = console_user()
    session = imports.receive(
        kind, files.chunks_of(file), file.name, division=city_named(city), actor=actor, options=options
    )
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(file.name, total=None)
        imports.run_now(
            session,
            actor=actor,
            progress=lambda done, total: bar.update(task, completed=done, total=total or None),
            alone=alone,
        )
    _report(session)


#: What an import counts, by its key in the summary.
_COUNTS = {
    "rows": Text("读到的行"),
    "kept": Text("新的数据"),
    "repeats": Text("重复"),
    "contradictions": Text("与先前导入矛盾"),
    "unknown": Text("点位未登记"),
    "created": Text("新增"),
    "changed": Text("修改"),
    "unchanged": Text("无变化"),
    "rejected": Text("不能导入"),
    "tasks": Text("任务"),
    "targets": Text("目标"),
}


def _report(session: Any) -> None:
    from bishui.i18n import Bilingual
    from bishui.server.core import imports, workflow

    state = workflow.of(session).states[session.state]
    click.echo(str(Text("{file}：{state}", file=str(session), state=state.label)))
    for key, value in session.summary.items():
        if key in _COUNTS and isinstance(value, int):
            click.echo(f"  {_COUNTS[key]}: {value}")
    for note in session.summary.get("notes", ()):
        click.echo(f"  {Bilingual(note['zh'], note['en'])}")
    for problem in imports.all_problems(session):
        place = imports.where_of(problem)
        what, remedy = (Bilingual(problem[key]["zh"], problem[key]["en"]) for key in ("what", "remedy"))
        click.echo(f"  {place}: {what} {remedy}", err=True)
    if session.state == "unreadable":
        raise DataError(Text("文件“{file}”没有导入。", file=str(session)))
    if session.problem_count:
        raise click.exceptions.Exit(1)


@click.command("import", help="导入监测数据表格。 Import measurements (CSV, XLSX, Parquet).")
@click.argument("file", type=click.Path(path_type=Path))
@city_option
@click.option("--year", type=int, help="文件中的时间没有年份时的年份。 Year where the file gives none.")
@click.option("--add-sites", is_flag=True, help="登记文件中的新点位。 Register unknown sites.")
@platform
def import_observations(file: Path, city: str | None, year: int | None, add_sites: bool) -> None:
    """Import measurements."""
    options: dict[str, Any] = {"unknown_sites": "add" if add_sites else "reject"}
    if year:
        options["year"] = year
    run_import("observations", file, city, options)


@click.command("template", help="写出监测数据的导入模板。 Write the import template.")
@click.argument("out", type=click.Path(path_type=Path))
def template(out: Path) -> None:
    """Write the import template for measurements."""
    from bishui.observations import write_template

    out.touch()  # a place that cannot be written is told before a half-made workbook is left behind
    write_template(out)
    click.echo(str(out))


@click.command("import", help="把计划文件导入任务台账。 Import a plan document into the ledger.")
@click.argument("file", type=click.Path(path_type=Path))
@city_option
@click.option(
    "--alone",
    default="",
    metavar="WHY",
    help="不经第二人复核，直接生效，并写明原因（记入留痕）。 Commit without a second person, and say why.",
)
@platform
def import_plan(file: Path, city: str | None, alone: str) -> None:
    """Import a plan document; without ``--alone`` it waits for a second person's review."""
    run_import("plan", file, city, {}, alone)


@click.command("import", help="导入台账（行政区划、单位、监测点位 …）。 Import a register's file.")
@click.argument("register")
@click.argument("file", type=click.Path(path_type=Path))
@city_option
@platform
def import_register(register: str, file: Path, city: str | None) -> None:
    """Import a register's file."""
    run_import(f"register:{_register(register)}", file, city, {})


@click.command("template", help="写出台账的导入模板。 Write a register's import template.")
@click.argument("register")
@click.argument("out", type=click.Path(path_type=Path))
@platform
def register_template(register: str, out: Path) -> None:
    """Write a register's import template."""
    from bishui.server.core import register_records, registers

    found = registers.load_all()[_register(register)]
    out.write_bytes(register_records.workbook(found, []))
    click.echo(str(out))


def _register(key: str) -> str:
    """Return the key if there is such a register.

    Raises
    ------
    CallError
        With the keys there are.
    """
    from bishui.server.core import registers

    known = registers.load_all()
    if key not in known:
        listed = "、".join(f"{name} {register.title}" for name, register in known.items())
        raise CallError(
            Text("没有台账“{key}”。", key=key), remedy=Text("可用的台账：{listed}。", listed=listed)
        )
    return key
