"""A data directory served as in use: the web and a worker in processes of their own, and a browser before it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager


def environment(data):
    """Return the environment of a process that serves the data directory, free of this one's settings."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("BISHUI_")}
    return env | {
        "BISHUI_DATA": str(data),
        "BISHUI_LOG": "quiet",
        "DJANGO_SETTINGS_MODULE": "bishui.server.settings",
    }


@contextmanager
def running(command, env):
    """Run ``bishui COMMAND`` on a free port until the block ends; give the address, the process and its lines."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "bishui", command, "--port", str(port)],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "http://" in line:
            break
    address = f"http://127.0.0.1:{port}"
    _wait(address)
    yield address, process, lines
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


def _wait(address):
    for _ in range(150):
        try:
            urllib.request.urlopen(f"{address}/accounts/sign-in/", timeout=2)
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError("not served")


def sign_in(page, address, user, password):
    """Sign in by the form."""
    page.goto(address)
    page.get_by_label("用户名").fill(user)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "sign-in" not in url)


def complaints_of(page):
    """Return the list into which the browser's complaints about a page will come."""
    found = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found
