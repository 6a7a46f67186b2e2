"""An invented five-year plan for the tests, as a Word export of one cell per line, as Word, web page and workbook."""

import html
import io
from dataclasses import dataclass

import docx
import openpyxl

TITLE = "岚津市碧水保护“十五五”规划"


@dataclass(frozen=True)
class Cell:
    """A cell and how many rows and columns it spans; paragraphs in it are divided by line breaks."""

    text: str
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True)
class Box:
    """A special column: its caption over a frame with paragraphs."""

    caption: str
    paragraphs: tuple[str, ...]


Rows = tuple[tuple[Cell, ...], ...]


def row(*cells: str | Cell) -> tuple[Cell, ...]:
    return tuple(Cell(cell) if isinstance(cell, str) else cell for cell in cells)


INDICATORS: Rows = (
    row("类别", "序号", Cell("指  标", columns=2), "单位", "2025年\n情况", "2030年\n目标", "指标属性"),
    row(
        Cell("水环境\n质量", rows=4),
        "1",
        Cell("国控断面优良比例", columns=2),
        "%",
        "92.3",
        "≥93",
        "约束性",
    ),
    row(
        Cell("2", rows=2),
        Cell("水源水质达标率", rows=2),
        "地表水",
        "%",
        "97.5",
        "100",
        Cell("约束性", rows=2),
    ),
    row("地下水", "%", "88", ">90"),
    row("3", Cell("水功能区达标率", columns=2), "%", "90", "达到省考核要求", "预期性"),
    row(
        Cell("减排与用水", rows=3),
        "4",
        Cell("化学需氧量减排量", columns=2),
        "吨",
        "——",
        "[1,250]",
        Cell("预期性", rows=2),
    ),
    row("5", Cell("生态用水保障率", columns=2), "%", "81.20", "85%以上"),
    row("6", Cell("漏损率", columns=2), "%", "/", "不高于8", "预期性"),
)
PROJECTS: Rows = (
    row("类  别", "项目名称", "建设内容", "建设年限", "总投资（万元）", "责任单位"),
    row(Cell("一、截污工程", columns=6)),
    row(
        Cell("（一）管网", rows=2),
        "东岸干管项目",
        "建设内容：新建干管。\n建设规模：干管12公里。",
        "2026-2028",
        "3,600",
        "市住房城乡建设局，各县、区人民政府",
    ),
    row("西岸支管项目（2026—2027年）", "改造支管9公里。", "2026-2027", "850.5", "云桥区人民政府"),
    row("（二）厂站", "北厂扩建项目", "扩建至每日2万吨。", "2027-2030", "1.2亿元", "市水务集团等"),
    row(Cell("二、生态工程", columns=6)),
    row("（一）湿地", "岚湖湿地项目", "恢复湿地40公顷。", "2026-2030", "", "市林业局、市水利局"),
)
PARTS: tuple[str | Rows | Box, ...] = (
    TITLE,
    "目 录",
    "第一章 现状与目标\t1",
    "第一节 主要目标\t2",
    "第2章 任务安排\t5",
    "前 言",
    "《岚津市碧水保护“十五五”规划》说明今后五年的安排。",
    "第一章 现状与目标",
    "第一节 主要目标",
    "指标共六项，见专栏1。",
    "专栏1 岚津市碧水保护“十五五”规划指标",
    INDICATORS,
    "注：1.[ ]为五年累计数。",
    "第2章 任务安排",
    "修好管网。各县区分期推进管网修复。",
    Box(
        "专栏2  管网修复重点任务",
        ("（一）摸底。2027年底前查完管网。", "（二）修复。", "老城区先修。", "（三）验收：逐段验收。"),
    ),
    "建好湿地。保护岚湖湿地。",
    Box("专栏3 湿地保护重点任务", ("岚湖湿地恢复项目。恢复岸带和浅滩。",)),
    "第三章 重点工程",
    "重点工程见附件。",
    "附件：岚津市碧水保护“十五五”规划重点工程项目",
    "岚津市碧水保护“十五五”规划重点工程项目",
    PROJECTS,
)


def as_cell_lines() -> bytes:
    """The export: every cell on a line of its own behind a tab, a blank line behind each row."""
    lines: list[str] = []
    for number, part in enumerate(PARTS):
        if isinstance(part, str):
            mark = f"[bookmark: _Toc{number}]" if part.startswith("第") and "\t" not in part else ""
            lines.extend([mark + part] if "\t" in part else [mark + part, ""])
        elif isinstance(part, Box):
            first, *others = part.paragraphs
            lines.extend([part.caption, f"\t{first}", *others, ""])
        else:
            for cells in _grid(part):
                lines.extend(f"\t{cell.text}" if cell else "\t" for cell in cells)
                lines.append("")
    return "\n".join(lines).encode()


def _grid(rows: Rows) -> list[list[Cell | None]]:
    """Give each row's cells in order; None for a cell that goes on from above."""
    waiting: dict[int, tuple[int, int]] = {}
    grid: list[list[Cell | None]] = []
    for cells in rows:
        line: list[Cell | None] = []
        column, left = 0, list(cells)
        while left or column in waiting:
            if column in waiting:
                more, width = waiting.pop(column)
                if more > 1:
                    waiting[column] = (more - 1, width)
                line.append(None)
                column += width
                continue
            cell = left.pop(0)
            if cell.rows > 1:
                waiting[column] = (cell.rows - 1, cell.columns)
            line.append(cell)
            column += cell.columns
        grid.append(line)
    return grid


def _placed(rows: Rows) -> list[tuple[int, int, Cell]]:
    """Give each cell with its row and column on the grid."""
    taken: set[tuple[int, int]] = set()
    placed = []
    for line, cells in enumerate(rows):
        column = 0
        for cell in cells:
            while (line, column) in taken:
                column += 1
            placed.append((line, column, cell))
            taken |= {
                (line + down, column + right) for down in range(cell.rows) for right in range(cell.columns)
            }
            column += cell.columns
    return placed


def as_page() -> bytes:
    parts = ["<!DOCTYPE html><html><body>"]
    for part in PARTS:
        if isinstance(part, str):
            parts.append(f"<p>{html.escape(part)}</p>")
        elif isinstance(part, Box):
            inner = "".join(f"<p>{html.escape(each)}</p>" for each in part.paragraphs)
            parts.append(f"<p>{part.caption}</p><table><tr><td>{inner}</td></tr></table>")
        else:
            rows = (
                "".join(
                    f"<td rowspan={cell.rows} colspan={cell.columns}>{html.escape(cell.text)}</td>"
                    for cell in cells
                )
                for cells in part
            )
            parts.append("<table>" + "".join(f"<tr>{cells}</tr>" for cells in rows) + "</table>")
    return "".join([*parts, "</body></html>"]).encode()


def as_markdown() -> bytes:
    """Tables with blank cells where others are merged; every paragraph stands between blank lines."""
    lines: list[str] = []
    for part in PARTS:
        if isinstance(part, str):
            lines.extend([part.replace("\t", " "), ""])
        elif isinstance(part, Box):
            for text in (part.caption, *part.paragraphs):
                lines.extend([text, ""])
        else:
            cells = [[""] * sum(cell.columns for cell in part[0]) for _ in part]
            for line, column, cell in _placed(part):
                cells[line][column] = cell.text.replace("\n", "")
            rows = [f"| {' | '.join(each)} |" for each in cells]
            lines.extend([rows[0], "|" + "---|" * len(cells[0]), *rows[1:], ""])
    return "\n".join(lines).encode()


def as_word() -> bytes:
    document = docx.Document()
    for part in PARTS:
        if isinstance(part, str):
            document.add_paragraph(part)
        elif isinstance(part, Box):
            document.add_paragraph(part.caption)
            document.add_table(1, 1).cell(0, 0).text = "\n".join(part.paragraphs)
        else:
            width = sum(cell.columns for cell in part[0])
            table = document.add_table(len(part), width)
            for line, column, cell in _placed(part):
                corner = table.cell(line, column)
                corner.merge(table.cell(line + cell.rows - 1, column + cell.columns - 1)).text = cell.text
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def as_workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    line = 1
    for part in PARTS:
        if isinstance(part, str | Box):
            for text in (part,) if isinstance(part, str) else (part.caption, *part.paragraphs):
                sheet.cell(line, 1, text.replace("\t", " "))
                line += 1
            line += isinstance(part, Box)
            continue
        for down, column, cell in _placed(part):
            sheet.cell(line + down, column + 1, cell.text)
            if cell.rows * cell.columns > 1:
                sheet.merge_cells(
                    start_row=line + down,
                    start_column=column + 1,
                    end_row=line + down + cell.rows - 1,
                    end_column=column + cell.columns,
                )
        line += len(part) + 1
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
