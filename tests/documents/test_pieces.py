"""A text that was put together from several lines still knows where each part of it stands."""

from bishui.documents.pieces import pieces_of


def test_parts_are_found_among_the_lines_of_other_cells() -> None:
    source = ["1", "管住", "源头", "3 新建主管", "", "18 公里。", "市水利局 全年"]
    assert pieces_of("新建主管18 公里。", (1, 7), source) == ((0, 4), (4, 6))


def test_a_theme_that_begins_like_the_text_is_not_taken_for_it() -> None:
    source = ["控制", "用水", "控制用水总量，", "不超过指标。", "市水利局"]
    assert pieces_of("控制用水总量，不超过指标。", (1, 5), source) == ((0, 3), (7, 4))


def test_a_text_on_one_line_or_not_found_stands_on_the_first() -> None:
    assert pieces_of("控制总量。", (2, 2), ["", "1\t控制总量。"]) == ((0, 2),)
    assert pieces_of("控制总量。", (1, 2), ["甲", "乙"]) == ((0, 1),)
