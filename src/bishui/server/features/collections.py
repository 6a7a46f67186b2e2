"""The collections of features: the sites of each kind, and the results of sections and lake points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Any, Protocol
from uuid import UUID

import pyarrow as pa
from django.db.models import Max, Min, Q, QuerySet

from bishui.assessment import Period, result_schema
from bishui.i18n import Text
from bishui.reports import feature
from bishui.server.accounts.workspaces import Workspace
from bishui.server.core import register_records, registers, rights
from bishui.server.features.asking import CHINA, Asked, Box, Span
from bishui.server.sites.assessed import Results
from bishui.server.sites.models import KINDS, Site
from bishui.server.sites.tabled import position, result_table

_SITES = "sites_"
#: How many records are fetched from the database at a time.
_AT_ONCE = 200
#: Kinds of sites whose results are features.
_ASSESSED = ("section", "lake_point")
#: Columns of a table of results that are left out here: they say the same of every feature.
_LEFT_OUT = ("settings",)

Feature = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Some features in the order of their keys; `after` leads on to the next ones, empty at the end."""

    features: Sequence[Feature]
    after: str


@dataclass(frozen=True, slots=True)
class Extent:
    """Where and when the features are; None where nothing is known."""

    box: tuple[float, float, float, float] | None
    start: datetime | None
    end: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """Return the form of OGC API – Features; times carry the zone."""
        found: dict[str, Any] = {"temporal": {"interval": [[_zoned(self.start), _zoned(self.end)]]}}
        if self.box is not None:
            found["spatial"] = {"bbox": [list(self.box)], "crs": CRS84}
        return found


#: Longitude before latitude on WGS-84: what GeoJSON is in.
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


class Collection(Protocol):
    """A collection of features that the user may see."""

    @property
    def id(self) -> str:
        """Its key in addresses."""

    @property
    def title(self) -> Text:
        """Its name."""

    @property
    def description(self) -> Text:
        """What its features are."""

    @property
    def filters(self) -> Mapping[str, str]:
        """The properties whose value may be asked for, with their type in JSON."""

    def extent(self) -> Extent:
        """Return where and when its features are."""

    def page(self, asked: Asked) -> Page:
        """Return the features asked for, at most `asked.limit`."""

    def one(self, key: str) -> Feature | None:
        """Return one feature, or None."""


def collections(user: Any, city: Workspace) -> list[Collection]:
    """Return the collections of a city: those kinds of sites that the user may see any of, and results."""
    visible = rights.visible(user, "sites.view", Site.objects.filter(division__startswith=city.division))
    there = set(visible.order_by().values_list("kind", flat=True).distinct())
    found: list[Collection] = [Sites(kind, visible.filter(kind=kind)) for kind in KINDS if kind in there]
    if there & set(_ASSESSED):
        sites = visible.filter(kind__in=_ASSESSED)
        results = cache(lambda: Results(city))  # what they follow from is asked once, and only if needed
        found += [LatestResults(results, sites, city.today), SectionResults(results, sites)]
    return found


class Sites:
    """The sites of one kind, by identifier; their time is that of their validity."""

    def __init__(self, kind: str, sites: QuerySet[Site]) -> None:
        self.id = f"{_SITES}{kind}"
        self.title = KINDS[kind]
        self.description = Text("登记的点位；坐标须连同精度使用。")
        self._sites = sites
        self.filters = _site_filters()

    def extent(self) -> Extent:
        """Return the box of the sites with a place; sites are not bound to a time."""
        return Extent(_box(self._sites), None, None)

    def page(self, asked: Asked) -> Page:
        """Return some sites; bounds and validity are asked of the database."""
        chosen = _inside(self._sites, asked.box)
        if asked.span is not None:
            chosen = chosen.filter(_valid_in(asked.span))
        after = _uuid(asked.after)
        if after is not None:
            chosen = chosen.filter(pk__gt=after)
        return _page(map(site_feature, chosen.order_by("pk").iterator(_AT_ONCE)), asked)

    def one(self, key: str) -> Feature | None:
        """Return one site, or None."""
        pk = _uuid(key)
        site = self._sites.filter(pk=pk).first() if pk else None
        return site_feature(site) if site else None


def site_feature(site: Site) -> Feature:
    """Return a site with the fields of its register."""
    fields = registers.load_all()["sites"].fields
    properties = {field.name: _property(field, site) for field in fields}
    properties |= {"kind_label": str(site.kind_label)}
    return feature(properties | _place(site)) | {"id": str(site.pk)}


def _property(field: registers.Field, site: Site) -> str | int | float | None:
    """Return a field as a map can style it: a decimal number is a number."""
    value = register_records.plain_of(field, site)
    return float(value) if field.type == "decimal" and value is not None else value


@cache
def _site_filters() -> Mapping[str, str]:
    fields = registers.load_all()["sites"].fields
    types = {field.name: "integer" if field.type == "integer" else "string" for field in fields}
    numbers = {field.name for field in fields if field.type == "decimal"}
    return {name: kind for name, kind in types.items() if name not in numbers} | {"kind_label": "string"}


@cache
def _result_filters() -> Mapping[str, str]:
    schema = (field for field in result_schema() if field.name not in _LEFT_OUT)
    return {field.name: _FILTERED[field.type] for field in schema if field.type in _FILTERED}


#: The types of columns that can be compared as they are written, with their type in JSON.
_FILTERED = {pa.string(): "string", pa.date32(): "string", pa.int64(): "integer"}


class SectionResults:
    """The class and the attainment of each section and lake point in each month, the newest month first."""

    id = "section_results"
    title = Text("断面评价结果")
    description = Text("断面和湖库点位逐月的水质类别、达标情况和有效数据数；没有数据的月份写明原因。")

    def __init__(self, results: Callable[[], Results], sites: QuerySet[Site]) -> None:
        self.filters = _result_filters()
        self._sites = sites
        self._results = results

    def months(self) -> list[Period]:
        """Return the months with readings, the newest first."""
        return [Period.parse(label) for label in self._results().coverage()["months"]]

    def extent(self) -> Extent:
        """Return the box of the sections and the months with readings."""
        months = self.months()
        start, end = (months[-1].start, months[0].end) if months else (None, None)
        return Extent(_box(self._sites), start, end)

    def page(self, asked: Asked) -> Page:
        """Return some results; a month is assessed, or read from what is kept, only when it is reached."""
        return _page(self._after(asked), asked)

    def _after(self, asked: Asked) -> Iterator[Feature]:
        last_month, _, last_site = asked.after.partition("_")
        sites = list(_inside(self._sites, asked.box).order_by("pk"))
        for month in self.months():
            passed = bool(last_month) and month.label > last_month
            if passed or (asked.span is not None and not asked.span.meets(month.start, month.end)):
                continue
            here = sites
            if month.label == last_month:
                here = [site for site in sites if str(site.pk) > last_site]
            yield from self._features(here, month)

    def one(self, key: str) -> Feature | None:
        """Return the result of one section in one month, or None."""
        label, _, site_key = key.partition("_")
        pk = _uuid(site_key)
        month = next((month for month in self.months() if month.label == label), None)
        site = self._sites.filter(pk=pk).first() if pk and month else None
        return next(self._features([site], month), None) if site and month else None

    def _features(self, sites: Sequence[Site], month: Period) -> Iterator[Feature]:
        if not sites:
            return
        sections = self._results().attainment(month)["sections"]
        rows = result_table(sites, sections, month).to_pylist()
        for site, row in zip(sites, rows, strict=True):
            properties = {name: value for name, value in row.items() if name not in _LEFT_OUT}
            yield feature(properties) | {"id": f"{month.label}_{site.pk}"}


class LatestResults(SectionResults):
    """The results of the newest month that is over."""

    id = "latest_results"
    title = Text("最近完整月评价结果")
    description = Text("最近一个已结束月份的断面和湖库点位评价结果。")

    def __init__(self, results: Callable[[], Results], sites: QuerySet[Site], today: date) -> None:
        super().__init__(results, sites)
        self._today = today

    def months(self) -> list[Period]:
        """Return the newest month with readings whose last day has come."""
        return [month for month in super().months() if month.last_day <= self._today][:1]


def _page(found: Iterator[Feature], asked: Asked) -> Page:
    """Return the page that begins here; one feature more is taken to know whether another page follows."""
    wanted = (entry for entry in found if asked.wants(entry["properties"]))
    taken = list(islice(wanted, asked.offset, asked.offset + asked.limit + 1))
    shown = taken[: asked.limit]
    return Page(shown, str(shown[-1]["id"]) if len(taken) > asked.limit else "")


def _place(site: Site) -> dict[str, Any]:
    place = position(site)
    empty = dict.fromkeys(("lon", "lat", "coordinate_digits", "precision_m", "datum"))
    return place.as_dict() if place else empty


def _box(sites: QuerySet[Site]) -> tuple[float, float, float, float] | None:
    ends = sites.order_by().aggregate(Min("lon"), Min("lat"), Max("lon"), Max("lat"))
    west, south, east, north = (ends[key] for key in ("lon__min", "lat__min", "lon__max", "lat__max"))
    if west is None or south is None:
        return None
    return float(west), float(south), float(east), float(north)


def _inside(sites: QuerySet[Site], box: Box | None) -> QuerySet[Site]:
    """Return the sites in a box; one without a place is in none."""
    if box is None:
        return sites
    inside = Q(lat__gte=_exact(box.south), lat__lte=_exact(box.north))
    beyond, before = Q(lon__gte=_exact(box.west)), Q(lon__lte=_exact(box.east))
    return sites.filter(inside & ((beyond & before) if box.west <= box.east else (beyond | before)))


def _exact(degrees: float) -> Decimal:
    """Return degrees as the database compares them; what lies beyond the world is its edge."""
    return Decimal(repr(min(360.0, max(-360.0, degrees)))).quantize(Decimal("1e-8"))


def _valid_in(span: Span) -> Q:
    begun, lasting = Q(), Q()
    if span.end is not None:
        begun = Q(valid_from=None) | Q(valid_from__lte=span.end.date())
    if span.start is not None:
        lasting = Q(valid_to=None) | Q(valid_to__gte=span.start.date())
    return begun & lasting


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _zoned(moment: datetime | date | None) -> str | None:
    if moment is None:
        return None
    whole = moment if isinstance(moment, datetime) else datetime.combine(moment, time.min)
    return whole.replace(tzinfo=CHINA).isoformat()
