"""A standalone Spark cluster on the loopback for tests: one master, two workers, as processes of their own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyspark

_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"
_DEPLOY = "org.apache.spark.deploy"
#: Seconds that the master and the workers may take together.
_PATIENCE = 60


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Start a cluster and give its address; every process of it is ended afterwards."""
    environment = {
        **os.environ,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_NO_DAEMONIZE": "1",
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_WORKER_DIR": str(folder / "work"),
    }
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *arguments: str) -> Path:
        log = folder / f"{name}.log"
        with log.open("wb") as out:
            command = [str(_CLASS), f"{_DEPLOY}.{arguments[0]}", *arguments[1:]]
            started.append(
                subprocess.Popen(
                    command, env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
                )
            )
        return log

    deadline = time.monotonic() + _PATIENCE
    here = ("--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
    try:
        log = start("master", "master.Master", *here)
        address = _said(log, r"Starting Spark master at (spark://\S+)", deadline)[0]
        for number in (1, 2):
            start(f"worker-{number}", "worker.Worker", *here, "--cores", "1", "--memory", "1100m", address)
        _said(log, r"Registering worker", deadline, times=2)
        yield address
    finally:
        for process in reversed(started):
            os.killpg(process.pid, signal.SIGTERM)
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _said(log: Path, pattern: str, deadline: float, times: int = 1) -> list[str]:
    """Wait until a log says something often enough."""
    while time.monotonic() < deadline:
        found = re.findall(pattern, log.read_text(encoding="utf-8", errors="replace"))
        if len(found) >= times:
            return found
        time.sleep(0.2)
    raise AssertionError(f"{log} does not say {pattern!r}:\n{log.read_text(errors='replace')[-2000:]}")
