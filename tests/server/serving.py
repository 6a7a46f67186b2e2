"""A data directory served as in use: the web and a worker in processes of their own, and a browser before it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe, AxeResults

#: What is examined; only faults are told, and only rules that ask for a film or a sound wait for one.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa"],
    "resultTypes": ["violations"],
    "preload": {"assets": ["media"]},
}
EXAMINE = "rules => axe.run(document, rules).then(found => ({violations: found.violations}))"


def environment(data):
    """Return the environment of a process that serves the data directory, free of this one's settings."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("BISHUI_")}
    return env | {
        "BISHUI_DATA": str(data),
        "BISHUI_LOG": "quiet",
        "DJANGO_SETTINGS_MODULE": "bishui.server.settings",
    }


@contextmanager
def running(command, env, *options):
    """Run ``bishui COMMAND`` on a free port until the block ends; give the address, the process and its lines."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    # A file, not a pipe: it never fills up, and nobody waits for a line that does not come.
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "bishui", command, "--port", str(port), *options], env=env, stdout=said
        )
        try:
            _wait(address, process)
            said.seek(0)
            yield address, process, said.readlines()
        finally:
            process.send_signal(signal.SIGTERM)
            ended = process.wait(60)
    assert ended == 0


def _wait(address, process, seconds=600):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.poll() is None, "the process has ended"
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


def examined(page):
    """Examine by axe the page that stands there; give what it finds at fault."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(Axe().axe_script)
    # Unlike an evaluation, a wait ends where the browser does not answer.
    found = page.wait_for_function(EXAMINE, arg=RULES, polling=100, timeout=120_000)
    return AxeResults(found.json_value())
