"""Invented plans printed the way text layers give them: cells broken over lines, pages in between."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

NOT_FIRST = "，。；：、！？）》”%"
NOT_LAST = "（《“"

Row = tuple[str, ...]

PLACES = ["岚津市", "东岚区", "西津县", "南浦县", "北屿区"]
BUREAUX = [
    "市生态环境局", "市住房城乡建设局", "市水利局", "市农业农村局", "市发展改革委", "市工业和信息化局",
    "市自然资源局", "市交通运输局", "市卫生健康委", "市市场监管局", "市文化广电和旅游局", "岚津海事局",
    "市林业局", "市财政局", "市应急管理局", "市行政审批局", "市综合执法支队", "市科技局",
]  # fmt: skip
COLLECTIVES = ["各县（区）人民政府", "西津县人民政府", "东岚区人民政府", "南浦县人民政府", "岚津经开区管委会"]
DEADLINES = ["全年", "年底前", "6月底前", "11月底前", "2031年12月31日前", "每季度", "第三季度末", "9月30日前"]
THEMES = [
    "整治园区废水", "补齐污水管网", "规范污泥去向", "控制种植业污染", "养殖粪污还田", "治理农村污水",
    "管好入河排口", "核查水功能区", "消除黑臭水体", "守护水源地", "开展水生态调查", "恢复岸线缓冲带",
    "控制取水总量", "推广再生水", "保障枯水期流量", "防范突发事件",
]  # fmt: skip
OPENINGS = [
    "对排查出的问题逐一登记",
    "以汛期和枯水期为重点",
    "按照一口一策的办法",
    "结合日常巡查",
    "在摸清底数的基础上",
]
DEEDS = [
    "完成岚江沿线36处排口的采样和标识", "新建污水主管18.5公里以上", "把污泥运输去向记入台账并逐车核对",
    "推进测土配方施肥面积达到12万亩", "核发（变更）排污许可前开展现场踏勘", "对“一河一档”资料每月更新1次",
    "依法处理超标排放、偷排漏排等行为", "加快老旧泵站改造，减少雨天溢流", "建立上下游会商和信息通报办法",
    "评估2030年整治项目的运行效果", "安装在线监测设备并与平台联网", "组织志愿者参加清漂护岸活动",
]  # fmt: skip
SECTIONS = [
    "一、深化污染治理",
    "（一）园区与城镇",
    "（二）农业农村",
    "二、保护水生态",
    "三、节约水资源",
    "四、守住风险底线",
]


@dataclass(frozen=True)
class Plan:
    """An invented plan: its rows by role, and the section rows by the row they stand before."""

    rows: tuple[dict[str, str], ...]
    sections: dict[int, str] = field(default_factory=dict)


def invented(chance: random.Random, count: int = 24, *, nobody_cooperates: bool = False) -> Plan:
    """Return a plan with `count` tasks."""
    rows = []
    theme_left = 0
    for number in range(1, count + 1):
        theme = "" if theme_left else chance.choice(THEMES)
        theme_left = theme_left - 1 if theme_left else chance.choice([0, 0, 1, 2])
        cooperating = "" if nobody_cooperates or chance.random() < 0.25 else _units(chance, 6)
        rows.append(
            {
                "seq": str(number),
                "theme": theme,
                "content": _sentences(chance),
                "lead": _units(chance, 2),
                "cooperating": cooperating,
                "responsible": "、".join(chance.sample(COLLECTIVES, chance.choice([1, 1, 1, 2]))),
                "deadline": chance.choice(DEADLINES),
            }
        )
    places = sorted(chance.sample(range(count), min(len(SECTIONS), count)))
    sections = dict(zip(places, SECTIONS, strict=False))
    for place in sections:
        rows[place]["theme"] = rows[place]["theme"] or chance.choice(THEMES)
    return Plan(tuple(rows), sections)


def _units(chance: random.Random, most: int) -> str:
    names = chance.sample(BUREAUX, chance.randint(1, most))
    return "、".join(names) + chance.choice(["", "", "等"])


def _sentences(chance: random.Random) -> str:
    sentences = []
    for _ in range(chance.randint(1, 4)):
        parts = [chance.choice(OPENINGS), *chance.sample(DEEDS, chance.randint(1, 3))]
        sentences.append("，".join(parts) + "。")
    return "".join(sentences)


def wrapped(text: str, width: int) -> list[str]:
    """Break a text over lines of `width` characters; marks that may not begin a line take one along."""
    lines: list[str] = []
    while len(text) > width:
        cut = width
        while cut > 1 and (text[cut] in NOT_FIRST or text[cut - 1] in NOT_LAST or _splits_number(text, cut)):
            cut -= 1
        lines.append(text[:cut])
        text = text[cut:]
    return [*lines, text] if text else lines


def _splits_number(text: str, cut: int) -> bool:
    return text[cut].isascii() and text[cut - 1].isascii()


@dataclass
class Printer:
    """Prints a plan as a text layer.

    `roles` and `heads` give the columns in order, `widths` their widths in characters. Every `page` lines (or
    so) a page ends, with what `marks` asks for: ``number`` (- 3 -), ``title`` (the running title), ``head`` (the
    head again), ``rest`` (only its rest: the end of it).
    """

    chance: random.Random
    roles: Sequence[str]
    heads: Sequence[str]
    widths: Sequence[int]
    page: int = 60
    marks: Sequence[str] = ("number", "head")
    title: str = "岚津市2031年水污染防治工作计划"
    ignored: list[str] = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    _left: int = 0
    _pages: int = 1

    def document(self, plan: Plan) -> str:
        """Return the whole document."""
        self._left = self.page
        self._lines = [self.title, "", "一、任务", "", "任务见附件。", "", "附件 1", "", "重点任务清单", ""]
        self._head()
        for number, row in enumerate(plan.rows):
            if number in plan.sections:
                self._put([plan.sections[number]])
            self._row(row)
        self._lines += [
            "附件 2",
            "",
            "国控断面水质目标表",
            "",
            "序号 考核县 所在水体 断面名称 经度 纬度 水质目标",
            "",
        ]
        self._lines += [
            "1 西津县 岚江 上浦 83.1200 39.5000 Ⅱ类",
            "",
            "2 南浦县 岚江支流 下浦",
            "83.2 39.4 Ⅲ类",
        ]
        return "\n".join(self._lines) + "\n"

    def cells(self, row: dict[str, str]) -> list[str]:
        """Return the cells of a row in the order of the columns."""
        return [row[role] for role in self.roles]

    def _head(self) -> None:
        self._put(
            [
                part
                for head, width in zip(self.heads, self.widths, strict=True)
                for part in wrapped(head, width)
            ]
        )

    def _row(self, row: dict[str, str]) -> None:
        self._may_end_page()
        lines: list[str] = []
        alone_before = False
        for text, width in zip(self.cells(row), self.widths, strict=True):
            parts = [self._spaced(part) for part in wrapped(text, width)]
            alone = len(parts) == 1
            if alone and alone_before and lines and self.chance.random() < 0.5:
                lines[-1] += " " + parts[0]
            else:
                lines += parts
            alone_before = alone and bool(text)
        self._put(lines)

    def _spaced(self, text: str) -> str:
        """Set digits apart from the characters around them here and there, as exports do."""
        shown = ""
        for before, each in zip(" " + text, text, strict=False):
            if before.isdigit() and "\u4e00" <= each <= "\u9fff" and self.chance.random() < 0.3:
                shown += " "
            shown += each
        return shown

    def _put(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._lines.append(line)
            if self.chance.random() < 0.8:
                self._lines.append("")
        self._left -= len(lines)

    def _may_end_page(self) -> None:
        if self._left > 0:
            return
        self._left = self.page
        before = len(self._lines)
        if "number" in self.marks:
            self._lines += [f"- {self._pages} -", ""]
        self._pages += 1
        if "title" in self.marks:
            self._lines += [self.title, ""]
        if "head" in self.marks:
            self._head()
        elif "rest" in self.marks:
            parts = [
                part
                for head, width in zip(self.heads, self.widths, strict=True)
                for part in wrapped(head, width)
            ]
            rest = parts[-self.chance.randint(1, len(parts)) :]
            self._lines += [f" {rest[0]}", "", *rest[1:]]
        self.ignored += self._lines[before:]


def shown_width(text: str) -> int:
    """Return how many half-width places a text takes."""
    return sum(2 if "\u2e80" <= each <= "\uffef" or each in "“”" else 1 for each in text)


def side_by_side(cells: Sequence[Sequence[str]], widths: Sequence[int], *, centred: bool) -> list[str]:
    """Print the lines of cells beside one another, each in the middle of the height if `centred`."""
    height = max(len(cell) for cell in cells)
    lines = []
    for number in range(height):
        line = ""
        left = 0
        for cell, width in zip(cells, widths, strict=True):
            top = (height - len(cell)) // 2 if centred else 0
            text = cell[number - top] if 0 <= number - top < len(cell) else ""
            line += " " * (left - shown_width(line)) + text
            left += 2 * width + 3
        lines.append(line.rstrip())
    return lines


def laid_out(printer: Printer, plan: Plan, *, centred: bool) -> str:
    """Print a plan with its columns side by side, as a text layer that keeps the places of the page."""
    head = side_by_side(
        [wrapped(head, width) for head, width in zip(printer.heads, printer.widths, strict=True)],
        printer.widths,
        centred=centred,
    )
    lines = [printer.title, "", "附件 1", "", "重点任务清单", "", *head]
    left = printer.page
    for number, row in enumerate(plan.rows):
        if number in plan.sections:
            lines.append(plan.sections[number])
        cells = [wrapped(text, width) for text, width in zip(printer.cells(row), printer.widths, strict=True)]
        for line in side_by_side(cells, printer.widths, centred=centred):
            if left == 0:
                lines += ["", f"- {number} -", "", *head]
                left = printer.page
            lines.append(line)
            left -= 1
    return "\n".join(lines) + "\n"
