"""The help of a command, read from its source text: a list of commands imports none of them.

Importing all would take two seconds for a page of help.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib import import_module
from importlib.abc import InspectLoader
from importlib.util import find_spec

import click


def command_at(place: str) -> click.Command:
    """Return the command at ``module:attribute``, importing its module."""
    module, attribute = place.split(":")
    command: click.Command = getattr(import_module(module), attribute)
    return command


def listed(place: str) -> click.Command:
    """Return a command to be listed: the one at ``module:attribute``, or a likeness that has only its help.

    Parameters
    ----------
    place
        Where the command is. Its decorator gives the help as a literal; otherwise the module is imported.
    """
    module, attribute = place.split(":")
    text = _helps(module).get(attribute)
    return command_at(place) if text is None else click.Command(attribute, help=text)


@cache
def _helps(module: str) -> dict[str, str]:
    """Return the help by function of all commands and groups of a module."""
    spec = find_spec(module)
    loader = spec.loader if spec else None
    source = loader.get_source(module) if isinstance(loader, InspectLoader) else None
    functions = [node for node in ast.parse(source or "").body if isinstance(node, ast.FunctionDef)]
    found = {}
    for function in functions:
        for decorator in function.decorator_list:
            text = _help_of(decorator)
            if text is not None:
                found[function.name] = text
    return found


def _help_of(decorator: ast.expr) -> str | None:
    """Return the help that a decorator gives a command or a group; None of any other decorator."""
    if not (isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute)):
        return None
    given = [keyword.value for keyword in decorator.keywords if keyword.arg == "help"]
    if decorator.func.attr not in ("command", "group") or not given:
        return None
    return str(given[0].value) if isinstance(given[0], ast.Constant) else None
