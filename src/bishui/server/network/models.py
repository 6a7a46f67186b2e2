"""Versions of the network, decided places, what outfalls may discharge, traces and what became of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models

from bishui.errors import Conflict, DataError, Where
from bishui.i18n import Bilingual, Text
from bishui.server.core.records import OwnedRecord
from bishui.server.network.permits import other_concentrations

#: What lies on a network.
PLACE_KINDS: dict[str, Text] = {
    "section": Text("断面"),
    "intake": Text("取水口（水源地）"),
    "outfall": Text("入河排污口"),
}
OUTCOMES: dict[str, Text] = {
    "": Text("待核查结果"),
    "confirmed": Text("查实"),
    "refuted": Text("排除"),
}


class NetworkVersion(OwnedRecord):
    """One version of a bureau's network (河网), as one file says it; the newest that counts is in force.

    Attributes
    ----------
    number
        Which version of its division it is, from 1.
    imported
        The import session that brought it; taken back, the version counts no more.
    options
        How the file is to be read, as it was asked at the upload.
    report
        JSON form of the reading: what was assumed, what a person should look at.
    """

    number = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    file = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    imported = models.UUIDField(unique=True)
    options = models.JSONField(default=dict)
    reaches = models.PositiveIntegerField()
    edges = models.PositiveIntegerField()
    drawn = models.PositiveIntegerField()
    length_km = models.DecimalField(max_digits=12, decimal_places=1)
    report = models.JSONField(default=dict)
    taken_back = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["division", "number"], name="one_network_of_a_number"),
        ]

    def __str__(self) -> str:
        return str(Text("第 {number} 版 {name}", number=self.number, name=self.name))


class Placement(OwnedRecord):
    """Where a person says that something lies on the network (挂接核定).

    `key` is what lies there as `bishui.server.network.points` names it. `lon` and `lat` are its coordinates
    when that was said: where they change, the place is to be looked at again.
    """

    key = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    reach = models.CharField(max_length=120)
    chainage = models.DecimalField(max_digits=12, decimal_places=2)
    lon = models.DecimalField(max_digits=12, decimal_places=8, null=True)
    lat = models.DecimalField(max_digits=12, decimal_places=8, null=True)
    reason = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["division", "key"], name="one_place_of_a_thing"),
        ]

    def __str__(self) -> str:
        return self.name


class Discharge(OwnedRecord):
    """What an outfall may discharge (许可排放量): its place, kind, flow (m³/d) and concentrations (mg/L).

    `code` is the outfall's. These are the candidates of a trace and the present loads of the capacity. The
    register of outfalls says where an outfall is; `lon` and `lat` stand here for one that it does not have.
    """

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120, db_index=True)
    discharger = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=20)
    water = models.CharField(max_length=120, blank=True)
    flow = models.DecimalField(max_digits=14, decimal_places=3)
    cod = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    nh3n = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    tp = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    tn = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    others = models.CharField(max_length=300, blank=True)
    lon = models.DecimalField(max_digits=12, decimal_places=8, null=True, blank=True)
    lat = models.DecimalField(max_digits=12, decimal_places=8, null=True, blank=True)
    coordinate_digits = models.PositiveSmallIntegerField(null=True, blank=True)
    permit = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        """Count the digits of the coordinates as given; refuse a discharge without any concentration.

        Raises
        ------
        DataError
            If none is given, or the further ones cannot be read.
        """
        before = self.loaded or {}
        if self.lon is None or self.lat is None:
            self.coordinate_digits = None
        elif (self.lon, self.lat) != (before.get("lon"), before.get("lat")):
            given = (-int(value.as_tuple().exponent) for value in (self.lon, self.lat))
            self.coordinate_digits = max(0, *given)
        if all(value is None for value in self.permitted().values()):
            raise DataError(
                Text("“{name}”没有填写任何许可浓度。", name=self.name),
                remedy=Text("请至少填写一项浓度限值。"),
                where=Where(field="cod"),
            )

    def permitted(self) -> dict[str, Decimal | None]:
        """Return the permitted concentrations by item, mg/L."""
        own = {"cod": self.cod, "nh3n": self.nh3n, "tp": self.tp, "tn": self.tn}
        return own | other_concentrations(self.others)


class TraceRun(OwnedRecord):
    """A trace (溯源): what it was asked, and what it said. Once it has said something nothing changes.

    `asked` holds everything that went in, `digest` its hash, `result` the JSON form of
    `bishui.network.tracing.Trace`, `fault` why nothing could be said.
    """

    #: The audit trail keeps the hash of the question; the rows themselves stay here.
    unlogged_fields = frozenset({"asked", "result"})

    alert = models.UUIDField(db_index=True)
    name = models.CharField(max_length=200)
    network = models.ForeignKey(NetworkVersion, on_delete=models.PROTECT, related_name="traces")
    method = models.CharField(max_length=120)
    asked = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    result = models.JSONField(null=True)
    fault = models.JSONField(null=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write it; what has been said is never said otherwise.

        Raises
        ------
        Conflict
            If it is ended.
        """
        if (self.loaded or {}).get("done_at") is not None:
            raise Conflict(
                Text("溯源“{name}”已完成，不能改动。", name=self.name), remedy=Text("需要时请重新溯源。")
            )
        super().save(*args, **kwargs)

    @property
    def said_of(self) -> str:
        """What its alert says, in the language of the page."""
        text = self.asked.get("alert", {}).get("said", {})
        return str(Bilingual(text["zh"], text["en"])) if {"zh", "en"} <= set(text) else self.name

    @property
    def said(self) -> Bilingual | None:
        """The result in one sentence."""
        if self.result is None:
            return None
        statement = self.result["statement"]
        return Bilingual(statement["zh"], statement["en"])


class Investigation(OwnedRecord):
    """A suspect sent to be investigated (派发核查), and what was found on the spot.

    `suspects` are the codes that were sent; `sources` those confirmed as sources, which may be others.
    """

    trace = models.ForeignKey(TraceRun, on_delete=models.PROTECT, related_name="investigations")
    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="+")
    suspects = models.JSONField(default=list)
    outcome = models.CharField(max_length=10, blank=True)
    sources = models.JSONField(default=list)
    found = models.TextField(blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    found_by = models.CharField(max_length=150, blank=True)
    found_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=tuple(OUTCOMES)), name="known_outcome_of_investigation"
            )
        ]

    def __str__(self) -> str:
        return str(self.trace)

    @property
    def outcome_label(self) -> Text:
        """The outcome in words."""
        return OUTCOMES[self.outcome]
