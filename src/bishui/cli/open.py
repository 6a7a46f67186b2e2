"""``bishui explain --as``: a result of any method from tables on disk, to be opened down to its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from bishui import assessment as ass
from bishui.cli.subject_tables import decimal_of, sign_off_of
from bishui.errors import CallError, NotFound
from bishui.i18n import Text
from bishui.observations import read_members
from bishui.standards import Method, Override, find_class, rules

Tables = tuple[pa.Table | None, pa.Table | None, pa.Table | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which result is to be opened.

    Attributes
    ----------
    measurements, others
        The tables; `others` are sites, targets and flags.
    sites_file
        The file of sites, which may also say to which water each belongs.
    subject
        Site, water or division.
    period
        When.
    against
        What it is held against, where the method needs it: class, least flow, grade, basin, base period.
    method
        The method with a person's changes; None = by date.
    override
        A bureau's own limits and settings.
    records
        The file of papers that a sign-off needs.
    """

    measurements: pa.Table
    others: Tables
    sites_file: Path | None
    subject: str
    period: ass.Period
    against: str | None
    method: Method | None = None
    override: Override | None = None
    records: Path | None = None

    @property
    def flags(self) -> pa.Table | None:
        """The table of flags."""
        return self.others[2]

    def sections(self) -> list[ass.SectionResult]:
        """Return the result of every site in the period."""
        return list(ass.assess(self.measurements, *self.others, period=self.period, **self.judged_by))

    @property
    def judged_by(self) -> dict[str, Any]:
        """The method and the bureau's own values, as results of sections are made by them."""
        return {"method": self.method, "override": self.override}


def open_wanted(how: str, wanted: Wanted) -> ass.Opened:
    """Open the result of a method.

    Raises
    ------
    NotFound
        If the tables give no such result.
    CallError
        If the method needs something that was not given.
    """
    result = HOW[how](wanted)
    if result is None:
        raise NotFound(
            Text("“{site}”在 {period} 没有可展开的结果。", site=wanted.subject, period=wanted.period.label),
            remedy=Text("请核对名称、时段、评价方法和点位表。"),
        )
    return ass.open_result(result, wanted.measurements, method=wanted.method)


def _section(wanted: Wanted) -> ass.SectionResult | None:
    named = (wanted.subject,)
    return next(
        (result for result in wanted.sections() if result.site in named or result.name in named), None
    )


def _members(wanted: Wanted) -> list[ass.SectionResult]:
    """Return the sections of a water or basin."""
    members = read_members(wanted.sites_file).to_pylist() if wanted.sites_file else []
    inside = {row["id"] for row in members if wanted.subject in (row["water"], row["basin"])}
    return [result for result in wanted.sections() if result.site in inside]


def _area(wanted: Wanted) -> ass.AreaStatus | None:
    """Return the status of a water or basin, or of a division, which is judged by shares."""
    found = _members(wanted)
    if found:
        return ass.area_status(wanted.subject, found, **wanted.judged_by)
    found = [result for result in wanted.sections() if result.division == wanted.subject]
    if not found:
        return None
    return ass.area_status(wanted.subject, found, administrative=True, **wanted.judged_by)


def _change(wanted: Wanted) -> ass.Change | None:
    """Return the change of a section, a water or a division against another period."""
    base = ass.Period.parse(_needed(wanted, Text("对照时段，如 2023-06")))
    earlier = replace(wanted, period=base)
    before, after = _section(earlier), _section(wanted)
    if before is not None and after is not None:
        return ass.section_change(before, after, override=wanted.override)
    first, second = _area(earlier), _area(wanted)
    if first is None or second is None:
        return None
    return ass.area_change(first, second, override=wanted.override)


def _lake(wanted: Wanted) -> ass.LakeStatus | None:
    found = _members(wanted)
    members = read_members(wanted.sites_file).to_pylist() if wanted.sites_file else []
    roles = {row["id"]: row["role"] for row in members if row["role"]}
    return ass.lake_status(wanted.subject, found, roles=roles, **wanted.judged_by) if found else None


def _index_change(wanted: Wanted) -> ass.IndexChange | None:
    """Return the change of a division's index against a base period."""
    base = ass.Period.parse(_needed(wanted, Text("基准时段，如 2023-01~06")))
    now, before = _index(wanted), _index(replace(wanted, period=base))
    if not isinstance(now, ass.CityIndex) or not isinstance(before, ass.CityIndex):
        return None
    return ass.index_change(now, before, now.rules)


def _flood(wanted: Wanted) -> ass.FloodIntensity | None:
    """Return the intensity of a section in the flood season of the period's year."""
    sites, targets, flags = wanted.others
    if targets is None:
        raise _needs(Text("目标表（--targets）"))
    basin = _needed(wanted, Text("流域，如 珠江流域"))
    given: dict[str, Any] = {"sites": sites, "flags": flags, **wanted.judged_by}
    year = wanted.period.start.year
    found = ass.flood_season(wanted.measurements, targets, year=year, basin=basin, **given)
    return next((entry for entry in found if wanted.subject in (entry.site, entry.name)), None)


def _index(wanted: Wanted) -> ass.QualityIndex | ass.CityIndex | None:
    """Return the index of a section, or of a division's sections."""
    own = wanted.override
    used = rules("cwqi", wanted.period.last_day, own)
    found = wanted.sections()
    section = next((result for result in found if result.site == wanted.subject), None)
    if section is not None:
        return ass.section_index(section, used, override=own)
    city = [result for result in found if result.division == wanted.subject]
    return ass.city_index(wanted.subject, city, used, override=own) if city else None


def _zone(wanted: Wanted) -> ass.ZoneResult | None:
    target = find_class(_needed(wanted, Text("功能区的目标类别，如 Ⅲ")))
    if target is None or wanted.others[0] is None:
        raise _needs(Text("目标类别（--against Ⅲ）和点位表（--sites）"))
    zone = ass.Zone(wanted.subject, wanted.subject, (wanted.subject,), target)
    found = ass.assess_zones(
        wanted.measurements,
        wanted.others[0],
        [zone],
        wanted.period,
        flags=wanted.flags,
        override=wanted.override,
    )
    return found.of(wanted.subject)


def _source(wanted: Wanted, kind: ass.SourceKind) -> ass.SourceResult | None:
    if wanted.others[0] is None:
        raise _needs(Text("点位表（--sites）"))
    source = ass.WaterSource(wanted.subject, wanted.subject, (wanted.subject,), kind)
    found = ass.assess_sources(
        wanted.measurements,
        wanted.others[0],
        [source],
        wanted.period,
        flags=wanted.flags,
        override=wanted.override,
    )
    return found.of(wanted.subject)


def _flow(wanted: Wanted) -> ass.FlowResult | None:
    minimum = decimal_of(_needed(wanted, Text("最小流量，如 12.5")))
    target = ass.FlowTarget(wanted.subject, minimum, source="--against")
    found = ass.ecological_flow(
        wanted.measurements, [target], wanted.period, flags=wanted.flags, override=wanted.override
    )
    return next(iter(found), None)


def _well(wanted: Wanted) -> ass.GroundwaterResult | None:
    found = ass.groundwater_classes(
        wanted.measurements,
        wanted.period,
        sites=(wanted.subject,),
        flags=wanted.flags,
        override=wanted.override,
    )
    return next(iter(found), None)


def _body(wanted: Wanted, regime: Literal["urban", "rural"]) -> ass.BodyGrade:
    body = ass.Body(wanted.subject, wanted.subject, (ass.BodyPoint(wanted.subject),), regime)
    return ass.grade_body(
        body, wanted.measurements, wanted.period, flags=wanted.flags, override=wanted.override
    )


def _sign_off(wanted: Wanted, regime: Literal["urban", "rural"]) -> ass.SignOff:
    """Test a stage of the sign-off of a body, whose points are the sites of its water."""
    if wanted.records is None:
        raise _needs(Text("销号材料表（--records）"))
    stage = _needed(wanted, Text("阶段，如 初见成效"))
    members = read_members(wanted.sites_file).to_pylist() if wanted.sites_file else []
    points = [row["id"] for row in members if row["water"] == wanted.subject] or [wanted.subject]
    body = ass.Body(wanted.subject, wanted.subject, tuple(map(ass.BodyPoint, points)), regime)
    tables = (wanted.measurements, wanted.flags)
    return sign_off_of(
        body,
        stage=stage,
        tables=tables,
        records=wanted.records,
        period=wanted.period,
        override=wanted.override,
    )


def _effluent(wanted: Wanted) -> ass.EffluentResult:
    grade = _needed(wanted, Text("排放标准级别，如 1A"))
    plant = ass.Plant(wanted.subject, wanted.subject, Decimal(1), outlet=wanted.subject, grade=grade)
    return ass.effluent(
        plant, wanted.measurements, wanted.period, flags=wanted.flags, override=wanted.override
    )


#: How a result may be opened: the method by its word on the command line.
HOW: Mapping[str, Callable[[Wanted], Any]] = {
    "section": _section,
    "area": _area,
    "lake": _lake,
    "change": _change,
    "index": _index,
    "index-change": _index_change,
    "flood": _flood,
    "zone": _zone,
    "source": lambda wanted: _source(wanted, ass.SourceKind.SURFACE),
    "ground-source": lambda wanted: _source(wanted, ass.SourceKind.GROUND),
    "flow": _flow,
    "well": _well,
    "black-odorous": lambda wanted: _body(wanted, "urban"),
    "black-odorous-rural": lambda wanted: _body(wanted, "rural"),
    "sign-off": lambda wanted: _sign_off(wanted, "urban"),
    "sign-off-rural": lambda wanted: _sign_off(wanted, "rural"),
    "effluent": _effluent,
}


def _needed(wanted: Wanted, what: Text) -> str:
    if wanted.against is None:
        raise _needs(Text("{what}（--against）", what=what))
    return wanted.against


def _needs(what: Text) -> CallError:
    return CallError(Text("这种方法还需要{what}。", what=what), remedy=Text("请补上该选项后重试。"))
