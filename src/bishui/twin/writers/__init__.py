"""Writing the plan in the formats in which authorities send their plans."""

from __future__ import annotations

import json
from pathlib import Path

from bishui.twin.model import City
from bishui.twin.plan import plan_document
from bishui.twin.plan_text import lay_out
from bishui.twin.plan_truth import plan_truth
from bishui.twin.writers.page import to_html
from bishui.twin.writers.paper import to_pdf
from bishui.twin.writers.sheet import to_xlsx
from bishui.twin.writers.word import to_docx

__all__ = ["write_json", "write_plan"]


def write_plan(city: City, folder: Path) -> dict[str, Path]:
    """Write the city's annual plan in every format, and what it says beside it.

    Parameters
    ----------
    city
        The city whose plan it is.
    folder
        Where the files go; it is made where it is missing.

    Returns
    -------
    dict
        Format (``txt``, ``html``, ``docx``, ``xlsx``, ``pdf``) or ``truth`` to the file written.
        Equal cities give equal bytes.
    """
    document = plan_document(city)
    folder.mkdir(parents=True, exist_ok=True)
    paths = {kind: folder / f"{document.stem}.{kind}" for kind in ("txt", "html", "docx", "xlsx", "pdf")}
    text = "\n".join(line.text for line in lay_out(document))
    paths["txt"].write_bytes(f"{text}\n".encode())
    paths["html"].write_bytes(to_html(document).encode())
    paths["docx"].write_bytes(to_docx(document))
    paths["xlsx"].write_bytes(to_xlsx(document))
    paths["pdf"].write_bytes(to_pdf(document))
    paths["truth"] = folder / f"{document.stem}.truth.json"
    write_json(plan_truth(city, document), paths["truth"])
    return paths


def write_json(value: object, path: Path) -> None:
    """Write `value` as readable JSON in UTF-8."""
    path.write_bytes((json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode())
