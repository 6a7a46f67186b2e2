"""How long the server takes for its pages where the store holds a province: 20 million rows, 1,500 sections.

    python benchmarks/pages_province.py [--rows 20000000] [--folder FOLDER] [--rounds 7] [--json OUT]

The province is that of ``province.py``, invented: automatic stations with nine items every four hours, one
import a month. What the worker computes after an import is computed first and timed; then each page is asked
for: its first time in this process, as after an import (something was written, and no result is in memory
yet), and warm. Times are seconds of CPU time. Reads of the store are counted, and so are questions to the
database that count all rows of a table.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent))
import province

DIVISION, COUNTIES, SOURCES = "880000/", 12, 30
#: Seconds of CPU time: a page that was seen before, and one that is seen first after an import.
WANTED, WANTED_FIRST = 0.1, 0.3
#: The least a page can be, and pages of the records, which are told beside those that are held to the times.
TOLD = ("sign-in (peer)", "imports", "audit trail")


def identity(name: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_DNS, name)


def set_up(folder: Path) -> None:
    """Set Django up over a data directory."""
    os.environ["BISHUI_DATA"] = str(folder)
    os.environ["BISHUI_LOG"] = "quiet"
    os.environ["DJANGO_SETTINGS_MODULE"] = "bishui.server.settings"
    import django
    from django.core.management import call_command
    from django.urls import get_resolver

    django.setup()
    get_resolver().url_patterns  # noqa: B018 - every page's module is loaded before anything is timed
    call_command("migrate", verbosity=0)


def build(rows: int) -> None:
    """Write the store and the records: divisions, sections, imports, an administrator."""
    from bishui.server.accounts import services
    from bishui.server.accounts.models import Division
    from bishui.server.core import audit

    if Division.objects.filter(code=DIVISION[:-1]).exists():
        return
    asked = province.imports(rows)
    last = asked[-1][1][-1].astype("datetime64[D]").astype(date)
    services.save_division(DIVISION[:-1], "虚拟省", level="city", fiction=True, as_of=last, actor="system")
    for number in range(COUNTIES):
        code = f"8800{number + 1:02}"
        services.save_division(
            code, f"虚拟县{number + 1}", level="county", parent=DIVISION[:-1], actor="system"
        )
    user = services.create_user("reader", None, actor="system")
    services.grant(user, "administrator", division=DIVISION, actor="system")
    with audit.action("sites.saved", actor="system", division=DIVISION, name="虚拟断面"):
        _sections()
    for number, (name, times) in enumerate(asked):
        _import(name, province.table(times, number))


def _sections() -> None:
    from bishui.server.sites.models import Site

    Site.objects.bulk_create(
        Site(
            id=identity(f"station-{its:04}"),
            code=f"S{its:04}",
            name=f"虚拟断面{its:04}",
            kind="drinking_water_source" if its >= province.SITES - SOURCES else "section",
            water_type="river",
            water=f"虚拟河{its % 40}",
            basin="虚拟流域",
            control_level="city",
            division=DIVISION,
            county=f"{DIVISION}8800{its % COUNTIES + 1:02}/",
            lon=104 + its % 50 / 10,
            lat=22 + its // 50 / 10,
            coordinate_digits=1,
            datum="CGCS2000",
        )
        for its in range(province.SITES)
    )


def _import(name: str, rows: pa.Table) -> None:
    """Append one month as the importer does, and let it count."""
    from django.db.models import QuerySet

    from bishui.server.core import audit
    from bishui.server.core.models import ImportSession, StoredFile
    from bishui.server.sites import queries

    session, now = identity(name), datetime.now()
    encoded = rows["site"].combine_chunks().dictionary_encode()
    ids = pa.array([str(identity(site)) for site in encoded.dictionary.to_pylist()])
    named = rows.set_column(rows.schema.get_field_index("site"), "site", ids.take(encoded.indices))
    queries.store().append(str(session), named)
    with audit.action("sites.saved", actor="system", division=DIVISION, name=name):
        file = StoredFile(division=DIVISION, sha256=session.hex * 2, name=f"{name}.csv", size=1, at=now)
        file.save()
        # The review's steps are not what is measured: the session is put down as one that landed.
        QuerySet(ImportSession).bulk_create(
            [
                ImportSession(
                    id=session,
                    division=DIVISION,
                    kind="observations",
                    state="active",
                    file=file,
                    created_at=now,
                    created_by="reader",
                    landed_at=now,
                )
            ]
        )


@contextmanager
def watched() -> Iterator[dict[str, Any]]:
    """Count reads of the store, and the questions to the database; list those that count a whole table."""
    from django.db import connection

    from bishui.observations import MeasurementStore

    seen: dict[str, Any] = {"reads": 0, "questions": 0, "unbounded": []}
    read, batches = MeasurementStore.read, MeasurementStore._batches

    def reading(self: Any, **asked: Any) -> Any:
        seen["reads"] += 1
        return read(self, **asked)

    def going_through(self: Any, wanted: Any) -> Any:
        seen["reads"] += 1
        return batches(self, wanted)

    def asking(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        seen["questions"] += 1
        if "COUNT(" in sql.upper() and " WHERE " not in sql.upper():
            seen["unbounded"].append(sql)
        return execute(sql, *rest)

    MeasurementStore.read, MeasurementStore._batches = reading, going_through  # type: ignore[method-assign]
    try:
        with connection.execute_wrapper(asking):
            yield seen
    finally:
        MeasurementStore.read, MeasurementStore._batches = read, batches  # type: ignore[method-assign]


def pages() -> dict[str, str]:
    """Return the addresses that are asked for."""
    site = identity("station-0700")
    return {
        "sign-in (peer)": "/accounts/sign-in/",
        "overview": "/",
        "section": f"/sites/{site}/",
        "section, a year": f"/sites/{site}/?period={_so_far()}",
        "sections": "/sites/",
        "map": "/map/",
        "rivers and areas": "/waters/",
        "ranking": "/waters/ranking/",
        "calendar by months": "/waters/calendar/",
        "calendar by years": "/waters/calendar/years/",
        "trend": f"/waters/trend/?site={site}",
        "room left": "/waters/room/",
        "alerts": "/alerts/",
        "sources": "/sources/",
        "indicators": "/indicators/",
        "imports": "/imports/",
        "audit trail": "/audit/",
    }


def _so_far() -> str:
    """Return January to the newest month with readings, as the period filter offers it."""
    from bishui.assessment import Period
    from bishui.server.sites import queries

    newest = queries.store()._latest()
    assert newest is not None
    return Period.year_to_date(newest.year, newest.month).label


def measure(rounds: int, *, anew: bool) -> dict[str, Any]:
    """Warm what the worker warms, ask for each page and print."""
    from django.conf import settings
    from django.test import Client

    from bishui.server.accounts.models import User
    from bishui.server.sites import assessed, services

    settings.ALLOWED_HOSTS = ["testserver"]
    stranger, client = Client(), Client()
    client.force_login(User.objects.get(username="reader"), "django.contrib.auth.backends.ModelBackend")
    if anew:
        assessed.drop(DIVISION)
    begin = time.perf_counter()
    services.warm(DIVISION)
    found: dict[str, Any] = {"warming": time.perf_counter() - begin, "pages": {}}
    print(f"the worker after an import {found['warming']:8.2f} s, {peak():.2f} GiB", flush=True)
    print(
        f"{'page':20}{'process ms':>12}{'import ms':>11}{'warm ms':>9}{'ratio':>8}{'reads':>7}"
        f"{'questions':>11}{'COUNT':>7}"
    )
    base = 0.0
    for name, address in pages().items():
        asking = client if found["pages"] else stranger
        asking.get("/accounts/sign-in/")  # templates and the database are open
        with watched() as seen:
            begin = time.process_time()
            response = asking.get(address)
            process = time.process_time() - begin
        assert response.status_code == 200, (address, response.status_code)
        first = statistics.median(_taken(asking, address, before=landed) for _ in range(3))
        warm = statistics.median(_taken(asking, address) for _ in range(rounds))
        base = base or warm
        found["pages"][name] = {"process": process, "first": first, "warm": warm, **seen}
        print(
            f"{name:20}{process * 1e3:12.1f}{first * 1e3:11.1f}{warm * 1e3:9.1f}{warm / base:8.1f}"
            f"{seen['reads']:7}{seen['questions']:11}{len(seen['unbounded']):7}",
            flush=True,
        )
    found["unseen"] = _unseen(client)
    print(f"a section that nobody has opened since the import{found['unseen'] * 1e3:10.1f} ms", flush=True)
    return found


def _unseen(client: Any) -> float:
    """Return the CPU time of a section's page whose series has to be read and drawn."""
    from bishui.server.sites.models import Site

    stations = Site.objects.filter(kind="section").order_by("?")[:7]
    return statistics.median(_taken(client, f"/sites/{site.pk}/", before=landed) for site in stations)


def _taken(asking: Any, address: str, before: Callable[[], None] | None = None) -> float:
    """Return the CPU time that an answer takes."""
    if before is not None:
        before()
    begin = time.process_time()
    asking.get(address)
    return time.process_time() - begin


def landed() -> None:
    """Leave the process as an import leaves it: something was written, and no result is in memory."""
    from bishui.server.core import audit, remembered
    from bishui.server.sites import assessed

    with audit.action("sites.saved", actor="system", division=DIVISION, name="虚拟断面"):
        pass
    for memory in (assessed._memory, assessed._states, remembered._followed):
        memory.clear()


def peak() -> float:
    """Return the most memory that this process held, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> int:
    """Build, measure and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="keep the data here and take them up again")
    parser.add_argument("--kept", action="store_true", help="take the results up that an earlier run kept")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        set_up(options.folder or Path(temporary))
        build(options.rows)
        found = measure(options.rounds, anew=not options.kept)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    held = {name: its for name, its in found["pages"].items() if name not in TOLD}
    slow = [name for name, its in held.items() if its["warm"] > WANTED]
    late = [name for name, its in held.items() if its["first"] > WANTED_FIRST]
    late += ["a section not opened yet"] if found["unseen"] > WANTED_FIRST else []
    counting = [name for name, its in found["pages"].items() if its["unbounded"]]
    for what, missed in (
        (f"each page within {WANTED} s, warm", slow),
        (f"each page within {WANTED_FIRST} s, first after an import", late),
        ("no COUNT over a whole table", counting),
    ):
        print(f"wanted: {what} -> {'MISSED: ' + ', '.join(missed) if missed else 'reached'}")
    return 1 if slow or late or counting else 0


if __name__ == "__main__":
    sys.exit(main())
