"""Set-up into the checkout: virtual environment, locked dependencies, built pages, compiled texts.

Each step leaves a stamp, the hash of what it was made from, and is skipped while that is unchanged.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
BUILT = ROOT / "src/bishui/server/static/built"


class SetUpError(Exception):
    """Something the machine lacks; the text says what to do."""


def call(*command: object, cwd: Path = ROOT, **extra: str) -> None:
    """Run a command and stop with its output where it fails."""
    subprocess.run([str(part) for part in command], cwd=cwd, check=True, env={**os.environ, **extra})


def say(text: str) -> None:
    """Tell the person at the terminal what goes on."""
    print(text, flush=True)


def digest(paths: Iterable[Path]) -> str:
    """Return one hash over the names and contents of files."""
    found = hashlib.sha256()
    for path in sorted(paths):
        found.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def _fresh(stamp: str, value: str) -> bool:
    path = VENV / f".stamp-{stamp}"
    return path.is_file() and path.read_text() == value


def _stamp(stamp: str, value: str) -> None:
    (VENV / f".stamp-{stamp}").write_text(value)


def check_python() -> None:
    """Refuse an interpreter that cannot make the environment, with the remedy.

    As root on a machine with apt, the missing Debian package is installed instead.
    """
    if sys.version_info < (3, 11):
        raise SetUpError(
            f"需要 Python 3.11 或更高版本，当前是 {sys.version.split()[0]}。Debian 12：apt install python3\n"
            "Python 3.11 or newer is needed. On Debian 12: apt install python3"
        )
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        say("安装 python3-venv … Installing python3-venv …")
        call("apt-get", "update", "-q")
        call("apt-get", "install", "-yq", "python3-venv", DEBIAN_FRONTEND="noninteractive")
        return
    raise SetUpError(
        "缺少 python3-venv，请执行：sudo apt install python3-venv\n"
        "python3-venv is missing. Run: sudo apt install python3-venv"
    )


def environment() -> None:
    """Make the virtual environment with the pinned installer."""
    if not PYTHON.exists():
        check_python()
        say("建立运行环境 … Making the environment …")
        call(sys.executable, "-m", "venv", VENV)
    lock = ROOT / "requirements/uv.txt"
    value = digest([lock])
    if not _fresh("uv", value):
        call(
            PYTHON,
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            lock,
        )
        _stamp("uv", value)


def dependencies(kind: str) -> None:
    """Install the locked dependencies, ``run`` or ``test`` (which holds the former)."""
    environment()
    locks = {name: ROOT / f"requirements/{name}.txt" for name in ("run", "test")}
    values = {name: digest([path, ROOT / "pyproject.toml"]) for name, path in locks.items()}
    if _fresh("test", values["test"]) or (kind == "run" and _fresh("run", values["run"])):
        return
    say("安装依赖 … Installing dependencies …")
    for name in locks:
        (VENV / f".stamp-{name}").unlink(missing_ok=True)
    sync = ("pip", "sync", "-q", "--compile-bytecode", "--require-hashes")
    call(BIN / "uv", *sync, "--python", PYTHON, locks[kind])
    call(
        BIN / "uv",
        "pip",
        "install",
        "-q",
        "--python",
        PYTHON,
        "--no-deps",
        "--no-build-isolation",
        "-e",
        ROOT,
    )
    _stamp(kind, values[kind])


def frontend() -> None:
    """Build the pages' scripts and styles."""
    folder = ROOT / "frontend"
    sources = [
        path
        for path in folder.rglob("*")
        if path.is_file() and "node_modules" not in path.parts and path.parts[-1] != ".DS_Store"
    ]
    value = digest(sources)
    if _fresh("frontend", value) and (BUILT / "manifest.json").exists():
        return
    say("生成页面资源 … Building the pages' assets …")
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    call(BIN / "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder, PATH=path)
    call(BIN / "npm", "run", "--silent", "build", cwd=folder, PATH=path)
    _stamp("frontend", value)


def texts() -> None:
    """Compile the catalogue of translations."""
    catalogue = ROOT / "src/bishui/locale/en/LC_MESSAGES/django.po"
    value = digest([catalogue])
    if not _fresh("texts", value) or not catalogue.with_suffix(".mo").exists():
        call(BIN / "pybabel", "-q", "compile", "-i", catalogue, "-o", catalogue.with_suffix(".mo"))
        _stamp("texts", value)


def kernels() -> None:
    """Compile code and numerical kernels once, so that no start and no first page waits for it."""
    value = digest([*(ROOT / "src/bishui").rglob("*.py"), ROOT / "requirements/run.txt"])
    if not _fresh("kernels", value):
        say("编译计算内核 … Compiling the kernels …")
        call(PYTHON, "-m", "compileall", "-q", ROOT / "src")
        for room in ("bishui.assessment", "bishui.network", "bishui.server.network.warming"):
            call(PYTHON, "-c", f"from {room} import warm_up; warm_up()")
        _stamp("kernels", value)


def everything(kind: str = "run") -> None:
    """Do the whole set-up."""
    dependencies(kind)
    frontend()
    texts()
    kernels()
