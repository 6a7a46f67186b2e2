"""How long the server takes for lists, search and map of a register of 300,000 outfalls.

    python benchmarks/outfalls.py [--outfalls 300000] [--folder FOLDER] [--rounds 7] [--json OUT]

The register is invented: 110 counties, twenty kinds, eleven stages. Each page is asked for in this process as
a signed-in user asks, first and then warm. Beside each stands the plainest SQL for the same rows, asked
of the same database: the ratio says what the pages, the rights and the names cost. PostgreSQL is measured
instead of SQLite where BISHUI_DATABASE_URL names an empty database. The time of the processor is that of
this process: with PostgreSQL, without the database's.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

DIVISION, COUNTIES, BATCH = "880000/", 110, 5000
WANTED = 0.15
STAGES = (
    "suspected", "verified", "not_outfall", "sampled", "tracing", "traced", "no_action", "planned",
    "remediating", "pending_acceptance", "signed_off",
)  # fmt: skip
SYLLABLES = "沁岚疏萤栖澜黛汀拂苇听螺望蓼叠榉漱石云汀采薇泊鹭濯枫枕溪照棠织雨"

#: What is asked: name, address, the plain SQL of the same rows.
ASKED = (
    ("list", "/outfalls/", "SELECT * FROM outfalls_outfall ORDER BY code LIMIT 51"),
    (
        "list, a stage",
        "/outfalls/?stage=planned",
        "SELECT * FROM outfalls_outfall WHERE stage = 'planned' ORDER BY code LIMIT 51",
    ),
    (
        "list, a county and a stage",
        "/outfalls/?county=880000/880007/&stage=tracing",
        "SELECT * FROM outfalls_outfall WHERE division = '880000/880007/' AND stage = 'tracing' "
        "ORDER BY code LIMIT 51",
    ),
    (
        "search, a name",
        "/outfalls/?q=听螺村7%23",
        "SELECT * FROM outfalls_outfall WHERE name LIKE '%听螺村7#%' ORDER BY code LIMIT 51",
    ),
    (
        "search, a code",
        "/outfalls/?q=L880042-00017",
        "SELECT * FROM outfalls_outfall WHERE code LIKE 'L880042-00017%' ORDER BY code LIMIT 51",
    ),
    (
        "map, the province",
        "/outfalls/map/cells/?window=100,20,112,27",
        "SELECT division, stage, COUNT(*), AVG(lon), AVG(lat) FROM outfalls_outfall GROUP BY division, stage",
    ),
    (
        "map, a county",
        "/outfalls/map/cells/?window=104.0,22.0,104.6,22.6",
        "SELECT lon, lat, stage FROM outfalls_outfall WHERE lon BETWEEN 104.0 AND 104.6 "
        "AND lat BETWEEN 22.0 AND 22.6",
    ),
    (
        "map, a town",
        "/outfalls/map/cells/?window=104.10,22.10,104.14,22.14",
        "SELECT lon, lat, stage, code, name FROM outfalls_outfall WHERE lon BETWEEN 104.10 AND 104.14 "
        "AND lat BETWEEN 22.10 AND 22.14",
    ),
    (
        "public list",
        "/public/city/880000/outfalls/",
        "SELECT * FROM outfalls_outfall WHERE stage NOT IN ('', 'suspected', 'not_outfall') "
        "ORDER BY code LIMIT 51",
    ),
    (
        "public search, a name",
        "/public/city/880000/outfalls/?q=听螺村7%23",
        "SELECT * FROM outfalls_outfall WHERE name LIKE '%听螺村7#%' ORDER BY code LIMIT 51",
    ),
    (
        "public search, a code",
        "/public/city/880000/outfalls/?q=L880042-00017",
        "SELECT * FROM outfalls_outfall WHERE code LIKE 'L880042-00017%' ORDER BY code LIMIT 51",
    ),
)


def set_up(folder: Path) -> None:
    """Set Django up over a data directory."""
    os.environ["BISHUI_DATA"] = str(folder)
    os.environ["BISHUI_LOG"] = "quiet"
    os.environ["DJANGO_SETTINGS_MODULE"] = "bishui.server.settings"
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.urls import get_resolver

    django.setup()
    settings.ALLOWED_HOSTS = ["*"]
    get_resolver().url_patterns  # noqa: B018 - every page's module is loaded before anything is timed
    call_command("migrate", verbosity=0)


def build(count: int) -> None:
    """Write the register, unless it is there."""
    from bishui.server.accounts import services
    from bishui.server.outfalls.models import Outfall

    if Outfall.objects.exists():
        return
    services.save_division(
        DIVISION[:-1], "虚拟省", level="city", fiction=True, as_of=date(2025, 6, 30), actor="system"
    )
    for number in range(COUNTIES):
        services.save_division(
            f"880{number + 1:03}", f"虚拟县{number + 1}", level="county", parent=DIVISION[:-1], actor="system"
        )
    user = services.create_user("reader", None, actor="system")
    services.grant(user, "administrator", division=DIVISION, actor="system")
    _fill(count)


def _fill(count: int) -> None:
    """Write the rows by plain SQL: a register is filled through its rounds, here only its size matters."""
    from django.db import connection, transaction

    from bishui.server.outfalls.models import Outfall

    fields = Outfall._meta.concrete_fields
    places = {field.attname: place for place, field in enumerate(fields)}
    plain = Outfall(
        datum="CGCS2000", coordinate_digits=6, address="虚拟路" * 8, drainage_feature="连续排放" * 5
    )
    blank = [field.get_db_prep_save(getattr(plain, field.attname), connection) for field in fields]
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    sql = f"INSERT INTO outfalls_outfall ({names}) VALUES ({', '.join(['%s'] * len(fields))})"
    drawn = random.Random(7)
    with transaction.atomic(), connection.cursor() as cursor:
        for first in range(0, count, BATCH):
            rows = []
            for number in range(first, min(count, first + BATCH)):
                row = list(blank)
                for name, value in _differing(number, drawn).items():
                    row[places[name]] = value
                rows.append(row)
            cursor.executemany(sql, rows)
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE outfalls_outfall")


def _differing(number: int, drawn: random.Random) -> dict[str, Any]:
    """Return what differs from outfall to outfall."""
    from django.db import connection

    key = uuid.UUID(int=number + 1)
    county, stage = number % COUNTIES + 1, drawn.choice(STAGES)
    east, north = (county - 1) % 11, (county - 1) // 11
    village = drawn.choice(SYLLABLES) + drawn.choice(SYLLABLES)
    return {
        "id": key if connection.features.has_native_uuid_field else key.hex,
        "code": f"L880{county:03}-{number // COUNTIES + 1:05}-X",
        "name": f"虚拟县{county}{village}村{drawn.randrange(300)}#排口",
        "division": f"{DIVISION}880{county:03}/",
        "lon": f"{104 + 0.6 * east + drawn.random() * 0.6:.6f}",
        "lat": f"{22 + 0.4 * north + drawn.random() * 0.4:.6f}",
        "kind": f"hj1312-{drawn.randrange(1, 21):02}",
        "water": f"W{drawn.randrange(900)}",
        "abnormal": drawn.choice(("yes", "no")),
        "responsible_name": f"虚拟单位{drawn.randrange(4000)}",
        "stage": stage,
    }


def release() -> None:
    """Make the list of outfalls public, so that everybody may look through it."""
    from bishui.server.portal import limits, services
    from bishui.server.portal.models import Release

    if not Release.objects.exists():
        services.set_release(DIVISION, "outfalls", True, actor="system")
    limits.rules()["pages"]["count"] = 10**9  # one address asks for all here


def timed(call: Callable[[], object], rounds: int) -> tuple[float, float, float]:
    """Return the seconds of the first call, the median of the others, and their processor time here."""
    spent, busy = [], []
    for _number in range(rounds + 1):
        start, begun = time.perf_counter(), time.process_time()
        call()
        spent.append(time.perf_counter() - start)
        busy.append(time.process_time() - begun)
    return spent[0], statistics.median(spent[1:]), statistics.median(busy[1:])


def plain(sql: str) -> Callable[[], object]:
    """Return a call that asks the database by plain SQL."""
    from django.db import connection

    def ask() -> object:
        with connection.cursor() as cursor:
            cursor.execute(sql.replace("%", "%%") if connection.vendor == "postgresql" else sql)
            return cursor.fetchall()

    return ask


def measure(rounds: int) -> list[dict[str, Any]]:
    """Ask for each page and for the plain rows of it."""
    from django.test import Client

    from bishui.server.accounts.models import User

    client = Client()
    client.force_login(
        User.objects.get(username="reader"), backend="django.contrib.auth.backends.ModelBackend"
    )

    def page(address: str) -> None:
        response = client.get(address)
        if response.status_code != 200:
            raise SystemExit(f"{address}: {response.status_code}")

    told = []
    for name, address, sql in ASKED:
        first, warm, busy = timed(lambda address=address: page(address), rounds)
        _cold, peer, _busy = timed(plain(sql), rounds)
        told.append(
            {"what": name, "first": first, "warm": warm, "cpu": busy, "peer": peer, "ratio": warm / peer}
        )
        print(
            f"{name:28} first {first * 1000:7.1f} ms   warm {warm * 1000:7.1f} ms   "
            f"cpu {busy * 1000:7.1f} ms   plain SQL {peer * 1000:7.1f} ms   ratio {warm / peer:6.2f}"
        )
    return told


def main() -> None:
    """Build the register where it is not there, and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--outfalls", type=int, default=300_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="bishui-outfalls-"))
    folder.mkdir(parents=True, exist_ok=True)
    set_up(folder)
    build(asked.outfalls)
    release()
    told = measure(asked.rounds)
    slow = [entry["what"] for entry in told if entry["warm"] > WANTED]
    print(f"over {WANTED * 1000:.0f} ms: {', '.join(slow) or 'none'}")
    if asked.json:
        asked.json.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
