"""How commands write what they found as JSON: to a file, or to stdout for ``-``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from bishui.errors import CallError, Where
from bishui.i18n import Text


def write_json(content: dict[str, Any], out: Path) -> None:
    """Write JSON to a file, or to stdout for ``-``.

    Raises
    ------
    CallError
        If the file cannot be written.
    """
    # Settings may be decimals: they keep their digits as text, as all decimals do.
    text = json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n"
    if out == Path("-"):
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise CallError(
            Text("无法写入 {path}：{reason}。", path=str(out), reason=fault.strerror or type(fault).__name__),
            remedy=Text("请换一个存在且可以写入的位置。"),
            where=Where(file=str(out)),
        ) from None
