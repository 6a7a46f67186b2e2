"""Codes of dischargers, permits, divisions and outfalls: accepted, warned of, refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_37_36

import bishui.outfalls as outfalls
from bishui.errors import CallError
from bishui.i18n import use_language
from bishui.outfalls import Level
from bishui.outfalls.codes.credit import organisation_check
from bishui.verification import verify

SAMPLE = "91130200699229617X"  # HJ 608-2017, annex A


def test_all_published_cases_come_out(shared):
    (report,) = verify([shared / "reference" / "outfall-code-cases.csv"])
    assert (report.layout, report.failed) == ("outfall-codes", False)
    assert len(report.checks) == 142


def test_a_wrong_expectation_fails(tmp_path):
    path = tmp_path / "any-name.csv"
    path.write_text(f"case_id,kind,input,expect,normalised\na,uscc,{SAMPLE},error,\nb,uscc,{SAMPLE},ok,X\n")
    (report,) = verify([path])
    assert [check.outcome.value for check in report.checks] == ["different", "different", "ok", "different"]


def test_a_kind_of_code_that_is_not_known_cannot_be_checked(tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text(f"kind,input,expect\nvehicle,{SAMPLE},ok\nuscc,{SAMPLE},fine\n")
    (report,) = verify([path])
    assert report.failed
    assert {check.outcome.value for check in report.checks} == {"not_checkable"}


class TestCreditCode:
    @pytest.mark.parametrize("place", range(18))
    def test_one_changed_character_is_always_found_gb_32100(self, place):
        alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
        for other in set(alphabet) - {SAMPLE[place]}:
            changed = SAMPLE[:place] + other + SAMPLE[place + 1 :]
            assert outfalls.check_credit_code(changed).level is Level.ERROR

    def test_the_place_of_a_wrong_character_is_named(self):
        verdict = outfalls.check_credit_code("91450222MAIK00A16Q")
        assert "第 11 位“I”" in str(verdict.reason)

    def test_organisation_check_gb_11714(self):
        assert organisation_check("69922961") == "7"
        assert organisation_check("00762922") == "3"

    def test_what_was_entered_is_kept(self):
        given_text = " 1145-0222 0076 2922 3k"
        verdict = outfalls.check_credit_code(given_text)
        assert (verdict.given, verdict.normalised) == (given_text, "11450222007629223K")

    @given(st.text(max_size=30))
    def test_any_text_gets_a_verdict(self, text):
        for check in (
            outfalls.check_credit_code,
            outfalls.check_permit,
            outfalls.check_permit_outlet,
            outfalls.check_division,
            outfalls.check_local_code,
            outfalls.check_official_code,
        ):
            verdict = check(text)
            assert (verdict.normalised is None) == (verdict.level is Level.ERROR)
            assert (verdict.reason is None) == (verdict.level is Level.OK)


class TestPermit:
    def test_a_doubt_about_the_credit_code_inside_is_passed_on(self):
        verdict = outfalls.check_permit("91450222MA5K00A106001P")
        assert verdict.level is Level.WARN
        assert "信用代码" in str(verdict.reason)

    def test_the_small_letter_of_a_body_without_credit_code_stays_small(self):
        assert outfalls.check_permit("H9450222000000001a001P").normalised == "H9450222000000001a001P"

    def test_a_last_character_that_is_no_letter_is_refused(self):
        assert outfalls.check_permit(SAMPLE + "001é").level is Level.ERROR


class TestLocalCode:
    def test_the_check_character_is_iso_7064_mod_37_36(self):
        assert outfalls.local_code("450222", 1) == "L450222-00001-7"

    @given(st.sampled_from(["450222", "450702", "450221"]), st.integers(1, 99_999))
    def test_a_made_code_is_accepted_and_read_back(self, county, sequence):
        code = outfalls.local_code(county, sequence)
        assert outfalls.check_local_code(code).normalised == code
        assert outfalls.check_local_code(code.replace("-", "").lower()).normalised == code
        assert mod_37_36.is_valid(code.replace("-", ""))

    @pytest.mark.parametrize(("county", "sequence"), [("450222", 0), ("450222", 100_000), ("45022", 1)])
    def test_what_cannot_be_coded_is_refused(self, county, sequence):
        with pytest.raises(CallError):
            outfalls.local_code(county, sequence)

    def test_a_platform_checks_against_its_own_divisions(self):
        own = outfalls.read_divisions("code,level,name,parent,status\n990101,county,甲县,990100,current\n")
        code = outfalls.local_code("990101", 12)
        assert outfalls.check_local_code(code, own).level is Level.OK
        assert outfalls.check_local_code(code).level is Level.ERROR
        assert outfalls.check_division("990101", own).level is Level.OK


class TestKinds:
    def test_twenty_types_of_hj_1312_and_seven_older_classes(self):
        assert len(outfalls.outfall_types()) == 20
        assert len(outfalls.legacy_types()) == 7

    def test_those_in_the_draw_are_those_that_need_approval(self):
        for kind in outfalls.outfall_types().values():
            assert kind.drawn == (kind.setting == "approval")

    def test_an_older_class_proposes_a_type_only_where_there_is_one(self):
        assert outfalls.proposed_type("hj1235-yh").name == "城镇雨洪排口"
        assert outfalls.proposed_type("hj1235-gy") is None
        assert outfalls.proposed_type("hj1235-gq") is None
        with pytest.raises(CallError, match="旧分类"):
            outfalls.proposed_type("hj1235-xx")

    def test_older_classes_name_known_types_only(self):
        known = set(outfalls.outfall_types())
        mapped = [one for old in outfalls.legacy_types().values() for one in old.maps_to]
        assert set(mapped) == known
        assert len(mapped) == len(set(mapped))

    def test_a_name_is_proposed_from_its_parts(self):
        kind = outfalls.outfall_types()["hj1312-09"]
        assert (
            outfalls.proposed_name(["甲县", "乙镇", "丙村"], "3#", kind)
            == "甲县乙镇丙村3#城镇污水处理厂排污口"
        )


def test_reasons_are_read_in_chinese_first():
    verdict = outfalls.check_permit_outlet("DW1")
    with use_language("zh-hans"):
        assert "不是排放口编号" in str(verdict.reason)
    assert verdict.as_dict()["level"] == "error"
