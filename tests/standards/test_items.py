"""The item table: heads as they are printed in files, digits, units."""

from decimal import Decimal

import pytest

from bishui.standards import find_item, items, unit_factor


@pytest.mark.parametrize(
    ("head", "key"),
    [
        ("高锰酸盐指数(mg/L)", "codmn"),
        ("CODMn", "codmn"),
        ("w01019", "codmn"),
        ("NH3-N", "nh3n"),
        ("NH₃-N", "nh3n"),
        ("氨氮（NH3-N）", "nh3n"),
        ("氨氮 mg/L", "nh3n"),
        ("NH3N_mgL", "nh3n"),
        ("叶绿素α(mg/L)", "chla"),
        ("pH(无量纲)", "ph"),
        ("ＰＨ值", "ph"),
        ("水温(℃)", "wtemp"),
        ("电导率(μS/cm)", "conductivity"),
        ("电导率(µS/cm)", "conductivity"),
        ("藻密度(cells/L)", "algal_density"),
        ("铬（六价）", "cr6"),
        ("六价铬", "cr6"),
        ("volatile_phenol_mgL", "phenol"),
        ("水质类别", "published_class"),
        (" 总 磷 ", "tp"),
    ],
)
def test_heads_as_printed_name_their_item(head, key):
    assert find_item(head).key == key


@pytest.mark.parametrize("head", ["", "断面名称", "氨氮(总磷)", "监测时间", "总磷(个)"])
def test_other_heads_name_no_item(head):
    assert find_item(head) is None


def test_every_item_is_found_by_its_own_names():
    for key, item in items().items():
        for name in (item.key, item.name_zh, item.name_en, *item.codes):
            assert find_item(name).key == key


def test_no_alias_belongs_to_two_items():
    for key, item in items().items():
        assert {find_item(alias).key for alias in item.aliases} == {key}


@pytest.mark.parametrize(
    ("key", "decimals"),
    [("ph", 0), ("do", 1), ("codmn", 1), ("nh3n", 2), ("tp", 3), ("tn", 2), ("hg", 5), ("cd", 5), ("phenol", 4),
     ("oil", 2), ("cn", 3), ("as", 4), ("f", 3), ("fecal_coliform", 0), ("transparency", 2)],
)  # fmt: skip
def test_evaluation_decimals_of_notice_82(key, decimals):
    assert items()[key].evaluation_decimals == decimals


def test_scales_keep_every_digit_of_a_mean_that_is_rounded():
    for item in items().values():
        assert item.scale >= (item.evaluation_decimals or 0)
    assert (items()["algal_density"].scale, items()["methylmercury"].scale) == (0, 10)


@pytest.mark.parametrize(
    ("key", "unit", "factor"),
    [("hg", "μg/L", "0.001"), ("chla", "mg/m³", "0.001"), ("tp", "mg/L", "1"), ("transparency", "cm", "0.01"),
     ("algal_density", "万个/L", "10000"), ("cd", "ng/L", "0.000001")],
)  # fmt: skip
def test_units_convert_exactly(key, unit, factor):
    assert unit_factor(items()[key], unit) == Decimal(factor)


def test_a_unit_of_another_dimension_has_no_factor():
    assert unit_factor(items()["tp"], "NTU") is None
