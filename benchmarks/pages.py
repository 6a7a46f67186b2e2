"""How long the server takes for its pages, beside the least a page can take: the sign-in page.

    python benchmarks/pages.py [--rounds 30]

Loads the demonstrations into a folder of its own, then asks for each page in this process, warm, and prints
the median at the server.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time


def prepare() -> None:
    """Load the demonstrations and set Django up."""
    os.environ["BISHUI_DATA"] = tempfile.mkdtemp(prefix="bishui-bench-")
    os.environ["BISHUI_LOG"] = "quiet"
    os.environ["DJANGO_SETTINGS_MODULE"] = "bishui.server.settings"
    subprocess.run(
        [sys.executable, "-m", "bishui", "demo", "--no-serve"], check=True, stdout=subprocess.DEVNULL
    )
    import django

    django.setup()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    prepare()

    from django.conf import settings
    from django.test import Client

    from bishui.server.accounts.models import User
    from bishui.server.plans.models import Plan
    from bishui.server.sites.models import Site

    settings.ALLOWED_HOSTS = ["testserver"]
    stranger, client = Client(), Client()
    client.force_login(User.objects.get(username="admin"), "django.contrib.auth.backends.ModelBackend")
    site = Site.objects.filter(division__startswith="990100/", kind="section").order_by("code")[3]
    plan = Plan.objects.get(division="990100/")
    pages = {
        "sign-in (peer)": (stranger, "/accounts/sign-in/"),
        "overview": (client, "/"),
        "map": (client, "/map/"),
        "sections": (client, "/sites/"),
        "section": (client, f"/sites/{site.pk}/"),
        "plan": (client, f"/plans/{plan.pk}/"),
        "imports": (client, "/imports/"),
        "audit trail": (client, "/audit/"),
    }
    base = 0.0
    print(f"{'page':16} {'median ms':>10} {'ratio':>7}")
    for name, (asking, address) in pages.items():
        asking.get(address)
        assert asking.get(address).status_code == 200
        taken = []
        for _ in range(rounds):
            start = time.perf_counter()
            asking.get(address)
            taken.append((time.perf_counter() - start) * 1000)
        median = statistics.median(taken)
        base = base or median
        print(f"{name:16} {median:10.1f} {median / base:7.1f}")


if __name__ == "__main__":
    main()
