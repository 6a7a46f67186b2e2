"""Reads of this app."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from django.db.models import Q, QuerySet

from bishui.server.core.models import StoredFile
from bishui.server.standards.models import OverrideFile
from bishui.standards import Override, parse_override

_FILES_REMEMBERED = 64


def override_in_force(division: str, on: date) -> Override | None:
    """Return the bureau's own values that hold for a division on a day, or None.

    The file of the narrowest division that holds the given one counts, and of several the one whose first day
    is the latest; of those with one first day the version uploaded last. Files are not mixed.

    Parameters
    ----------
    division
        Path of the division assessed (``990000/990101/``).
    on
        The day of the sample.
    """
    return _content(record_in_force(division, on))


def by_day(division: str) -> Callable[[date], Override | None]:
    """Return `override_in_force` of a division as a function of the day that asks the records once."""
    standing = _standing(division)  # a query set asks when it is first gone through, and remembers
    return cache(lambda day: _content(_chosen(standing, day)))


def record_in_force(division: str, on: date) -> OverrideFile | None:
    """Return the record behind `override_in_force`."""
    return _chosen(_standing(division), on)


def _standing(division: str) -> QuerySet[OverrideFile]:
    """Return the files in force, on whichever days, for a division or one that holds it."""
    return OverrideFile.objects.filter(state="in_force", division__in=_above(division)).select_related("file")


def _chosen(files: Iterable[OverrideFile], day: date) -> OverrideFile | None:
    """Return the file that counts on a day, of those that stand."""
    holding = (file for file in files if file.in_force_from <= day <= (file.in_force_to or date.max))
    return max(holding, key=_precedence, default=None)


def _content(record: OverrideFile | None) -> Override | None:
    return content_of(record) if record else None


def _precedence(file: OverrideFile) -> tuple[int, date, int]:
    """Return what decides which of several files counts: the narrowest, the latest, the newest version."""
    return len(file.division), file.in_force_from, file.number


def files_with(record: OverrideFile, division: str) -> Callable[[date], Override | None]:
    """Return which of the bureau's files would hold on a day if this one was in force, or no longer was.

    A file that waits for confirmation is taken as in force; one in force as withdrawn.
    """
    living = [file for file in _standing(division) if file.pk != record.pk]
    if record.state != "in_force" and division.startswith(record.division):
        living.append(record)
    return cache(lambda day: _content(_chosen(living, day)))


def content_of(record: OverrideFile) -> Override:
    """Return what an uploaded file says.

    Raises
    ------
    DataError
        If this version of the standards no longer knows something that the file names.
    """
    return _parsed(record.file.sha256, str(record.file.path), record.file.name)


def files_of(division: str) -> QuerySet[OverrideFile]:
    """Return the files of a city and its counties, newest first."""
    return OverrideFile.objects.filter(division__startswith=division).select_related("file", "uploaded_by")


def files_bearing_on(division: str) -> QuerySet[OverrideFile]:
    """Return the files in force of a division, of those inside it and of those that hold it."""
    near = Q(division__startswith=division) | Q(division__in=_above(division))
    return OverrideFile.objects.filter(near, state="in_force").select_related("file")


def stored_files(record: OverrideFile) -> dict[str, StoredFile]:
    """Return the files of a record by what they are: ``file``, and ``basis`` where there is one."""
    found = {"file": record.file}
    if record.basis_file is not None:
        found["basis"] = record.basis_file
    return found


@lru_cache(maxsize=_FILES_REMEMBERED)
def _parsed(_sha256: str, path: str, name: str) -> Override:
    return parse_override(Path(path).read_bytes(), name)


def _above(division: str) -> list[str]:
    """Return a division path and those of the divisions that hold it."""
    codes = [code for code in division.split("/") if code]
    return ["".join(f"{code}/" for code in codes[:count]) for count in range(1, len(codes) + 1)]
