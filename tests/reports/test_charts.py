"""Charts, drawn by our own source: their colours, their gaps, the same bytes for the same values."""

import io

import pytest
from PIL import Image

from bishui import reports as r
from tests.reports.samples import BARS, HOSTILE, LINES, STRIPS, SWATCHES, TARGETS


def picture(chart):
    return Image.open(io.BytesIO(r.draw_png(chart, 156))).convert("RGB")


def has(image, colour):
    """Whether an area of the picture is filled with just this colour."""
    rgb = tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return {found: count for count, found in image.getcolors(1 << 22)}.get(rgb, 0)


@pytest.mark.parametrize("chart", [STRIPS, BARS, TARGETS, LINES])
def test_a_chart_is_as_wide_as_it_is_told_and_the_same_each_time(chart):
    image = picture(chart)
    assert image.width == pytest.approx(156 / 25.4 * 220, abs=2)
    assert r.draw_png(chart, 156) == r.draw_png(chart, 156)
    assert r.draw_svg(chart, 156).lstrip().startswith(b"<svg")


def test_strips_bear_the_colours_of_their_classes():
    image = picture(STRIPS)
    assert has(image, SWATCHES["2"].fill) > 10_000
    assert has(image, SWATCHES["6"].fill) > 5_000
    without = r.StripChart(("1月",), (("某桥", (None,)),), {"2": SWATCHES["2"]})
    assert has(picture(without), SWATCHES["2"].fill) < 2_000  # the legend only


def test_a_bar_is_as_long_as_its_value():
    def length(value):
        chart = r.BarChart((r.Swatch("值", "#0a6a82"),), (r.Bar("甲", (value,)), r.Bar("乙", (100,))))
        return has(picture(chart), "#0a6a82")

    whole, half, none = length(100), length(50), length(None)
    assert whole - none == pytest.approx(2 * (half - none), rel=0.02)


def test_a_missing_value_is_no_bar_of_nought_but_says_so():
    empty = r.BarChart((r.Swatch("值", "#0a6a82"),), (r.Bar("甲", (None,)),), missing="无数据")
    nought = r.BarChart((r.Swatch("值", "#0a6a82"),), (r.Bar("甲", (0,)),))
    assert r.draw_png(empty, 156) != r.draw_png(nought, 156)
    assert has(picture(empty), "#f2f4f5") > 1_000


def test_a_line_breaks_where_there_is_no_value():
    def drawn(values):
        chart = r.LineChart(("1", "2", "3"), ((r.Swatch("甲", "#0a6a82"), values),), lowest=0, highest=10)
        return has(picture(chart), "#0a6a82")

    assert drawn((5, None, 5)) < drawn((5, 5, 5)) / 2


def test_a_hostile_label_is_drawn_and_not_run():
    chart = r.BarChart((r.Swatch(HOSTILE, "#0a6a82"),), (r.Bar(HOSTILE, (1,)),))
    assert picture(chart).height > 20


def test_a_chart_without_anything_is_still_a_picture():
    for chart in (r.BarChart((), ()), r.StripChart((), (), {}), r.LineChart((), ())):
        assert picture(chart).width > 100
