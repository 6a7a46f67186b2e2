"""Plans of ten invented authorities, each written in a habit of its own, with what they say.

Every function returns the bytes of a document and its tasks. The habits are those of published plans: columns
of other names, roles behind the names of bodies, duties in brackets, deadlines in a bracket, checklists.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import docx
import openpyxl
import typst
from pylopdf_fonts_zh_cn import serif_path
from unseen_plans import Cell, Table, UnseenPlan

Tasks = list[dict[str, Any]]


def task(
    seq: int,
    section: list[str],
    theme: str,
    content: str,
    *,
    lead: str = "",
    cooperating: str = "",
    responsible: str = "",
    deadline: str = "",
    norm: str | None = None,
) -> dict[str, Any]:
    """What a document says of one task; bodies are separated by blanks."""
    return {
        "seq": seq,
        "section": section,
        "theme": theme,
        "content": content,
        "lead": lead.split(),
        "cooperating": cooperating.split(),
        "responsible": responsible.split(),
        "deadline": deadline,
        "deadline_norm": norm,
    }


def _rows(*rows: tuple[str, ...]) -> list[list[Cell | None]]:
    """Rows of cells; a row with a single text is merged over the whole width."""
    width = max(map(len, rows))
    return [
        [Cell(row[0], 1, width), *[None] * (width - 1)] if len(row) == 1 else [*map(Cell, row)]
        for row in rows
    ]


def _table(head: tuple[str, ...], *rows: tuple[str, ...]) -> Table:
    return Table([[*map(Cell, head)]], _rows(*((head), *rows))[1:])


def merged_sections_in_word() -> tuple[bytes, Tasks]:
    """Sections as merged rows, numbered with Roman numerals; words of its own in the head."""
    head = ("序号", "重点任务", "工作措施", "主责单位", "协办单位", "时间节点")
    table = _table(
        head,
        ("Ⅰ 源头管控",),
        (
            "1",
            "雨污分流",
            "完成岚水片区小区雨污分流改造36处。",
            "市住建局",
            "市城管局、市财政局",
            "2031年9月底",
        ),
        ("2", "雨污分流", "建立管网巡查台账。", "市城管局", "/", "长期"),
        ("Ⅱ 河道修复",),
        ("（一）岸线",),
        ("3", "生态岸线", "修复镜湖岸线2.5公里。", "市水利局", "镜湖区政府，津东县政府", "11月底"),
        ("（二）水量",),
        ("4", "生态补水", "按调度方案补水。", "市水利局、市水文中心", "", "全年推进"),
    )
    plan = UnseenPlan(0, ["岚津市2031年碧水攻坚行动计划", "为改善水环境，制定本计划。", table])
    return plan.write("docx"), [
        task(1, ["Ⅰ源头管控"], "雨污分流", "完成岚水片区小区雨污分流改造36处。", lead="市住建局",
             cooperating="市城管局 市财政局", deadline="2031年9月底", norm="2031-09-30"),
        task(2, ["Ⅰ源头管控"], "雨污分流", "建立管网巡查台账。", lead="市城管局", deadline="长期", norm="all year"),
        task(3, ["Ⅱ河道修复", "（一）岸线"], "生态岸线", "修复镜湖岸线2.5公里。", lead="市水利局",
             cooperating="镜湖区政府 津东县政府", deadline="11月底", norm="2031-11-30"),
        task(4, ["Ⅱ河道修复", "（二）水量"], "生态补水", "按调度方案补水。", lead="市水利局 市水文中心",
             deadline="全年推进", norm="all year"),
    ]  # fmt: skip


def brackets_with_deadline() -> tuple[bytes, Tasks]:
    """Prose: the bracket at the end of a paragraph names the bodies and the deadline."""
    text = """岚津市2032年水生态环境保护实施方案

为持续改善水环境质量，制定本方案。

一、主要任务

（一）严控工业污染。对全市印染企业开展排查，建立问题清单，逐一销号。（牵头单位：市生态环境局；配合单位：市工信局、市市场监管局；完成时限：2032年6月底前）

（二）补齐生活短板。新建污水管网18公里，改造老旧管网7公里。（牵头单位：市住建局；责任单位：各县（区）人民政府；完成时限：年底前）

（三）做好汛期防范。汛前完成沿江垃圾清理。（责任单位：镜湖区政府、津东县政府；配合单位：市水利局；完成时限：长期坚持）

二、保障措施

各单位要密切配合。
"""
    section = ["一、主要任务"]
    return text.encode(), [
        task(1, section, "严控工业污染", "对全市印染企业开展排查，建立问题清单，逐一销号。", lead="市生态环境局",
             cooperating="市工信局 市市场监管局", deadline="2032年6月底前", norm="2032-06-30"),
        task(2, section, "补齐生活短板", "新建污水管网18公里，改造老旧管网7公里。", lead="市住建局",
             responsible="各县（区）人民政府", deadline="年底前", norm="2032-12-31"),
        task(3, section, "做好汛期防范", "汛前完成沿江垃圾清理。", cooperating="市水利局",
             responsible="镜湖区政府 津东县政府", deadline="长期坚持", norm="all year"),
    ]  # fmt: skip


def roles_behind_names() -> tuple[bytes, Tasks]:
    """One column of bodies, the leading one marked behind its name."""
    head = ("编号", "工作事项", "具体措施", "责任单位", "完成期限")
    table = _table(
        head,
        (
            "1",
            "断面达标",
            "对上渡断面实施加密监测。",
            "市生态环境局（牵头）、市水利局、镜湖区人民政府",
            "每月",
        ),
        ("2", "", "清退沿河违建12处。", "市水利局(牵头)，市自然资源局，津东县人民政府", "10月15日前"),
        (
            "3",
            "水源保护",
            "拆除一级保护区内码头。",
            "市交通运输局（牵头单位）、市生态环境局（配合单位）",
            "三季度末",
        ),
        ("4", "", "更新界标。", "市生态环境局", "年底"),
    )
    plan = UnseenPlan(0, ["岚津市2031年水源与断面攻坚方案", "现将任务分解如下。", table])
    return plan.write("html"), [
        task(1, [], "断面达标", "对上渡断面实施加密监测。", lead="市生态环境局", responsible="市水利局 镜湖区人民政府",
             deadline="每月", norm="every month"),
        task(2, [], "断面达标", "清退沿河违建12处。", lead="市水利局", responsible="市自然资源局 津东县人民政府",
             deadline="10月15日前", norm="2031-10-15"),
        task(3, [], "水源保护", "拆除一级保护区内码头。", lead="市交通运输局", cooperating="市生态环境局",
             deadline="三季度末", norm="2031-09-30"),
        task(4, [], "水源保护", "更新界标。", responsible="市生态环境局", deadline="年底", norm="2031-12-31"),
    ]  # fmt: skip


def first_body_leads() -> tuple[bytes, Tasks]:
    """One column of bodies, and a note that the first of each leads."""
    head = ("序号", "工作内容", "责任单位")
    table = _table(
        head,
        ("1", "6月底前完成入河排污口溯源，年底前整治40个。", "市生态环境局、市住建局、市水利局"),
        ("2", "推进再生水利用，8月底前印发配置方案。", "市水利局；各县区政府"),
        ("3", "完善应急物资储备。", "市应急局"),
    )
    plan = UnseenPlan(1, ["岚津市2033年水污染防治重点工作安排", table, "注：责任单位排在首位的为牵头单位。"])
    return plan.write("docx"), [
        task(1, [], "", "6月底前完成入河排污口溯源，年底前整治40个。", lead="市生态环境局", responsible="市住建局 市水利局"),
        task(2, [], "", "推进再生水利用，8月底前印发配置方案。", lead="市水利局", responsible="各县区政府"),
        task(3, [], "", "完善应急物资储备。", lead="市应急局"),
    ]  # fmt: skip


def numbers_of_two_levels() -> tuple[bytes, Tasks]:
    """Numbers of two levels: 1 is a section, 1.1 a task of it."""
    head = ("序号", "任务名称", "任务内容", "牵头部门", "参与部门", "完成时间")
    table = _table(
        head,
        ("1", "强化源头治理", "", "", "", ""),
        ("1.1", "园区整治", "完成2个园区管网普查。", "市工信局", "市生态环境局", "2031年5月"),
        ("1.2", "畜禽养殖", "粪污综合利用率达到92%以上。", "市农业农村局", "各镇人民政府", "2031年12月"),
        ("2", "强化能力建设", "", "", "", ""),
        ("2.1", "监测能力", "新建自动站3座。", "市生态环境局", "无", "2031-11-30"),
    )
    plan = UnseenPlan(0, ["岚津市津东县2031年度水环境综合治理计划", "制定本计划。", table])
    return plan.write("docx"), [
        task(1, ["1.强化源头治理"], "园区整治", "完成2个园区管网普查。", lead="市工信局", cooperating="市生态环境局",
             deadline="2031年5月", norm="2031-05-31"),
        task(2, ["1.强化源头治理"], "畜禽养殖", "粪污综合利用率达到92%以上。", lead="市农业农村局", cooperating="各镇人民政府",
             deadline="2031年12月", norm="2031-12-31"),
        task(3, ["2.强化能力建设"], "监测能力", "新建自动站3座。", lead="市生态环境局", deadline="2031-11-30",
             norm="2031-11-30"),
    ]  # fmt: skip


def marks_of_repetition_in_a_sheet() -> tuple[bytes, Tasks]:
    """A workbook with a block of titles; bodies with blanks and breaks in them; 同上, 〃 and -- as values."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.merge_cells("A1:G1")
    sheet["A1"] = "岚津市2031年水污染防治工作任务分解表"
    sheet["A2"] = "填报单位：岚津市生态环境局"
    sheet["F2"] = "填报日期：2031年2月3日"
    rows = [
        ["序号", "工作领域", "主要举措", "牵头\n单位", "配合 单位", "责任单位", "完成\n时限"],
        [1, "工业", "完成18家企业清洁化改造。", "市 工信局", "市生态环\n境局", "镜湖区人民政府\n津东县人民政府", "9月底前"],
        [2, "工业", "建立园区台账。", "同上", "--", "同上", "〃"],
        [3, "生活", "改造管网9公里。", "市住建局", "—", "〃", "年底前"],
        [4, "同上", "开展污泥去向核查。", "〃", "市公安局", "/", "同上"],
    ]  # fmt: skip
    for line, row in enumerate(rows, start=4):
        for column, value in enumerate(row, start=1):
            sheet.cell(line, column, value)
    packed = io.BytesIO()
    book.save(packed)
    both = "镜湖区人民政府 津东县人民政府"
    return packed.getvalue(), [
        task(1, [], "工业", "完成18家企业清洁化改造。", lead="市工信局", cooperating="市生态环境局", responsible=both,
             deadline="9月底前", norm="2031-09-30"),
        task(2, [], "工业", "建立园区台账。", lead="市工信局", responsible=both, deadline="9月底前", norm="2031-09-30"),
        task(3, [], "生活", "改造管网9公里。", lead="市住建局", responsible=both, deadline="年底前", norm="2031-12-31"),
        task(4, [], "生活", "开展污泥去向核查。", lead="市住建局", cooperating="市公安局", deadline="年底前",
             norm="2031-12-31"),
    ]  # fmt: skip


def page_of_a_government_site() -> tuple[bytes, Tasks]:
    """A page with navigation, a line of metadata, share buttons and a list of attachments around the plan."""
    page = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>岚津市水污染防治方案_岚津市人民政府</title>
<style>.nav li{float:left}</style><script>var share = "分享到微信";</script></head><body>
<div class="top"><ul class="nav"><li><a href="/">首页</a></li><li><a href="/zwgk">政务公开</a></li>
<li><a href="/fw">政务服务</a></li><li><a href="/hd">互动交流</a></li></ul></div>
<div class="position">当前位置：<a href="/">首页</a> &gt; <a href="/zwgk">政务公开</a> &gt; 通知公告</div>
<h1>岚津市2031年水污染防治工作方案</h1>
<div class="info">发布时间：2031-03-02 10:11　来源：市生态环境局　浏览次数：<span>318</span>　字体：[<a>大</a> <a>中</a> <a>小</a>]</div>
<div class="share">分享到：<a>微信</a><a>微博</a></div>
<div class="content"><p>&emsp;&emsp;为做好2031年工作，制定本方案。</p><p>一、水质目标</p>
<p>2031年，全市5个国控断面水质优良比例不低于80%。</p><p>二、重点任务</p>
<table border="1"><tr><td>序号</td><td>主要工作</td><td>目标任务</td><td>责任<br>部门</td><td>完成时间</td></tr>
<tr><td>1</td><td rowspan="2">排污口整治</td><td>完成排查溯源。</td><td>市生态环境局</td><td>4月底前</td></tr>
<tr><td>2</td><td>整治60个排污口。</td><td>市生态环境局<br>各县（区）人民政府</td><td>11月底前</td></tr></table></div>
<div class="attach"><p>相关附件：</p><ul><li><a href="a.pdf">岚津市2031年水污染防治工作方案.pdf</a></li></ul></div>
<div class="tools"><a href="javascript:window.print()">【打印本页】</a><a href="javascript:window.close()">【关闭窗口】</a></div>
<p>上一篇：<a href="1.html">关于举办培训班的通知</a></p><p>下一篇：<a href="2.html">关于放假的通知</a></p>
<div class="foot"><p>主办单位：岚津市人民政府办公室　承办单位：岚津市大数据中心</p><p>网站标识码：0000000000　地址：岚津市江岸路1号</p></div></body></html>"""
    return page.encode(), [
        task(1, ["二、重点任务"], "排污口整治", "完成排查溯源。", responsible="市生态环境局", deadline="4月底前",
             norm="2031-04-30"),
        task(2, ["二、重点任务"], "排污口整治", "整治60个排污口。", responsible="市生态环境局 各县（区）人民政府",
             deadline="11月底前", norm="2031-11-30"),
    ]  # fmt: skip


_PAGES = """
#let plan = json(bytes(sys.inputs.plan))
#set page(paper: "a4", margin: 2.5cm, footer: context align(center)[第 #counter(page).display() 页])
#set text(font: "Noto Serif SC", lang: "zh", size: 12pt)
#set par(first-line-indent: (amount: 2em, all: true))
#for line in plan.before { par(line) }
#page(flipped: true)[#table(columns: (2em, 6em, 1fr, 7em, 7em, 6em), stroke: 0.5pt,
  ..plan.rows.flatten().map(c => par(first-line-indent: 0em, c)))]
#for line in plan.after { par(line) }
"""


def rotated_page_of_a_pdf() -> tuple[bytes, Tasks]:
    """A PDF whose table stands on a page of its own, turned on its side, with page numbers between."""
    rows = [
        ["序号", "重点工作", "工作要求", "牵头单位", "配合单位", "时限要求"],
        ["1", "管网改造", "完成镜湖片区管网改造，消除直排口15个，做到雨污不混、清污不混，并形成长效管护机制，经费列入年度预算。",
         "市住房城乡建设局", "市财政局、市自然资源局", "2031年10月底前"],
        ["2", "船舶污染", "落实船舶水污染物联单，港口接收设施与城市处置设施有效衔接，对不达标船舶依法依规处置。",
         "市交通运输局", "市生态环境局、市城市管理局", "全年"],
    ]  # fmt: skip
    body = "各单位要把水污染防治摆在突出位置，逐项明确时间、责任和措施，确保任务落到实处、见到实效。"
    before = ["岚津市2031年水污染防治攻坚方案", "为打好攻坚战，制定本方案。", "一、总体要求", *[body] * 24]
    after = ["二、工作要求", "各单位按月报送进展。"]
    data = json.dumps({"rows": rows, "before": before, "after": after}, ensure_ascii=False)
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(serif_path().parent)])
    made = typst.compile(_PAGES.encode(), font_paths=fonts, sys_inputs={"plan": data}, format="pdf")
    return bytes(made), [
        task(1, ["一、总体要求"], "管网改造", rows[1][2], lead="市住房城乡建设局", cooperating="市财政局 市自然资源局",
             deadline="2031年10月底前", norm="2031-10-31"),
        task(2, ["一、总体要求"], "船舶污染", rows[2][2], lead="市交通运输局", cooperating="市生态环境局 市城市管理局",
             deadline="全年", norm="all year"),
    ]  # fmt: skip


def tabs_in_gbk() -> tuple[bytes, Tasks]:
    """A county's plan as text with tabs in GBK; the deadline stands before the bodies."""
    lines = [
        "津东县2031年水污染防治工作要点",
        "县水污染防治工作领导小组办公室",
        "",
        "任务分工表",
        "",
        "编号\t重点工作\t主要内容\t时间安排\t主办单位\t协办单位",
        "一、河湖治理\t\t\t\t\t",
        "1\t小流域\t完成青芦溪清淤4.2公里。\t5月底前完成\t县水利局\t青芦镇政府、双板桥乡政府",
        "2\t\t建立巡河日志。\t常年坚持\t县河长办\t各乡镇（街道）",
        "二、生活污水\t\t\t\t\t",
        "3\t镇级设施\t青芦镇污水厂负荷率提高到70%以上。\t12月20日前\t县住建局\t县财政局等",
        "",
        "备注：各单位每季度末报送一次进展。",
    ]
    return "\r\n".join(lines).encode("gbk"), [
        task(1, ["一、河湖治理"], "小流域", "完成青芦溪清淤4.2公里。", lead="县水利局",
             cooperating="青芦镇政府 双板桥乡政府", deadline="5月底前完成", norm="2031-05-31"),
        task(2, ["一、河湖治理"], "小流域", "建立巡河日志。", lead="县河长办", cooperating="各乡镇（街道）",
             deadline="常年坚持", norm="all year"),
        task(3, ["二、生活污水"], "镇级设施", "青芦镇污水厂负荷率提高到70%以上。", lead="县住建局", cooperating="县财政局",
             deadline="12月20日前", norm="2031-12-20"),
    ]  # fmt: skip


def checklist_of_faults() -> tuple[bytes, Tasks]:
    """A checklist: the fault, how it is put right, by when, by which body and which person."""
    document = docx.Document()
    document.add_paragraph("岚津市水环境突出问题整改方案（2031年）")
    document.add_paragraph("为抓好整改，制定本方案。")
    document.add_paragraph("附件：问题清单")
    document.add_paragraph("问题清单")
    rows = [
        ("序号", "问题描述", "整改措施", "整改时限", "整改单位", "责任人"),
        ("1", "青芦溪入口水质不稳定。", "封堵混接口6处，增加保洁频次。", "2031年6月30日前", "津东县人民政府", "某甲"),
        ("2", "镜湖片区污水溢流。", "扩建泵站1座，改造管网3公里，落实日常巡查。", "2031年12月底前", "市住建局、镜湖区人民政府", "某乙"),
    ]  # fmt: skip
    grid = document.add_table(len(rows), len(rows[0]))
    for line, row in zip(grid.rows, rows, strict=True):
        for cell, text in zip(line.cells, row, strict=True):
            cell.text = text
    packed = io.BytesIO()
    document.save(packed)
    return packed.getvalue(), [
        task(1, [], rows[1][1], rows[1][2], responsible="津东县人民政府", deadline="2031年6月30日前", norm="2031-06-30"),
        task(2, [], rows[2][1], rows[2][2], responsible="市住建局 镜湖区人民政府", deadline="2031年12月底前",
             norm="2031-12-31"),
    ]  # fmt: skip


DOCUMENTS: dict[str, Callable[[], tuple[bytes, Tasks]]] = {
    "sections.docx": merged_sections_in_word,
    "brackets.txt": brackets_with_deadline,
    "roles.html": roles_behind_names,
    "first.docx": first_body_leads,
    "levels.docx": numbers_of_two_levels,
    "marks.xlsx": marks_of_repetition_in_a_sheet,
    "site.html": page_of_a_government_site,
    "rotated.pdf": rotated_page_of_a_pdf,
    "county.txt": tabs_in_gbk,
    "checklist.docx": checklist_of_faults,
}
