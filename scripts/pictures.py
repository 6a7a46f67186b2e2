"""Take pictures of the pages: ``python -m scripts.pictures FOLDER [--readme]``.

Loads the demonstrations into a data directory of its own (or ``BISHUI_DATA``), serves them and drives
Debian's Chromium. ``--readme`` takes only the overview, as shown in README.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
PORT = 8765


def prepare() -> str:
    """Load the demonstrations and return a session key of the administrator."""
    os.environ.setdefault("BISHUI_DATA", tempfile.mkdtemp(prefix="bishui-pictures-"))
    os.environ.setdefault("BISHUI_LOG", "quiet")
    subprocess.run(
        [sys.executable, "-m", "bishui", "demo", "--no-serve"], check=True, stdout=subprocess.DEVNULL
    )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bishui.server.settings")
    import django

    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from bishui.server.accounts.models import User

    user = User.objects.get(username="admin")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    assert session.session_key
    return session.session_key


@contextmanager
def served() -> Iterator[str]:
    """Serve on the loopback and give the address."""
    from bishui.server.supervise import web_command

    process = subprocess.Popen(web_command(PORT, workers=1), stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{PORT}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{address}/accounts/sign-in/", timeout=2)
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait()


def addresses() -> dict[str, str]:
    """Return the pages to look at, by name."""
    from bishui.server.cases.models import Case
    from bishui.server.core.models import ImportSession
    from bishui.server.plans.models import Plan, Task
    from bishui.server.sites.models import Site

    site = Site.objects.filter(division__startswith="990100/", kind="section").order_by("code")[3]
    plan = Plan.objects.get(division="990100/")
    task = Task.objects.filter(plan=plan).order_by("position")[4]
    found = {
        "overview": "/",
        "map": "/map/",
        "sites": "/sites/",
        "site": f"/sites/{site.pk}/",
        "plans": "/plans/",
        "plan": f"/plans/{plan.pk}/",
        "units": f"/plans/{plan.pk}/units/",
        "task": f"/plans/tasks/{task.pk}/",
        "cases": "/cases/",
        "imports": "/imports/",
        "upload": "/imports/new/observations/",
        "registers": "/registers/",
        "register": "/registers/sites/",
        "register-form": "/registers/units/new/",
        "audit": "/audit/",
        "not-found": "/no-such-page/",
    }
    for kind in ("observations", "plan"):
        session = ImportSession.objects.filter(kind=kind, division="990100/").first()
        if session:
            found[f"import-{kind}"] = f"/imports/{session.pk}/"
    case = Case.objects.first()
    if case:
        found["case"] = f"/cases/{case.pk}/"
    return found


def shoot(page: Page, address: str, path: Path) -> list[str]:
    """Take one picture; return what the browser complained about."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(600)
    page.screenshot(path=path, full_page="--readme" not in sys.argv)
    return complaints


def main() -> int:
    """Take the pictures."""
    folder = Path(next((part for part in sys.argv[1:] if not part.startswith("--")), "docs/pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    session = prepare()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    pages = addresses()
    readme = "--readme" in sys.argv
    chosen = [part for part in sys.argv[2:] if not part.startswith("--")]
    with served() as root, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for language in ("zh-hans", "en"):
            for size, (width, height) in SIZES.items():
                if readme and size == "phone":
                    continue
                context = browser.new_context(viewport={"width": width, "height": height})
                context.add_cookies(
                    [
                        {"name": "sessionid", "value": session, "url": root},
                        {"name": "django_language", "value": language, "url": root},
                    ]
                )
                for name, address in {"overview": "/"}.items() if readme else pages.items():
                    if chosen and name not in chosen:
                        continue
                    suffix = language[:2]
                    path = folder / (f"{name}-{suffix}.png" if readme else f"{name}-{size}-{suffix}.png")
                    for complaint in shoot(context.new_page(), root + address, path):
                        print(f"{path.name}: {complaint}")
                context.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
