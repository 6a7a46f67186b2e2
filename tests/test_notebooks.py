"""The notebooks show what stands beneath their cells, run without Jupyter."""

import json
from pathlib import Path

import pytest
from scripts.notebook import run_cells, shown_by

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "docs").rglob("*.ipynb"))


def load(path):
    return json.loads(path.read_text("utf-8"))


def test_there_is_a_notebook():
    assert [path.name for path in NOTEBOOKS] == ["python-api.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_cell_shows_what_stands_beneath_it(path):
    for cell, shown in run_cells(load(path), path.name):
        kept = shown_by(cell)
        assert shown.printed == kept.printed, cell["id"]
        assert shown.svg.startswith("<svg") == kept.svg.startswith("<svg"), cell["id"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_the_form_that_jupyter_opens(path):
    found = load(path)
    assert (found["nbformat"], found["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in found["cells"]}) == len(found["cells"])
    for number, cell in enumerate((cell for cell in found["cells"] if cell["cell_type"] == "code"), 1):
        assert cell["execution_count"] == number
        assert {output["output_type"] for output in cell["outputs"]} <= {"stream", "execute_result"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_uses_doors_only(path):
    source = "\n".join("".join(cell["source"]) for cell in load(path)["cells"] if cell["cell_type"] == "code")
    used = {line.split()[1] for line in source.splitlines() if line.startswith("from bishui")}
    assert all(module.count(".") == 1 for module in used), used
