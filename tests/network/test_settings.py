"""Settings of the models: each has a source, a bureau changes one by name or by a file that is checked."""

from datetime import date

import pytest

from bishui.errors import CallError, DataError, UnreadableFile
from bishui.network.settings import read_own_settings, settings, topics

OWN = """
name = "示例市参数"
basis = "示例文件〔2026〕1号"
[[setting]]
topic = "capacity"
name = "margin_of_safety"
value = 0.05
source = "第三条"
"""


def written(tmp_path, text):
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("topic", topics())
def test_every_setting_has_a_source_a_certainty_both_labels_and_takes_its_own_value(topic):
    for setting in settings(topic).settings.values():
        assert setting.source and setting.certainty in {"D", "V", "M"}
        assert setting.label.zh != setting.label.en
        assert setting.fault_of(setting.value) is None, setting.name
        low, high = setting.band if not isinstance(setting.value, str) else (0, 0)
        assert low <= high
        if setting.low is not None:
            assert setting.low <= setting.value <= setting.high, setting.name


def test_a_setting_changed_for_a_call_is_named_in_the_version():
    changed = settings("capacity", margin_of_safety=0.05)
    assert changed["margin_of_safety"] == 0.05
    assert changed.version.endswith("+margin_of_safety=0.05")
    assert settings("capacity", margin_of_safety=0.1).version == settings("capacity").version


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"margin": 1}, "margin"),
        ({"margin_of_safety": -0.1}, "不得小于"),
        ({"margin_of_safety": 2}, "不得大于"),
        ({"margin_of_safety": "a"}, "有限的数"),
        ({"short_series": "guess"}, "refuse、mark"),
        ({"margin_of_safety": True}, "true"),
    ],
)
def test_a_value_that_a_setting_may_not_take_is_refused_with_the_reason(changes, said):
    with pytest.raises(CallError, match=said):
        settings("capacity", **changes)


def test_an_unknown_topic_is_refused_with_the_known_ones():
    with pytest.raises(CallError, match="capacity"):
        settings("nothing")


def test_a_bureaus_own_file_comes_before_the_value_delivered_and_a_change_before_both(tmp_path):
    own = read_own_settings(written(tmp_path, OWN))
    chosen = settings("capacity", own=own)
    assert chosen["margin_of_safety"] == 0.05
    assert chosen.settings["margin_of_safety"].own == "示例市参数"
    assert "示例文件" in chosen.settings["margin_of_safety"].source
    assert "示例市参数" in chosen.version
    assert settings("capacity", own=own, margin_of_safety=0.15)["margin_of_safety"] == 0.15
    assert settings("decay", own=own).version == settings("decay").version


def test_a_file_with_faults_is_not_used_and_every_fault_is_named(tmp_path):
    text = '[[setting]]\ntopic="capacity"\nname="none"\nvalue=1\nsource="x"\n[[setting]]\ntopic="capacity"\n'
    with pytest.raises(DataError) as caught:
        read_own_settings(written(tmp_path, text))
    said = [str(problem) for problem in caught.value.problems]
    assert len(said) == 4
    assert any("none" in text for text in said) and any("value" in text for text in said)


def test_a_file_that_is_not_toml_is_refused(tmp_path):
    with pytest.raises(UnreadableFile):
        read_own_settings(written(tmp_path, "= ="))


def test_before_the_first_date_the_first_value_is_used():
    assert settings("capacity", date(1990, 1, 1))["design_guarantee"] == 0.9


def test_a_range_is_shown_where_one_is_published():
    assert settings("decay").settings["k_cod_river_good"].band == (0.18, 0.25)
    assert settings("capacity").settings["exponent_warning"].band == (3.0, 3.0)
