"""The general state: shares of classes, status, pollutants, attainment, change (环办〔2011〕22号 二, 三)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bishui.assessment import (
    AreaStatus,
    RateKind,
    SectionResult,
    State,
)
from bishui.bulletins import changes, statuses, words
from bishui.bulletins.given import Given
from bishui.bulletins.told import SITE, Behind, Figure, Gap, Sheet, Told, cell, column
from bishui.reports import Cell
from bishui.standards import water_class, water_classes

_STATUS = "环办〔2011〕22号 二.2（断面水质类别比例法），断面类别按 GB 3838-2002 单因子评价法"
_TARGETS = "水质类别与计划的水质目标比较"


def tell(told: Told, given: Given) -> None:
    """Tell the general state of the place."""
    told.head("总体状况")
    status = statuses.status_of(given.waters[0], given, given.period)
    _shares(told, given, status)
    _attainment(told, given, status)
    changes.tell(told, given)
    told.show("classes", _classes(told, given))
    told.gaps += gaps(given)


def _shares(told: Told, given: Given, status: AreaStatus) -> None:
    judged = [entry for entry in status.sections if entry.rank is not None]
    missing = [entry for entry in status.sections if entry.rank is None]
    total = told.count(
        "state.total", "登记的断面（点位）", "点位台账", statuses.behind(given, status.sections)
    )
    evaluated = told.count(
        "state.evaluated", "参加评价的断面（点位）", _STATUS, statuses.behind(given, judged)
    )
    period = words.period_name(given.period)
    if given.as_of < given.period.last_day:
        day = given.as_of
        told.say(f"本期尚未结束，数据只到{day.year}年{day.month}月{day.day}日，以下为阶段性结果。")
    head = f"{period}，{given.place}登记的{total}个地表水断面（点位）中，{evaluated}个参加评价"
    told.say(f"{head}{_shares_text(told, given, status)}")
    left_out = told.count(
        "state.missing", "未参加评价的断面（点位）", _STATUS, statuses.behind(given, missing)
    )
    if missing:
        text = words.counted(given.why(entry) for entry in missing)
        figure = Figure(text, "断面未参加评价的原因", _STATUS, tuple(statuses.behind(given, missing)))
        why = told.figure("state.missing_why", figure)
        told.say(f"另有{left_out}个断面（点位）未参加评价（{why}），不计入以上比例，名单见编制说明。")
    if status.main_pollutants:
        told.say(f"主要污染指标为{told.figure('state.pollutants', _pollutants(status))}。")


def _pollutants(status: AreaStatus) -> Figure:
    rows = [
        Behind(f"{words.item_name(entry.item)}：{entry.exceeding} / {entry.evaluated} 个断面劣于Ⅲ类")
        for entry in status.main_pollutants
    ]
    text = words.area_pollutants(status.main_pollutants)
    return Figure(text, "主要污染指标", "环办〔2011〕22号 二.2", tuple(rows))


def _shares_text(told: Told, given: Given, status: AreaStatus) -> str:
    """Return the shares of good and worst classes and the status that follows from them."""
    if status.level is None:
        return "，不作总体评价。"
    ranks = {
        RateKind.GOOD: status.rules["good_classes"],
        RateKind.WORST: status.rules["worst_classes"],
    }
    places = {}
    for kind, name in ((RateKind.GOOD, "Ⅰ～Ⅲ类（优良）断面"), (RateKind.WORST, "劣Ⅴ类断面")):
        found = [entry for entry in status.sections if entry.rank in ranks[kind]]
        count = told.count(f"state.{kind.value}", name, _STATUS, statuses.behind(given, found))
        rows = statuses.judged_of(given, found, status.sections)
        share = told.percent(
            f"state.{kind.value}_percent", f"{name}比例", _STATUS, status.percent(kind), rows
        )
        places[kind] = f"{name}{count}个，占{share}"
    counts = Behind(f"优良 {status.good} / {status.evaluated}，劣Ⅴ类 {status.worst} / {status.evaluated}")
    rows = [counts, *statuses.behind(given, status.sections)]
    figure = Figure(water_class(status.level).word_zh, "地表水水质状况", _STATUS, tuple(rows))
    word = told.figure("state.word", figure)
    return f"：{'；'.join(places.values())}（{{table:classes}}）。地表水水质状况为{word}。"


def _attainment(told: Told, given: Given, status: AreaStatus) -> None:
    by_state: dict[State, list[SectionResult]] = {state: [] for state in State}
    for entry in status.sections:
        by_state[entry.attainment.state].append(entry)
    attained, failed = by_state[State.ATTAINED], by_state[State.NOT_ATTAINED]
    unjudged = by_state[State.NOT_JUDGED]
    with_target = [*attained, *failed, *unjudged]
    if not with_target:
        told.say("本期没有适用的断面水质目标，不判定达标情况。")
        return
    whole = told.count("target.total", "有水质目标的断面", _TARGETS, statuses.behind(given, with_target))
    judged = told.count(
        "target.judged", "可以判定的断面", _TARGETS, statuses.behind(given, [*attained, *failed])
    )
    met = told.count("target.attained", "达标断面", _TARGETS, statuses.behind(given, attained))
    head = f"达标 {len(attained)} / {len(attained) + len(failed)} 个可以判定的断面"
    if unjudged:
        head += f"；另有 {len(unjudged)} 个有目标而无法判定，不计入"
    rows = [Behind(head), *_against(given, with_target)]
    rate = told.percent("target.percent", "达标率", _TARGETS, status.percent(RateKind.ATTAINED), rows)
    text = f"有水质目标的断面{whole}个，可以判定的{judged}个，其中达标{met}个，达标率{rate}"
    if unjudged:
        open_ = told.count(
            "target.open", "有目标而无法判定的断面", _TARGETS, statuses.behind(given, unjudged)
        )
        text += f"；无法判定的{open_}个，不计入达标率"
    told.say(f"{text}。")
    if failed:
        told.say(f"未达标断面：{_failed(told, given, failed)}。")


def _failed(told: Told, given: Given, failed: Sequence[SectionResult]) -> str:
    pieces = [
        f"{given.names[entry.site]}（{words.label(entry.rank)}，目标{words.label(entry.attainment.target_class)}，"
        f"{words.over_target(entry)}）"
        for entry in failed
    ]
    figure = Figure(
        "；".join(pieces),
        "未达标断面及超标项目",
        _TARGETS,
        tuple(_against(given, failed)),
        str(len(failed)),
    )
    return told.figure("target.failed", figure)


def _against(given: Given, results: Iterable[SectionResult]) -> Iterator[Behind]:
    """Yield sections with their class, their target and what exceeds it."""
    for entry in results:
        target = entry.attainment.target_class
        aim = words.label(target) if target else "按项目限值"
        text = f"{given.names[entry.site]}：{statuses.class_of(entry, given)}，目标{aim}"
        failing = words.over_target(entry)
        verdict = f"{entry.attainment.state.text}（{failing}）" if failing else entry.attainment.state.text
        yield Behind(f"{text}，{verdict}", statuses.ref_of(given, entry))


def _classes(told: Told, given: Given) -> Sheet:
    """Return how many sections have which class now and in the periods compared with."""
    shares = statuses.status_of(given.waters[0], given, given.period).class_shares
    judged = any(result.rank is not None for result in given.now.values())
    ranks = {rank: entry.label_zh for rank, entry in water_classes().items()}
    rows = []
    for rank, name in ranks.items():
        first, *others = _of_class(told, given, rank, name)
        share = cell("—")
        if judged:
            percent = f"{shares.printed[rank - 1]}"
            every = [*given.now.values()]
            inside = [result for result in every if result.rank == rank]
            behind = statuses.judged_of(given, inside, every)
            figure = Figure(f"{percent}%", f"{name}断面占比", _STATUS, tuple(behind), percent)
            share = told.cell(f"classes.share_{rank}", figure)
        rows.append((cell(name), first, share, *others))
    first, *others = _of_class(told, given, None, "未参加评价")
    missing = (cell("未参加评价"), first, cell("不计入"), *others)
    columns = (
        column("水质类别", 2),
        column("断面数（个）", 1.6, numeric=True),
        column("比例", 1.4, numeric=True),
        *(column(f"{called}（个）", 1.6, numeric=True) for called, _ in given.earlier),
    )
    return Sheet("断面（点位）水质类别", "水质类别", columns, (*rows, missing))


def _of_class(told: Told, given: Given, rank: int | None, name: str) -> list[Cell]:
    """Return how many sections have a class in each of the periods, with the sections."""
    found = []
    for number, (called, period) in enumerate([("本期", given.period), *given.earlier]):
        results = [given.results[period][section.id] for section in given.sections]
        inside = [result for result in results if result.rank == rank]
        count = str(len(inside))
        label = f"{called}（{words.period_name(period)}）{name}的断面"
        figure = Figure(count, label, _STATUS, tuple(statuses.behind(given, inside)), count)
        found.append(told.cell(f"classes.{rank or 'none'}_{number}", figure, count))
    return found


def gaps(given: Given) -> list[Gap]:
    """Return what is missing: sections without a class, and sections without a target."""
    period = given.period.label
    found = []
    for section in given.sections:
        result = given.now[section.id]
        if result.rank is None:
            why = f"{period} {given.why(result)}，未参加评价"
            found.append(Gap("断面", section.name, why, f"{SITE}{section.id}"))
        elif result.attainment.state is State.NO_TARGET:
            found.append(Gap("断面", section.name, "没有水质目标，不判定是否达标", f"{SITE}{section.id}"))
        elif not result.enough_periods:
            found.append(
                Gap("断面", section.name, "有数据的月份不足，年度（季度）结果仅供参考", f"{SITE}{section.id}")
            )
    return found
