"""Black-odorous water opened: its grade, the test of its sign-off, the checks after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bishui.assessment.opening.parts import mean_text_of, name_of, names_of, number, rate_step
from bishui.assessment.opening.steps import OpenedStep, opened
from bishui.assessment.results import mean_text
from bishui.assessment.subjects.black_odorous import BodyGrade, GradedReading
from bishui.assessment.subjects.black_odorous_sign_off import PointMean, ReturnCheck, SignOff
from bishui.i18n import Text

Found = tuple[Text, str, Iterator[OpenedStep]]


@opened.register
def _(result: BodyGrade) -> Found:
    title = Text(
        "{name} {period}：{grade}",
        name=result.body.name,
        period=result.period.label,
        grade=result.grade.text if result.grade else Text("无数据"),
    )
    return title, result.rules, _body(result)


def _body(result: BodyGrade) -> Iterator[OpenedStep]:
    for point in result.points:
        for reading in point.readings:
            yield _reading(reading, result.clause)
        for item, rate in point.severe.items():
            yield rate_step(Text("{site} {item}重度比例", site=point.site, item=name_of(item)), rate)
        yield OpenedStep(
            Text("{site}", site=point.site),
            Text(
                "{grade}，缺测：{lacking}",
                grade=point.grade.text if point.grade else Text("无数据"),
                lacking=names_of(point.lacking),
            ),
        )
    yield rate_step(Text("重度点位比例"), result.severe_share, result.clause)
    for first, last in result.severe_stretches:
        yield OpenedStep(Text("重度黑臭段"), Text("{first} 至 {last}", first=first, last=last))
    for entry in result.shortcomings:
        yield OpenedStep(Text("监测不足"), entry)


def _reading(reading: GradedReading, clause: str) -> OpenedStep:
    depth = Text("，水深 {depth} m", depth=number(reading.depth)) if reading.depth is not None else ""
    return OpenedStep(
        Text("{item} {time}", item=name_of(reading.mean.item), time=reading.mean.period.label),
        Text(
            "{mean}{depth}：{grade}", mean=mean_text_of(reading.mean), depth=depth, grade=reading.grade.text
        ),
        clause=clause,
        behind=reading.mean,
    )


@opened.register
def _(result: SignOff) -> Found:
    title = Text(
        "{name} {stage}：{verdict}",
        name=result.body.name,
        stage=result.stage.text,
        verdict=Text("通过") if result.passed else Text("未通过"),
    )
    return title, result.rules, _sign_off(result)


def _sign_off(result: SignOff) -> Iterator[OpenedStep]:
    for reading in result.readings:
        yield _reading(reading, result.clause)
    yield from _point_means(result.means, result.clause)
    for entry in result.requirements:
        met = Text("符合") if entry.met else Text("不符合")
        for found in entry.found or (Text("没有记录。"),):
            yield OpenedStep(met, found, clause=result.clause)


@opened.register
def _(result: ReturnCheck) -> Found:
    title = Text(
        "{name} {period} 销号后核查：{verdict}",
        name=result.body.name,
        period=result.period.label,
        verdict=_RETURNED[result.returned],
    )
    return title, result.used.version, _return_check(result)


_RETURNED = {True: Text("返黑返臭"), False: Text("未返黑返臭"), None: Text("监测不足，未判定")}


def _return_check(result: ReturnCheck) -> Iterator[OpenedStep]:
    clause = result.used.source
    for reading in result.readings:
        yield _reading(reading, clause)
    yield from _point_means(result.means, clause)
    missing = "、".join(result.not_sampled) or "—"
    yield OpenedStep(
        Text("判定"),
        Text("{verdict}，缺测点位：{sites}", verdict=_RETURNED[result.returned], sites=missing),
        clause=clause,
    )


def _point_means(means: Iterable[PointMean], clause: str) -> Iterator[OpenedStep]:
    for mean in means:
        value = "—" if mean.value is None else mean_text(mean.value)
        yield OpenedStep(
            Text("{site} {item}", site=mean.site, item=name_of(mean.item)),
            Text(
                "均值 {mean}（{count} 次）：{grade}", mean=value, count=mean.readings, grade=mean.grade.text
            ),
            clause=clause,
        )
