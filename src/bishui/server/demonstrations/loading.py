"""What both demonstrations share: the import of a file, and the mark of a load that is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from bishui.i18n import Text
from bishui.server.accounts.models import User
from bishui.server.core import audit, files, imports, register_records, registers
from bishui.server.core.models import AuditEntry, ImportSession

Say = Callable[[Text], None]
_LEVELS = {
    "市级": "city",
    "县级": "county",
    "千吨万人": "thousand_ton",
    "镇级": "township",
    "乡镇级": "township",
    "村级": "village",
}
_STATES = {"在用": "in_use", "备用": "standby", "规划": "planned"}
_WATER_TYPES = {"河流": "river", "河流型": "river", "湖库": "lake", "湖库型": "lake"}
_GRADES = {"一级A": "1A", "一级B": "1B", "二级": "2", "三级": "3"}
CONTROL = {"国控": "national", "区控": "regional", "市控": "city"}


def source_fields(level: str, kind: str | None, status: str | None) -> dict[str, Any]:
    """Return what decides the assessment of a drinking-water source, from the words that are published."""
    water_type = _WATER_TYPES.get(kind or "", "")
    ground = (kind or "").startswith("地下水")
    return {
        "water_type": water_type,
        "source_level": _LEVELS.get(level, ""),
        "source_water": "ground" if ground else "surface" if water_type else "",
        "use_state": _STATES.get(status or "", ""),
    }


def plant_fields(capacity: str, grade: str) -> dict[str, Any]:
    """Return what decides the assessment of a sewage plant: its capacity in 10⁴ t/d and its grade."""
    return {"capacity": Decimal(capacity), "discharge_grade": _GRADES.get(grade, "")}


def is_loaded(key: str) -> bool:
    """Tell whether the demonstration `key` was loaded to its end."""
    return AuditEntry.objects.filter(action="core.demonstration_loaded", params__key=key).exists()


def loaded(key: str, name: str, operator: User) -> None:
    """Write down that a demonstration is whole; a load that was cut off is done again, step by step."""
    with audit.action("core.demonstration_loaded", actor=operator, key=key, name=name):
        pass


def import_file(kind: str, path: Path, division: str, operator: User, **options: Any) -> ImportSession:
    """Import a file as a user would: kept, read, committed."""
    session = imports.receive(
        kind, files.chunks_of(path), path.name, division=division, actor=operator, options=options
    )
    imports.run_now(session, actor=operator, alone="载入演示数据")
    return session


def fill_register(key: str, rows: Iterable[Mapping[str, str]], operator: User) -> None:
    """Enter rows into a register as its import would; what is there already is left as it is."""
    register = registers.load_all()[key]
    for row in rows:
        if register_records.find(register, row["code"]) is not None:
            continue
        values, problems = register_records.parse_row(register, row)
        if problems:
            raise ValueError(f"{key} {row['code']}: {problems[0]}")
        register_records.save(register, register_records.apply(register, values), actor=operator)
