"""Run a notebook's cells in order and write what they show beneath them, without Jupyter.

``python -m scripts.notebook docs/tutorial/python-api.ipynb`` brings its outputs up to date. What a cell
prints is kept, and the picture of a chart that stands last in it.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Shown:
    """What a cell shows: what it prints, and the SVG of a chart that stands last in it, empty without one."""

    printed: str
    svg: str = ""

    def outputs(self, number: int) -> list[dict[str, Any]]:
        """Return the outputs of cell `number` in the form of a notebook."""
        found: list[dict[str, Any]] = []
        if self.printed:
            lines = self.printed.splitlines(keepends=True)
            found.append({"name": "stdout", "output_type": "stream", "text": lines})
        if self.svg:
            found.append(
                {
                    "data": {"image/svg+xml": self.svg.splitlines(keepends=True)},
                    "execution_count": number,
                    "metadata": {},
                    "output_type": "execute_result",
                }
            )
        return found


def run_cells(notebook: dict[str, Any], name: str) -> Iterator[tuple[dict[str, Any], Shown]]:
    """Yield each cell of code with what it shows; all of them share one name space."""
    space: dict[str, Any] = {"__name__": "notebook"}
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            last = _run("".join(cell["source"]), f"{name}:{cell['id']}", space)
        yield cell, Shown(printed.getvalue(), last._repr_svg_() if hasattr(last, "_repr_svg_") else "")


def _run(source: str, name: str, space: dict[str, Any]) -> Any:
    """Run a cell; return the value of the expression that stands last in it, None where there is none."""
    tree = ast.parse(source, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), space)
    return None if last is None else eval(compile(ast.Expression(last.value), name, "eval"), space)


def shown_by(cell: dict[str, Any]) -> Shown:
    """Return what stands beneath a cell."""
    printed = [line for output in cell["outputs"] for line in output.get("text", ())]
    svg = [line for output in cell["outputs"] for line in output.get("data", {}).get("image/svg+xml", ())]
    return Shown("".join(printed), "".join(svg))


def main() -> int:
    """Run the notebooks that are named and write their outputs."""
    for path in map(Path, sys.argv[1:]):
        notebook = json.loads(path.read_text("utf-8"))
        for number, (cell, shown) in enumerate(run_cells(notebook, path.name), 1):
            cell["execution_count"], cell["outputs"] = number, shown.outputs(number)
        path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
