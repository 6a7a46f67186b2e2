"""Gathers the water quality of sections and drinking-water sources from the assessments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from bishui.assessment import Period, Reason, State
from bishui.server.core.templatetags.bishui_ui import share
from bishui.server.reporting.facts import NO_DATA, Facts, Gap, Row, Source, cell, number_cell
from bishui.server.reporting.periods import Scope
from bishui.server.sites import queries as sites
from bishui.server.sites.assessed import Results, failing
from bishui.server.sites.lines import over
from bishui.standards import water_class, water_classes

_SECTIONS = ("section", "lake_point")
_SOURCES = ("drinking_water_source",)
#: 优良 is Ⅰ to Ⅲ, 劣Ⅴ is worse than Ⅴ (环办〔2011〕22号).
_GOOD, _WORST = 3, 6


@dataclass(frozen=True, slots=True)
class Place:
    """One site in the period and in the one compared with; `found` is its result as JSON, if any."""

    id: str
    name: str
    period: Period
    found: Mapping[str, Any] | None
    before: Mapping[str, Any] | None

    @property
    def rank(self) -> int | None:
        """The class, 1 to 6."""
        return self.found["class"] if self.found else None

    @property
    def rank_before(self) -> int | None:
        """The class in the period compared with."""
        return self.before["class"] if self.before else None

    @property
    def state(self) -> State:
        """The verdict against the target."""
        return State(self.found["attainment"]["state"]) if self.found else State.NO_TARGET

    @property
    def target(self) -> int | None:
        """The class that is the target."""
        return self.found["attainment"]["target_class"] if self.found else None

    @property
    def over(self) -> list[str]:
        """Each item over its target, in words."""
        return [over(item) for item in failing(self.found)] if self.found else []

    @property
    def why_no_class(self) -> str:
        """Why there is no class, in words."""
        reason = self.found["reason"] if self.found else None
        return str(Reason(reason).text) if reason else NO_DATA

    @property
    def url(self) -> str:
        """The page of the site, at this period."""
        return f"{reverse('sites:site', args=[self.id])}?{urlencode({'period': self.period.label})}"

    @property
    def row(self) -> Row:
        """The site as a thing behind a figure."""
        word = label(self.rank) if self.rank else self.why_no_class
        return Row(f"{self.name}：{word}", self.url)


def label(rank: int | None) -> str:
    """Return a class as it is printed."""
    return water_class(rank).label_zh if rank else NO_DATA


def gather(scope: Scope) -> Facts:
    """Gather what the assessments say of the sections and sources of a scope."""
    results = Results(scope)
    now = results.attainment(scope.period)["sections"]
    before = results.attainment(scope.before)["sections"]
    places = _places(scope, now, before)
    facts = _sections(scope, places["sections"])
    facts.add(_sources(scope, places["sources"]))
    facts.charts["months"] = _months(scope, results, places["sections"])
    return facts


def _places(scope: Scope, now: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {"sections": [], "sources": []}
    for site in sites.sites_table(scope.division).to_pylist():
        group = "sections" if site["kind"] in _SECTIONS else "sources" if site["kind"] in _SOURCES else ""
        if group and _valid(site, scope):
            place = Place(site["id"], site["name"], scope.period, now.get(site["id"]), before.get(site["id"]))
            found[group].append(place)
    for places in found.values():
        places.sort(key=lambda place: (place.state is not State.NOT_ATTAINED, -(place.rank or 0), place.name))
    return found


def _valid(site: Mapping[str, Any], scope: Scope) -> bool:
    begins, ends = site["valid_from"], site["valid_to"]
    return (begins is None or begins <= scope.period.last_day) and (ends is None or ends >= scope.first_day)


def _source(scope: Scope, what: str) -> Source:
    edition = "GB 3838-2002、环办〔2011〕22号"
    query = urlencode({"period": scope.period.label})
    return Source(
        f"{what}评价（{edition}），时段 {scope.period.label}",
        scope.as_of.isoformat(),
        f"{reverse('sites:list')}?{query}",
    )


def _sections(scope: Scope, places: Sequence[Place]) -> Facts:
    facts, source = Facts(), _source(scope, "断面")
    judged = [place for place in places if place.rank]
    good = [place for place in judged if (place.rank or 0) <= _GOOD]
    worst = [place for place in judged if place.rank == _WORST]
    facts.figures |= {
        "sections.total": source.count("断面总数", _rows(places)),
        "sections.judged": source.count("有评价结果的断面", _rows(judged)),
        "sections.missing": source.count("无评价结果的断面", _rows(p for p in places if not p.rank)),
        "sections.good": source.count("Ⅰ～Ⅲ类（优良）断面", _rows(good)),
        "sections.good_percent": source.percent("断面优良比例", _rows(good), len(judged)),
        "sections.worst": source.count("劣Ⅴ类断面", _rows(worst)),
        "sections.worst_percent": source.percent("劣Ⅴ类断面比例", _rows(worst), len(judged)),
    }
    facts.add(_attainment("sections", source, places))
    facts.add(_change(scope, source, places))
    facts.tables["classes"] = _class_rows(places, len(judged))
    facts.tables["sections"] = [_section_row(place) for place in places]
    facts.gaps += _gaps(scope, "断面", places)
    return facts


def _rows(places: Iterable[Place]) -> list[Row]:
    return [place.row for place in places]


def _attainment(prefix: str, source: Source, places: Sequence[Place]) -> Facts:
    """Gather how many attain their target: k of n judged, and how many with a target were not judged."""
    attained = [place for place in places if place.state is State.ATTAINED]
    failed = [place for place in places if place.state is State.NOT_ATTAINED]
    open_ = [place for place in places if place.state is State.NOT_JUDGED]
    judged = len(attained) + len(failed)
    words = "；".join(f"{place.name}（{label(place.rank)}，{'、'.join(place.over)}）" for place in failed)
    return Facts(
        {
            f"{prefix}.with_target": source.count("有水质目标的点位", _rows([*attained, *failed, *open_])),
            f"{prefix}.with_verdict": source.count("已判定是否达标的点位", _rows([*attained, *failed])),
            f"{prefix}.attained": source.count("达标点位", _rows(attained)),
            f"{prefix}.attained_percent": source.percent("达标率", _rows(attained), judged),
            f"{prefix}.failed": source.count("未达标点位", _rows(failed)),
            f"{prefix}.failed_words": source.text(
                "未达标点位及超标项目", words, str(len(failed)), rows=_rows(failed)
            ),
            f"{prefix}.open": source.count("有目标但无法判定的点位", _rows(open_)),
        }
    )


def _change(scope: Scope, source: Source, places: Sequence[Place]) -> Facts:
    """Compare with the period before over the sections that have a class in both."""
    both = [place for place in places if place.rank and place.rank_before]
    now = [place for place in both if (place.rank or 0) <= _GOOD]
    before = [place for place in both if (place.rank_before or 0) <= _GOOD]
    better = [place for place in both if (place.rank or 0) < (place.rank_before or 0)]
    worse = [place for place in both if (place.rank or 0) > (place.rank_before or 0)]
    words = _change_words(len(now), len(before), len(both), scope.before_name)
    facts = Facts(
        {
            "sections.comparable": source.count(f"与{scope.before_name}可比的断面", _rows(both)),
            "sections.before_percent": source.percent(
                f"{scope.before_name}优良比例", _rows(before), len(both)
            ),
            "sections.change": source.text(f"优良比例与{scope.before_name}相比", words, rows=_rows(both)),
            "sections.better": source.count("水质类别上升的断面", _rows(better)),
            "sections.worse": source.count("水质类别下降的断面", _rows(worse)),
        }
    )
    if places and not both:
        why = f"{scope.before.label} 没有可比的评价结果，不能说明变化"
        facts.gaps.append(Gap("比较", f"{scope.before_name}断面水质", why, source.url))
    return facts


def _change_words(now: int, before: int, whole: int, name: str) -> str:
    if not whole:
        return ""
    change = Decimal(share(now, whole).removesuffix("%")) - Decimal(share(before, whole).removesuffix("%"))
    if change == 0:
        return f"与{name}持平"
    return f"较{name}{'上升' if change > 0 else '下降'}{abs(change)}个百分点"


def _class_rows(places: Sequence[Place], judged: int) -> list[list[dict[str, Any]]]:
    counts = [(label(rank), sum(place.rank == rank for place in places)) for rank in water_classes()]
    rows = [[cell(name), number_cell(n), cell(share(n, judged) if judged else "—")] for name, n in counts]
    missing = sum(place.rank is None for place in places)
    return [*rows, [cell(NO_DATA), number_cell(missing), cell("不计入比例")]] if places else []


def _section_row(place: Place) -> list[dict[str, Any]]:
    state = place.state
    verdict = str(state.text) if state is not State.NOT_JUDGED else place.why_no_class
    return [
        cell(place.name, place.url),
        cell(label(place.target) if place.target else "无目标"),
        cell(label(place.rank) if place.rank else place.why_no_class),
        cell(label(place.rank_before)),
        cell(verdict),
        cell("；".join(place.over)),
    ]


def _gaps(scope: Scope, what: str, places: Sequence[Place]) -> list[Gap]:
    found = [
        Gap(what, place.name, f"{scope.period.label} {place.why_no_class}，未参加评价", place.url)
        for place in places
        if not place.rank
    ]
    if not places:
        found.append(Gap(what, f"全部{what}", "没有登记", reverse("sites:list")))
    found += [
        Gap(what, place.name, "没有水质目标，无法判定是否达标", place.url)
        for place in places
        if place.rank and place.state is State.NO_TARGET
    ]
    return found


def _sources(scope: Scope, places: Sequence[Place]) -> Facts:
    facts, source = Facts(), _source(scope, "饮用水水源地")
    judged = [place for place in places if place.rank]
    good = [place for place in judged if (place.rank or 0) <= _GOOD]
    facts.figures |= {
        "sources.total": source.count("饮用水水源地总数", _rows(places)),
        "sources.judged": source.count("有评价结果的水源地", _rows(judged)),
        "sources.missing": source.count("无评价结果的水源地", _rows(p for p in places if not p.rank)),
        "sources.good": source.count("达到或优于Ⅲ类的水源地", _rows(good)),
        "sources.good_percent": source.percent("水源地达到或优于Ⅲ类比例", _rows(good), len(judged)),
    }
    facts.tables["sources"] = [
        [
            cell(place.name, place.url),
            cell(label(place.rank) if place.rank else place.why_no_class),
            cell("—" if not place.rank else "是" if place.rank <= _GOOD else "否"),
            cell("；".join(place.over)),
        ]
        for place in places
    ]
    facts.gaps += [gap for gap in _gaps(scope, "水源地", places) if "没有水质目标" not in gap.why]
    return facts


def _months(scope: Scope, results: Results, places: Sequence[Place]) -> dict[str, Any]:
    """Return the class of each section in each month of the period, for the strips."""
    history = results.history()
    months = [month for month in scope.months if month.start.date() <= scope.as_of]
    rows = []
    for place in sorted(places, key=lambda place: place.name):
        ranks = {line["period"]: line["class"] for line in history.get(place.id, [])}
        rows.append([place.name, [ranks.get(month.label) for month in months]])
    return {"heads": [f"{month.end.month}月" for month in months], "rows": rows}
