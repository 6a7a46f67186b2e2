"""What a step of the life cycle lacks, what opens an outfall again: the rules and their laws."""

from __future__ import annotations

import contextlib
import io
import tomllib
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bishui
from bishui.outfalls import (
    HandOver,
    PhotoSeen,
    SampleSeen,
    Snapshot,
    VisitSeen,
    custody_faults,
    custody_gaps,
    flow_per_day,
    is_rain_outfall,
    lacking,
    life_cycle,
    proposed_categories,
    trigger_of_sample,
    trigger_of_visit,
)

RULES = life_cycle()
DAY0 = datetime(2025, 4, 1, 9)
SEALED = {"category": "merge", "finished_on": DAY0.date()}
KEPT = {"category": "standardise", "keep": "yes", "finished_on": DAY0.date()}
WORKFLOW = Path(bishui.__file__).parent / "server/outfalls/workflows/outfall_round.toml"


def at(day: int, hour: int = 0) -> datetime:
    return DAY0 + timedelta(days=day, hours=hour)


def dry(day: int, **other: object) -> VisitSeen:
    return VisitSeen(**{"at": at(day), "discharging": "no", "rain": Decimal(0), **other})


WHOLE = (
    HandOver("taken", at(0, 0), "甲"),
    HandOver("sealed", at(0, 1), "甲", "甲"),
    HandOver("handed_over", at(0, 2), "乙", "甲"),
    HandOver("handed_over", at(0, 3), "丙", "乙"),
    HandOver("received", at(0, 4), "丁", "丙"),
    HandOver("analysed", at(0, 5), "戊"),
)


def sample(number: str, day: int, passes: bool | None, **other: object) -> SampleSeen:
    whole = {"samplers": 2, "flow_status": "measured", "items": frozenset({"ph", "cod", "nh3n"})}
    return SampleSeen(**{"number": number, "at": at(day), "passes": passes, "custody": WHOLE} | whole | other)


def codes(names: list[str], known: Snapshot) -> list[str]:
    return [problem.code for problem in lacking(names, known)]


def test_every_requirement_that_a_step_names_is_a_rule_and_every_rule_is_asked_for():
    steps = tomllib.loads(WORKFLOW.read_text(encoding="utf-8"))["transition"]
    named = {entry["rule"] for step in steps for entry in step.get("requires", [])}
    parts = {part for rule in RULES.requirements.values() for part in rule.params.get("of", [])}
    assert named | parts == RULES.requirements.keys()
    assert [step["id"] for step in steps] == [f"t{number:02}" for number in range(2, 20)]


def test_the_example_of_the_page_prints_what_it_says():
    page = Path(__file__).resolve().parents[2] / "docs/explanation/outfall-life-cycle.md"
    text = page.read_text(encoding="utf-8")
    code, said = (text.split(f"```{kind}\n")[1].split("```")[0] for kind in ("python", "text"))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    assert printed.getvalue() == said


def test_every_rule_says_where_it_is_from_and_how_sure_that_is():
    rules = (
        *RULES.settings.values(), *RULES.requirements.values(), *RULES.categories.values(),
        *RULES.triggers.values(), *RULES.custody.values(),
    )  # fmt: skip
    for rule in rules:
        assert rule.source, rule
        assert rule.certainty in {"A", "B", "C", "D", "M"}, rule


def test_a_category_stands_on_problems_that_can_be_chosen():
    for category in RULES.categories.values():
        assert set(category.grounds) <= RULES.abnormalities.keys()


@given(st.lists(st.integers(0, 60), max_size=6), st.lists(st.integers(0, 60), max_size=2))
def test_4_5_3_two_dry_visits_at_least_fifteen_days_apart_since_it_last_flowed(days, flows):
    visits = [dry(day) for day in days] + [dry(day, discharging="yes") for day in flows]
    known = Snapshot(SEALED, visits=tuple(sorted(visits, key=lambda one: one.at)))
    since = [day for day in days if day > max(flows, default=-1)]
    proved = any(later - sooner >= 15 for later in since for sooner in since)
    assert (codes(["dry_visits"], known) == []) is proved


@pytest.mark.parametrize("rain", [None, Decimal(1), Decimal("12.5")])
def test_a_visit_after_rain_or_without_word_of_it_proves_nothing(rain):
    known = Snapshot(SEALED, visits=(dry(0), dry(20, rain=rain)))
    assert codes(["dry_visits"], known) == ["lacking-dry-visits"]


def test_visits_before_completion_do_not_count():
    known = Snapshot(SEALED | {"finished_on": date(2025, 4, 10)}, visits=(dry(0), dry(20)))
    assert codes(["dry_visits"], known) == ["lacking-dry-visits"]


@given(st.lists(st.tuples(st.integers(-5, 30), st.sampled_from([True, False, None])), max_size=6))
def test_4_5_4_the_last_judged_sample_after_completion_decides(taken):
    samples = tuple(sample(f"{n}", day, verdict) for n, (day, verdict) in enumerate(taken))
    judged = [(day, verdict) for day, verdict in taken if verdict is not None and day >= 0]
    last = max((day for day, _ in judged), default=None)
    passes = bool(judged) and all(verdict for day, verdict in judged if day == last)
    assert (codes(["passing_after"], Snapshot(KEPT, samples=samples)) == []) is passes


def test_a_sample_of_one_item_or_without_its_custody_is_no_proof():
    for fault in ({"items": frozenset({"ph"})}, {"custody": WHOLE[:3]}, {"samplers": 1}, {"flow_status": ""}):
        known = Snapshot(KEPT, samples=(sample("1", 1, True, **fault),))
        assert set(codes(["passing_after"], known)) & {"lacking-passing-after", "custody-gap"}, fault
        assert codes(["passing_after"], Snapshot(KEPT, samples=(*known.samples, sample("2", 2, True)))) == []


def test_4_5_a_rain_outfall_is_proved_by_dry_weather_without_flow_or_by_a_sample():
    asked, rain = ["passing_after", "sampled_after", "rain_proof"], KEPT | {"kind": "hj1312-19"}
    assert codes(asked, Snapshot(rain)) == ["lacking-dry-record"]
    assert codes(asked, Snapshot(rain, visits=(dry(0), dry(15)))) == []
    assert codes(asked, Snapshot(rain, samples=(sample("1", 1, True),))) == []
    assert "lacking-passing-after" in codes(asked, Snapshot(KEPT, visits=(dry(0), dry(15))))


def test_a_sealed_mouth_needs_no_sample_and_a_kept_outfall_no_dry_visits():
    assert codes(["passing_after", "sampled_after", "kept_in_order"], Snapshot(SEALED)) == []
    assert codes(["dry_visits", "sealed", "keep_fits"], Snapshot(KEPT)) == []


def view(**other: object) -> tuple[PhotoSeen, ...]:
    after = PhotoSeen(**{"id": "b", "kind": "after", "at": at(1), "view_of": "a", **other})
    return (PhotoSeen("a", "outfall", at(-30)), after)


def test_4_5_2_before_and_after_show_the_same_view_with_time_and_place():
    assert codes(["same_view"], Snapshot(KEPT, photos=view())) == []
    for fault in ({"view_of": ""}, {"view_of": "c"}, {"placed": False}, {"at": at(-31)}, {"at": at(-2)}):
        assert codes(["same_view"], Snapshot(KEPT, photos=view(**fault))) == ["lacking-same-view"]


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(-40, 40), st.sampled_from(["", "a"])), max_size=5)
)
def test_another_photograph_never_makes_more_lacking(further):
    asked = ["same_view", "photo_after", "photo_outfall", "sealed"]
    more = tuple(
        PhotoSeen(f"{n}", "after" if of else "outfall", at(day), True, of)
        for n, (_, day, of) in enumerate(further)
    )
    assert set(codes(asked, Snapshot(KEPT, photos=view() + more))) <= set(
        codes(asked, Snapshot(KEPT, photos=view()))
    )


def test_a_kept_outfall_has_sign_sampling_point_and_supervising_unit():
    assert [problem.where.field for problem in lacking(["kept_in_order"], Snapshot(KEPT))] == [
        "sign", "sampling_point", "supervising_unit",
    ]  # fmt: skip
    ready = {"sign": "yes", "sampling_point": "yes"}
    assert codes(["kept_in_order"], Snapshot(KEPT | ready, given={"supervising_unit": "u"})) == []
    assert codes(["kept_in_order"], Snapshot(KEPT | ready | {"sign": "no", "supervising_unit": "u"})) == [
        "lacking-kept-in-order"
    ]


def test_4_4_a_ban_needs_its_ground_or_a_reason():
    ban = {"category": "ban"}
    assert codes(["grounds"], Snapshot({}, given=ban | {"problems": ["in_protected_area"]})) == []
    assert codes(["grounds"], Snapshot({}, given=ban | {"problems": ["broken"]})) == ["lacking-grounds"]
    assert (
        codes(["grounds"], Snapshot({}, given=ban | {"problems": ["broken"], "category_reason": "x"})) == []
    )


@pytest.mark.parametrize(
    ("problems", "kind", "proposed"),
    [
        (["in_protected_area", "broken"], "", ("ban", "standardise")),
        ([], "hj1312-16", ("merge",)),
        (["other"], "hj1312-20", ()),
    ],
)
def test_4_4_categories_are_proposed_from_problems_and_type(problems, kind, proposed):
    assert proposed_categories(problems, kind) == proposed


def test_4_2_t03_the_reviewer_did_not_make_the_visit():
    known = Snapshot({}, visits=(dry(0, by="7"),), actor="7")
    assert codes(["reviewer"], known) == ["lacking-reviewer"]
    assert codes(["reviewer"], Snapshot({}, visits=known.visits, actor="8")) == []


def test_an_outfall_whose_setting_needs_no_approval_may_stay_without_a_sign():
    assert codes(["standardised"], Snapshot({"kind": "hj1312-18"})) == []
    assert codes(["standardised"], Snapshot({"kind": "hj1312-09"})) == ["lacking-standardised"] * 2


@given(st.permutations(WHOLE))
def test_a_whole_chain_of_custody_has_no_gap_in_whatever_order_it_arrives(chain):
    assert custody_gaps(chain) == []


@pytest.mark.parametrize("missing", [0, 1, 4, 5])
def test_a_missing_step_is_a_gap_and_no_fault(missing):
    chain = WHOLE[:missing] + WHOLE[missing + 1 :]
    assert custody_faults(chain) == []
    assert [problem.code for problem in custody_gaps(chain)] == ["custody-gap"]


def test_a_hand_that_never_had_the_sample_is_seen():
    chain = (*WHOLE[:2], HandOver("handed_over", at(0, 2), "乙", "己"), *WHOLE[4:])
    assert "custody-hands" in {problem.code for problem in custody_gaps(chain)}


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (HandOver("sealed", at(0, 6), "甲"), "custody-order"),
        (HandOver("analysed", at(0, 6), "甲"), "custody-twice"),
        (HandOver("lost", at(0, 6), "甲"), "custody-unknown"),
    ],
)
def test_a_step_twice_or_against_the_order_is_refused(step, code):
    assert [problem.code for problem in custody_faults((*WHOLE, step))] == [code]


@pytest.mark.parametrize(
    ("fields", "visit", "trigger"),
    [
        ({"kind": "hj1312-19"}, dry(0, discharging="yes"), "dry_flow"),
        ({"legacy_kind": "hj1235-yh"}, dry(0, discharging="yes"), "dry_flow"),
        ({"kind": "hj1312-19"}, dry(0, discharging="yes", rain=Decimal(5)), None),
        ({"kind": "hj1312-19"}, dry(0, discharging="yes", rain=None), None),
        ({"kind": "hj1312-01"}, dry(0, discharging="yes"), None),
        ({"kind": "hj1312-01"}, dry(0, abnormal_kinds=("borrowed_channel",)), "borrowed_again"),
        ({"category": "merge"}, dry(0, discharging="yes", rain=None), "mouth_rebuilt"),
        ({"keep": "no"}, dry(0, discharging="yes"), "mouth_rebuilt"),
        ({"category": "merge"}, dry(0), None),
    ],
)
def test_4_6_what_a_visit_shows_opens_an_outfall_again(fields, visit, trigger):
    found = trigger_of_visit(visit, Snapshot(fields))
    assert (found.id if found else None) == trigger


@pytest.mark.parametrize(("passes", "trigger"), [(False, "monitor_exceed"), (True, None), (None, None)])
def test_4_6_a_failing_sample_opens_an_outfall_again(passes, trigger):
    found = trigger_of_sample(SampleSeen("1", at(0), passes=passes))
    assert (found.id if found else None) == trigger


@pytest.mark.parametrize(
    ("given", "a_day"),
    [
        ("0.02 m³/s", "1728"),
        ("55m3/d", "55"),
        ("1,200 吨/日", "1200"),
        ("2.5 L/s", "216"),
        ("３ m3/h", "72"),
        ("55", None),
        ("约 55 m3/d", None),
        ("55 盆/天", None),
        ("", None),
    ],
)
def test_2_3_flow_is_kept_in_cubic_metres_a_day_beside_what_was_written(given, a_day):
    assert flow_per_day(given) == (None if a_day is None else Decimal(a_day))


def test_a_rain_outfall_is_known_by_either_classification():
    assert is_rain_outfall(Snapshot({"kind": "hj1312-04"}))
    assert is_rain_outfall(Snapshot({"legacy_kind": "hj1235-yh"}))
    assert not is_rain_outfall(Snapshot({"kind": "hj1312-09", "legacy_kind": "hj1235-yh"}))
    assert not is_rain_outfall(Snapshot({"kind": "hj1312-01", "legacy_kind": "hj1235-gy"}))
