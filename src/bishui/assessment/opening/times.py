"""Trends, the flood season and the air opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bishui.assessment.opening.parts import name_of, names_of, number, rate_step
from bishui.assessment.opening.steps import OpenedStep, RowsBehind, opened
from bishui.assessment.subjects.air import AirDay, AirPeriod, air_name
from bishui.assessment.subjects.flood_results import Contrast, FloodIntensity, FloodMonth
from bishui.assessment.trends.series import Series, SeriesPoint
from bishui.assessment.trends.trend import KendallTrend, RankTrend
from bishui.i18n import Text
from bishui.standards import rules

Found = tuple[Text, str, Iterator[OpenedStep]]


def _named(series: Series, verdict: Text) -> Text:
    item = name_of(series.item) if series.item else ""
    return Text("{name} {item}：{verdict}", name=series.name, item=item, verdict=verdict)


def _behind(series: Series, point: SeriesPoint) -> RowsBehind | None:
    """Return the rows behind a point of a measured series; plain values have none."""
    return RowsBehind(series.site, series.item, point.period) if series.site and series.item else None


@opened.register
def _(result: RankTrend) -> Found:
    return _named(result.series, result.text), result.rules.version, _rank_trend(result)


def _rank_trend(result: RankTrend) -> Iterator[OpenedStep]:
    for point, rank in zip(result.series.present, result.ranks, strict=True):
        yield OpenedStep(
            Text("{period}", period=point.label),
            Text("值 {value}，秩 {rank}", value=number(point.value), rank=number(rank)),
            behind=_behind(result.series, point),
        )
    coefficient = "—" if result.rounded is None else result.rounded
    critical = "—" if result.critical is None else result.critical
    count = result.count
    yield OpenedStep(
        Text("秩相关系数"),
        Text(
            "{coefficient}，临界值 {critical}（N = {count}，缺 {missing}）",
            coefficient=coefficient,
            critical=critical,
            count=count,
            missing=result.series.missing,
        ),
        formula=f"1 - 6 × {number(result.squares)} ÷ ({count}³ - {count})" if not result.tied else "",
    )
    yield OpenedStep(Text("判定"), result.text, clause=result.rules.source)


@opened.register
def _(result: KendallTrend) -> Found:
    return _named(result.series, result.text), result.rules.version, _kendall(result)


def _kendall(result: KendallTrend) -> Iterator[OpenedStep]:
    for point in result.series.present:
        yield OpenedStep(
            Text("{period}", period=point.label),
            Text("值 {value}", value=number(point.value)),
            behind=_behind(result.series, point),
        )
    form = result.as_dict()
    yield OpenedStep(
        Text("检验"),
        Text(
            "p = {p}，斜率 {slope}（N = {count}，缺 {missing}，未检出 {below}）",
            p=f"{form['p']:.4f}",
            slope="—" if form["slope"] is None else f"{form['slope']:.6g}",
            count=form["count"],
            missing=form["missing"],
            below=form["below_detection"],
        ),
        formula=f"S = {form['S']}，Var(S) = {form['var_S']:.6g}，Z = {form['Z']:.4f}，τ = {form['tau']:.4f}",
    )
    yield OpenedStep(Text("判定"), result.text, clause=result.rules.source)


@opened.register
def _(result: FloodIntensity) -> Found:
    intensity = "—" if result.rounded is None else result.rounded
    title = Text("{name} 汛期污染强度：{intensity}", name=result.name, intensity=intensity)
    return title, result.rules.version, _flood(result)


def _flood(result: FloodIntensity) -> Iterator[OpenedStep]:
    for entry in result.intensities:
        at = entry.at
        yield OpenedStep(
            Text("{item} {period}", item=name_of(entry.item), period=at.period.label),
            Text(
                "最大 {largest}，平均 {mean}，共 {count} 个值",
                largest=number(entry.largest),
                mean=number(entry.mean),
                count=entry.count,
            ),
            formula=f"{number(at.means[entry.item])} ÷ {at.limits[entry.item]}",
            behind=RowsBehind(result.site, entry.item, at.period),
        )
    for month in result.months:
        yield _flood_month(month, result)
    for contrast in result.contrast:
        yield _contrast(contrast)
    leading = name_of(result.leading.item) if result.leading else "—"
    yield OpenedStep(
        Text("汛期污染强度"),
        Text(
            "{intensity}，首要污染物 {item}，无限值：{without}",
            intensity="—" if result.rounded is None else result.rounded,
            item=leading,
            without=names_of(result.without_limit),
        ),
        clause=result.rules.source,
    )


def _flood_month(month: FloodMonth, result: FloodIntensity) -> OpenedStep:
    """Return a line of the month table, its first pollutant in front."""
    ordered = sorted(month.intensities, key=result.of_item, reverse=True)
    shown = "、".join(f"{name_of(entry.item)} {number(result.of_item(entry))}" for entry in ordered)
    return OpenedStep(
        Text("{month}", month=month.period.label),
        Text(
            "首要污染物 {first}；{items}；{exceeding}/{count} 个值超标",
            first=name_of(ordered[0].item) if ordered else "—",
            items=shown or "—",
            exceeding=month.exceeding,
            count=month.count,
        ),
    )


def _contrast(entry: Contrast) -> OpenedStep:
    return OpenedStep(
        Text("{item} 汛期与非汛期", item=name_of(entry.item)),
        Text(
            "均值 {flood} 与 {other}，最大 {flood_largest} 与 {other_largest}，比值 {ratio}",
            flood=number(entry.flood_mean),
            other=number(entry.other_mean),
            flood_largest=number(entry.flood_largest),
            other_largest=number(entry.other_largest),
            ratio=number(entry.ratio),
        ),
    )


@opened.register
def _(result: AirDay) -> Found:
    label = str(result.level.label) if result.level else "—"
    index = "—" if result.index is None else result.index
    title = Text("{day} AQI {index} {label}", day=result.day.isoformat(), index=index, label=label)
    return title, result.rules, _air(result)


def _air(result: AirDay) -> Iterator[OpenedStep]:
    for key, index in result.individual.items():
        yield OpenedStep(
            Text("{item}", item=air_name(key, result.day)),
            Text("浓度 {value}，分指数 {index}", value=number(result.values.get(key)), index=number(index)),
            clause=result.edition,
        )
    yield OpenedStep(
        Text("空气质量指数"),
        Text(
            "{index}，首要污染物：{primary}，超标：{exceeding}，缺：{lacking}",
            index="—" if result.index is None else result.index,
            primary=_air_names(result, result.primary),
            exceeding=_air_names(result, result.exceeding),
            lacking=_air_names(result, result.lacking),
        ),
        formula="max(IAQI)",
        clause=rules("air", result.day).source,
    )


def _air_names(result: AirDay, keys: Iterable[str]) -> str:
    return "、".join(str(air_name(key, result.day)) for key in keys) or "—"


@opened.register
def _(result: AirPeriod) -> Found:
    percent = "—" if result.rate.percent is None else result.rate.percent
    title = Text(
        "{place} {period} 优良天数比例：{percent}%",
        place=result.place,
        period=result.period.label,
        percent=percent,
    )
    return title, result.rules, _air_period(result)


def _air_period(result: AirPeriod) -> Iterator[OpenedStep]:
    for day in result.days:
        label = str(day.level.label) if day.level else "—"
        yield OpenedStep(
            Text("{day}", day=day.day.isoformat()),
            Text(
                "AQI {index} {label}，首要污染物：{primary}，缺：{lacking}",
                index="—" if day.index is None else day.index,
                label=label,
                primary=_air_names(day, day.primary),
                lacking=_air_names(day, day.lacking),
            ),
            clause=day.edition,
        )
    yield rate_step(Text("优良天数比例"), result.rate, rules("air", result.period.last_day).source)
