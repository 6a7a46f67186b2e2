"""Gathers a bulletin of water quality (水质月报、季报、年报) with the readings behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import pyarrow as pa
from django.apps import apps
from django.utils import translation

from bishui import bulletins
from bishui.assessment import (
    Body,
    BodyGrade,
    BodyPoint,
    GroundwaterResult,
    Overrides,
    Period,
    PeriodKind,
    Rate,
    SectionResult,
    SourceAssessment,
    SourceKind,
    WaterSource,
    Withdrawal,
    Zone,
    ZoneAssessment,
    assess,
    assess_sources,
    assess_zones,
    grade_body,
    groundwater_classes,
    periods_between,
)
from bishui.bulletins import BASIN, CITY, COUNTY, WATER, Given, Section, Told, Water
from bishui.i18n import use_language
from bishui.server.reporting.facts import Facts, Figure, Gap, Row
from bishui.server.reporting.periods import Scope
from bishui.server.sites import queries as sites
from bishui.server.sites.assessed import Results
from bishui.server.sites.queries import SiteFacts
from bishui.server.sources.attainment import state_on
from bishui.server.standards import queries as standards
from bishui.server.waters.areas import county_of
from bishui.server.waters.missing import reason_of
from bishui.server.waters.words import reason_word
from bishui.standards import Rules, rules

#: Changes when the form or the wording of the facts changes.
_FORM = "3"
_RULES = (
    "area_status",
    "shares",
    "change",
    "lake",
    "cwqi",
    "drinking_water",
    "function_zone",
    "groundwater",
    "black_odorous",
)
_SECTIONS = ("section", "lake_point")
_SOURCE, _ZONE, _WELL, _BODY = (
    "drinking_water_source",
    "function_zone",
    "groundwater_well",
    "black_odorous_point",
)
#: Kinds that are judged from January to the last month of the period.
OF_THE_YEAR = (_ZONE, _BODY)
_KINDS = (*_SECTIONS, _SOURCE, _ZONE, _WELL, _BODY)
_IDLE = ("standby", "planned")
_CONTROL = {"national": "国控", "regional": "区控", "city": "市控"}
_REGIMES = ("urban", "rural")


def gather(scope: Scope) -> Facts:
    """Return the facts of a bulletin, in Chinese: bulletins are Chinese official documents.

    They are kept under the hash of everything that they follow from, as all computed results are.
    """
    found = Collection(scope)
    versions = [rules(key, scope.period.last_day).version for key in _RULES]
    name = ["bulletin", _FORM, scope.kind, scope.period.label, str(scope.as_of), *versions, found.place_names]
    kept = Results(scope).kept(" ".join(name), lambda: facts_of(found.told, scope).as_dict())
    return Facts.of(kept)


def facts_of(told: Told, scope: Scope) -> Facts:
    """Return what is told in the form that reports keep."""
    day = scope.as_of.isoformat()
    return Facts(
        figures={
            key: Figure(
                text=figure.text,
                label=figure.label,
                source=bulletins.source_of(figure, scope.period),
                as_of=day,
                rows=tuple(Row(entry.text, entry.ref) for entry in figure.behind),
                value=figure.value,
            )
            for key, figure in told.figures.items()
        },
        tables=bulletins.rows_of(told),
        gaps=[Gap(gap.kind, gap.what, gap.why, gap.ref) for gap in told.gaps],
        paper=bulletins.Paper.of(told).as_dict(),
    )


@dataclass(frozen=True)
class Collection:
    """Everything that a bulletin of a scope follows from; each part is read once."""

    scope: Scope

    @cached_property
    def told(self) -> Told:
        """What the bulletin says."""
        with translation.override("zh-hans"), use_language("zh-hans"):
            return bulletins.tell(self.given)

    @cached_property
    def given(self) -> Given:
        """What the bulletin is told from."""
        scope = self.scope
        before, last_year = bulletins.compared_with(scope.period)
        names = self.names
        return Given(
            place=self._divisions.get(scope.division, ""),
            period=scope.period,
            as_of=scope.as_of,
            before=before,
            last_year=last_year,
            sections=[
                Section(site.id, names[site.id], _CONTROL.get(self._levels[site.id], ""), site.water)
                for site in self._sections
            ],
            waters=_waters(self._sections, scope.division, self._divisions),
            results=self.results,
            names=names,
            why=_why,
            sources=self._sources,
            zones=self._zones,
            wells=self._wells,
            bodies=self._bodies,
            own=self._own,
            override=self.override_words,
        )

    @cached_property
    def periods(self) -> list[Period]:
        """The bulletin's period and those that it is compared with."""
        before, last_year = bulletins.compared_with(self.scope.period)
        return [period for period in (self.scope.period, before, last_year) if period is not None]

    @cached_property
    def results(self) -> Mapping[Period, Mapping[str, SectionResult]]:
        """The result of each section in each of the periods, whether it has readings or not."""
        wanted = {site.id for site in self._sections}
        found: dict[Period, dict[str, SectionResult]] = {period: {} for period in self.periods}
        if wanted:
            judged = Results(self.scope).judged_by()
            for result in assess(self.section_rows, **judged, period=self.periods):
                if result.site in wanted:
                    found[result.period][result.site] = result
        return found

    @cached_property
    def section_rows(self) -> pa.Table:
        """The readings of the sections in the periods."""
        return self._rows(self._sections, self.periods)

    @cached_property
    def rows(self) -> pa.Table:
        """Every reading that the bulletin follows from."""
        return pa.concat_tables([self.section_rows, *self._other_rows.values()])

    @cached_property
    def tables(self) -> Mapping[str, pa.Table]:
        """The city's sites, targets and flags."""
        return Results(self.scope).tables()

    @property
    def place_names(self) -> str:
        """The names of the divisions, which no register of sites knows."""
        return repr(sorted(self._divisions.items()))

    @cached_property
    def override_words(self) -> str:
        """The bureau's own values in force on the last day, in words."""
        record = standards.record_in_force(self.scope.division, self.scope.period.last_day)
        return f"{record.file.name}（SHA-256 {record.file.sha256}）" if record else ""

    @cached_property
    def names(self) -> Mapping[str, str]:
        """A name of its own for each site: those of one name are told apart by their codes."""
        every = [site for kind in _KINDS for site in self._of(kind)]
        often = Counter(site.name for site in every)
        return {
            site.id: site.name if often[site.name] == 1 else f"{site.name}（{site.code}）" for site in every
        }

    @cached_property
    def _sections(self) -> list[SiteFacts]:
        return sorted((site for kind in _SECTIONS for site in self._of(kind)), key=lambda site: site.id)

    @cached_property
    def _levels(self) -> Mapping[str, str]:
        return sites.control_levels(self.scope.division)

    @cached_property
    def _divisions(self) -> Mapping[str, str]:
        model: Any = apps.get_model("accounts", "Division")
        inside = model._default_manager.filter(division__startswith=self.scope.division)
        return dict(inside.values_list("division", "name"))

    @cached_property
    def _sites(self) -> Mapping[str, list[SiteFacts]]:
        """The sites of each kind that were there in the period."""
        first, last = self.scope.first_day, self.scope.period.last_day
        return {
            kind: [
                site
                for site in sites.sites_of_kind(self.scope.division, kind)
                if (site.valid_from is None or site.valid_from <= last)
                and (site.valid_to is None or site.valid_to >= first)
            ]
            for kind in _KINDS
        }

    def _of(self, kind: str) -> list[SiteFacts]:
        return self._sites[kind]

    def _rows(self, wanted: Sequence[SiteFacts], periods: Iterable[Period]) -> pa.Table:
        """Return the readings of some sites in some periods, up to the day of the bulletin."""
        last = sites.end_of(self.scope)
        ids = [site.id for site in wanted]
        tables = [
            sites.measurements(
                self.scope.division, ids, period.start, min(period.end, last) if last else period.end
            )
            for period in periods
        ]
        return pa.concat_tables(tables)

    @cached_property
    def _other_rows(self) -> Mapping[str, pa.Table]:
        period, year = self.scope.period, self.scope.year_so_far
        return {
            kind: self._rows(found, [year if kind in OF_THE_YEAR else period])
            for kind in (_SOURCE, _ZONE, _WELL, _BODY)
            if (found := self._of(kind))
        }

    @cached_property
    def _own(self) -> Overrides:
        """The bureau's own limits and settings by day."""
        found: Overrides = Results(self.scope).judged_by()["override"]
        return found

    def _rules(self, key: str, **changes: Any) -> Rules:
        day = self.scope.period.last_day
        return rules(key, day, standards.override_in_force(self.scope.division, day), **changes)

    @cached_property
    def _sources(self) -> SourceAssessment | None:
        found = self._of(_SOURCE)
        if not found:
            return None
        months = periods_between(PeriodKind.MONTH, self.scope.period.start, self.scope.period.end)
        return assess_sources(
            self._other_rows[_SOURCE],
            self.tables["sites"],
            [_source(site, self.names[site.id]) for site in found],
            self.scope.period,
            withdrawals=[_taken(site, month) for site in found for month in months],
            flags=self.tables["flags"],
            override=self._own,
        )

    @cached_property
    def _zones(self) -> ZoneAssessment | None:
        """The function zones, each by the items that are registered for it."""
        found = self._of(_ZONE)
        if not found:
            return None
        by_items: dict[str, list[Zone]] = {}
        for site in found:
            zone = Zone(site.id, self.names[site.id], (site.id,), self._target(site), site.division)
            by_items.setdefault(site.attributes.get("zone_items") or "", []).append(zone)
        parts = [
            assess_zones(
                self._other_rows[_ZONE],
                self.tables["sites"],
                zones,
                self.scope.year_so_far,
                flags=self.tables["flags"],
                chosen=self._rules("function_zone", **({"items": items} if items else {})),
                override=self._own,
            )
            for items, zones in by_items.items()
        ]
        return parts[0] if len(parts) == 1 else _together(parts)

    def _target(self, site: SiteFacts) -> int | None:
        """Return the class that a zone must reach: of a plan that covers the day, else of its function."""
        day = self.scope.year_so_far.last_day
        for row in self.tables["targets"].to_pylist():
            inside = row["period_from"] <= day <= row["period_to"]
            if row["site"] == site.id and inside and row["target_class"]:
                return int(row["target_class"])
        registered: int | None = site.attributes.get("function_class")
        return registered

    @cached_property
    def _wells(self) -> Sequence[GroundwaterResult]:
        found = self._of(_WELL)
        if not found:
            return ()
        classes = groundwater_classes(
            self._other_rows[_WELL],
            self.scope.period,
            sites=tuple(site.id for site in found),
            flags=self.tables["flags"],
            chosen=self._rules("groundwater"),
            override=self._own,
        )
        return tuple(sorted(classes, key=lambda well: self.names[well.site]))

    @cached_property
    def _bodies(self) -> Sequence[BodyGrade]:
        bodies: dict[tuple[str, str], list[SiteFacts]] = {}
        for site in self._of(_BODY):
            regime = str(site.attributes.get("surroundings") or "")
            if site.water and regime in _REGIMES:
                bodies.setdefault((site.water, regime), []).append(site)
        return tuple(self._graded(water, regime, points) for (water, regime), points in bodies.items())

    def _graded(self, water: str, regime: str, points: Sequence[SiteFacts]) -> BodyGrade:
        ordered = sorted(points, key=lambda point: point.code)
        body = Body(
            water,
            water,
            tuple(BodyPoint(point.id) for point in ordered),
            regime="urban" if regime == "urban" else "rural",
        )
        return grade_body(
            body,
            self._other_rows[_BODY],
            self.scope.year_so_far,
            flags=self.tables["flags"],
            chosen=self._rules("black_odorous"),
            override=self._own,
        )


def _why(result: SectionResult) -> str:
    return reason_word(reason_of(result))


def _waters(found: Sequence[SiteFacts], division: str, names: Mapping[str, str]) -> list[Water]:
    """Return the city, and its waters, basins and counties by what the register says of each section."""
    groups: dict[tuple[str, str], list[SiteFacts]] = {(CITY, division): list(found)} if found else {}
    for site in found:
        places = {WATER: site.water, BASIN: site.basin, COUNTY: county_of(site.county, division)}
        for kind, key in places.items():
            if key:
                groups.setdefault((kind, key), []).append(site)
    order = sorted(groups.items(), key=lambda entry: (entry[0][0] != CITY, -len(entry[1]), entry[0]))
    return [_water(kind, names.get(key, key), inside) for (kind, key), inside in order]


def _water(kind: str, name: str, inside: Sequence[SiteFacts]) -> Water:
    roles = {site.id: str(site.attributes.get("lake_position") or "") for site in inside}
    lake = kind == WATER and bulletins.is_lake((site.water_type, roles[site.id]) for site in inside)
    return Water(kind, name, tuple(site.id for site in inside), lake, roles if lake else {})


def _source(site: SiteFacts, name: str) -> WaterSource:
    ground = site.attributes.get("source_water") == "ground"
    kind = SourceKind.GROUND if ground else SourceKind.SURFACE
    return WaterSource(site.id, name, (site.id,), kind, site.attributes.get("source_level"), site.division)


def _taken(site: SiteFacts, month: Period) -> Withdrawal:
    """Return whether a source was in use in a month, and its registered daily volume on those days."""
    days = (month.last_day - month.start.date()).days + 1
    used = sum(_in_use(site, month.start.date() + timedelta(days=offset)) for offset in range(days))
    daily: Decimal | None = site.attributes.get("daily_volume")
    return Withdrawal(site.id, month, None if daily is None else daily * used, in_use=used > 0)


def _in_use(site: SiteFacts, day: date) -> bool:
    return state_on(site, day) not in _IDLE


def _together(parts: Sequence[ZoneAssessment]) -> ZoneAssessment:
    """Return the zones of several item lists as one assessment; the rate is over all of them."""
    results = tuple(result for part in parts for result in part.results)
    rate = Rate.count(
        [entry.attained for entry in results if entry.attained is not None],
        [entry.left_out for entry in results if entry.left_out is not None],
        decimals=parts[0].rate.decimals,
    )
    return ZoneAssessment(results, rate, None, rate.verdict(None), parts[0].rules)
