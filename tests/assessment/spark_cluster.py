"""A standalone Spark cluster on the loopback for tests: one master, two workers, as processes of their own."""

from __future__ import annotations

import os
import re
import signal
import socket
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
#: A virtual machine that is up soon: small programs gain nothing from compiling long.
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"
_DEFAULTS = {
    "spark.default.parallelism": "2",
    "spark.driver.extraJavaOptions": _JAVA,
    "spark.driver.memory": "512m",
    "spark.executor.cores": "1",
    "spark.executor.extraJavaOptions": _JAVA,
    "spark.executor.memory": "512m",
    "spark.python.worker.reuse": "true",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
}


def defaults(folder: Path) -> Path:
    """Write the settings of a small cluster; give the folder for ``SPARK_CONF_DIR``."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = (f"{name} {value}\n" for name, value in _DEFAULTS.items())
    (folder / "spark-defaults.conf").write_text("".join(lines), encoding="utf-8")
    return folder


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Start a cluster and give its address; every process of it is ended afterwards."""
    environment = {
        **os.environ,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_NO_DAEMONIZE": "1",
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": _JAVA,
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
    here = ("--host", "127.0.0.1", "--webui-port", "0", "--port")
    port = _free_port()
    address = f"spark://127.0.0.1:{port}"
    try:
        log = start("master", "master.Master", *here, str(port))
        for number in (1, 2):  # at once: they try until the master answers
            start(
                f"worker-{number}", "worker.Worker", *here, "0", "--cores", "1", "--memory", "1100m", address
            )
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


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _said(log: Path, pattern: str, deadline: float, times: int = 1) -> list[str]:
    """Wait until a log says something often enough."""
    while time.monotonic() < deadline:
        found = re.findall(pattern, log.read_text(encoding="utf-8", errors="replace"))
        if len(found) >= times:
            return found
        time.sleep(0.2)
    raise AssertionError(f"{log} does not say {pattern!r}:\n{log.read_text(errors='replace')[-2000:]}")
