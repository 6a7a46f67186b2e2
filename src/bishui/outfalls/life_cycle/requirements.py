"""What a step of the life cycle still lacks, given what is known of the outfall.

Each requirement of the data file names a test; a test answers with a `Problem` for each thing lacking.
Nothing here asks which step it is: the workflow names the requirements of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar

from bishui.errors import Problem, Where
from bishui.i18n import Text
from bishui.outfalls.life_cycle.custody import custody_gaps
from bishui.outfalls.life_cycle.data import LifeCycle, Requirement, life_cycle
from bishui.outfalls.life_cycle.snapshot import PhotoSeen, SampleSeen, Snapshot, VisitSeen

#: Something that was recorded at a time.
Recorded = TypeVar("Recorded", VisitSeen, PhotoSeen, SampleSeen)
Test = Callable[[Requirement, Snapshot, LifeCycle], list[Problem]]


def lacking(names: Iterable[str], known: Snapshot, rules: LifeCycle | None = None) -> list[Problem]:
    """Return what is lacking of some requirements, in their order.

    Parameters
    ----------
    names
        Requirements by id.
    known
        What is known of the outfall, with the evidence handed in.
    rules
        Other rules than those of the data file.

    Raises
    ------
    KeyError
        If a requirement is not known.
    """
    used = rules or life_cycle()
    return [problem for name in names for problem in _lacking(used.requirements[name], known, used)]


def _lacking(asked: Requirement, known: Snapshot, rules: LifeCycle) -> list[Problem]:
    return _TESTS[asked.test](asked, known, rules) if applies(asked, known, rules) else []


def applies(asked: Requirement, known: Snapshot, rules: LifeCycle | None = None) -> bool:
    """Tell whether a requirement is asked at all of an outfall that is known so."""
    used = rules or life_cycle()
    for condition in asked.when:
        found = known.value(condition.key, used)
        if found is None or (condition.values and str(found) not in condition.values):
            return False
    return True


def _problem(asked: Requirement, what: Text, remedy: Text, field: str = "") -> Problem:
    return Problem(f"lacking-{asked.id}".replace("_", "-"), what, remedy, Where(field=field or asked.id))


def _known(asked: Requirement, known: Snapshot, rules: LifeCycle) -> list[Problem]:
    found: list[Problem] = []
    for field in asked.fields:
        value = known.value(field.key, rules)
        if value is None:
            found.append(
                _problem(
                    asked,
                    Text("尚未填写“{field}”。", field=field.label),
                    Text("请补充“{field}”后再办理。", field=field.label),
                    field.key,
                )
            )
        elif field.values and str(value) not in field.values:
            found.append(
                _problem(
                    asked,
                    Text("“{field}”尚未完成。", field=field.label),
                    Text("请完成并登记“{field}”后再办理。", field=field.label),
                    field.key,
                )
            )
    return found


def _answer(asked: Requirement, known: Snapshot, rules: LifeCycle) -> list[Problem]:
    value = known.value(asked.params["key"], rules)
    if value is not None and str(value) in asked.params["values"]:
        return []
    what = (
        Text("尚无“{label}”的记录。", label=asked.label)
        if value is None
        else Text("不符合“{label}”。", label=asked.label)
    )
    remedy = Text("请核对记录；情况属实时请改办其他流程。")
    return [_problem(asked, what, remedy, asked.params["key"])]


def _visited(asked: Requirement, known: Snapshot, rules: LifeCycle) -> list[Problem]:
    if known.visits:
        return []
    return [_problem(asked, Text("没有现场核查记录。"), Text("请先到现场核查并登记记录。"), "visits")]


def _photos(asked: Requirement, known: Snapshot, rules: LifeCycle) -> list[Problem]:
    kinds, least = asked.params["kinds"], asked.params["least"]
    photos = _since(known.photos, known.since(asked.since, rules))
    count = sum(photo.kind in kinds for photo in photos)
    if count >= least:
        return []
    what = Text("“{label}”至少 {least} 张，现有 {count} 张。", label=asked.label, least=least, count=count)
    return [_problem(asked, what, Text("请拍摄并上传照片。"), "photos")]


def _since(records: Sequence[Recorded], day: date | None) -> list[Recorded]:
    """Return what was recorded since a day, or after a moment."""
    if isinstance(day, datetime):
        return [one for one in records if one.at > day]
    return [one for one in records if day is None or one.at.date() >= day]


def _same_view(asked: Requirement, known: Snapshot, rules: LifeCycle) -> list[Problem]:
    """Before and after from the same view, with their places, one until and the other since completion."""
    finished = known.since("finished_on", rules)
    earlier = {photo.id: photo for photo in known.photos}
    for photo in known.photos:
        before = earlier.get(photo.view_of)
        if before is None or not (before.placed and photo.placed and before.at < photo.at):
            continue
        if finished is None or before.at.date() <= finished <= photo.at.date():
            return []
    return [
        _problem(
            asked,
            Text("没有带时间和位置的同一视角整治前、后照片。"),
            Text("请对照整治前的照片，从同一视角拍摄整治后的照片。"),
            "photos",
        )
    ]


def _sampled(asked: Requirement, known: Snapshot, rules: LifeCycle) -> list[Problem]:
    day = known.since(asked.since, rules)
    samples = _since(known.samples, day)
    if not samples:
        what = Text("没有“{label}”。", label=asked.label)
        return [_problem(asked, what, Text("请采样、送检并登记检测结果。"), "samples")]
    faults = [_sample_faults(asked, sample, rules) for sample in samples]
    return [] if any(not found for found in faults) else faults[-1]


def _sample_faults(asked: Requirement, sample: SampleSeen, rules: LifeCycle) -> list[Problem]:
    found: list[Problem] = []
    least = rules.setting("samplers")
    if sample.samplers < least:
        what = Text("样品“{number}”的采样人员不足 {least} 人。", number=sample.number, least=least)
        found.append(_problem(asked, what, Text("请登记全部采样人员。"), "samplers"))
    if not sample.flow_status:
        what = Text("样品“{number}”没有登记测流状态。", number=sample.number)
        found.append(_problem(asked, what, Text("请登记是否测流。"), "flow_status"))
    for group in rules.setting("sample_items"):
        if not sample.items.intersection(group):
            what = Text("样品“{number}”没有 {items} 的结果。", number=sample.number, items="/".join(group))
            found.append(_problem(asked, what, Text("请登记检测结果。"), "results"))
    return found + custody_gaps(sample.custody, rules)


def _passing_sample(asked: Requirement, known: Snapshot, rules: LifeCycle) -> list[Problem]:
    """A whole sample passes, and none that was judged later fails."""
    day = known.since(asked.since, rules)
    judged = [one for one in _since(known.samples, day) if one.passes is not None]
    if not judged:
        what = Text("没有“{label}”。", label=asked.label)
        return [_problem(asked, what, Text("请采样、送检并登记检测结果，按执行标准判定。"), "samples")]
    last = max(judged, key=lambda one: (one.at, not one.passes))
    if last.passes:
        faults = [_sample_faults(asked, one, rules) for one in judged if one.passes]
        return [] if any(not found for found in faults) else faults[-1]
    what = Text("最近的样品“{number}”不达标。", number=last.number)
    return [_problem(asked, what, Text("请查明原因，整改后重新采样。"), "samples")]


def _dry_visits(asked: Requirement, known: Snapshot, rules: LifeCycle) -> list[Problem]:
    """Enough visits in dry weather without flow, far enough apart, since it last flowed."""
    day = known.since(asked.since, rules)
    visits = _since(known.visits, day)
    flowed = [one.at for one in visits if one.discharging == "yes"]
    dry = sorted(
        one.at.date()
        for one in visits
        if one.discharging == "no" and one.dry(rules) and (not flowed or one.at > max(flowed))
    )
    count, apart = rules.setting("dry_visits"), rules.setting("dry_visits_days_apart")
    if len(spaced(dry, apart)) >= count:
        return []
    what = Text(
        "须有 {count} 次间隔不少于 {apart} 天的旱天无排水复查，现有 {found} 次。",
        count=count,
        apart=apart,
        found=len(spaced(dry, apart)),
    )
    remedy = Text("请在旱天复查，并登记此前 {hours} 小时降雨量。", hours=rules.setting("dry_rain_hours"))
    return [_problem(asked, what, remedy, "visits")]


def spaced(days: Sequence[date], apart: int) -> list[date]:
    """Return as many of some days in order as can be chosen at least `apart` days from each other."""
    chosen: list[date] = []
    for day in sorted(days):
        if not chosen or (day - chosen[-1]).days >= apart:
            chosen.append(day)
    return chosen


def _other_person(asked: Requirement, known: Snapshot, rules: LifeCycle) -> list[Problem]:
    if not known.actor or known.actor not in {visit.by for visit in known.visits}:
        return []
    what = Text("您做过现场核查，须由另一人复核。")
    return [_problem(asked, what, Text("请由未参加现场核查的人员办理。"), "actor")]


def _grounds(asked: Requirement, known: Snapshot, rules: LifeCycle) -> list[Problem]:
    """The category follows from the problems or the type, or somebody says why it is another."""
    category = rules.categories.get(str(known.value("category", rules)))
    if category is None or known.value("category_reason", rules) is not None:
        return []
    problems = known.value("problems", rules) or ()
    if category.id in proposed_categories(problems, str(known.value("kind", rules)), rules):
        return []
    what = Text("存在的问题和分类没有列出“{category}”的依据。", category=category.label)
    return [_problem(asked, what, Text("请改选整治类型，或说明选择的原因。"), "category_reason")]


def proposed_categories(
    problems: Iterable[str], kind: str, rules: LifeCycle | None = None
) -> tuple[str, ...]:
    """Return the categories that the problems and the type of an outfall speak for, the strictest first.

    A proposal: a person decides.
    """
    used = rules or life_cycle()
    there = set(problems)
    return tuple(
        one.id for one in used.categories.values() if there.intersection(one.grounds) or kind in one.types
    )


def _in_order(asked: Requirement, known: Snapshot, rules: LifeCycle) -> list[Problem]:
    days = [known.since(key, rules) for key in asked.params["keys"]]
    there = [day for day in days if day is not None]
    if there == sorted(there):
        return []
    what = Text("不符合“{label}”。", label=asked.label)
    return [_problem(asked, what, Text("请核对日期。"), asked.params["keys"][-1])]


def _changed(asked: Requirement, known: Snapshot, rules: LifeCycle) -> list[Problem]:
    key = asked.params["key"]
    if key not in known.given or known.given[key] != known.fields.get(key):
        return []
    what = Text("“{label}”与原来相同。", label=asked.label)
    return [_problem(asked, what, Text("请填写不同的日期。"), key)]


def _any_of(asked: Requirement, known: Snapshot, rules: LifeCycle) -> list[Problem]:
    """One of some requirements; what the first lacks is told where none is met."""
    found = [_lacking(rules.requirements[name], known, rules) for name in asked.params["of"]]
    return [] if any(not problems for problems in found) else found[0]


_TESTS: Mapping[str, Test] = {
    "known": _known,
    "answer": _answer,
    "visited": _visited,
    "photos": _photos,
    "same_view": _same_view,
    "sampled": _sampled,
    "passing_sample": _passing_sample,
    "dry_visits": _dry_visits,
    "other_person": _other_person,
    "grounds": _grounds,
    "in_order": _in_order,
    "changed": _changed,
    "any_of": _any_of,
}
