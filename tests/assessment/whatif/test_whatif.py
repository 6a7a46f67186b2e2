"""What a change would move is the difference of two full assessments (issue 4, instant re-assessment)."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bishui.assessment.assess import assess
from bishui.assessment.item_lists import ItemLists, SectionItems
from bishui.assessment.periods import Period
from bishui.assessment.ranking import cwqi
from bishui.assessment.register import read_targets
from bishui.assessment.whatif.changes import FlagChange, ItemsChange, LimitChange, OverrideChange
from bishui.assessment.whatif.model import CityModel
from bishui.errors import CallError, DataError
from bishui.standards import Range, WaterType, method, parse_override, surface
from tests.assessment.tables import flags, measurements, reading, sites, targets

SITES = sites(
    {"id": "A", "division": "D1"},
    {"id": "B", "water_type": "lake", "division": "D1"},
    {"id": "C", "division": "D2", "valid_from": date(2020, 1, 1)},
    {"id": "U", "water_type": None, "division": "D2"},
    {"id": "N", "division": "D2"},
)
NEAR = {
    "ph": ["5.49", "5.5", "6", "7.3", "9.4", "9.5", "9.51"],
    "do": ["2", "4.95", "5", "5.05", "7.5", "8"],
    "nh3n": ["0.025", "0.15", "0.5", "1.004", "1.005", "1.006", "1.5", "2.3"],
    "tp": ["0.01", "0.0505", "0.1", "0.2", "0.2005", "0.41"],
    "cod": ["10", "15", "20", "20.05", "30.1", "41"],
    "hg": ["0.00004", "0.00005", "0.0001", "0.001"],
    "tn": ["0.5", "1.2", "3"],
    "do_saturation": ["80", "89.95", "90", "101"],
}


@st.composite
def cities(draw):
    """Readings of a few sites around the turn of 2019 and 2020, where the edition changes."""
    rows = []
    for _ in range(draw(st.integers(1, 40))):
        item = draw(st.sampled_from(sorted(NEAR)))
        day = datetime(2019, 11, 1) + timedelta(days=draw(st.sampled_from([0, 1, 30, 61, 62, 90, 91, 410])))
        rows.append(
            reading(
                item,
                draw(st.sampled_from(NEAR[item])),
                day + timedelta(hours=draw(st.sampled_from([0, 4, 8]))),
                site=draw(st.sampled_from("ABCUX")),
                mark=draw(
                    st.sampled_from(["measured"] * 5 + ["below_detection", "below_detection", "offline"])
                ),
                source=draw(st.sampled_from(["automatic", "manual", "unknown"])),
            )
        )
    return measurements(rows)


@st.composite
def goals(draw):
    rows = []
    for number in range(draw(st.integers(0, 4))):
        own = draw(
            st.dictionaries(
                st.sampled_from(["nh3n", "do", "ph", "tn"]),
                st.sampled_from([Decimal(1), Decimal("1.005"), Decimal("5.05"), Decimal("9.123456789")]),
                max_size=2,
            )
        )
        rows.append(
            {
                "id": f"T{number}",
                "site": draw(st.sampled_from("ABCU")),
                "target_class": draw(st.sampled_from([None, 1, 2, 3, 4])),
                "overrides": list(own.items()),
                "period_from": draw(st.sampled_from([date(2019, 1, 1), date(2020, 1, 1)])),
                "period_to": draw(st.sampled_from([date(2019, 12, 31), date(2021, 12, 31)])),
            }
        )
    return rows


@st.composite
def some_flags(draw):
    rows = []
    for number in range(draw(st.integers(0, 3))):
        first = datetime(2019, 11, 1) + timedelta(hours=draw(st.sampled_from([0, 4, 26, 720, 1468])))
        rows.append(
            {
                "id": f"F{number}",
                "site": draw(st.sampled_from("ABC")),
                "item": draw(st.sampled_from([None, "nh3n", "tp"])),
                "time_from": first,
                "time_to": first + timedelta(hours=draw(st.sampled_from([0, 4, 1000]))),
                "flag": draw(st.sampled_from(["excluded", "under_review"])),
            }
        )
    return rows


CHANGES = st.one_of(
    st.builds(
        LimitChange,
        st.sampled_from(["nh3n", "tp", "do", "cod"]),
        st.integers(1, 5),
        st.sampled_from([Decimal("0.1"), Decimal("1.2"), Decimal(5), Decimal(20)]),
        st.sampled_from([None, *WaterType]),
    ),
    st.just(LimitChange("ph", 3, Range(Decimal("6.5"), Decimal("8.5")))),
    st.builds(
        lambda site, rank, number: {"id": f"T{number}", "site": site, "target_class": rank},
        st.sampled_from("ABC"),
        st.integers(1, 5),
        st.integers(0, 9),
    ),
    st.builds(
        FlagChange,
        st.just("new"),
        st.sampled_from("ABCX"),
        st.sampled_from([datetime(2019, 11, 1, 4), datetime(2020, 1, 1)]),
        st.sampled_from([datetime(2019, 11, 1, 8), datetime(2020, 2, 1)]).map(
            lambda t: t + timedelta(days=62)
        ),
        st.sampled_from(["excluded", "under_review"]),
        st.sampled_from([None, "nh3n", "hg"]),
    ),
    st.just(FlagChange("F0", "", datetime(2020, 1, 1), datetime(2020, 1, 1), remove=True)),
    st.sampled_from(
        [
            {"below_detection_concentration": "zero"},
            {"below_detection_concentration": "limit"},
            {"round_before_compare": False},
            {"round_before_compare": True},
            {"detection_above_limit": "substitute"},
            {"min_valid_per_day": 2},
            {"min_valid_days_per_month": 2},
            {"source_priority": ("manual", "unknown", "automatic")},
            {"source_priority": ("unknown", "automatic", "manual"), "min_valid_per_day": 2},
            {"below_detection_concentration": "zero", "min_valid_days_per_month": 2},
        ]
    ),
)


def standings(table, goal_rows, flag_rows, **changes):
    """Assess by month and year, each period by its own edition with some settings changed."""
    given_targets, given_flags = targets(*goal_rows), flags(*flag_rows)
    found = {}
    periods = {
        period
        for moment in table["time"].to_pylist()
        for period in (Period.month(moment.year, moment.month), Period.year(moment.year))
    }
    for period in periods:
        chosen = method(period.last_day, **changes)
        for result in assess(table, SITES, given_targets, given_flags, period=period, method=chosen):
            verdicts = (result.attainment, *result.further_attainments)
            found[result.site, period] = (
                result.rank,
                result.reason,
                tuple(verdict.state for verdict in verdicts),
            )
    return found


def told(standing):
    return (standing.rank, standing.reason, standing.states)


@settings(
    max_examples=80, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow]
)
@given(table=cities(), goal_rows=goals(), flag_rows=some_flags(), change=CHANGES)
def test_a_change_moves_what_two_full_assessments_differ_in(table, goal_rows, flag_rows, change):
    model = CityModel.build(table, SITES, targets(*goal_rows), flags(*flag_rows))
    before = standings(table, goal_rows, flag_rows)
    assert {key: told(model.standing(*key)) for key in before} == before
    if isinstance(change, FlagChange) and change.remove and not flag_rows:
        return
    if isinstance(change, LimitChange):
        editions = surface._editions
        changed = lambda folder: tuple(  # noqa: E731
            change.applied(entry) if entry.family == "gb3838" else entry for entry in editions(folder)
        )
        try:
            got = model.change(limit=change)
        except CallError:
            return
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(surface, "_editions", changed)
            after = standings(table, goal_rows, flag_rows)
        saved = model.with_change(change)
    elif isinstance(change, FlagChange):
        left = [row for row in flag_rows if row["id"] != change.id]
        after = standings(table, goal_rows, left if change.remove else [*flag_rows, change.row])
        got, saved = model.change(flag=change), model.with_change(change)
    elif "site" in change:
        row = change | {"period_from": date(2019, 1, 1), "period_to": date(2020, 12, 31)}
        after = standings(table, [r for r in goal_rows if r["id"] != row["id"]] + [row], flag_rows)
        ((target,),) = read_targets(targets(row), {}).values()
        got, saved = model.change(target=target), model.with_change(target)
    else:
        after = standings(table, goal_rows, flag_rows, **change)
        got, saved = model.change(setting=change), model.with_change(change)
    moved = {key: (before[key], after[key]) for key in before if before[key] != after[key]}
    assert {(m.site, m.period): (told(m.before), told(m.after)) for m in got.moves} == moved
    assert {key: told(saved.standing(*key)) for key in after} == after


def simple():
    rows = [
        reading(item, value, datetime(2024, month, 3), site=site, source="manual")
        for month in range(1, 13)
        for site, base in (("A", 0), ("C", 1))
        for item, value in (("do", "8"), ("nh3n", f"{0.4 + base * 0.7:.2f}"), ("ph", "7.9"), ("tp", "0.08"))
    ]
    return measurements(rows)


def test_rates_and_ranks_move_with_the_classes():
    model = CityModel.build(simple(), SITES)
    got = model.change(limit=LimitChange("nh3n", 3, Decimal("1.2"), WaterType.RIVER))
    year = Period.year(2024)
    good = next(move for move in got.rates if move.period == year and move.rate == "good")
    assert (good.before.part, good.before.whole, good.after.part, good.after.whole) == (1, 2, 2, 2)
    assert [(move.site, move.before.rank, move.after.rank) for move in got.years] == [("C", 4, 3)]
    ranks = [move for move in got.ranks if move.period == year]
    assert {move.division for move in ranks} == {"D1", "D2"}
    assert all(move.rank[0] == move.rank[1] for move in ranks)
    assert all(move.index[0] > move.index[1] for move in ranks)


def test_city_indices_are_those_of_the_ranking_of_cities():
    model = CityModel.build(simple(), SITES)
    results = assess(simple(), SITES, period=Period.year(2024))
    for division in ("D1", "D2"):
        city = cwqi.city_index(division, [r for r in results if r.division == division])
        place = (model._places.divisions.index(division), model.periods.index(Period.year(2024)))
        assert model._state.totals[place].total == city.total


def test_months_of_manual_samples_need_no_days_and_are_not_judged_anew():
    got = CityModel.build(simple(), SITES).change(setting={"min_valid_days_per_month": 5})
    assert (got.judged, got.moves) == (0, ())


def test_a_flag_judges_only_the_months_and_the_year_it_touches():
    model = CityModel.build(simple(), SITES)
    got = model.change(flag=FlagChange("F", "C", datetime(2024, 3, 1), datetime(2024, 3, 31), item="nh3n"))
    assert got.judged == 2
    assert [move.period.label for move in got.months] == ["2024-03"]
    assert got.months[0].items == {"nh3n": (4, None)}


def test_a_model_is_not_altered_by_a_change():
    model = CityModel.build(simple(), SITES)
    before = [told(model.standing(site, period)) for site in model.sites for period in model.periods]
    model.change(below_detection="zero")
    model.change(limit=LimitChange("nh3n", 3, Decimal("0.1")))
    assert before == [told(model.standing(site, period)) for site in model.sites for period in model.periods]


def test_no_change_moves_nothing():
    model = CityModel.build(simple(), SITES)
    got = model.change(setting={"round_before_compare": True})
    assert (got.moves, got.rates, got.ranks, got.judged) == ((), (), (), 0)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"below_detection": "zero", "limit": LimitChange("nh3n", 3, Decimal(1))},
        {"limit": LimitChange("wtemp", 3, Decimal(1))},
        {"limit": LimitChange("nh3n", 3, Range(Decimal(1), Decimal(2)))},
        {"setting": {"no_such_setting": 1}},
        {"setting": {"source_priority": ("automatic",)}},
        {"flag": FlagChange("F", "A", datetime(2024, 1, 1), datetime(2024, 1, 2), remove=True)},
    ],
)
def test_what_cannot_be_changed_is_said(change):
    with pytest.raises(CallError):
        CityModel.build(simple(), SITES).change(**change)


def test_an_empty_table_is_refused():
    with pytest.raises(DataError):
        CityModel.build(measurements([]), SITES)


def test_the_difference_is_told_in_words_and_as_json():
    model = CityModel.build(simple(), SITES)
    got = model.change(limit=LimitChange("nh3n", 3, Decimal("1.2"))).as_dict()
    assert got["change"]["text"]["zh"] == "氨氮 Ⅲ类限值改为 1.2"
    assert got["standards"]["after"] != got["standards"]["before"]
    assert got["text"]["zh"].startswith("变动断面月 12 个")


OWN = parse_override(
    """
[override]
name = "某市管控值"
basis = "甲文〔2019〕1号"
in_force_from = 2019-12-01
in_force_to = 2020-06-30

[[limit]]
standard = "gb3838"
item = "氨氮"
when = { water_type = "river" }
limits = { III = 0.8, IV = 1.2 }
unit = "mg/L"
source = "附件1"

[[setting]]
rules = "section_class"
name = "min_valid_days_per_month"
value = 2
source = "第三条"

[[setting]]
rules = "cwqi"
name = "index_decimals"
value = 2
source = "第四条"
""".encode(),
    "own.toml",
)


def judged_by(table, **given):
    """Assess by month and year with what `assess` takes beside the tables."""
    periods = {
        period
        for moment in table["time"].to_pylist()
        for period in (Period.month(moment.year, moment.month), Period.year(moment.year))
    }
    results = assess(table, SITES, period=sorted(periods, key=lambda p: p.label), **given)
    return {(result.site, result.period): (result.rank, result.reason) for result in results}


@settings(
    max_examples=30, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow]
)
@given(table=cities())
def test_a_bureaus_own_file_moves_what_two_full_assessments_differ_in(table):
    before, after = judged_by(table), judged_by(table, override=OWN)
    model = CityModel.build(table, SITES)
    got = model.change(override=OverrideChange(OWN, OWN.name))
    moved = {key: (before[key], after[key]) for key in before if before[key] != after[key]}
    told_moves = {
        (m.site, m.period): ((m.before.rank, m.before.reason), (m.after.rank, m.after.reason))
        for m in got.moves
    }
    assert told_moves == moved
    own = CityModel.build(table, SITES, override=OWN)
    for model_with in (model.with_change(OverrideChange(OWN, OWN.name)), own):
        found = {key: model_with.standing(*key) for key in after}
        assert {key: (standing.rank, standing.reason) for key, standing in found.items()} == after
    back = own.change(override=OverrideChange(None, ""))
    assert {(m.site, m.period) for m in back.moves} == set(moved)


@settings(
    max_examples=30, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow]
)
@given(table=cities(), chosen=st.sets(st.sampled_from(["ph", "do", "nh3n", "tp", "cod"]), min_size=1))
def test_an_item_list_moves_what_assess_with_that_list_differs_in(table, chosen):
    entries = tuple(
        SectionItems(site, year, tuple(sorted(chosen)), (), (year,), official=False, version="own")
        for site in "ABCUNX"
        for year in (2019, 2020, 2021)
    )
    before, after = judged_by(table), judged_by(table, item_list=ItemLists("own", entries))
    got = CityModel.build(table, SITES).change(items=ItemsChange(frozenset(chosen)))
    moved = {key: (before[key], after[key]) for key in before if before[key] != after[key]}
    told_moves = {
        (m.site, m.period): ((m.before.rank, m.before.reason), (m.after.rank, m.after.reason))
        for m in got.moves
    }
    assert told_moves == moved
    assert got.ranks == ()


def test_several_flags_of_one_month_count_together():
    rows = [
        reading("nh3n", value, datetime(2024, 3, day), site="A", source="manual")
        for day, value in ((3, "1.8"), (13, "1.8"), (23, "0.4"))
    ]
    model = CityModel.build(measurements(rows), SITES)
    days = [datetime(2024, 3, 3), datetime(2024, 3, 13)]
    changes = tuple(FlagChange(f"F{day.day}", "A", day, day) for day in days)
    got = model.change(flag=changes)
    assert [(move.before.rank, move.after.rank) for move in got.months] == [(4, 2)]
    assert got.change["kind"] == "several"
    assert model.with_change(changes).standing("A", Period.month(2024, 3)).rank == 2


def test_an_item_that_decides_no_class_cannot_be_chosen_for_the_list():
    with pytest.raises(CallError):
        CityModel.build(simple(), SITES).change(items=ItemsChange(frozenset({"tn"})))
