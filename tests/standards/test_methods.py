"""Assessment methods: named, dated settings with their source."""

from datetime import date

import pytest

from bishui.errors import CallError
from bishui.standards import method, methods


def test_results_before_2020_are_not_rounded_before_comparing():
    assert method(date(2019, 12, 31)).round_before_compare is False
    assert method(date(2020, 1, 1)).round_before_compare is True


def test_single_readings_are_not_rounded():
    assert method(date(2024, 1, 1)).round_single_readings is False


def test_below_detection_has_a_rule_for_means_and_another_for_loads():
    found = method(date(2024, 1, 1))
    assert (found.below_detection_concentration, found.below_detection_load) == ("half", "zero")


def test_every_setting_tells_its_source_and_certainty():
    for edition in methods().values():
        for setting in edition.settings:
            assert setting.source
            assert setting.certainty in {"A", "B", "C"}
            assert getattr(edition, setting.name) == setting.value


def test_a_changed_setting_changes_the_version_and_the_settings():
    standard = method(date(2024, 1, 1))
    changed = method(date(2024, 1, 1), round_before_compare=False)
    assert changed.version == f"{standard.version}+round_before_compare=False"
    assert changed.as_dict()["settings"]["round_before_compare"]["value"] is False
    assert method(date(2024, 1, 1), round_before_compare=True) == standard


def test_an_unknown_setting_is_refused_with_the_known_ones():
    with pytest.raises(CallError, match="没有名为") as caught:
        method(date(2024, 1, 1), rounding="off")
    assert "round_before_compare" in str(caught.value.remedy)
