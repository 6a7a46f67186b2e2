"""Web and worker under one roof: both are started, watched, restarted and stopped together."""

from __future__ import annotations

import fcntl
import http.client
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import structlog

from bishui.errors import CallError
from bishui.i18n import Text

log = structlog.get_logger()
_GRACE = 10.0
_LOOK = 0.1
_PATIENCE = 20.0
_RESTART_PAUSE = 1.0


@dataclass
class Child:
    """One process that should always run; `port` is where it answers, if it serves; `tls` = by HTTPS."""

    name: str
    command: list[str]
    port: int | None = None
    tls: bool = False
    process: subprocess.Popen[bytes] | None = None
    answered: bool = False
    started: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start the process."""
        self.started.append(time.monotonic())
        self.process = subprocess.Popen(self.command)

    def ready(self) -> bool:
        """Tell whether the process does its work: a server answers on its port."""
        if self.port is None or self.answered or time.monotonic() - self.started[0] > _PATIENCE:
            return True
        probe = _probe(self.port, self.tls)
        try:
            probe.request("GET", "/accounts/sign-in/")
            self.answered = probe.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            self.answered = False
        finally:
            probe.close()
        return self.answered

    def check(self) -> None:
        """Start the process again if it has ended, slower the more often it does."""
        if self.process is None or self.process.poll() is None:
            return
        recent = [moment for moment in self.started if moment > time.monotonic() - 60]
        log.warning("process ended, starting again", name=self.name, status=self.process.returncode)
        time.sleep(_RESTART_PAUSE * max(1, len(recent)))
        self.start()

    def stop(self) -> None:
        """Ask the process to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, seconds: float) -> None:
        """Wait for the end, and kill the process after `seconds`."""
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _probe(port: int, tls: bool) -> http.client.HTTPConnection:
    """Return a connection to the server on this machine; its certificate is made out for another name."""
    if not tls:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=1, context=context)


def web_command(
    port: int, workers: int = 2, host: str = "127.0.0.1", tls: tuple[Path, Path] | None = None
) -> list[str]:
    """Return the command of the web server; `tls` are the files of its certificate and key."""
    secure = (
        ["--ssl-certificate", str(tls[0]), "--ssl-keyfile", str(tls[1]), "--ssl-protocol-min", "tls1.2"]
        if tls
        else []
    )
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", "4", "--no-log", *secure),
        "bishui.server.served:application",
    ]


def worker_command() -> list[str]:
    """Return the command of the worker."""
    return [sys.executable, "-m", "bishui", "worker"]


@contextmanager
def serving(folder: Path) -> Iterator[None]:
    """Say that a data directory is in use while it lasts, so that nobody puts another in its place.

    Raises
    ------
    CallError
        If it is in use or being restored.
    """
    with (folder / ".serving").open("a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            raise CallError(
                Text("数据目录 {folder} 正在使用。", folder=str(folder)),
                remedy=Text("请先停止正在运行的系统（Ctrl+C 或停止服务）。"),
            ) from fault
        yield


def supervise(children: list[Child]) -> None:
    """Run the children until this process is told to stop; then stop them all.

    Each waits until those before it are ready: the first page should not share its cores with a worker
    that is only starting.
    """
    stopping = False

    def stop(signum: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    waiting = list(children)
    while not stopping:
        if waiting and all(child.ready() for child in children if child not in waiting):
            waiting.pop(0).start()
        time.sleep(_LOOK)
        for child in children:
            if not stopping and child not in waiting:
                child.check()
    for child in children:
        child.stop()
    for child in children:
        child.wait(_GRACE)
