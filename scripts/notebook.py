"""Run a notebook's cells in order and write what they print beneath them, without Jupyter.

``python -m scripts.notebook docs/tutorial/python-api.ipynb`` brings its outputs up to date. What a cell
prints is all that is kept: the notebook shows texts, so that a change of an output can be read in a review.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def printed_by_cells(notebook: dict[str, Any], name: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each cell of code with what it prints; all of them share one name space."""
    space: dict[str, Any] = {"__name__": "notebook"}
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile("".join(cell["source"]), f"{name}:{cell['id']}", "exec"), space)
        yield cell, printed.getvalue()


def shown_by(cell: dict[str, Any]) -> str:
    """Return the text that stands beneath a cell."""
    return "".join("".join(output["text"]) for output in cell["outputs"])


def main() -> int:
    """Run the notebooks that are named and write their outputs."""
    for path in map(Path, sys.argv[1:]):
        notebook = json.loads(path.read_text("utf-8"))
        for number, (cell, printed) in enumerate(printed_by_cells(notebook, path.name), 1):
            stream = {"name": "stdout", "output_type": "stream", "text": printed.splitlines(keepends=True)}
            cell["execution_count"], cell["outputs"] = number, [stream] if printed else []
        path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
