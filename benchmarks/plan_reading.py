"""How well a plan is read, and how long it takes, in one run.

No other program reads these documents into tasks and targets. The time stands beside the least that a reader
of the format must do, in the same process: pandas.read_html and pandas.read_excel on the same tables, a walk
over the cells with python-docx, the text of each page with pypdfium2, decoding and splitting for text.

Invented plans of many layouts (``tests/documents/unseen_plans.py``) are written in each format, read twice,
and compared with what they say. The seeds are others than those of the tests; the rules and the layouts
were worked on together nevertheless, so the figures say that what is known does not break, not how an unknown
document will be read. ``--heads other`` gives the columns names that were written down only after the rules,
for this program.

Where the folder ``shared`` lies beside the checkout, the published plans are timed, and scored where their
truth is known.

Run: ``python benchmarks/plan_reading.py [--plans 100] [--first 1000] [--heads usual|other]
[--formats docx,pdf] [--json OUT]``
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pandas
import pypdfium2

from bishui.documents import read_plan_bytes

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "documents"))

from unseen_plans import FIELDS, FORMATS, HEADS, f1, unseen_plan  # noqa: E402
from unseen_plans import score as compared  # noqa: E402

SHARED = ROOT.parent / "shared"
ROUNDS = 5

#: Heads of columns written down after the rules; no rule was changed for them.
OTHER_HEADS = {
    "theme": ["治理方向", "重点方面", "任务板块", "工作类别", "专项名称"],
    "content": ["实施内容", "具体工作", "任务描述", "落实措施", "工作目标及措施", "具体任务和要求"],
    "lead": ["总牵头单位", "牵头市直部门", "主要负责单位", "牵头负责单位", "第一责任单位"],
    "cooperating": ["协作单位", "联动部门", "配合责任单位", "协同部门", "共同配合单位"],
    "responsible": ["落实责任单位", "属地责任单位", "具体责任单位", "实施主体", "执行单位"],
    "deadline": ["办结时间", "时间要求", "截止日期", "进度安排", "完成节点", "拟完成时间"],
}


# --- the least that must be done ---------------------------------------------------------------------------


def walk_html(data: bytes) -> object:
    return pandas.read_html(io.BytesIO(data), encoding="gb18030")


def walk_word(data: bytes) -> object:
    document = docx.Document(io.BytesIO(data))
    texts = [paragraph.text for paragraph in document.paragraphs]
    return texts + [cell.text for table in document.tables for row in table.rows for cell in row.cells]


def walk_sheet(data: bytes) -> object:
    return pandas.read_excel(io.BytesIO(data), header=None, sheet_name=None, engine="openpyxl")


def walk_pages(data: bytes) -> object:
    document = pypdfium2.PdfDocument(data)
    return [page.get_textpage().get_text_range() for page in document]


def split_text(data: bytes) -> object:
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    return [line.split("\t") for line in text.splitlines()]


PEERS: dict[str, tuple[str, Callable[[bytes], object]]] = {
    "html": ("pandas.read_html", walk_html),
    "docx": ("python-docx", walk_word),
    "xlsx": ("pandas.read_excel", walk_sheet),
    "pdf": ("pypdfium2", walk_pages),
    **dict.fromkeys(("csv", "md", "txt"), ("decode and split", split_text)),
}


# --- invented plans ----------------------------------------------------------------------------------------


def taken(action: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds of CPU time and the result."""
    begin = time.process_time()
    result = action()
    return time.process_time() - begin, result


def unseen(kind: str, seeds: range) -> dict[str, Any]:
    """Read the plans of all seeds in one format, twice each; the quicker reading is timed."""
    counts = {name: Counter[str]() for name in ("tasks", *FIELDS)}
    own, peer, differing, unaccounted, below = [], [], 0, 0, 0
    for seed in seeds:
        plan = unseen_plan(seed)
        data = plan.write(kind)
        first, draft = taken(lambda data=data: read_plan_bytes(data, f"plan.{kind}"))
        second, again = taken(lambda data=data: read_plan_bytes(data, f"plan.{kind}"))
        own.append(min(first, second))
        peer.append(min(taken(lambda data=data: PEERS[kind][1](data))[0] for _ in range(2)))
        differing += draft.to_json() != again.to_json()
        unaccounted += len(draft.coverage) != len(draft.source_lines)
        found = compared(plan.tasks, draft.to_json()["tasks"])
        below += any(f1(count) < 1 for count in found.values())
        for name, count in found.items():
            counts[name].update(count)
    return {
        "format": kind,
        "plans": len(seeds),
        "tasks": counts["tasks"]["tp"] + counts["tasks"]["fn"],
        "f1": {name: f1(count) for name, count in counts.items()},
        "plans_not_perfect": below,
        "read_twice_differing": differing,
        "with_lines_unaccounted": unaccounted,
        "seconds_median": statistics.median(own),
        "seconds_longest": max(own),
        "peer": PEERS[kind][0],
        "times_the_peer": sum(own) / sum(peer),
    }


def show_unseen(result: dict[str, Any]) -> None:
    values = "".join(f"{value:8.4f}" for value in result["f1"].values())
    print(
        f"{result['format']:5}{values}{result['plans_not_perfect']:7}{result['read_twice_differing']:8}"
        f"{result['seconds_median'] * 1000:9.0f}{result['seconds_longest'] * 1000:9.0f}"
        f"{result['times_the_peer']:9.1f} × {result['peer']}"
    )


def invented(seeds: range, kinds: list[str]) -> list[dict[str, Any]]:
    """Measure and print each format."""
    read_plan_bytes(unseen_plan(0).write("txt"), "plan.txt")
    tasks = sum(len(unseen_plan(seed).tasks) for seed in seeds)
    print(f"{len(seeds)} invented plans (seeds {seeds.start} to {seeds.stop - 1}), {tasks} tasks")
    heads = "".join(f"{name[:7]:>8}" for name in ("tasks", *FIELDS))
    print(f"{'F1':5}{heads}   <1 in  differ  ms (CPU)  longest  times the peer")
    results = []
    for kind in kinds:
        results.append(unseen(kind, seeds))
        show_unseen(results[-1])
    return results


# --- published plans ---------------------------------------------------------------------------------------


def best(action: Callable[[], object]) -> float:
    """Milliseconds of CPU time of the quickest of some rounds, after one to warm up."""
    action()
    return min(taken(action)[0] for _ in range(ROUNDS)) * 1000


def published(path: Path) -> dict[str, Any]:
    """Time a published plan and score it where its truth is known."""
    data = path.read_bytes()
    draft = read_plan_bytes(data, path.name)
    own, least = best(lambda: read_plan_bytes(data, path.name)), best(lambda: split_text(data))
    counts = draft.coverage_counts()
    result = {
        "file": path.name,
        "milliseconds": own,
        "split_milliseconds": least,
        "tasks": len(draft.tasks),
        "targets": len(draft.targets),
        "tables": len(draft.tables),
        "findings": len(draft.findings),
        "lines": len(draft.source_lines),
        "not_understood": counts.get("not understood", 0),
    }
    print(
        f"{path.name:36}{own:6.0f} ms (split {least:4.1f})   {result['tasks']:3} tasks "
        f"{result['targets']:4} targets {result['tables']:2} tables {result['findings']:3} findings   "
        f"{result['not_understood']} of {result['lines']} lines not understood"
    )
    truth = SHARED / "reference" / "plan-truth" / f"{path.stem}.json"
    if truth.is_file():
        result["score"] = scored(truth, draft.to_json())
    return result


def scored(truth: Path, got: dict[str, Any]) -> dict[str, Any]:
    """Score a draft with the scorer that comes with the truth, and print it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "got.json"
        file.write_text(json.dumps(got, ensure_ascii=False), encoding="utf-8")
        command = [sys.executable, str(SHARED / "tools" / "score_plan.py"), str(truth), str(file), "--json"]
        result = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    fields = {key: value["f1"] for key, value in result["fields"].items() if value["f1"] is not None}
    exact = result["exact_tasks"] or {"exact": 0, "of": 0}
    below = ", ".join(f"{key} {value:.3f}" for key, value in fields.items() if value < 1) or "none"
    print(f"    exact tasks {exact['exact']} of {exact['of']}; of {len(fields)} fields F1 below 1: {below}")
    return {"exact": exact, "f1": fields}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--plans", type=int, default=100, help="invented plans for each format")
    parser.add_argument("--first", type=int, default=1000, help="the first seed")
    parser.add_argument("--formats", default=",".join(FORMATS))
    parser.add_argument("--json", type=Path, help="write the figures to a file")
    parser.add_argument("--heads", choices=("usual", "other"), default="usual")
    asked = parser.parse_args()
    if asked.heads == "other":
        HEADS.update(OTHER_HEADS)
    results = invented(range(asked.first, asked.first + asked.plans), asked.formats.split(","))
    print()
    known = []
    if SHARED.is_dir():
        known = [published(path) for path in sorted((SHARED / "plans").glob("*.txt"))]
    else:
        print("no folder of published plans beside this checkout: they are neither timed nor scored")
    if asked.json:
        figures = {"heads": asked.heads, "invented": results, "published": known}
        asked.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
