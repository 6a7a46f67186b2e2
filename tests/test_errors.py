"""The one tree of errors: what, where and remedy, in both languages and in one JSON shape."""

import json

import pytest

from bishui import errors
from bishui.errors import BishuiError, CallError, DataError, Problem, Where
from bishui.i18n import Text, use_language


def tree(root=BishuiError):
    return [root, *(leaf for child in root.__subclasses__() for leaf in tree(child))]


OWN = [kind for kind in tree() if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
def test_every_error_has_a_code_an_exit_status_and_an_http_status(kind):
    assert kind.code
    assert kind.exit_status in (1, 2)
    assert 400 <= kind.http_status < 600
    assert kind.__doc__


def test_no_two_errors_share_a_code():
    assert len({kind.code for kind in OWN}) == len(OWN)


def test_only_a_wrong_call_exits_with_2():
    assert [kind for kind in OWN if kind.exit_status == 2] == [CallError]


def test_an_error_says_the_place_the_fact_and_the_remedy():
    error = DataError(
        Text("“{label}”不能为空。", label="单位名称"),
        remedy=Text("请核对路径和文件名。"),
        where=Where(file="a.csv", row=3, column="单位名称"),
    )
    assert str(error) == "文件 a.csv，第 3 行，“单位名称”列：“单位名称”不能为空。 请核对路径和文件名。"
    assert str(DataError(Text("没有。"))) == "没有。"
    with use_language("en"):
        shown = str(error)
    assert "a.csv" in shown
    assert "第 3 行" not in shown
    assert "不能为空" not in shown


def test_the_json_shape_is_one_with_both_languages_and_only_known_places():
    problem = Problem("range", Text("过大。"), Text("请改小。"), Where(row=2, column="值"), "99")
    error = DataError(Text("有错。"), where=Where(file="a.csv"), problems=[problem])
    shape = json.loads(json.dumps(error.as_dict(), ensure_ascii=False))
    assert list(shape) == ["error", "what", "remedy", "where", "problems"]
    assert shape["error"] == "data"
    assert set(shape["what"]) == {"zh", "en"}
    assert shape["remedy"] is None
    assert shape["where"] == {"file": "a.csv"}
    assert shape["problems"][0]["where"] == {"row": 2, "column": "值"}
    assert shape["problems"][0]["raw"] == "99"
    assert list(shape["problems"][0]) == ["code", "what", "remedy", "where", "raw"]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (Where(), ""),
        (Where(file="a.xlsx", sheet="表一"), "文件 a.xlsx，工作表 表一"),
        (Where(line=4), "第 4 行"),
        (Where(field="名称"), "“名称”项"),
        (Where(file="a.csv", byte=0), "文件 a.csv，第 0 字节"),
    ],
)
def test_a_place_says_what_is_known_and_nothing_else(where, said):
    assert str(where) == said


def test_a_problem_reads_as_one_sentence_with_its_place():
    problem = Problem("range", Text("过大。"), Text("请改小。"), Where(row=2))
    assert str(problem) == "第 2 行：过大。 请改小。"
    assert str(Problem("range", Text("过大。"), Text("请改小。"))) == "过大。 请改小。"
