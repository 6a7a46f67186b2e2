"""The list of commands is quick: it reads their help and imports none of them."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from bishui.cli.help import command_at, listed
from bishui.cli.root import cli

GROUPS = {name: group for name, group in {"": cli, **cli.commands}.items() if hasattr(group, "places")}
PLACES = sorted({place for group in GROUPS.values() for place in group.places.values()})


@pytest.mark.parametrize("place", PLACES)
def test_a_command_is_listed_with_its_own_help(place):
    assert listed(place).get_short_help_str(400) == command_at(place).get_short_help_str(400) != ""
    assert not command_at(place).hidden


def test_every_command_stands_in_the_list():
    shown = CliRunner().invoke(cli, ["--help"]).output
    assert all(f"  {name} " in shown for name in cli.list_commands(click.Context(cli)))


def test_the_list_imports_no_room():
    program = (
        "import sys; from click.testing import CliRunner; from bishui.cli.root import cli;"
        "CliRunner().invoke(cli, ['--help']); print({'numpy', 'pyarrow', 'django'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
