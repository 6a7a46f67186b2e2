"""The command line: the same jobs from a shell.

Exit status: 0 done, 1 the data are at fault (with the list), 2 the call is at fault.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping

import click

import bishui
from bishui.cli.help import command_at, listed
from bishui.errors import BishuiError, CallError
from bishui.i18n import Text, set_language

_JSON_FLAG = "--json"


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for: a start should not wait for numba."""

    #: Command name → ``module:attribute``.
    places: Mapping[str, str]

    def __init__(self, *args: object, places: Mapping[str, str] | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.places = places or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in order."""
        return sorted({*self.commands, *self.places})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing its module."""
        place = self.places.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        return command_at(place)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with their help, importing none of them."""
        likenesses = {name: listed(place) for name, place in self.places.items()}
        click.Group(commands={**self.commands, **likenesses}).format_commands(ctx, formatter)


class Commands(LazyGroup):
    """The root group; it renders every `BishuiError` in the user's language."""

    def invoke(self, context: click.Context) -> object:
        """Run the command; an error ends in a sentence and the right exit status, never in a traceback."""
        try:
            return super().invoke(context)
        except BishuiError as error:
            _show(error)
            context.exit(error.exit_status)
            raise  # not reached: exit raises
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            context.exit(0)
            raise
        except OSError as error:
            if error.filename is None:
                raise
            wrong = CallError(
                Text("不能读写“{file}”：{reason}。", file=str(error.filename), reason=error.strerror),
                remedy=Text("请核对路径、文件名和访问权限。"),
            )
            _show(wrong)
            context.exit(wrong.exit_status)
            raise


def _show(error: BishuiError) -> None:
    if _JSON_FLAG in sys.argv and not sys.stdout.isatty():
        click.echo(json.dumps(error.as_dict(), ensure_ascii=False), err=True)
        return
    click.secho(str(error), fg="red", err=True)
    for problem in error.problems:
        click.echo(f"  {problem}", err=True)


_CONSOLE = "bishui.server.console"
_ROOT = {
    **{name: f"{_CONSOLE}:{name}" for name in ("demo", "serve", "worker", "init", "doctor", "password")},
    **{name: f"bishui.server.console_backup:{name}" for name in ("backup", "restore")},
    **{name: f"bishui.cli.assess:{name}" for name in ("assess", "explain")},
    **{name: f"bishui.cli.standards:{name}" for name in ("limit", "standards")},
    "area": "bishui.cli.area:area",
    "bulletin": "bishui.cli.bulletin:bulletin",
    "rank": "bishui.cli.rank:rank",
    "trend": "bishui.cli.trend:trend",
    "room": "bishui.cli.room:room",
    "twin": "bishui.cli.twin:twin",
    "verify": "bishui.cli.verify:verify",
}
_PLAN = {
    "read": "bishui.cli.plan.read:read",
    "diff": "bishui.cli.plan.diff:diff",
    "lint": "bishui.cli.plan.lint:lint",
    "import": f"{_CONSOLE}:import_plan",
}
_REGISTER = {"import": f"{_CONSOLE}:import_register", "template": f"{_CONSOLE}:register_template"}
_OUTFALL = {
    **{name: f"bishui.cli.outfall:{name}" for name in ("check", "draw")},
    **{name: f"bishui.server.console_outfall:{name}_outfalls" for name in ("import", "export")},
}
_NETWORK = {
    **{name: f"bishui.cli.network.lines:{name}" for name in ("build", "check", "up", "down", "snap")},
    "solve": "bishui.cli.network.solve:solve_command",
    "contributions": "bishui.cli.network.solve:contributions_command",
    "capacity": "bishui.cli.network.capacity:capacity_command",
    "room": "bishui.cli.network.capacity:room",
    "design-flow": "bishui.cli.network.flow:design_flow",
    "base-flow": "bishui.cli.network.flow:base_flow",
    "allocate": "bishui.cli.network.allocate:allocate",
    "nonpoint": "bishui.cli.network.loads:nonpoint",
    "balance": "bishui.cli.network.loads:balance",
    "chain": "bishui.cli.network.chain:chain",
    "spill": "bishui.cli.network.spill:spill",
    "trace": "bishui.cli.network.trace:trace",
}
_OBSERVATIONS = {
    "check": "bishui.cli.observations:check_table",
    "import": f"{_CONSOLE}:import_observations",
    "template": f"{_CONSOLE}:template",
}


@click.group(
    cls=Commands,
    places=_ROOT,
    help="碧水：从水污染防治计划到可审计的闭环。 From a water-pollution plan to a loop that can be audited.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    envvar="BISHUI_LANG",
    default="zh",
    help="提示语言。 Language of messages.",
)
@click.version_option(bishui.__version__, prog_name="bishui")
def cli(lang: str) -> None:
    """Choose the language of messages."""
    set_language(lang)


@cli.group(cls=LazyGroup, places=_PLAN, help="计划文件与任务台账。 Plan documents and the ledger.")
def plan() -> None:
    """Plan documents and the ledger."""


@cli.group(cls=LazyGroup, places=_NETWORK, help="河网：读入、上下游、输移、溯源。 Where it flows.")
def network() -> None:
    """Where it flows."""


@cli.group(cls=LazyGroup, places=_OBSERVATIONS, help="监测数据。 Measurements.")
def observations() -> None:
    """Measurements."""


@cli.group(cls=LazyGroup, places=_OUTFALL, help="入河排污口：编码、抽取、文件。 Codes, draws, files.")
def outfall() -> None:
    """Outfalls."""


@cli.group(cls=LazyGroup, places=_REGISTER, help="台账：模板与导入。 Registers: template and import.")
def register() -> None:
    """Registers."""


def main() -> None:
    """Run the command line."""
    cli(prog_name="bishui")


if __name__ == "__main__":
    main()
