"""One cell of a measurement: what each written form means, and why the others are refused."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bishui.errors import Problem, Where
from bishui.observations import Mark, Reading, parse_cell
from bishui.observations.numbers import parse_number
from bishui.standards import find_item

TP, PH, WTEMP, ALGAE, CLASS = (find_item(name) for name in ("总磷", "pH", "水温", "藻密度", "水质类别"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7.20", "7.20"),
        ("１２．５", "12.5"),
        ("1,234.5", "1234.5"),
        ("１，２３４", "1234"),
        ("12,345,678", "12345678"),
        (".5", "0.5"),
        ("+3", "3"),
        ("−4.5", "-4.5"),
        ("1.2E4", "12000"),
        ("1.2e-3", "0.0012"),
        ("1.2×10^4", "12000"),
        ("1.2×10⁴", "12000"),
        ("1.2*10^4", "12000"),
        ("5×10⁻³", "0.005"),
        (" 7.2 ", "7.2"),
        ("7.2\u200b", "7.2"),
        ("0.0000000001", "0.0000000001"),
    ],
)
def test_written_numbers(text: str, value: str) -> None:
    assert parse_number(text) == Reading(Decimal(value), Mark.MEASURED)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("<0.02", "0.02"),
        ("＜0.02", "0.02"),
        ("< 0.02", "0.02"),
        ("0.02L", "0.02"),
        ("0.02l", "0.02"),
        ("０．０２Ｌ", "0.02"),
        ("<0.02L", "0.02"),
        ("未检出(0.02)", "0.02"),
        ("未检出（0.02）", "0.02"),
        ("未检出(<0.02)", "0.02"),
        ("ND(0.02)", "0.02"),
        ("0.02(未检出)", "0.02"),
        ("未检出", None),
        ("ND", None),
        ("nd", None),
        ("N.D.", None),
    ],
)
def test_below_detection_keeps_its_limit(text: str, limit: str | None) -> None:
    wanted = None if limit is None else Decimal(limit)
    assert parse_number(text) == Reading(wanted, Mark.BELOW_DETECTION)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("", Mark.NO_READING),
        ("  ", Mark.NO_READING),
        ("-", Mark.NO_READING),
        ("--", Mark.NO_READING),
        ("—", Mark.NO_READING),
        ("——", Mark.NO_READING),
        ("－－", Mark.NO_READING),
        ("缺测", Mark.NO_READING),
        ("*", Mark.NOT_GIVEN),
        ("＊", Mark.NOT_GIVEN),
        ("/", Mark.NOT_GIVEN),
        ("未监测", Mark.NOT_GIVEN),
        ("停站", Mark.OFFLINE),
        ("维护", Mark.OFFLINE),
    ],
)
def test_cells_without_a_number_each_say_their_own(text: str, mark: Mark) -> None:
    assert parse_number(text) == Reading(None, mark)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5²", "superscript"),
        ("10²5", "two-numbers"),
        ("7.2①", "superscript"),
        ("½", "superscript"),
        ("0.2/0.3", "two-numbers"),
        ("1.2 1.3", "two-numbers"),
        ("0.02-0.03", "two-numbers"),
        (">24000", "bound"),
        ("≥24000", "bound"),
        ("≤0.02", "bound"),
        ("5以上", "bound"),
        ("2024-03-05", "date"),
        ("2024-03-05 00:00:00", "date"),
        ("3月5日", "date"),
        ("#N/A!", "formula"),
        ("#DIV/0!", "formula"),
        ("=A1", "formula"),
        ("约5", "text"),
        ("5左右", "text"),
        ("合格", "no-number"),
        ("TRUE", "no-number"),
        ("0。5", "chinese-point"),
        ("1,5", "comma"),
        ("1,23,456", "comma"),
        ("5.", "incomplete"),
        ("1.2×104", "power-unclear"),
        ("<0", "limit-not-positive"),
        ("7.2 foo/L", "text"),
        ("٣", "no-number"),
    ],
)
def test_refused_cells_tell_why_and_what_to_do(text: str, code: str) -> None:
    problem = parse_number(text)
    assert isinstance(problem, Problem)
    assert problem.code == code
    assert problem.raw == text
    assert text in str(problem.what)
    assert str(problem.remedy)


def test_a_unit_behind_the_number_is_understood_and_converted() -> None:
    assert parse_number("0.285mg/L") == Reading(Decimal("0.285"), Mark.MEASURED, "mg/L")
    assert parse_cell("285 μg/L", TP) == Reading(Decimal("0.285"), Mark.MEASURED, "μg/L")
    assert parse_cell("<20ug/L", TP) == Reading(Decimal("0.020"), Mark.BELOW_DETECTION, "ug/L")
    wrong = parse_cell("28 ℃", TP)
    assert isinstance(wrong, Problem)
    assert wrong.code == "unknown-unit"


@pytest.mark.parametrize(
    ("text", "item", "code"),
    [
        ("72", PH, "out-of-range"),
        ("14.01", PH, "out-of-range"),
        ("-0.1", TP, "out-of-range"),
        ("0.12345678901", TP, "too-many-digits"),
        ("1234.5", ALGAE, "too-many-digits"),
        ("1234567890123456789", ALGAE, "too-large"),
        ("1e99", ALGAE, "too-large"),
        ("8", CLASS, "not-a-class"),
        ("好", CLASS, "not-a-class"),
    ],
)
def test_a_value_that_the_item_cannot_have(text: str, item: object, code: str) -> None:
    problem = parse_cell(text, item, where=Where(row=7, column="x"))
    assert isinstance(problem, Problem)
    assert (problem.code, problem.where.row, problem.raw) == (code, 7, text)


@pytest.mark.parametrize(
    ("text", "item", "said"),
    [("72", PH, "（0～14）"), ("-0.1", TP, "（不低于 0 mg/L）")],
    ids=["both ends", "no upper end"],
)
def test_the_range_is_told_by_the_ends_that_it_has(text: str, item: object, said: str) -> None:
    problem = parse_cell(text, item)
    assert isinstance(problem, Problem)
    assert said in str(problem.what)


def test_limits_of_the_range_belong_to_it() -> None:
    assert isinstance(parse_cell("0", PH), Reading)
    assert isinstance(parse_cell("14", PH), Reading)
    assert isinstance(parse_cell("-1.5", WTEMP), Reading)
    assert isinstance(parse_cell("404537.00", ALGAE), Reading)


@pytest.mark.parametrize(("text", "rank"), [("Ⅰ", 1), ("III类", 3), ("劣Ⅴ", 6), ("劣V类", 6), ("2", 2)])
def test_published_class_is_one_to_six(text: str, rank: int) -> None:
    assert parse_cell(text, CLASS) == Reading(Decimal(rank), Mark.MEASURED)


def test_a_negative_limit_of_detection_is_no_limit() -> None:
    assert isinstance(parse_number("<-0.02"), Problem)


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=10**8, places=6, allow_nan=False))
def test_every_plain_decimal_is_read_exactly(value: Decimal) -> None:
    assert parse_cell(format(value, "f"), TP) == Reading(value, Mark.MEASURED)


@settings(deadline=None)
@given(st.text(max_size=12))
def test_no_text_ends_in_a_traceback(text: str) -> None:
    reading = parse_cell(text, TP)
    assert isinstance(reading, Reading | Problem)


@settings(deadline=None)
@given(st.text(alphabet="0123456789.,-+<LE×^ 未检出⁴²/*()", max_size=10))
def test_no_text_made_of_number_parts_ends_in_a_traceback(text: str) -> None:
    reading = parse_cell(text, TP)
    if isinstance(reading, Reading) and reading.value is not None:
        assert reading.value >= 0
