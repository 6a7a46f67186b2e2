"""How long a file of 10,000 outfalls takes in and out: upload to committed, XLSX written, taken back.

    python benchmarks/outfall_files.py [--outfalls 10000] [--folder FOLDER] [--json OUT]

The file is invented: each row fills every field of the register that a file may fill, names a water, a
discharger and units, and is a new outfall. Beside each step stands the time of the processor, which a busy
machine lengthens less. PostgreSQL is measured instead of SQLite where BISHUI_DATABASE_URL names an empty
database; the processor's time is then without the database's.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

CITY, COUNTIES, WATERS, DISCHARGERS, UNITS = "880000/", 9, 300, 2000, 100
#: Upload to committed, in seconds.
WANTED = 20.0
_NOT_FILLED = ("code", "official_code", "responsible_kind")


def set_up(folder: Path) -> None:
    """Set Django up over an empty data directory, with a city and what its outfalls name."""
    os.environ["BISHUI_DATA"] = str(folder)
    os.environ["BISHUI_LOG"] = "quiet"
    os.environ["DJANGO_SETTINGS_MODULE"] = "bishui.server.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from bishui.server.accounts import services

    services.save_division(
        CITY[:-1], "虚拟市", level="city", fiction=True, as_of=date(2025, 6, 30), actor="system"
    )
    for number in range(1, COUNTIES + 1):
        services.save_division(
            f"88000{number}", f"虚拟县{number}", level="county", parent=CITY[:-1], actor="system"
        )
    _fill("receiving_waters", "W", "虚拟河", WATERS, kind="河流")
    _fill("dischargers", "D", "虚拟厂", DISCHARGERS)
    _fill("units", "U", "虚拟单位", UNITS, kind="企业")


def _somebody() -> Any:
    """Return who brings the files in: what a person decides, the system does not."""
    from bishui.server.accounts import services
    from bishui.server.accounts.models import User

    known = User.objects.filter(username="reader").first()
    if known is None:
        known = services.create_user("reader", None, actor="system")
        services.grant(known, "administrator", division=CITY, actor="system")
    return known


def _fill(key: str, letter: str, name: str, count: int, **more: str) -> None:
    """Bring rows into a register by its import."""
    from bishui.server.core import imports, registers

    register = registers.load_all()[key]
    values = {"code": "", "name": "", "division": "880001"} | more
    heads = [field.label.zh for field in register.fields if field.name in values]
    lines = [",".join(heads)]
    for number in range(count):
        row = values | {"code": f"{letter}{number:04}", "name": f"{name}{number}"}
        lines.append(",".join(row[field.name] for field in register.fields if field.name in values))
    session = imports.receive(
        f"register:{key}", ["\n".join(lines).encode()], f"{key}.csv", division=CITY, actor="system"
    )
    imports.run_now(session, actor=_somebody())
    if session.state != "active":
        raise SystemExit(f"{key}: {session.problems[:1]}")


def workbook(count: int) -> bytes:
    """Return an XLSX of new outfalls."""
    from openpyxl import Workbook

    from bishui.server.core import registers

    fields = registers.load_all()["outfalls"].fields
    drawn = random.Random(5)
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([field.label.zh for field in fields])
    for number in range(count):
        sheet.append([_text(field, number, drawn) for field in fields])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _text(field: Any, number: int, drawn: random.Random) -> str:
    """Return what a row says of a field."""
    county = number % COUNTIES + 1
    said = {
        "name": f"虚拟县{county}听螺村{number}#排口",
        "division": f"88000{county}",
        "lon": f"{104 + drawn.random():.6f}",
        "lat": f"{22 + drawn.random():.6f}",
        "water": f"W{drawn.randrange(WATERS):04}",
        "discharger": f"D{drawn.randrange(DISCHARGERS):04}",
        "responsible_unit": f"U{drawn.randrange(UNITS):04}",
        "supervising_unit": f"U{drawn.randrange(UNITS):04}",
    } | dict.fromkeys(_NOT_FILLED, "")
    if field.name in said:
        return said[field.name]
    if field.type == "choice":
        return str(drawn.choice(field.choices).label.zh)
    if field.type == "date":
        return f"2020-01-{number % 28 + 1:02}"
    if field.type == "text":
        return f"{field.label.zh}{drawn.randrange(50)}"[: field.max_length]
    return str(drawn.randrange(1, 20))


def steps(content: bytes) -> Iterator[tuple[str, Callable[[], object]]]:
    """Give each step by its name, in order."""
    from bishui.server.core import imports, register_records, registers
    from bishui.server.outfalls.models import Outfall

    register = registers.load_all()["outfalls"]
    session = imports.receive(
        "register:outfalls", [content], "outfalls.xlsx", division=CITY, actor="system",
        options={"mapping": "own"},
    )  # fmt: skip

    def commit() -> None:
        imports.start_commit(session, actor=_somebody())
        imports.finish_commit(session)

    yield "read and preview", lambda: imports.read(session)
    session.refresh_from_db()
    yield "commit", commit
    session.refresh_from_db()
    if session.state != "active":
        raise SystemExit(f"{session.state}: {session.problems[:1]}")
    yield "write XLSX", lambda: register_records.workbook(register, list(Outfall.objects.all()))
    yield "take back", lambda: imports.take_back(session, actor=_somebody(), why="量时间")
    if Outfall.objects.exists():
        raise SystemExit("something is left")


def measure(content: bytes) -> Sequence[Mapping[str, Any]]:
    """Do each step once and tell how long it took."""
    told = []
    for name, do in steps(content):
        begun, busy = time.perf_counter(), time.process_time()
        do()
        entry = {"what": name, "wall": time.perf_counter() - begun, "cpu": time.process_time() - busy}
        told.append(entry)
        print(f"{name:18} {entry['wall']:6.1f} s   cpu {entry['cpu']:6.1f} s", flush=True)
    return told


def main() -> None:
    """Make the file and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--outfalls", type=int, default=10_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="bishui-outfall-files-"))
    folder.mkdir(parents=True, exist_ok=True)
    set_up(folder)
    told = measure(workbook(asked.outfalls))
    whole = sum(entry["wall"] for entry in told[:2])
    print(f"upload to committed {whole:.1f} s, wanted {WANTED:.0f} s")
    if asked.json:
        asked.json.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
