"""Series of values (时间序列) in files of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bishui.assessment.trends.series import Series, read_series
from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.verification import read_cases

#: Columns that say when.
TIME = ("year", "month")


def series_file(path: Path, *, item: str | None = None) -> Series:
    """Read a series from a CSV with the columns year, month (or none) and one of values.

    Parameters
    ----------
    path
        The file; lines that begin with # are comments, a blank value is missing.
    item
        The item's key, where it is known.

    Raises
    ------
    UnreadableFile, DataError
        If the file cannot be read, has other columns, or a cell is not a number.
    """
    header, cases = read_cases(path)
    lacking = not_a_series(header)
    if lacking is not None:
        raise DataError(lacking, remedy=Text("请按 year,month,数值 三列给出。"), where=Where(file=str(path)))
    (value,) = (head for head in header if head not in TIME)
    return read_series(((case.line, case.cells) for case in cases), value, name=path.name, item=item)


def not_a_series(header: Sequence[str]) -> Text | None:
    """Say why a file with these columns is no series; None where it is one."""
    values = [head for head in header if head not in TIME]
    if "year" in header and len(values) == 1:
        return None
    return Text(
        "序列文件须有 year 列、可有 month 列，另有恰好一列数值；现有：{heads}。", heads="、".join(header)
    )
