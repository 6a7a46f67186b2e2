"""What both demonstrations share: the import of a file, and the mark of a load that is whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bishui.i18n import Text
from bishui.server.accounts.models import User
from bishui.server.core import audit, files, imports
from bishui.server.core.models import AuditEntry, ImportSession

Say = Callable[[Text], None]
CONTROL = {"国控": "national", "区控": "regional", "市控": "city"}


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
