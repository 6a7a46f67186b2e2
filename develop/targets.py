"""The targets of the Makefile."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import wraps

from develop import setup
from develop.setup import BIN, PYTHON, ROOT, call, say

Target = Callable[[Sequence[str]], int]


def _target(function: Callable[[Sequence[str]], None]) -> Target:
    @wraps(function)
    def run_it(arguments: Sequence[str]) -> int:
        try:
            function(arguments)
        except setup.SetUpError as error:
            print(error, file=sys.stderr)
            return 1
        except subprocess.CalledProcessError as error:
            return error.returncode or 1
        except KeyboardInterrupt:
            return 130
        return 0

    return run_it


@_target
def run(arguments: Sequence[str]) -> None:
    """Set everything up, load the demonstrations and serve."""
    setup.everything("run")
    command = [str(BIN / "bishui"), "demo", *arguments]
    os.chdir(ROOT)
    os.execv(command[0], command)


@_target
def test(arguments: Sequence[str]) -> None:
    """Run the tests; without arguments all of them."""
    setup.everything("test")
    call(PYTHON, "-m", "pytest", *(arguments or ["-q", "-n", "auto"]))


@_target
def lint(arguments: Sequence[str]) -> None:
    """Check style, types, import contracts, the front end's types and the texts."""
    setup.everything("test")
    call(BIN / "ruff", "check", "src", "tests", "benchmarks", "develop", "scripts")
    call(BIN / "ruff", "format", "--check", "src", "tests", "benchmarks", "develop", "scripts")
    call(BIN / "mypy")
    call(BIN / "lint-imports")
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    call(BIN / "npm", "run", "--silent", "check", cwd=ROOT / "frontend", PATH=path)


@_target
def bench(arguments: Sequence[str]) -> None:
    """Run the benchmarks, each beside its peer; names choose some of them."""
    setup.everything("test")
    chosen = [f"{name}.py" for name in arguments] or sorted(
        path.name for path in (ROOT / "benchmarks").glob("*.py") if not path.name.startswith("_")
    )
    for name in chosen:
        say(f"== {name}")
        call(PYTHON, ROOT / "benchmarks" / name)


@_target
def docs(arguments: Sequence[str]) -> None:
    """Write the generated reference pages anew; with ``--check`` only compare, and check every link."""
    setup.everything("test")
    call(PYTHON, "-m", "scripts.docs", *arguments)


@_target
def messages(arguments: Sequence[str]) -> None:
    """Collect the texts into the catalogue; with ``--check`` fail where a translation is missing."""
    setup.dependencies("test")
    call(PYTHON, "-m", "scripts.messages", *arguments)
    setup.texts()


@_target
def locks(arguments: Sequence[str]) -> None:
    """Pin the dependencies anew, with hashes and without addresses."""
    setup.environment()
    flags = [
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--no-annotate",
        "--no-header",
        "-q",
    ]
    flags += ["--no-emit-index-url", *arguments]
    pin = [BIN / "uv", "pip", "compile", *flags]
    call(*pin, "requirements/uv.in", "-o", "requirements/uv.txt")
    groups = ["--extra", "server", "--group", "build"]
    call(*pin, *groups, "pyproject.toml", "-o", "requirements/run.txt")
    extra = ["--extra", "spark", "--group", "test", "-c", "requirements/run.txt"]
    call(*pin, *groups, *extra, "pyproject.toml", "-o", "requirements/test.txt")
