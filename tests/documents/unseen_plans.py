"""Plan documents of invented authorities, each laid out in its own way, with what they say.

A seed decides everything: names of columns, their order, merged cells, section rows, heads of two rows, tables
in parts, units in one cell. `UnseenPlan.write` gives the same plan in any format; `score` compares what was
read with the truth, field by field.
"""

from __future__ import annotations

import csv
import html
import io
import json
import random
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import docx
import openpyxl
import typst
from pylopdf_fonts_zh_cn import serif_path

FORMATS = ("html", "docx", "xlsx", "pdf", "csv", "md", "txt")
FIELDS = ("lead", "cooperating", "responsible", "deadline", "theme", "content")

HEADS = {
    "seq": ["序号", "编号", "任务序号", "序 号", "No."],
    "theme": ["主要任务", "重点任务", "工作任务", "任务类别", "工作事项", "重点工作", "任务名称", "工作领域"],
    "content": [
        "任务内容",
        "工作措施",
        "具体措施",
        "工作内容",
        "主要内容",
        "任务要求",
        "主要举措",
        "具体工作内容及要求",
    ],
    "lead": ["牵头单位", "牵头部门", "主责单位", "责任主体", "主办单位", "市级牵头单位", "牵头责任单位"],
    "cooperating": ["配合单位", "参与单位", "协办单位", "配合部门", "协同单位", "市级配合单位", "协助单位"],
    "responsible": [
        "责任单位",
        "落实单位",
        "实施单位",
        "承办单位",
        "责任部门",
        "具体落实单位",
        "责任单位（县区）",
    ],
    "deadline": [
        "完成时限",
        "完成时间",
        "时间节点",
        "时限要求",
        "完成期限",
        "办理时限",
        "整改完成时间",
        "时间安排",
    ],
    "remark": ["备注", "进展情况", "联系人", "分管领导"],
}
CITIES = ["岚津", "霓川", "苇镜", "菱歌", "霁岫", "澜栖", "沐浔", "栎汀", "澄荇", "泠槎"]
BUREAUX = [
    "市生态环境局", "市水利局", "市住房城乡建设局", "市农业农村局", "市工业和信息化局", "市自然资源局", "市交通运输局",
    "市发展改革委", "市财政局", "市卫生健康委", "市城市管理局", "市市场监管局", "市林业局", "市应急管理局", "市公安局",
]  # fmt: skip
LOCAL = [
    ["各县（区）人民政府"], ["各县、区人民政府"], ["相关县（市、区）人民政府"], ["{a}县人民政府"],
    ["{a}县人民政府", "{b}区人民政府"], ["{b}区人民政府", "{b}高新区管委会"], ["各乡镇人民政府", "各街道办事处"],
]  # fmt: skip
DEADLINES = {
    "全年": "all year", "6月底前": "{y}-06-30", "年底前": "{y}-12-31", "{y}年9月底前": "{y}-09-30",
    "{y}年12月31日前": "{y}-12-31", "长期坚持": "all year", "11月15日前": "{y}-11-15", "第三季度末": "{y}-09-30",
    "每季度": "every quarter", "持续推进": "all year", "{y}年10月": "{y}-10-31",
}  # fmt: skip
SECTIONS = {
    "一、工业废水怎样管": ["园区管网", "企业排水", "涉重企业"],
    "二、城镇污水补短板": ["管网改造", "厂站提标", "污泥去向", "雨污分流"],
    "三、农业面源减量": ["畜禽养殖", "水产尾水", "化肥农药"],
    "四、河湖生态修复": ["岸线清理", "生态补水", "湿地恢复"],
    "五、监测与执法": ["断面加密", "溯源排查", "联合执法"],
}
STEMS = [
    "{t}列出台账，逐项写明位置、责任人和整改办法", "对{t}开展一次全面摸底，发现的问题当月交办", "完成{n}处{t}改造",
    "把{t}纳入日常巡查，每周至少到现场一次", "新建{t}设施{n}座，改造老旧设施{m}座", "编制{t}方案，经市政府同意后实施",
    "{t}的监测数据按月公开，接受群众监督", "汛期前清理{t}沿线垃圾{n}吨", "推动{t}项目{m}个开工，其中{k}个建成",
    "建立{t}部门会商机制，重大问题提级办理", "对{t}反复超标的{m}家单位约谈负责人", "整治{t}隐患（含历史遗留点位{k}个）",
]  # fmt: skip
SECOND = [
    "；整改一处、核销一处。", "。完成情况按季度报送。", "；资金列入年度预算，专款专用。", "，做到底数清、责任清、进度清。",
    "。", "；未按期完成的，书面说明原因并明确补办时间，由督查部门跟踪到底。", "。对屡查屡犯的，依法从严处理，典型案例向社会公布。",
]  # fmt: skip
NOTES = [
    "注：各项任务完成情况由牵头单位汇总。",
    "备注：时限未注明年份的，均指当年。",
    "说明：本表所列单位排名不分先后。",
]


@dataclass
class Cell:
    """A cell of a table on its grid: how many rows and columns it covers."""

    text: str
    rows: int = 1
    columns: int = 1
    shared: bool = False


@dataclass
class Table:
    """A table as rows of cells; None where a cell to the left or above covers the place."""

    heads: list[list[Cell | None]]
    rows: list[list[Cell | None]] = field(default_factory=list)
    repeats: set[int] = field(default_factory=set)


@dataclass
class UnseenPlan:
    """A plan document: its blocks in reading order and the tasks it holds."""

    seed: int
    blocks: list[str | Table] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    layout: dict[str, Any] = field(default_factory=dict)

    def write(self, kind: str) -> bytes:
        """Return the document in a format of `FORMATS`."""
        return _WRITERS[kind](self)


# --- making a plan -----------------------------------------------------------------------------------------


def unseen_plan(seed: int) -> UnseenPlan:
    """Return the plan of a seed."""
    draw = random.Random(seed)
    plan = UnseenPlan(seed)
    plan.layout = layout = _layout(draw)
    city, county = draw.sample(CITIES, 2)
    year = draw.randint(2027, 2033)
    title = draw.choice(
        ["{c}市{y}年水污染防治工作计划", "{c}市{y}年度水污染防治攻坚行动方案", "{y}年{c}市碧水保卫战工作要点"]
    )
    plan.blocks += [
        title.format(c=city, y=year),
        "为做好今年的治水工作，结合本市实际，制定本方案。",
        "一、总体要求",
        "坚持问题导向，点面结合，标本兼治，把任务落到单位、落到时间。",
        "二、工作任务",
        "具体任务见任务清单。",
    ]
    if layout["annex"]:
        plan.blocks += [f"附件：1.{city}市重点任务清单", "附件1", f"{city}市重点任务清单"]
    _tables(plan, draw, {"a": city, "b": county, "y": year})
    return plan


def _layout(draw: random.Random) -> dict[str, Any]:
    """Choose which columns there are, in which order, and how the table is built."""
    one_cell = draw.random() < 0.2
    roles = ["seq"] if draw.random() < 0.85 else []
    roles += ["theme"] if draw.random() < 0.75 else []
    units = (
        ["units"]
        if one_cell
        else draw.choice(
            [
                ["lead", "cooperating", "responsible"],
                ["lead", "cooperating"],
                ["responsible"],
                ["lead", "responsible"],
            ]
        )
    )
    tail = [
        *units,
        *(["deadline"] if draw.random() < 0.9 else []),
        *(["remark"] if draw.random() < 0.3 else []),
    ]
    if draw.random() < 0.3:
        tail.insert(0, tail.pop(tail.index("deadline")) if "deadline" in tail else tail.pop(0))
    if draw.random() < 0.2 and not one_cell:
        head = tail[: len(units)]
        draw.shuffle(head)
        tail[: len(units)] = head
    roles += ["content", *tail]
    if "theme" in roles and draw.random() < 0.1:
        at = roles.index("theme")
        roles[at], roles[at + 1] = roles[at + 1], roles[at]
    heads = {role: draw.choice(HEADS[role]) for role in HEADS}
    heads["units"] = draw.choice(["责任单位", "责任分工", "责任部门及分工", "任务分工"])
    if heads["lead"] == "责任主体" and "responsible" in roles:
        heads["lead"] = "牵头单位"
    return {
        "roles": roles,
        "heads": heads,
        "annex": draw.random() < 0.7,
        "two_rows": len(units) > 1 and _adjacent(roles, units) and draw.random() < 0.35,
        "sections": draw.choice(["rows", "rows", "paragraphs", "none"]),
        "theme": draw.choice(["merged", "merged", "repeated", "blank"]),
        "repeat_head": draw.choice([0, 0, 4, 7]),
        "note": draw.random() < 0.5,
        "broken": draw.random() < 0.3,
        "listed": draw.random() < 0.25,
        # One cell of bodies for all tasks of a theme, or a task with a row for each of its bodies.
        "shared": draw.random() < 0.2,
        "split": draw.random() < 0.15,
        "items": draw.random() < 0.2,
        "wrapped_heads": draw.random() < 0.2,
        "after": draw.random() < 0.4,
        "seq": draw.choice(["{n}", "{n}", "{n}.", "（{n}）", "{n:02d}"]),
        "separator": draw.choice(["、", "、", "，", ",", "；", " "]),
        "label": draw.choice(
            [
                "牵头单位：{0}；配合单位：{1}；责任单位：{2}",
                "牵头：{0}\n配合：{1}\n落实：{2}",
                "{0}牵头，{1}配合，{2}落实",
                "brackets",
            ]
        ),
        "landscape": draw.random() < 0.6,
        "page_head": draw.random() < 0.5,
    }


def _adjacent(roles: list[str], units: list[str]) -> bool:
    places = sorted(roles.index(role) for role in units)
    return places == list(range(places[0], places[0] + len(places)))


def _tables(plan: UnseenPlan, draw: random.Random, names: dict[str, Any]) -> None:
    layout = plan.layout
    table: Table | None = None
    number = 0
    for section, topics in SECTIONS.items():
        if draw.random() < 0.2:
            continue
        if layout["sections"] == "paragraphs" or table is None:
            if layout["sections"] == "paragraphs":
                plan.blocks.append(section)
            table = Table(_heads(layout))
            plan.blocks.append(table)
        elif layout["sections"] == "rows":
            table.rows.append(_section(section, len(layout["roles"])))
        if layout["sections"] == "rows" and not table.rows:
            table.rows.append(_section(section, len(layout["roles"])))
        for topic in draw.sample(topics, draw.randint(1, len(topics))):
            group = []
            for _ in range(draw.randint(1, 3)):
                number += 1
                group.append(_task(number, topic, section, draw, names, layout))
            _add_group(table, group, layout)
            plan.tasks += group
    if layout["note"]:
        plan.blocks.append(draw.choice(NOTES))
    if layout["annex"] and layout["after"]:
        _other_tables(plan)


def _section(text: str, width: int) -> list[Cell | None]:
    return [Cell(text, 1, width), *[None] * (width - 1)]


def _heads(layout: dict[str, Any]) -> list[list[Cell | None]]:
    roles, heads = layout["roles"], layout["heads"]
    if not layout["two_rows"]:
        broken = {role: "\n".join(filter(None, (heads[role][:2], heads[role][2:]))) for role in roles}
        return [[Cell((broken if layout["wrapped_heads"] else heads)[role]) for role in roles]]
    units = [role for role in roles if role in {"lead", "cooperating", "responsible"}]
    first = roles.index(units[0])
    top: list[Cell | None] = [Cell(heads[role], 2) for role in roles]
    below: list[Cell | None] = [None] * len(roles)
    short = {"lead": "牵头", "cooperating": "配合", "responsible": "落实"}
    for place in range(first, first + len(units)):
        top[place] = Cell("责任分工", 1, len(units)) if place == first else None
        below[place] = Cell(short[roles[place]])
    return [top, below]


def _task(
    number: int, topic: str, section: str, draw: random.Random, names: dict[str, Any], layout: dict[str, Any]
) -> dict[str, Any]:
    figures = {"n": draw.randint(2, 90), "m": draw.randint(2, 30), "k": draw.randint(1, 9)}
    content = draw.choice(STEMS).format(t=topic, **figures) + draw.choice(SECOND)
    if draw.random() < 0.3:
        content += draw.choice(STEMS).format(t=topic, **figures) + "。"
    written, norm = draw.choice(list(DEADLINES.items()))
    roles = layout["roles"]
    lead = draw.sample(BUREAUX, draw.randint(1, 2))
    others = [each for each in BUREAUX if each not in lead]
    has = {role: role in roles or "units" in roles for role in ("lead", "cooperating", "responsible")}
    return {
        "seq": number,
        "section": [section] if layout["sections"] != "none" else [],
        "theme": topic if "theme" in roles else "",
        "content": content,
        "lead": lead if has["lead"] else [],
        "cooperating": draw.sample(others, draw.randint(0 if "units" not in roles else 1, 3))
        if has["cooperating"]
        else [],
        "responsible": [each.format(**names) for each in draw.choice(LOCAL)] if has["responsible"] else [],
        "deadline": written.format(**names) if "deadline" in roles else "",
        "deadline_norm": norm.format(**names) if "deadline" in roles else None,
    }


def _add_group(table: Table, group: list[dict[str, Any]], layout: dict[str, Any]) -> None:
    """Add the tasks of one theme."""
    roles = layout["roles"]
    shared = [role for role in ("lead", "deadline") if role in roles] if layout["shared"] else []
    split = "responsible" if layout["split"] and "responsible" in roles and not shared else ""
    for task in group:
        task.update({role: group[0][role] for role in shared})
    heights = [len(task[split]) if split else 1 for task in group]
    for index, (task, height) in enumerate(zip(group, heights, strict=True)):
        if layout["repeat_head"] and not shared and layout["theme"] != "merged":
            _repeat_head(table, task["seq"], layout)
        for part in range(height):
            table.rows.append([])
            for role in roles:
                cell: Cell | None = Cell(_written(task, role, layout), height)
                if role == split:
                    cell = Cell(task[role][part])
                elif part or (
                    index and (role in shared or (role == "theme" and layout["theme"] == "merged"))
                ):
                    cell = None
                elif role in shared:
                    cell = Cell(_written(task, role, layout), len(group), shared=True)
                elif role == "theme" and layout["theme"] == "merged":
                    cell = Cell(task["theme"], sum(heights))
                elif role == "theme" and index and layout["theme"] == "blank":
                    cell = Cell("", height)
                table.rows[-1].append(cell)


def _repeat_head(table: Table, seq: int, layout: dict[str, Any]) -> None:
    if seq % layout["repeat_head"] == 0:
        table.repeats.update(range(len(table.rows), len(table.rows) + len(table.heads)))
        table.rows += _heads(layout)


def _other_tables(plan: UnseenPlan) -> None:
    """Add tables that list no tasks, though they name bodies and days."""
    others = {
        "重点项目表": (
            ("序号", "项目名称", "建设内容及规模", "总投资（万元）", "责任单位", "完成时间"),
            ("1", "岚津河口湿地", "新建湿地12亩", "300", "市水利局", "2030年底前"),
        ),
        "断面水质目标表": (
            ("序号", "断面名称", "所在水体", "水质目标", "责任单位"),
            ("1", "上渡", "岚津河", "Ⅱ类", "市生态环境局"),
        ),
        "信息报送表": (
            ("序号", "报送事项", "报送单位", "报送时限"),
            ("1", "半年总结", "各牵头单位", "7月5日前"),
        ),
    }
    for number, (name, (head, row)) in enumerate(others.items(), start=2):
        plan.blocks += [f"附件{number}", name, Table([[*map(Cell, head)]], [[*map(Cell, row)]])]


def _written(task: dict[str, Any], role: str, layout: dict[str, Any]) -> str:
    if role == "seq":
        return str(layout["seq"].format(n=task["seq"]))
    if role == "units" and layout["label"] == "brackets":
        marked = [f"{name}（牵头）" for name in task["lead"]] + [
            f"{name}（配合）" for name in task["cooperating"]
        ]
        # 各县、区人民政府 holds the separator, so another one stands between the names.
        return "，".join([*marked, *task["responsible"]])
    if role == "units":
        return str(
            layout["label"].format(
                *("、".join(task[each]) for each in ("lead", "cooperating", "responsible"))
            )
        )
    if role == "remark":
        return ""
    if role in {"lead", "cooperating", "responsible"}:
        # A collective name holds 、 itself, so the names beside it need another separator.
        separator = layout["separator"] if layout["separator"] != " " else "、"
        separator = "\n" if layout["listed"] else separator
        separator = "，" if any("、" in name and "（" not in name for name in task[role]) else separator
        return separator.join(task[role])
    text = str(task[role])
    if role == "content" and layout["items"]:
        return re.sub("[；。](?=.)", lambda hit: hit.group() + "\n", text)
    if role == "content" and layout["broken"] and len(text) > 14:
        return text[:12] + "\n" + text[12:]
    return text


# --- writing it --------------------------------------------------------------------------------------------


def _to_html(plan: UnseenPlan) -> bytes:
    parts = ["<html><head><meta charset='gb2312'><title>页面</title></head><body>"]
    for block in plan.blocks:
        if isinstance(block, str):
            parts.append(f"<p>　　{html.escape(block)}</p>")
            continue
        parts.append("<table border=1>")
        for row in (*block.heads, *block.rows):
            cells = [
                f"<td rowspan={cell.rows} colspan={cell.columns}>{'<br>'.join(map(html.escape, cell.text.split(chr(10))))}</td>"
                for cell in row
                if cell
            ]
            parts.append(f"<tr>{''.join(cells)}</tr>")
        parts.append("</table>")
    return "\n".join([*parts, "</body></html>"]).encode("gb18030")


def _to_docx(plan: UnseenPlan) -> bytes:
    document = docx.Document()
    for block in plan.blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
            continue
        rows = [*block.heads, *block.rows]
        grid = document.add_table(len(rows), len(rows[0]))
        places = [list(row.cells) for row in grid.rows]
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is None:
                    continue
                place = places[number][column]
                if cell.rows > 1 or cell.columns > 1:
                    place = place.merge(places[number + cell.rows - 1][column + cell.columns - 1])
                first, *others = cell.text.split("\n")
                place.paragraphs[0].text = first
                for text in others:
                    place.add_paragraph(text)
    packed = io.BytesIO()
    document.save(packed)
    return packed.getvalue()


def _to_xlsx(plan: UnseenPlan) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    line = 0
    for block in plan.blocks:
        if isinstance(block, str):
            line += 1
            sheet.cell(line, 1, block)
            continue
        for row in (*block.heads, *block.rows):
            line += 1
            for column, cell in enumerate(row, start=1):
                if cell is None:
                    continue
                if cell.text:
                    sheet.cell(
                        line, column, int(cell.text) if re.fullmatch("[1-9][0-9]*", cell.text) else cell.text
                    )
                if cell.rows > 1 or cell.columns > 1:
                    sheet.merge_cells(None, line, column, line + cell.rows - 1, column + cell.columns - 1)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _plain(table: Table) -> list[list[str]]:
    """Return the texts of a table, blank where a cell is covered; a shared cell is said in each row."""
    rows = [[cell.text if cell else "" for cell in row] for row in (*table.heads, *table.rows)]
    for number, row in enumerate((*table.heads, *table.rows)):
        for column, cell in enumerate(row):
            for below in range(number, number + cell.rows) if cell and cell.shared else ():
                rows[below][column] = cell.text if cell else ""
    return rows


def _to_csv(plan: UnseenPlan) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    for block in plan.blocks:
        writer.writerows([[block]] if isinstance(block, str) else _plain(block))
    return text.getvalue().encode("gb18030" if plan.seed % 2 else "utf-8-sig")


def _to_md(plan: UnseenPlan) -> bytes:
    lines: list[str] = []
    for block in plan.blocks:
        if isinstance(block, str):
            lines += [f"## {block}" if re.match("[一二三四五]、", block) else block, ""]
            continue
        for number, row in enumerate(_plain(block)):
            lines.append("| " + " | ".join(cell.replace("\n", "<br>") for cell in row) + " |")
            if number == 0:
                lines.append("|" + "---|" * len(row))
        lines.append("")
    return "\n".join(lines).encode()


def _to_txt(plan: UnseenPlan) -> bytes:
    lines: list[str] = []
    for block in plan.blocks:
        if isinstance(block, str):
            lines += [block, ""]
            continue
        lines += ["\t".join(_on_one_line(cell) for cell in row) for row in _plain(block)]
        lines.append("")
    return "\n".join(lines).encode("utf-16" if plan.seed % 3 == 0 else "gb18030")


def _on_one_line(text: str) -> str:
    """A text export writes a list of names with separators, and a label's line after a semicolon."""
    if re.search("[：:]", text):
        return text.replace("\n", "；")
    return text.replace("\n", "、" if re.search("[局委府会处]\n", text) else "")


_TYPST = """
#let plan = json(bytes(sys.inputs.plan))
#set page(paper: "a4", flipped: plan.landscape, margin: 2cm, numbering: "— 1 —",
  header: if plan.head == "" { none } else { align(right, text(size: 8pt, plan.head)) })
#set text(font: "Noto Serif SC", lang: "zh", size: 10pt)
#set par(justify: true, first-line-indent: (amount: 2em, all: true))
#let cell(c) = table.cell(colspan: c.columns, rowspan: c.rows, par(first-line-indent: 0em, c.text))
#for block in plan.blocks {
  if type(block) == str { par(block) } else {
    table(columns: block.widths.map(w => w * 1fr), stroke: 0.5pt, inset: 4pt,
      table.header(..block.heads.map(cell)), ..block.rows.map(cell))
  }
}
"""
_WIDTHS = {"seq": 5, "theme": 9, "content": 30, "deadline": 10, "remark": 6, "units": 22}


def _to_pdf(plan: UnseenPlan) -> bytes:
    def flat(rows: list[list[Cell | None]]) -> list[dict[str, Any]]:
        return [vars(cell) for row in rows for cell in row if cell]

    blocks = [
        block
        if isinstance(block, str)
        else {
            "widths": [_WIDTHS.get(role, 14) for role in plan.layout["roles"]],
            "heads": flat(block.heads),
            # On paper the head is repeated where a page ends, which the setting does by itself.
            "rows": flat([row for number, row in enumerate(block.rows) if number not in block.repeats]),
        }
        for block in plan.blocks
    ]
    head = f"{plan.blocks[0]}（征求意见稿）" if plan.layout["page_head"] else ""
    data = {"blocks": blocks, "landscape": plan.layout["landscape"], "head": head}
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(serif_path().parent)])
    return bytes(
        typst.compile(
            _TYPST.encode(),
            font_paths=fonts,
            sys_inputs={"plan": json.dumps(data, ensure_ascii=False)},
            format="pdf",
        )
    )


_WRITERS = {
    "html": _to_html, "docx": _to_docx, "xlsx": _to_xlsx, "pdf": _to_pdf, "csv": _to_csv, "md": _to_md, "txt": _to_txt,
}  # fmt: skip


# --- comparing what was read -------------------------------------------------------------------------------


def score(truth: list[dict[str, Any]], got: list[dict[str, Any]]) -> dict[str, Counter[str]]:
    """Return for each field how much was found (tp), made up (fp) and lost (fn); tasks are paired by content."""
    counts = {name: Counter[str]() for name in ("tasks", *FIELDS)}
    left = list(got)
    for task in truth:
        match = max(left, key=lambda each: _overlap(task["content"], each["content"]), default=None)
        if match is None or _overlap(task["content"], match["content"]) < 0.5:
            counts["tasks"]["fn"] += 1
            for name in FIELDS:
                counts[name]["fn"] += len(_values(task, name))
            continue
        left.remove(match)
        counts["tasks"]["tp"] += 1
        for name in FIELDS:
            want, have = _values(task, name), _values(match, name)
            counts[name].update(tp=len(want & have), fp=len(have - want), fn=len(want - have))
    counts["tasks"]["fp"] += len(left)
    return counts


def f1(count: Counter[str]) -> float:
    """Return the harmonic mean of precision and recall; nothing to find and nothing found is right."""
    total = 2 * count["tp"] + count["fp"] + count["fn"]
    return 2 * count["tp"] / total if total else 1.0


def _values(task: dict[str, Any], name: str) -> set[str]:
    value = task[name]
    if isinstance(value, dict):
        value = value["units"]
    names = value if isinstance(value, list) else [value]
    return {_bare(each) for each in names if each}


def _bare(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).rstrip("。.;；")


def _overlap(first: str, second: str) -> float:
    pairs = [{text[i : i + 2] for i in range(len(text) - 1)} for text in map(_bare, (first, second))]
    return 2 * len(pairs[0] & pairs[1]) / max(1, len(pairs[0]) + len(pairs[1]))
