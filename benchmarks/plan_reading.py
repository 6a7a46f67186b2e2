"""How long a plan takes to read, and how well it is read, in one run.

No other program reads these documents into tasks and targets, so the time stands beside the least that any
reader must do: decode and split the text, or walk the cells of a Word document with python-docx. Real plans
and their known truth are used where the folder ``shared`` lies beside the checkout; an invented one of 60
tasks is always measured.

Run: ``python benchmarks/plan_reading.py``
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import docx

from bishui.documents import read_plan_bytes

SHARED = Path(__file__).resolve().parents[2] / "shared"
ROUNDS = 5


def invented_plan(tasks: int) -> str:
    """An invented annual plan in the shape of a text export."""
    lines = ["云川市2031年度水污染防治工作计划", "", "附件1", "", "重点工作任务清单", ""]
    lines.append("序号\t主要任务\t任务内容\t牵头单位\t配合单位\t责任单位\t完成时限")
    for number in range(1, tasks + 1):
        content = f"到2031年底，第{number}类设施的污水处理率达到95%以上，完成{number}个园区的整治。" * 3
        lines.append(
            f"{number}\t主题\t{content}\t市甲局、乙局等\t市丙局\t各县、区人民政府，东区管委会\t年底前"
        )
    return "\n".join(lines)


def as_word(text: str) -> bytes:
    document = docx.Document()
    rows = [line.split("\t") for line in text.split("\n") if "\t" in line]
    for line in text.split("\n"):
        if line and "\t" not in line:
            document.add_paragraph(line)
    table = document.add_table(len(rows), len(rows[0]))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, cell_text in zip(row.cells, texts, strict=True):
            cell.text = cell_text
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def split_only(data: bytes) -> list[list[str]]:
    return [line.split("\t") for line in data.decode().splitlines()]


def walk_word(data: bytes) -> list[str]:
    document = docx.Document(io.BytesIO(data))
    texts = [paragraph.text for paragraph in document.paragraphs]
    return texts + [cell.text for table in document.tables for row in table.rows for cell in row.cells]


def best(action: Callable[[], object]) -> float:
    """Milliseconds of the quickest of some rounds, after one to warm up."""
    action()
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        action()
        times.append(time.perf_counter() - begin)
    return min(times) * 1000


def measure(name: str, data: bytes, baseline: Callable[[bytes], object], baseline_name: str) -> None:
    draft = read_plan_bytes(data, name)
    mine, least = best(lambda: read_plan_bytes(data, name)), best(lambda: baseline(data))
    counts = draft.coverage_counts()
    print(
        f"{name:34} {mine:8.1f} ms   {baseline_name} {least:7.2f} ms   {len(draft.tasks):3} tasks "
        f"{len(draft.targets):3} targets {len(draft.tables):2} tables   "
        f"{counts.get('not understood', 0):4} of {len(draft.source_lines):4} lines not understood"
    )


def score(name: str) -> None:
    """Print the score of one document whose truth is known."""
    truth = SHARED / "reference" / "plan-truth" / f"{name}.json"
    draft = read_plan_bytes((SHARED / "plans" / f"{name}.txt").read_bytes(), f"{name}.txt")
    with tempfile.TemporaryDirectory() as folder:
        got = Path(folder) / "got.json"
        got.write_text(json.dumps(draft.to_json(), ensure_ascii=False), encoding="utf-8")
        command = [sys.executable, str(SHARED / "tools" / "score_plan.py"), str(truth), str(got), "--json"]
        result = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    fields = {key: value["f1"] for key, value in result["fields"].items() if value["f1"] is not None}
    exact = result["exact_tasks"] or {"exact": 0, "of": 0}
    print(f"{name}: exact tasks {exact['exact']} of {exact['of']}, fields below F1 = 1:")
    print("   " + (", ".join(f"{key} {value:.3f}" for key, value in fields.items() if value < 1) or "none"))


def main() -> None:
    text = invented_plan(60)
    measure("invented.txt", text.encode(), split_only, "decode and split")
    measure("invented.docx", as_word(text), walk_word, "python-docx walk")
    if not SHARED.is_dir():
        print("no folder of real plans beside this checkout: real plans neither timed nor scored")
        return
    for path in sorted((SHARED / "plans").glob("*.txt")):
        measure(path.name, path.read_bytes(), split_only, "decode and split")
    for path in sorted((SHARED / "reference" / "plan-truth").glob("*.json")):
        score(path.stem)


if __name__ == "__main__":
    main()
