"""One document with everything in it; names are invented."""

from datetime import date
from decimal import Decimal

from bishui import reports as r

SENTENCE = "根据年度计划，全市统筹水资源、水环境、水生态治理，扎实推进各项工作，取得阶段性成效。"
#: What typst, XML and a spreadsheet program would each read as something else.
HOSTILE = '#set text(red) $x$ *粗* _斜_ `码` <标签> @引用 \\n & "引号" #panic("x") ]'
SWATCHES = {"2": r.Swatch("Ⅱ", "#2a7fd4"), "6": r.Swatch("劣Ⅴ", "#d62728")}


def table(label="sections", rows=3, **given):
    """A table with so many rows."""
    columns = (r.Column("断面", 2), r.Column("目标", 1, True), r.Column("浓度", 1, True))
    cells = tuple(
        (r.Cell(f"断面{n}", ref="/x/"), r.Cell("Ⅲ类"), r.Cell(f"0.{n}", Decimal(f"0.{n}")))
        for n in range(rows)
    )
    return r.Table(label, given.pop("caption", "断面水质"), columns, cells, **given)


STRIPS = r.StripChart(("1月", "2月"), (("某桥", ("2", None)), ("某口", ("6", "2"))), SWATCHES)
BARS = r.BarChart(
    (r.Swatch("完成", "#15803d"), r.Swatch("逾期", "#c81e1e")),
    (r.Bar("工业", (5, 1)), r.Bar("船舶", (None, None))),
)
TARGETS = r.BarChart(
    (r.Swatch("数值", "#0a6a82"),),
    (r.Bar("优良比例", (Decimal("91.7"),), Decimal("90")), r.Bar("收集率", (None,), Decimal("68"))),
    unit="%",
    target_label="目标值",
)
LINES = r.LineChart(
    ("1月", "2月", "3月"),
    ((r.Swatch("优良比例", "#0a6a82"), (Decimal("83.3"), None, Decimal("100"))),),
    "%",
    Decimal("90"),
    "目标值",
    0,
    100,
)


def document(**given):
    """An official document; keyword arguments replace its parts."""
    parts = {
        "title": "甲市2025年上半年水污染防治工作总结",
        "issuer": "甲市生态环境局",
        "signed_on": date(2025, 7, 1),
        "recipient": "甲市人民政府",
        "blocks": (
            r.Heading(1, "总体情况"),
            r.Paragraph.of(SENTENCE * 8),
            r.Heading(2, "断面水质"),
            r.Paragraph(
                (r.Span("优良比例为"), r.Span("91.7%", "figure:x"), r.Span("，见"), r.Reference("sections"))
            ),
            table(note="类别按标准评价。"),
            r.Heading(3, "任务"),
            r.Heading(4, "说明"),
            r.Paragraph.of(HOSTILE),
            r.Heading(2, "图"),
            r.Picture("months", "逐月类别", STRIPS, "某桥一月Ⅱ类"),
            r.Picture("fields", "各领域任务", BARS, "工业完成5项"),
            r.Picture("targets", "指标", TARGETS, "优良比例91.7%"),
            r.Picture("line", "优良比例变化", LINES, "一月83.3%"),
            r.Heading(1, "下一步"),
            r.Paragraph((r.Span("见"), r.Reference("line"), r.Span("和"), r.Reference("long"))),
            r.Note("本文为示例。"),
        ),
        "attachments": (
            r.Attachment("明细表", (table("long", 60, caption="明细"),)),
            r.Attachment("缺失清单", (table("none", 0, caption="缺失", empty="无数据"),)),
        ),
    }
    return r.Document(**{**parts, **given})
