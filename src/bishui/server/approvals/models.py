"""The records: applications for outfalls, and special areas."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models

from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.outfalls import OutfallType, outfall_types
from bishui.server.core import workflow
from bishui.server.core.models import StoredFile
from bishui.server.core.records import OwnedRecord

DEEDS = ("new", "change", "enlarge")


class Application(OwnedRecord):
    """An application to set an outfall (设置申请): new (新设), changed (改设) or enlarged (扩大).

    `route` is ``approval`` or ``registration``, as the type asks. `areas` are the special areas that hold the
    place on the day of receipt; whether one forbids it a person judges: `area_verdict` with its reason.
    `room` is what the reach could still take up when the application was received, None without a network.
    Volume in m³/d, `loads` in kg/d by item.
    """

    workflow_name = "outfall_setting"
    unlogged_fields = frozenset({"contact", "phone"})

    state = models.CharField(max_length=16, default="received", db_index=True)
    code = models.CharField(max_length=40, unique=True)
    deed = models.CharField(max_length=8)
    route = models.CharField(max_length=12, db_index=True)
    outfall = models.ForeignKey(
        "outfalls.Outfall", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12)
    lon = models.DecimalField(max_digits=12, decimal_places=8, null=True, blank=True)
    lat = models.DecimalField(max_digits=12, decimal_places=8, null=True, blank=True)
    datum = models.CharField(max_length=10, default="CGCS2000")
    water = models.CharField(max_length=40, blank=True)
    reach = models.CharField(max_length=60, blank=True)
    applicant = models.CharField(max_length=120)
    credit_code = models.CharField(max_length=18, blank=True)
    contact = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    discharge_standard = models.CharField(max_length=20, blank=True)
    volume = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    loads = models.JSONField(default=dict, blank=True)
    purpose = models.TextField(blank=True)
    affects_water_works = models.CharField(max_length=3, blank=True)
    received_on = models.DateField()
    received_by = models.CharField(max_length=150)
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    areas = models.JSONField(default=list)
    area_verdict = models.CharField(max_length=12, blank=True)
    area_reason = models.CharField(max_length=500, blank=True)
    area_by = models.CharField(max_length=150, blank=True)
    room = models.JSONField(null=True, blank=True)
    consulted = models.CharField(max_length=120, blank=True)
    consulted_on = models.DateField(null=True, blank=True)
    opinion = models.CharField(max_length=8, blank=True)
    opinion_on = models.DateField(null=True, blank=True)
    opinion_text = models.TextField(blank=True)
    due = models.DateField(null=True, blank=True, db_index=True)
    extended_why = models.CharField(max_length=300, blank=True)
    decided_on = models.DateField(null=True, blank=True, db_index=True)
    paper = models.CharField(max_length=120, blank=True)
    conditions = models.TextField(blank=True)
    rules_version = models.CharField(max_length=120)

    class Meta:
        ordering = ["-received_on", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def step(self) -> workflow.State:
        """The present state as the workflow file describes it."""
        return workflow.of(self).states[self.state]

    @property
    def type(self) -> OutfallType:
        """The type of HJ 1312-2023 that it is for."""
        return outfall_types()[self.kind]

    def prepare(self) -> None:
        """Take the route from the type.

        Raises
        ------
        DataError
            If the type is not known, or a change names no outfall.
        """
        known = outfall_types().get(self.kind)
        if known is None:
            raise DataError(
                Text("不认识排污口类型“{kind}”。", kind=self.kind),
                remedy=Text("请从列表中选择到最细一级的类型。"),
                where=Where(field="kind"),
            )
        if self.deed != "new" and self.outfall_id is None:
            raise DataError(
                Text("改设、扩大申请没有指明是哪个排污口。"),
                remedy=Text("请填写已有排污口的编码。"),
                where=Where(field="outfall"),
            )
        self.route = known.setting

    def meets(self, condition: str, actor: Any) -> bool:
        """Tell whether it may be decided by a route: its own, and nothing else is waited for."""
        if condition in ("approval_decidable", "registration_decidable"):
            return condition == f"{self.route}_decidable" and not self.waits_for()
        return super().meets(condition, actor)

    def waits_for(self) -> list[Text]:
        """Return what has to be done by a person before it may be granted."""
        found: list[Text] = []
        if self.areas and not self.area_verdict:
            found.append(Text("位于特殊保护区域之内，须先由人员认定并写明理由。"))
        if self.area_verdict == "forbidden":
            found.append(Text("已认定位于禁止设置的区域，不能准予。"))
        if self.affects_water_works == "":
            found.append(Text("须先说明是否可能影响行洪、排涝、供水、堤防安全和河势稳定。"))
        if self.affects_water_works == "yes" and not self.opinion:
            found.append(Text("须先征求有管辖权的流域管理机构或水行政主管部门的意见。"))
        return found


class SpecialArea(OwnedRecord):
    """A special area (特殊保护区域), its level and its days; `geometry` is GeoJSON in degrees."""

    unlogged_fields = frozenset({"geometry"})

    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=24)
    level = models.CharField(max_length=40, blank=True)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    geometry = models.JSONField()
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    source = models.CharField(max_length=200)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["division", "code"], name="one_area_a_code")]

    def __str__(self) -> str:
        return self.name

    def holds_on(self, day: date) -> bool:
        """Tell whether the area holds on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)
