"""Samples from bottle to verdict: taken, handed on, analysed, judged by the outfall's own standard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO
from uuid import UUID

from bishui.errors import Conflict, Problem, Where
from bishui.i18n import Text
from bishui.observations import Reading, parse_cell
from bishui.observations.schema import Mark
from bishui.outfalls import HandOver, custody_faults, flow_per_day, life_cycle, trigger_of_sample
from bishui.server.core import audit, clock, evidence
from bishui.server.core.models import StoredFile
from bishui.server.core.workflow_evidence import refusal
from bishui.server.outfalls import judging, rounds
from bishui.server.outfalls.models import Custody, Outfall, Sample, SampleResult
from bishui.server.outfalls.moving import CLOSED_REOPENED, reopen_by_itself
from bishui.server.outfalls.recording import keep, once, one_of, refuse_future
from bishui.standards import any_item

SAMPLE_PURPOSES = ("survey", "tracing", "acceptance", "supervision", "own", "after")
_FLOW_DIGITS = 4
FLOW_STATES = ("no_condition", "not_measured", "measured")


def take_sample(
    outfall: Outfall,
    number: str,
    *,
    purpose: str,
    made_at: datetime,
    samplers: Sequence[str],
    flow_status: str,
    actor: Any,
    client_id: UUID | None = None,
    bottles: Sequence[Any] = (),
    where: str = "",
    **fields: Any,
) -> Sample:
    """Record a sample that was taken; its chain of custody begins with the first of those who took it.

    Parameters
    ----------
    number
        The sample's number, given once for ever.
    purpose
        One of `SAMPLE_PURPOSES`.
    samplers
        Names of those who took it.
    flow_status
        One of `FLOW_STATES`; an unmeasured flow is no flow of zero.
    bottles
        Codes of the bottles, or tables of code and what each is for.
    **fields
        Further fields of `Sample`: place, method, the flow as it was written with its unit (`flow_given`),
        from which that in m³/d follows.

    Raises
    ------
    DataError
        If the number is empty or taken, nobody took it, or a word is unknown.
    """
    one_of(purpose, SAMPLE_PURPOSES, "purpose")
    one_of(flow_status, FLOW_STATES, "flow_status")
    names = [name.strip() for name in samplers if name.strip()]

    def make() -> Sample:
        _check_new(number.strip(), names, made_at, fields)
        with audit.action(
            "outfalls.sampled",
            actor=actor,
            where=where,
            division=outfall.division,
            name=outfall.name,
            number=number.strip(),
        ):
            sample = Sample(
                number=number.strip(),
                purpose=purpose,
                samplers=names,
                flow_status=flow_status,
                bottles=list(bottles),
                **fields,
            )
            found = flow_per_day(sample.flow_given)
            if sample.flow is None and found is not None:
                sample.flow = round(found, _FLOW_DIGITS)
            keep(sample, outfall, made_at, actor, client_id)
            _begin_chain(sample)
        return sample

    return once(Sample, client_id, outfall, make)


def _begin_chain(sample: Sample) -> None:
    """Note that the first of those who took a sample has it."""
    first = next(iter(life_cycle().custody))
    Custody(
        sample=sample, division=sample.division, step=first, at=sample.made_at, to_name=sample.samplers[0]
    ).save()


def _check_new(number: str, samplers: Sequence[str], made_at: datetime, fields: Mapping[str, Any]) -> None:
    problems = []
    if not number:
        problems.append(_problem("number", Text("没有填写样品编号。"), Text("请填写瓶签上的编号。")))
    elif Sample.objects.filter(number=number).exists():
        what = Text("样品编号“{number}”已经用过。", number=number)
        problems.append(_problem("number", what, Text("请核对瓶签；每个样品用一个编号。")))
    if not samplers:
        problems.append(_problem("samplers", Text("没有填写采样人员。"), Text("请填写采样人员姓名。")))
    ended = fields.get("ended_at")
    if ended is not None and ended < made_at:
        problems.append(_problem("ended_at", Text("采样结束早于开始。"), Text("请核对时间。")))
    if problems:
        raise refusal(problems)


def _problem(field: str, what: Text, remedy: Text, raw: str | None = None) -> Problem:
    return Problem(f"sample-{field}".replace("_", "-"), what, remedy, Where(field=field), raw)


def hand_over(
    sample: Sample,
    step: str,
    *,
    at: datetime,
    to_name: str,
    actor: Any,
    from_name: str = "",
    condition: str = "",
    client_id: UUID | None = None,
    where: str = "",
) -> Custody:
    """Record one step in the chain of custody (样品流转).

    Steps may arrive in any order, as phones send them; by their times they must be in the order of the rules.

    Parameters
    ----------
    step
        A step of ``data/life_cycle.toml``.
    at
        When.
    to_name, from_name
        Who has the sample since, and who gave it away.

    Raises
    ------
    DataError
        If the step is unknown, comes twice or against the order, or nobody took the sample.
    """
    found = _sent_before(sample, client_id)
    if found is not None:
        return found
    if not to_name.strip():
        raise refusal([_problem("to_name", Text("没有填写接收人。"), Text("请填写接收人姓名。"))])
    refuse_future(at, 0, "at")
    chain = [
        HandOver(one.step, one.at, one.to_name, one.from_name)
        for one in Custody.objects.filter(sample=sample)
    ]
    faults = custody_faults([*chain, HandOver(step, at, to_name.strip(), from_name.strip())])
    if faults:
        raise refusal(faults)
    with audit.action(
        "outfalls.handed_over", actor=actor, where=where, division=sample.division, number=sample.number
    ):
        custody = Custody(
            sample=sample,
            division=sample.division,
            step=step,
            at=at,
            from_name=from_name.strip(),
            to_name=to_name.strip(),
            condition=condition,
            client_id=client_id,
        )
        custody.save()
    return custody


def _sent_before(sample: Sample, client_id: UUID | None) -> Custody | None:
    """Return the step that a device sent before under the same identifier."""
    found = Custody.objects.filter(client_id=client_id).first() if client_id else None
    if found is not None and found.sample_id != sample.pk:
        raise Conflict(
            Text("记录编号 {id} 已用于另一个样品。", id=client_id), remedy=Text("请在设备上重新保存该记录。")
        )
    return found


def enter_results(
    sample: Sample,
    results: Mapping[str, str],
    *,
    laboratory: str,
    report_number: str,
    actor: Any,
    report: StoredFile | tuple[BinaryIO, str] | None = None,
    analysed_at: datetime | None = None,
    where: str = "",
) -> Sample:
    """Enter the results of a sample as the report writes them, and judge them.

    Parameters
    ----------
    results
        Item key → text as written, its unit with it: ``12.5 mg/L``, ``<0.02``, ``0.02L``, ``未检出``.
    report
        The laboratory's report: a file that is kept already, or its content and name.
    analysed_at
        When it was analysed; without it, now.

    Returns
    -------
    Sample
        With `passes` and `judged`: every item with its limit and clause, the version of the rules. A sample
        that fails opens a closed outfall again.

    Raises
    ------
    DataError
        With a problem for each text that is no result, and for each item that has another result already:
        a report is never overwritten.
    """
    held = {one.item: one.given for one in SampleResult.objects.filter(sample=sample)}
    readings = _checked(results, held, laboratory)
    with audit.action(
        "outfalls.analysed", actor=actor, where=where, division=sample.division, number=sample.number
    ):
        for item, reading in readings.items():
            if item not in held:
                _keep_result(sample, item, results[item].strip(), reading)
        sample.laboratory, sample.report_number = laboratory.strip(), report_number.strip()
        if isinstance(report, tuple):
            report = evidence.keep(*report, division=sample.division)
        sample.report = report or sample.report
        _judge(sample)
        sample.save()
        _close_chain(sample, analysed_at or clock.now())
        _look(sample)
    return sample


def _checked(results: Mapping[str, str], held: Mapping[str, str], laboratory: str) -> dict[str, Reading]:
    """Return the readings, or refuse them with everything that is wrong."""
    readings, problems = _read(results)
    for item in readings.keys() & held.keys():
        if held[item] != results[item].strip():
            what = Text("“{item}”已登记为 {held}。", item=any_item(item).name, held=held[item])
            problems.append(_problem(item, what, Text("结果不能覆盖；更正请另登记样品。"), results[item]))
    if not readings and not problems:
        problems.append(_problem("results", Text("没有检测结果。"), Text("请至少填写一项。")))
    if not laboratory.strip():
        problems.append(_problem("laboratory", Text("没有填写检测机构。"), Text("请填写检测机构名称。")))
    if problems:
        raise refusal(problems)
    return readings


def _read(results: Mapping[str, str]) -> tuple[dict[str, Reading], list[Problem]]:
    readings: dict[str, Reading] = {}
    problems: list[Problem] = []
    for key, text in results.items():
        if not text.strip():
            continue
        try:
            item = any_item(key)
        except KeyError:
            what = Text("不认识检测项目“{item}”。", item=key)
            problems.append(_problem("results", what, Text("请从项目表中选择。"), text))
            continue
        found = parse_cell(text, item, where=Where(field=key))
        if isinstance(found, Problem):
            problems.append(found)
        elif found.mark not in (Mark.MEASURED, Mark.BELOW_DETECTION):
            what = Text("“{item}”的“{text}”不是检测结果。", item=item.name, text=text)
            problems.append(_problem(key, what, Text("没有检测的项目请留空。"), text))
        else:
            readings[key] = found
    return readings, problems


def _keep_result(sample: Sample, item: str, given: str, reading: Reading) -> None:
    SampleResult(
        sample=sample,
        division=sample.division,
        item=item,
        given=given,
        value=reading.value if reading.value is None else Decimal(reading.value),
        below=reading.mark is Mark.BELOW_DETECTION,
        unit=any_item(item).unit,
    ).save()


def _judge(sample: Sample) -> None:
    """Judge all results of a sample by the outfall's own standard on the day it was taken."""
    outfall = Outfall.objects.get(pk=sample.outfall_id)
    verdict = judging.judge(outfall, sample)
    sample.passes = {True: "yes", False: "no", None: ""}[verdict.passes]
    sample.judged = verdict.as_dict()


def _close_chain(sample: Sample, at: datetime) -> None:
    """Note the analysis in the chain of custody, where nobody did."""
    last = list(life_cycle().custody)[-1]
    if not Custody.objects.filter(sample=sample, step=last).exists():
        Custody(
            sample=sample, division=sample.division, step=last, at=at, to_name=sample.laboratory[:60]
        ).save()


def _look(sample: Sample) -> None:
    """Open a closed outfall again where the sample fails."""
    latest = rounds.latest(sample.outfall)
    if latest is None or latest.state not in CLOSED_REOPENED or not rounds.bears_on(latest, sample.made_at):
        return
    seen = rounds.sample_seen(Sample.objects.prefetch_related("results", "custody").get(pk=sample.pk))
    trigger = trigger_of_sample(seen)
    if trigger is not None:
        over = "、".join(any_item(item).name for item in sample.judged.get("exceeded", []))
        text = str(Text("样品“{number}”超标：{items}。", number=sample.number, items=over))
        reopen_by_itself(latest, trigger, record=f"Sample {sample.number}", text=text)
