"""Sites, their aliases and flags, and what the map is drawn on."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import models

from bishui.i18n import Text
from bishui.server.core.records import OwnedRecord
from bishui.server.sites.models_laboratories import LaboratoryMapping
from bishui.server.sites.models_names import FoundName, NameDecision
from bishui.server.sites.models_quality import QualityFinding, QualityRun
from bishui.standards import items

__all__ = [
    "BaseMap",
    "Flag",
    "FoundName",
    "LaboratoryMapping",
    "NameDecision",
    "QualityFinding",
    "QualityRun",
    "Reach",
    "Site",
    "SiteAlias",
    "UseState",
]
_COORDINATE_DIGITS = 8

KINDS: dict[str, Text] = {
    "section": Text("断面"),
    "lake_point": Text("湖库点位"),
    "drinking_water_source": Text("饮用水水源地"),
    "function_zone": Text("水功能区"),
    "hydrometric_station": Text("水文站"),
    "sewage_plant": Text("污水处理厂"),
    "plant_inlet": Text("污水处理厂进水口"),
    "plant_outlet": Text("污水处理厂出水口"),
    "outfall_point": Text("排污口采样点"),
    "black_odorous_point": Text("黑臭水体点位"),
    "groundwater_well": Text("地下水井"),
}
#: What a site without a known water type is called; it is never guessed from a published class.
WATER_TYPES: dict[str, Text] = {"river": Text("河流"), "lake": Text("湖库"), "": Text("水体类型未知")}
CONTROL_LEVELS: dict[str, Text] = {
    "national": Text("国控"),
    "regional": Text("区控"),
    "city": Text("市控"),
    "": Text("未注明"),
}
FLAGS: dict[str, Text] = {"excluded": Text("剔除"), "under_review": Text("复核中")}


class Site(OwnedRecord):
    """A place where water is measured (监测点位).

    `division` is the path it is assessed for, `county` the path of the division it lies in. `lon` and `lat`
    are degrees in `datum`; `coordinate_digits` is how many digits after the point were given.
    """

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120, db_index=True)
    kind = models.CharField(max_length=30)
    water_type = models.CharField(max_length=10, blank=True)
    water = models.CharField(max_length=120, blank=True)
    basin = models.CharField(max_length=120, blank=True)
    control_level = models.CharField(max_length=10, blank=True)
    county = models.CharField(max_length=200, blank=True, db_index=True)
    lon = models.DecimalField(max_digits=12, decimal_places=_COORDINATE_DIGITS, null=True, blank=True)
    lat = models.DecimalField(max_digits=12, decimal_places=_COORDINATE_DIGITS, null=True, blank=True)
    coordinate_digits = models.PositiveSmallIntegerField(null=True, blank=True)
    datum = models.CharField(max_length=20, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    # What decides the assessment of some kinds; which field belongs to which kind says registers/sites.toml.
    function_class = models.PositiveSmallIntegerField(null=True, blank=True)
    lake_position = models.CharField(max_length=10, blank=True)
    source_level = models.CharField(max_length=20, blank=True)
    source_water = models.CharField(max_length=10, blank=True)
    use_state = models.CharField(max_length=10, blank=True)
    use_since = models.DateField(null=True, blank=True)
    daily_volume = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    zone_type = models.CharField(max_length=20, blank=True)
    zone_items = models.CharField(max_length=10, blank=True)
    base_flow = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    guarantee_rate = models.DecimalField(max_digits=7, decimal_places=3, null=True, blank=True)
    flow_form = models.CharField(max_length=10, blank=True)
    plant = models.CharField(max_length=40, blank=True)
    capacity = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    outfall = models.CharField(max_length=60, blank=True)
    discharge_standard = models.CharField(max_length=20, blank=True)
    discharge_grade = models.CharField(max_length=10, blank=True)
    trade = models.CharField(max_length=20, blank=True)
    built = models.DateField(null=True, blank=True)
    surroundings = models.CharField(max_length=10, blank=True)
    aquifer = models.CharField(max_length=10, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["division", "name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any, **options: Any) -> Any:
        """Give the coordinates the digits that they were entered with."""
        site = super().from_db(db, field_names, values, **options)
        given = set(field_names)
        if {"lon", "lat", "coordinate_digits"} <= given and site.coordinate_digits is not None:
            site.lon, site.lat = (
                _with_digits(value, site.coordinate_digits) for value in (site.lon, site.lat)
            )
        return site

    @cached_property
    def key(self) -> str:
        """The identifier as results and measurements name it."""
        return str(self.pk)

    def prepare(self) -> None:
        """Count the digits of the coordinates as they are given."""
        before = self.loaded or {}
        if self.lon is None or self.lat is None:
            self.coordinate_digits = None
        elif (self.lon, self.lat) != (before.get("lon"), before.get("lat")):
            self.coordinate_digits = max(_digits(self.lon), _digits(self.lat))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the site; a new statement of a source's state of use becomes part of its history."""
        before = self.loaded or {}
        super().save(*args, **kwargs)
        stated = (self.use_state, self.use_since)
        if stated != (before.get("use_state", ""), before.get("use_since")):
            self._state_use()

    def _state_use(self) -> None:
        """Let the state hold from its day on: what was stated for that day or later is overruled."""
        former = UseState.objects.filter(site=self)
        if self.use_since is not None:
            former = former.filter(since__gte=self.use_since)
        former.delete()
        if self.use_state:
            UseState(site=self, division=self.division, state=self.use_state, since=self.use_since).save()

    @property
    def kind_label(self) -> Text:
        """The kind in words."""
        return KINDS[self.kind]

    @property
    def water_type_label(self) -> Text:
        """The water type in words; an unknown one is said to be unknown."""
        return WATER_TYPES[self.water_type]

    @property
    def control_label(self) -> Text:
        """The level of control in words."""
        return CONTROL_LEVELS[self.control_level]


def _digits(value: Decimal) -> int:
    return min(_COORDINATE_DIGITS, max(0, -int(value.as_tuple().exponent)))


def _with_digits(value: Decimal | None, digits: int) -> Decimal | None:
    return None if value is None else value.quantize(Decimal(1).scaleb(-digits))


class UseState(OwnedRecord):
    """Since when a drinking-water source was in use, standby or planned; None = as far back as is known.

    It decides which months a source is counted in (水源达标率).
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="use_states")
    state = models.CharField(max_length=10)
    since = models.DateField(null=True, blank=True)

    class Meta:
        ordering = [models.F("since").asc(nulls_first=True)]

    def __str__(self) -> str:
        return f"{self.site} {self.state} {self.since or ''}"


class SiteAlias(OwnedRecord):
    """Another name by which files call a site, confirmed by a person."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="aliases")
    name = models.CharField(max_length=120)
    confirmed_by = models.CharField(max_length=150)
    confirmed_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["division", "name"], name="one_site_per_alias")]

    def __str__(self) -> str:
        return self.name


class Flag(OwnedRecord):
    """A stretch of readings that does not count, by whom and why; it can be withdrawn, never deleted.

    An empty `item` means every item. Both ends belong to the stretch.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="flags")
    item = models.CharField(max_length=40, blank=True)
    time_from = models.DateTimeField()
    time_to = models.DateTimeField()
    flag = models.CharField(max_length=20)
    reason = models.CharField(max_length=500)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)
    withdrawn_why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-time_from"]

    def __str__(self) -> str:
        return f"{self.site} {self.time_from:%Y-%m-%d %H:%M}"

    @property
    def label(self) -> Text:
        """The kind of flag in words."""
        return FLAGS[self.flag]

    @property
    def item_name(self) -> str:
        """The item in words."""
        return items()[self.item].name if self.item else str(Text("全部项目"))


class Reach(OwnedRecord):
    """A schematic stretch of a river for the map (示意河段); drawn by hand, never surveyed geometry."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, default="river")
    #: Its size, 1 = the smallest; the map draws larger ones thicker.
    order = models.PositiveSmallIntegerField(default=1)
    #: ``[[lon, lat], …]`` from upstream to downstream.
    points = models.JSONField(default=list)

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name

    def line(self) -> Sequence[Sequence[float]]:
        """Return the points as longitude and latitude."""
        return [[float(lon), float(lat)] for lon, lat in self.points]


class BaseMap(OwnedRecord):
    """A base map (底图) that the bureau imported, with its review number (审图号); the newest is drawn."""

    file = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    review_number = models.CharField(max_length=60)
    attribution = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.review_number
