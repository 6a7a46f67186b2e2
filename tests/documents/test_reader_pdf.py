"""PDF: ruled tables over several pages, paragraphs, heads and feet of pages; scans and locked files are refused."""

import io
from pathlib import Path

import pytest
import typst
from PIL import Image
from pylopdf_fonts_zh_cn import serif_path

from bishui.documents import read_plan_bytes
from bishui.documents.blocks import Blocks, Paragraph, Skipped, TableRow
from bishui.documents.readers import read_blocks
from bishui.documents.readers.pdf.page import Ruling
from bishui.documents.readers.pdf.rulings import grids_of
from bishui.errors import UnreadableFile
from bishui.twin import build_city, write_plan

SETTING = '#set text(font: "Noto Serif SC", lang: "zh", size: 10pt)\n#set par(justify: true, first-line-indent: (amount: 2em, all: true))\n'


def pdf(source: str) -> bytes:
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(serif_path().parent)])
    return bytes(typst.compile((SETTING + source).encode(), font_paths=fonts, format="pdf"))


def read(source: str) -> Blocks:
    return read_blocks(pdf(source), "p.pdf")


def texts(blocks: Blocks) -> list[str]:
    return [block.text for block in blocks.blocks if isinstance(block, Paragraph)]


def rows(blocks: Blocks) -> list[tuple[str, ...]]:
    return [block.cells for block in blocks.blocks if isinstance(block, TableRow)]


def skipped(blocks: Blocks) -> list[tuple[str, str]]:
    return [
        (block.why, blocks.source_lines[block.at.first - 1])
        for block in blocks.blocks
        if isinstance(block, Skipped)
    ]


LONG = "全市上下齐心协力，把水环境治理的各项任务分解到单位、落实到岗位、明确到时间，" * 4


def test_lines_of_a_paragraph_are_put_together_and_paragraphs_kept_apart() -> None:
    blocks = read(f"#set page(width: 15cm)\n一、总体要求\n\n{LONG}止。\n\n第二段也有一句话。\n")
    assert texts(blocks) == ["一、总体要求", f"{LONG}止。", "第二段也有一句话。"]


def test_a_paragraph_that_goes_over_the_page_is_one_and_the_page_number_is_accounted_for() -> None:
    blocks = read(f'#set page(width: 15cm, height: 6cm, numbering: "— 1 —")\n{LONG}止。')
    assert texts(blocks) == [f"{LONG}止。"]
    assert {why for why, _ in skipped(blocks)} == {"page number"}


def test_heads_and_feet_repeated_on_pages_are_told_apart_from_text() -> None:
    source = (
        '#set page(height: 8cm, header: "内部资料 注意保存", footer: [云川市 第#context counter(page).display()页])\n'
        "甲文。#pagebreak()\n乙文。#pagebreak()\n丙文。"
    )
    blocks = read(source)
    assert texts(blocks) == ["甲文。", "乙文。", "丙文。"]
    assert sorted({why for why, _ in skipped(blocks)}) == ["page foot", "page head"]
    assert len(skipped(blocks)) == 6


def test_merged_cells_of_a_ruled_table() -> None:
    blocks = read(
        "#table(columns: 3, table.cell(rowspan: 2)[甲], table.cell(colspan: 2)[乙], [丙], [丁], table.cell(colspan: 3)[一、分节], [1], [2], [3])"
    )
    assert rows(blocks) == [("甲", "乙", ""), ("", "丙", "丁"), ("一、分节", "", ""), ("1", "2", "3")]
    merged = [block for block in blocks.blocks if isinstance(block, TableRow)][1]
    assert merged.filled() == ("甲", "丙", "丁")


def test_borders_drawn_as_thin_filled_areas() -> None:
    """Word draws the borders of a table as filled rectangles, not as lines."""
    across = "".join(
        f"#place(dx: 0pt, dy: {y}pt, rect(width: 200.5pt, height: 0.5pt, fill: black))" for y in (0, 30, 60)
    )
    down = "".join(
        f"#place(dx: {x}pt, dy: 0pt, rect(width: 0.5pt, height: 60pt, fill: black))" for x in (0, 80, 200)
    )
    text = "".join(
        f"#place(dx: {x}pt, dy: {y}pt)[{word}]"
        for word, x, y in (("甲", 10, 8), ("乙", 90, 8), ("丙", 10, 38), ("丁", 90, 38))
    )
    assert rows(read(f"#set par(first-line-indent: 0pt)\n{across}{down}{text}")) == [
        ("甲", "乙"),
        ("丙", "丁"),
    ]


def test_cells_broken_over_lines_lose_and_invent_nothing() -> None:
    content = "完成城区雨污分流改造20公里、建设COD在线监测站3座，水质达到Ⅲ类（含湖库）。"
    blocks = read(f"#table(columns: (3cm, 4cm), [序号], [任务], [1], [{content}], [2], [短])")
    assert rows(blocks)[1] == ("1", content)


def test_names_below_one_another_in_a_cell_are_a_list() -> None:
    blocks = read(
        "#set par(first-line-indent: 0pt)\n#table(columns: (2cm, 6cm), [序号], [单位], [1], [市甲水利局 \\ 市乙财政局], [2], [市甲水利局])"
    )
    assert rows(blocks)[1] == ("1", "市甲水利局\n市乙财政局")


PLAN_TABLE = (
    "云川市2031年度水污染防治工作计划\n\n为做好工作，制定本计划。\n\n#table(columns: (1fr, 2fr, 6fr, 3fr, 2fr),"
    "table.header([序号], [主要任务], [任务内容], [牵头单位], [完成时限]),"
)


def plan_pages(count: int, content: str) -> bytes:
    cells = "".join(
        f"[{n}], [题{n % 3}], [第{n}项：{content}], [市甲局、市乙局], [6月底前]," for n in range(1, count + 1)
    )
    return pdf("#set page(height: 12cm)\n" + PLAN_TABLE + cells + ")")


def test_a_table_over_pages_with_rows_broken_by_the_page() -> None:
    content = "把每一处排口的位置、责任人和整改办法写清楚，" * 3 + "逐项销号。"
    draft = read_plan_bytes(plan_pages(14, content), "p.pdf")
    assert [task.seq for task in draft.tasks] == list(range(1, 15))
    assert [task.content for task in draft.tasks] == [f"第{n}项：{content}" for n in range(1, 15)]
    became = [word for entry in draft.coverage for word in entry.became]
    assert "ignored: repeated head" in became
    assert "not understood" not in became


def test_every_line_knows_its_page() -> None:
    draft = read_plan_bytes(plan_pages(14, "内容。"), "p.pdf")
    pages = [draft.places[task.lines[0] - 1].page for task in draft.tasks if draft.places[task.lines[0] - 1]]  # type: ignore[union-attr]
    assert pages == sorted(pages)
    assert pages[-1] > pages[0]
    runs = draft.to_json()["places"]
    assert runs[0] == {"lines": [1, 2], "page": 1}


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_that_is_turned_to_be_seen_is_read_as_it_is_seen(turn: int) -> None:
    table = "#table(columns: 2, [甲], [乙], [丙], [丁])"
    lying = pdf(f"#rotate({-turn}deg, reflow: true)[{table}]")
    seen = lying.replace(b"/MediaBox", b"/Rotate %d /MediaBox" % turn, 1)
    assert rows(read_blocks(seen, "p.pdf")) == rows(read(table)) == [("甲", "乙"), ("丙", "丁")]


def scan(pages: int) -> bytes:
    picture = io.BytesIO()
    sheets = [Image.new("L", (300, 400), 255) for _ in range(pages)]
    sheets[0].save(picture, "PDF", save_all=True, append_images=sheets[1:])
    return picture.getvalue()


def test_a_scan_is_refused_with_what_to_do() -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_blocks(scan(3), "扫描.pdf")
    assert "3 页中有 3 页只有图片" in str(caught.value.what)
    assert "OCR" in str(caught.value.remedy)


def test_single_pages_without_text_are_named(tmp_path: Path) -> None:
    Image.new("L", (300, 400), 255).save(tmp_path / "picture.png")
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(serif_path().parent)])
    source = f'{SETTING}{LONG}#pagebreak()\n#image("picture.png")#pagebreak()\n{LONG}'
    (tmp_path / "p.typ").write_text(source, encoding="utf-8")
    blocks = read_blocks(
        bytes(typst.compile(str(tmp_path / "p.typ"), font_paths=fonts, format="pdf")), "p.pdf"
    )
    assert [notice.rule for notice in blocks.notices] == ["pages-without-text"]
    assert "第 2 页" in str(blocks.notices[0].message)


def test_a_locked_and_a_damaged_pdf() -> None:
    locked = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"3 0 obj<</Filter/Standard/V 1/R 2/P -4/O(" + b"o" * 32 + b")/U(" + b"u" * 32 + b")>>endobj\n"
        b"trailer<</Root 1 0 R/Encrypt 3 0 R/ID[(a)(b)]>>\n%%EOF"
    )
    with pytest.raises(UnreadableFile, match="密码"):
        read_blocks(locked, "p.pdf")
    with pytest.raises(UnreadableFile, match="损坏"):
        read_blocks(pdf("甲")[:300], "p.pdf")


def test_too_many_pages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bishui.documents.readers.pdf.MOST_PAGES", 1)
    with pytest.raises(UnreadableFile, match="页"):
        read("甲#pagebreak()\n乙")


def test_a_table_without_ruled_lines_gives_its_lines_with_tabs() -> None:
    blocks = read(
        "#set par(first-line-indent: 0pt)\n#table(columns: (3cm, 6cm, 4cm), stroke: none, [序号], [任务], [单位], [1], [甲项任务], [市甲局], [2], [乙项任务], [市乙局])"
    )
    assert rows(blocks) == [
        ("序号", "任务", "单位"),
        ("1", "甲项任务", "市甲局"),
        ("2", "乙项任务", "市乙局"),
    ]


# --- ruled lines -------------------------------------------------------------------------------------------


def lines(across: list[float], down: list[float]) -> list[Ruling]:
    return [Ruling(True, y, down[0], down[-1]) for y in across] + [
        Ruling(False, x, across[0], across[-1]) for x in down
    ]


def test_double_lines_and_lines_in_pieces_are_one() -> None:
    pieces = [
        Ruling(True, 0, 0, 50),
        Ruling(True, 1, 50, 100),
        Ruling(True, 40, 0, 100),
        Ruling(True, 80, 0, 100),
    ]
    grid = grids_of(
        [
            *pieces,
            Ruling(False, 0, 0, 80),
            Ruling(False, 50, 0, 80),
            Ruling(False, 51.5, 0, 80),
            Ruling(False, 100, 0, 80),
        ]
    )[0]
    assert len(grid.cells) == 4


def test_a_table_open_at_its_sides_has_its_outer_columns() -> None:
    grid = grids_of(
        [*(Ruling(True, y, 0, 90) for y in (0, 20, 40)), Ruling(False, 30, 0, 40), Ruling(False, 60, 0, 40)]
    )[0]
    assert grid.xs == (0, 30, 60, 90)
    assert len(grid.cells) == 6


def test_two_tables_on_a_page_and_a_box_around_text() -> None:
    box = lines([300, 340], [0, 100])
    second = [
        Ruling(
            each.horizontal,
            each.at + (200 if each.horizontal else 0),
            each.begin + (0 if each.horizontal else 200),
            each.end + (0 if each.horizontal else 200),
        )
        for each in lines([0, 20, 40], [0, 50, 100])
    ]
    assert [len(grid.cells) for grid in grids_of([*lines([0, 20], [0, 50, 100]), *second, *box])] == [2, 4]


# --- the invented city's plan ------------------------------------------------------------------------------


def test_the_twins_plan_reads_the_same_in_every_format(tmp_path: Path) -> None:
    paths = write_plan(build_city(), tmp_path)

    def said(kind: str) -> dict[str, object]:
        record = read_plan_bytes(paths[kind].read_bytes(), paths[kind].name).to_json()

        def bare(value: object) -> object:
            if isinstance(value, dict):
                return {
                    key: bare(each) for key, each in value.items() if key not in {"lines", "line", "file"}
                }
            return [bare(each) for each in value] if isinstance(value, list) else value

        parts = (
            "tasks",
            "targets",
            "tables",
            "section_targets",
            "source_targets",
            "report_deadlines",
            "milestones",
        )
        return {name: bare(record[name]) for name in parts}

    text = said("txt")
    for kind in ("html", "docx", "xlsx", "pdf"):
        assert said(kind) == text, kind
