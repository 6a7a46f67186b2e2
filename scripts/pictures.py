"""Take pictures of the pages: ``python -m scripts.pictures FOLDER [PAGE …]``.

Loads the demonstrations into a data directory of its own (or ``BISHUI_DATA``), serves them and drives
Debian's Chromium. ``--readme`` takes only the overview, as shown in README.md; ``--city CODE`` works in
another city, ``--user NAME`` looks with the eyes of another user, ``--empty`` loads no demonstration.
"""

from __future__ import annotations

import argparse
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
#: Debian's browser.
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


def arguments() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m scripts.pictures")
    parser.add_argument("folder", nargs="?", default="docs/pictures", type=Path)
    parser.add_argument("pages", nargs="*", metavar="PAGE")
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--city", default="990100", metavar="CODE")
    parser.add_argument("--user", default="admin", metavar="NAME")
    return parser.parse_intermixed_args()


def prepare(asked: argparse.Namespace) -> str:
    """Load the demonstrations and return the key of a session in the city and of the user asked for."""
    os.environ.setdefault("BISHUI_DATA", tempfile.mkdtemp(prefix="bishui-pictures-"))
    os.environ.setdefault("BISHUI_LOG", "quiet")
    load = [sys.executable, "-m", "bishui", "demo", "--no-serve", *(["--empty"] if asked.empty else [])]
    subprocess.run(load, check=True, stdout=subprocess.DEVNULL)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bishui.server.settings")
    import django

    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from bishui.server.accounts.models import User

    user = User.objects.get(username=asked.user)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["workspace"] = asked.city
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


def addresses(city: str) -> dict[str, str]:
    """Return the pages to look at, by name; those of records only where the city has such records."""
    from bishui.server.accounts.models import User
    from bishui.server.cases.models import Case
    from bishui.server.core.models import ImportSession
    from bishui.server.ledgers.models import Filing
    from bishui.server.plans.models import Plan, Target, Task
    from bishui.server.sites.models import Site

    division = f"{city}/"
    found = {
        "overview": "/",
        "map": "/map/",
        "base-map": "/map/base/",
        "sites": "/sites/",
        "names": "/sites/names/",
        "quality": "/sites/quality/",
        "flags": "/sites/flags/",
        "laboratories": "/sites/laboratories/",
        "areas": "/waters/",
        "water-ranking": "/waters/ranking/",
        "class-calendar": "/waters/calendar/",
        "trend": "/waters/trend/",
        "what-if": "/waters/changes/",
        "room": "/waters/room/",
        "sources": "/sources/",
        "source-problems": "/sources/problems/",
        "ecology": "/sources/ecology/",
        "water-use": "/sources/water-use/",
        "alerts": "/alerts/",
        "subscriptions": "/alerts/subscriptions/",
        "limits": "/standards/?q=氨氮",
        "rules": "/standards/rules/",
        "overrides": "/standards/overrides/",
        "plans": "/plans/",
        "mine": "/plans/mine/",
        "waiting": "/plans/waiting/",
        "ledger": "/plans/ledger/",
        "calendar": "/plans/calendar/",
        "standing-ledgers": "/ledgers/",
        "standing-ledger": "/ledgers/fields/urban/",
        "filings": "/ledgers/filings/",
        "indicators": "/indicators/",
        "water-targets": "/indicators/water/",
        "reports": "/reports/",
        "bulletins": "/reports/bulletins/",
        "scores": "/scores/",
        "ranking": "/scores/plan-duties/",
        "score": "/scores/plan-duties/subject/?id=990100-housing",
        "scheme": "/scores/plan-duties/scheme/",
        "reminders": "/reminders/",
        "deliveries": "/reminders/deliveries/",
        "unit-tree": "/accounts/units/",
        "cases": "/cases/",
        "new-case": "/cases/new/",
        "imports": "/imports/",
        "upload": "/imports/new/observations/",
        "upload-plan": "/imports/new/plan/",
        "registers": "/registers/",
        "register": "/registers/sites/",
        "register-form": "/registers/units/new/",
        "audit": "/audit/",
        "users": "/accounts/users/",
        "new-user": "/accounts/users/new/",
        "user": f"/accounts/users/{User.objects.get(username='admin').pk}/",
        "password": "/accounts/password/",
        "tokens": "/accounts/tokens/",
        "not-found": "/no-such-page/",
    }
    site = Site.objects.filter(division__startswith=division, kind="section").order_by("code")[3:4].first()
    if site:
        found |= {"site": f"/sites/{site.pk}/", "rows": f"/sites/{site.pk}/rows/nh3n/"}
    found |= _places(division)
    plan = Plan.objects.filter(division=division).exclude(kind="published_targets").first()
    if plan:
        shown = f"/plans/{plan.pk}/"
        views = {f"plan-{view}": f"{shown}?view={view}" for view in ("targets", "document")}
        found |= {"plan": shown, "units": f"{shown}units/", **views}
        task = Task.objects.filter(plan=plan).order_by("position")[4]
        found["task"] = f"/plans/tasks/{task.pk}/"
    for kind in ("observations", "plan"):
        session = ImportSession.objects.filter(kind=kind, division=division).first()
        if session:
            found[f"import-{kind}"] = f"/imports/{session.pk}/"
    target = Target.objects.filter(division=division, indicator__contains="收集率").first()
    if target:
        found["indicator"] = f"/indicators/{target.pk}/"
    filing = Filing.objects.filter(division__startswith=division).first()
    if filing:
        found["filing"] = f"/ledgers/filings/{filing.pk}/"
    case = Case.objects.filter(division__startswith=division).first()
    if case:
        found["case"] = f"/cases/{case.pk}/"
    return found


def _places(division: str) -> dict[str, str]:
    """Return the pages of one place of each other kind, and of a bulletin."""
    from bishui.server.reporting.models import Report
    from bishui.server.sites.models import Site

    found = {}
    for kind in ("plant_outlet", "outfall_point", "hydrometric_station", "lake_point", "function_zone"):
        place = Site.objects.filter(division__startswith=division, kind=kind).order_by("code").first()
        if place:
            found[kind.replace("_", "-")] = f"/sites/{place.pk}/"
    bulletin = Report.objects.filter(division=division, kind__startswith="water_").first()
    if bulletin:
        found["bulletin"] = f"/reports/{bulletin.pk}/"
    return found


def shoot(page: Page, address: str, path: Path, *, full_page: bool) -> list[str]:
    """Take one picture; return what the browser complained about."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address, wait_until="networkidle")
    if page.locator("[data-map]").count():
        page.locator("[data-map][data-ready], .map-message").first.wait_for()
    page.wait_for_timeout(600)
    page.screenshot(path=path, full_page=full_page)
    return complaints


def main() -> int:
    """Take the pictures."""
    asked = arguments()
    asked.folder.mkdir(parents=True, exist_ok=True)
    session = prepare(asked)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    pages = {"overview": "/"} if asked.readme else addresses(asked.city)
    chosen = {name: address for name, address in pages.items() if not asked.pages or name in asked.pages}
    with served() as root, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for language in ("zh-hans", "en"):
            for size, (width, height) in SIZES.items():
                if asked.readme and size == "phone":
                    continue
                context = browser.new_context(viewport={"width": width, "height": height})
                cookies = {"sessionid": session, "django_language": language}
                context.add_cookies([{"name": name, "value": cookies[name], "url": root} for name in cookies])
                ending = language[:2] if asked.readme else f"{size}-{language[:2]}"
                for name, address in chosen.items():
                    path = asked.folder / f"{name}-{ending}.png"
                    page = context.new_page()
                    for complaint in shoot(page, root + address, path, full_page=not asked.readme):
                        print(f"{path.name}: {complaint}")
                    page.close()
                context.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
