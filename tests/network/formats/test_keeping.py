"""A network that was read is kept as columns and opens as what it was."""

from dataclasses import fields

import numpy as np
import pytest
import shapely

from bishui.network import read_network
from bishui.network.formats import keep_file, open_kept

_ROWS = (
    "河段编号,下游河段编号,河流名称,河段类型,长度(km),流速(m/s),水温(℃),区间流量(m3/s),区间浓度,库容(m3)\n"
    "甲,丙,东河,河流,5,0.5,20,4,cod=8;nh3n=0.2,\n"
    "乙,丙,,河流,5,,20,1,cod=8,\n"
    "丙,,东河,湖泊,5,0.5,20,0,,1000000\n"
)


@pytest.fixture
def read(tmp_path):
    """Return a network as a table gives it, with values that are missing."""
    path = tmp_path / "reaches.csv"
    path.write_text(_ROWS, "utf-8")
    return read_network(path)


def test_what_was_kept_opens_with_the_same_columns(read, tmp_path):
    assert keep_file(read, tmp_path / "kept")
    again = open_kept(tmp_path / "kept")
    for table in ("reaches", "edges"):
        for field in fields(getattr(read, table)):
            given, found = (getattr(getattr(file, table), field.name) for file in (read, again))
            np.testing.assert_array_equal(given, found)
            assert given.dtype == found.dtype
            assert found.flags.writeable
    assert again.names.tolist() == read.names.tolist()
    assert {key: list(map(str, values)) for key, values in again.lateral.items()} == {
        key: list(map(str, values)) for key, values in read.lateral.items()
    }
    assert again.assumed.keys() == read.assumed.keys()
    assert again.origin.where(1) == read.origin.where(1)


def test_lines_are_drawn_as_they_were_and_where_none_is_none_stays(read, tmp_path):
    lines = np.array([shapely.LineString([(109, 24), (109.1, 24.2), (109.3, 24)]), None, None], dtype=object)
    drawn = type(read)(**{field.name: getattr(read, field.name) for field in fields(read)} | {"lines": lines})
    keep_file(drawn, tmp_path / "kept")
    again = open_kept(tmp_path / "kept")
    assert again.lines[0].equals(lines[0])
    assert again.lines[1:].tolist() == [None, None]


def test_a_damaged_or_missing_one_is_none_at_all(read, tmp_path):
    assert open_kept(tmp_path / "kept") is None
    keep_file(read, tmp_path / "kept")
    (tmp_path / "kept" / "reaches.length.npy").write_bytes(b"\x93NUMPY")
    assert open_kept(tmp_path / "kept") is None
