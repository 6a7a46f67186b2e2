"""What a bulletin says of sections, rivers and the city: the wording of 环办〔2011〕22号."""

import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from bishui.assessment import (
    Body,
    BodyPoint,
    Period,
    SourceKind,
    WaterSource,
    Withdrawal,
    assess_sources,
    grade_body,
    groundwater_classes,
)
from bishui.bulletins import (
    Content,
    Paper,
    Section,
    Water,
    compared_with,
    laid_out,
    period_name,
    site_of,
    tell,
)
from bishui.observations import escape_formula
from bishui.reports import Document, Paragraph, Span, numbered, to_xlsx
from tests.assessment.tables import flags, measurements, reading, sites
from tests.bulletins.cities import MONTH, column, given, text_of


def document(told):
    blocks, attachments = laid_out(Paper.of(told), Content.of(told))
    return Document("月报", "甲市生态环境局", date(2024, 2, 29), blocks, attachments)


@pytest.mark.parametrize(
    ("ranks", "word"),
    # 环办〔2011〕22号 二.2, the table of shares: each word at its border
    [
        ([1, 2, 2, 3, 3, 3, 3, 2, 2, 4], "优"),
        ([2, 2, 3, 4], "良好"),
        ([2, 2, 2, 4, 4], "轻度污染"),
        ([2, 3, 3, 4, 6], "中度污染"),
        ([2, 3, 6, 6, 6], "重度污染"),
    ],
)
def test_the_city_has_the_word_of_its_shares(ranks, word):
    told = tell(given(ranks))
    assert told.figures["state.word"].text == word
    assert f"地表水水质状况为{word}。" in text_of(told)


def test_shares_are_printed_with_one_digit_half_up_and_open_to_their_sections():
    told = tell(given([2] * 15 + [6]))
    assert (told.figures["state.good"].text, told.figures["state.good_percent"].text) == ("15", "93.8%")
    assert told.figures["state.worst_percent"].text == "6.3%"  # 1/16 = 6.25, as bulletins print it
    behind = told.figures["state.worst"].behind
    assert [(entry.text, entry.ref) for entry in behind] == [("断面16：劣Ⅴ类", "site:断面16")]


def test_a_river_of_fewer_than_five_sections_has_a_class_by_the_means():
    told = tell(given([2, 4, 4]))  # 0.4, 1.3, 1.3 mg/L: mean 1.0, class Ⅲ
    assert "甲河：3个断面，按断面均值为Ⅲ类，水质良好" in text_of(told)
    assert column(told, "rivers", "评价方法") == ["断面均值"]
    assert any("断面均值 氨氮 1.00 mg/L" in entry.text for entry in told.figures["water_1"].behind)


def test_a_river_of_five_sections_and_more_has_shares_and_no_class():
    told = tell(given([2, 2, 3, 4, 6]))
    assert "甲河：5个断面，Ⅰ～Ⅲ类占60.0%，劣Ⅴ类占20.0%，水质中度污染" in text_of(told)
    assert "主要污染指标为氨氮（断面超标率40.0%）" in text_of(told)
    assert column(told, "rivers", "水质类别") == ["—"]


@pytest.mark.parametrize(
    ("before", "now", "word"),
    # 环办〔2011〕22号 三: |ΔG − ΔD| up to 10 none, up to 20 some, above clear; of ten sections one is ten points
    [
        ([2] * 5 + [4] * 5, [2] * 6 + [4] * 4, "水质无明显变化，优良比例上升10.0个百分点，劣Ⅴ类比例持平"),
        ([2] * 5 + [4] * 5, [2] * 7 + [4] * 3, "水质有所好转，优良比例上升20.0个百分点"),
        ([2] * 5 + [6] * 5, [2] * 8 + [6] * 2, "水质明显好转，优良比例上升30.0个百分点，劣Ⅴ类比例下降30.0个百分点"),
        ([2] * 8 + [4] * 2, [2] * 6 + [4] * 4, "水质有所下降，优良比例下降20.0个百分点"),
    ],
)  # fmt: skip
def test_the_change_against_the_month_before_in_the_words_of_the_method(before, now, word):
    told = tell(given(now, before=before))
    assert f"与上月（2024年1月）相比，{word}" in text_of(told)


def test_a_period_without_results_is_not_compared():
    told = tell(given([2, 3]))
    assert "与上年同期（2023年2月）相比，没有可比的评价结果，不作比较。" in text_of(told)
    assert ("比较", "上年同期断面水质") in {(gap.kind, gap.what) for gap in told.gaps}


def test_other_sections_are_not_compared_as_a_whole_but_those_of_both_periods_are():
    told = tell(given([2, 3, 4], before=[2, 3, None]))
    assert "不可比（两期断面不同：仅后期有断面3）" in text_of(told)
    assert "按两期均参加评价的2个断面比较，水质无明显变化" in text_of(told)
    assert "different_sections" in told.figures["change_1.common"].basis


def test_the_main_pollutants_of_a_section_with_their_multiples_of_class_three():
    # the worked example of 环办〔2011〕22号 二.1: NH3-N 2.3, TP 0.32, COD 24, CODMn 6.6
    values = {"nh3n": "2.3", "tp": "0.32", "cod": "24", "codmn": "6.6"}
    more = [reading(item, value, "2024-02-01T08:00", site="断面1") for item, value in values.items()]
    told = tell(given([None], more=more, target_class=4))
    assert column(told, "sections", "主要污染指标（倍数）") == ["氨氮(1.3)、总磷(0.6)、化学需氧量(0.2)"]
    assert column(told, "sections", "超目标项目（倍数）") == ["氨氮(0.5)、总磷(0.1)"]
    assert "未达标断面：断面1（劣Ⅴ类，目标Ⅳ类，氨氮(0.5)、总磷(0.1)）。" in text_of(told)


def test_attainment_counts_k_of_n_and_what_cannot_be_judged_apart():
    told = tell(given([2, 4, None], target_class=3))
    text = text_of(told)
    assert (
        "有水质目标的断面3个，可以判定的2个，其中达标1个，达标率50.0%；无法判定的1个，不计入达标率。" in text
    )
    assert "另有1个断面（点位）未参加评价（无数据1个），不计入以上比例" in text
    assert "未参加评价的断面（点位）：无数据：断面3。" in text
    assert ("断面", "断面3") in {(gap.kind, gap.what) for gap in told.gaps}


def test_a_period_that_has_not_ended_says_so_first():
    early = tell(replace(given([2, 3]), as_of=date(2024, 2, 10)))
    assert "本期尚未结束，数据只到2024年2月10日，以下为阶段性结果。" in text_of(early)
    assert "尚未结束" not in text_of(tell(given([2, 3])))


def test_the_members_of_a_share_open_and_so_does_its_whole():
    told = tell(given([2, 4, None]))
    share = [(entry.text, entry.ref) for entry in told.figures["classes.share_2"].behind]
    assert share[1:] == [
        ("断面1：Ⅱ类", "site:断面1"),
        ("分母：参加评价的断面（点位）2个", "figure:state.evaluated"),
        ("不计入：未参加评价的断面（点位）1个", "figure:state.missing"),
    ]


def test_an_item_that_cannot_be_judged_is_not_called_missing():
    more = [reading("tp", "0.1", "2024-02-01T08:00", site="断面1")]
    told = tell(given([None], more=more, water_type=None))
    assert column(told, "section_items", "项目类别")[0] == "未定类"


def test_no_data_at_all_is_never_fine():
    told = tell(given([None, None]))
    assert "2个地表水断面（点位）中，0个参加评价，不作总体评价。" in text_of(told)
    assert "state.word" not in told.figures
    assert column(told, "classes", "比例")[:6] == ["—"] * 6


def test_readings_under_review_are_counted_apart_and_named():
    held = flags(
        {
            "site": "断面2",
            "item": None,
            "time_from": MONTH.start,
            "time_to": MONTH.end,
            "flag": "under_review",
        }
    )
    told = tell(given([2, 4], flags=held))
    assert told.figures["state.evaluated"].text == "1"
    assert told.figures["notes.review"].text == "断面2复核中1个"


def test_a_lake_has_the_class_of_the_means_over_its_points_and_its_trophic_state():
    values = {"chla": "0.01", "tp": "0.05", "tn": "1", "transparency": "1", "codmn": "4"}
    more = [
        reading(item, value, "2024-02-01T08:00", site=f"断面{number}")
        for number in (1, 2)
        for item, value in values.items()
    ]
    told = tell(given([None, None], more=more, water_type="lake", river="乙湖"))
    assert column(told, "lakes", "水质类别") == ["Ⅲ类"]
    # 10 mg/m³, 0.05, 1, 1 m, 4: Σ W·TLI = 48.0 (总站生字〔2001〕090号)
    assert (column(told, "lakes", "营养状态指数"), column(told, "lakes", "营养状态")) == (
        ["48.0"],
        ["中营养"],
    )
    assert "rivers" not in told.tables


def test_drinking_water_by_count_and_by_volume():
    # 衢州 2016: 7 of 7 sources, 1057.3 of 1057.3 × 10⁴ t (the volumes are split here over three sources)
    names = ("一厂", "二厂", "三厂")
    rows = measurements(reading("nh3n", "0.3", "2024-02-01T08:00", site=name) for name in names)
    register = sites(*({"id": name, "kind": "drinking_water_source"} for name in names))
    taken = [
        Withdrawal(name, MONTH, Decimal(volume))
        for name, volume in zip(names, ("500", "500.3", "57"), strict=True)
    ]
    sources = [WaterSource(name, name, (name,), SourceKind.SURFACE, "city") for name in names]
    found = assess_sources(rows, register, sources, MONTH, withdrawals=taken)
    told = tell(replace(given([2]), sources=found))
    text = text_of(told)
    assert "登记的3个集中式饮用水水源中，3个参加评价，达标3个，水源达标率100.0%" in text
    assert "参加评价的取水总量1057.3万吨，其中达标1057.3万吨，水量达标率100.0%。" in text


def test_sections_over_different_items_are_not_ranked_and_it_says_why():
    more = [reading(item, "1", "2024-02-01T08:00", site="断面1") for item in ("do", "codmn")]
    more += [reading("ph", "7", "2024-02-01T08:00", site=f"断面{number}") for number in (1, 2)]
    more += [reading(item, "5", "2024-02-01T08:00", site="断面2") for item in ("do",)]
    told = tell(given([2, 3], more=more))
    assert "断面的参评项目不同，不能排名" in text_of(told)
    assert "名次" not in [entry.head for entry in told.tables["index_sections"].columns]
    assert "参评项目不同的指数不能相互比较，未排名。" in told.tables["index_sections"].note


@pytest.mark.parametrize(
    ("now", "before"),
    [([2, 2, 3, 4, 6], [2, 2, 3, 4, 4]), ([2, 4, None], [2, 3, 3]), ([None], []), ([6, 6], [2, None])],
)
def test_every_number_in_a_sentence_leads_to_what_was_counted(now, before):
    told = tell(given(now, before=before, target_class=3))
    allowed = re.compile(r"断面\d+|\d{4}年(?:\d+月)?(?:\d+日)?")
    for block in document(told).blocks:
        if isinstance(block, Paragraph):
            for span in block.parts:
                if isinstance(span, Span) and not span.ref:
                    assert not re.search(r"\d", allowed.sub("", span.text)), span.text


def test_every_place_in_a_text_is_a_figure_or_a_table_and_every_count_is_that_of_its_things():
    told = tell(given([2, 2, 3, 4, 6], before=[2, 2, 3, 4, 4], target_class=3))
    found = numbered(document(told))
    spans = [
        span for entry in found.blocks if isinstance(entry.block, Paragraph) for span in entry.block.parts
    ]
    assert not [span for span in spans if isinstance(span, Span) and "{" in span.text]
    assert sum(isinstance(span, Span) and span.ref.startswith("figure:") for span in spans) > 12
    assert len({figure.label for figure in told.figures.values()}) == len(told.figures)
    for key, figure in told.figures.items():
        assert figure.label and figure.basis and figure.text, key
        if figure.text.isdigit() and figure.value == figure.text:
            assert int(figure.text) == len(figure.behind), key


def test_every_number_and_verdict_of_every_table_opens():
    told = tell(given([2, 2, 3, 4, 6], before=[2, 2, 3, 4, 4], last_year=[2, 2, 2, 2, 2], target_class=3))
    plain = {"水质类别", "评价方法", "用于", "清单", "参加定类的项目", "所在水体"}
    plain |= {"控制级别", "序号", "类别"}
    shut = [
        (key, column.head, entry.text)
        for key, sheet in told.tables.items()
        if key not in told.sheets
        for row in sheet.rows
        for column, entry in zip(sheet.columns, row, strict=True)
        if not entry.ref and entry.text not in ("—", "不计入") and column.head not in plain
    ]
    assert not shut
    opened = {entry.ref for sheet in told.tables.values() for row in sheet.rows for entry in row}
    keys = {ref.removeprefix("figure:") for ref in opened if ref.startswith("figure:")}
    assert keys <= told.figures.keys()


def test_what_is_behind_a_change_opens_each_section_in_its_own_period():
    told = tell(given([2, 4], before=[2, 2]))
    rows = [(entry.text, site_of(entry.ref)) for entry in told.figures["change_1"].behind if entry.ref]
    assert ("断面2 2024年1月：Ⅱ类", ("断面2", "2024-01", "")) in rows
    assert ("断面2 2024年2月：Ⅳ类", ("断面2", "", "")) in rows


def test_a_percentage_says_of_how_many_and_how_many_are_missing():
    told = tell(given([2, 4, None], target_class=3))
    assert told.figures["state.good_percent"].behind[0].text == (
        "1 / 2 个参加评价的断面；另有 1 个未参加评价，不计入"
    )
    assert told.figures["target.percent"].behind[0].text == (
        "达标 1 / 2 个可以判定的断面；另有 1 个有目标而无法判定，不计入"
    )


@pytest.mark.parametrize("name", ["{state.total}河", "{nothing}", "{table:nothing}", "=HYPERLINK(1)", "{}"])
def test_a_name_is_never_a_template_nor_a_formula(name):
    base = given([2, 3])
    waters = [
        Water(base.waters[0].kind, "甲市", base.waters[0].sites),
        Water("water", name, base.waters[0].sites),
    ]
    sections = [Section(entry.id, entry.name, water=name) for entry in base.sections]
    told = tell(replace(base, waters=waters, sections=sections))
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(document(told), escape=escape_formula)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert not [cell.value for cell in cells if isinstance(cell.value, str) and cell.value.startswith("=")]
    assert len(book.sheetnames) == len(told.tables) - len(told.sheets) + 1


@pytest.mark.parametrize(
    ("period", "name", "before", "same"),
    [
        (Period.month(2024, 1), "2024年1月", "2023-12", "2023-01"),
        (Period.month(2024, 2), "2024年2月", "2024-01", "2023-02"),
        (Period.quarter(2025, 1), "2025年第一季度", "2024-Q4", "2024-Q1"),
        (Period.half_year(2025, 2), "2025年下半年", "2025-H1", "2024-H2"),
        (Period.year_to_date(2025, 6), "2025年1—6月", None, "2024-01~06"),
        (Period.year(2025), "2025年", None, "2024"),
    ],
)
def test_periods_and_what_they_are_compared_with(period, name, before, same):
    first, second = compared_with(period)
    assert (period_name(period), first and first.label, second.label) == (name, before, same)


def test_the_notes_name_editions_versions_and_item_lists():
    told = tell(given([2, 3]))
    assert "GB 3838-2002" in column(told, "basis", "版本")
    assert any("环办〔2011〕22号" in name for name in column(told, "basis", "标准或办法"))
    assert column(told, "items", "参加定类的项目") == ["氨氮"]
    assert "本期数据截至2024年2月29日" in text_of(told)


def test_the_same_results_tell_the_same_in_every_language():
    from bishui.i18n import use_language

    with use_language("en"):
        english = tell(given([2, 3, 4], before=[2, 3, None]))
    assert english == tell(given([2, 3, 4], before=[2, 3, None]))


def test_wells_and_black_odorous_waters_stand_only_where_there_are_some():
    base = given([2])
    assert "地下水" not in text_of(tell(base)) and "黑臭" not in text_of(tell(base))
    well = groundwater_classes(
        measurements([reading("nh3n", "0.6", "2024-02-01T08:00", site="井")]), MONTH, sites=("井",)
    )
    water = measurements([reading("nh3n", "16", "2024-02-01T08:00", site="沟")])
    body = grade_body(Body("沟", "甲沟", (BodyPoint("沟"),), regime="rural"), water, MONTH)
    names = {**base.names, "井": "一号井", "沟": "沟口"}
    told = tell(replace(base, wells=well, bodies=(body,), names=names))
    # GB/T 14848-2017: ammonia 0.6 mg/L is worse than Ⅲ (0.5); the rural guide: above 15 mg/L is black-odorous
    assert column(told, "wells", "类别") == ["Ⅳ类"] and column(told, "wells", "劣于Ⅲ类的项目") == ["氨氮"]
    assert column(told, "bodies", "分级") == ["黑臭"]
    assert [entry.text for entry in told.figures["bodies.total"].behind] == ["甲沟：黑臭"]
