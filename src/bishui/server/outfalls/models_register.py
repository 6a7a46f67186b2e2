"""Receiving water, outfall, channel, discharger and the dated links between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from bishui.errors import Conflict, DataError, Where
from bishui.i18n import Text
from bishui.outfalls import (
    CodeVerdict,
    OutfallType,
    check_credit_code,
    check_official_code,
    check_permit,
    outfall_types,
)
from bishui.server.core import registers
from bishui.server.core.records import OwnedRecord

_COORDINATE_DIGITS = 8
_TOGETHER = 500
#: Of a new outfall; its first round begins so.
FIRST_STAGE = "suspected"
#: What only the rounds of an outfall write.
_OF_ROUNDS = ("stage", "stage_since")
_moving: ContextVar[Any] = ContextVar("bishui_moving_outfall", default=None)
#: While many outfalls are prepared: units by code, and official codes that are taken, with the outfall.
_units: ContextVar[dict[str, Any] | None] = ContextVar("bishui_units_by_code", default=None)
_taken: ContextVar[Mapping[str, Outfall] | None] = ContextVar("bishui_official_codes", default=None)


@contextmanager
def moving(outfall: Outfall) -> Iterator[None]:
    """Let a round write the stage of its outfall while it is saved; nobody else may."""
    token = _moving.set(outfall.pk)
    try:
        yield
    finally:
        _moving.reset(token)


def _degrees() -> models.DecimalField[Any, Any]:
    return models.DecimalField(max_digits=12, decimal_places=_COORDINATE_DIGITS, null=True, blank=True)


def _unit() -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        "accounts.Unit", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )


def unit_of_code(code: str) -> Any:
    """Return the unit with a code, None where there is none."""
    known = _units.get()
    if known is not None and code in known:
        return known[code]
    units = registers.load_all()["units"].model._default_manager
    found = units.filter(**{"code": code}).first() if code else None
    if known is not None:
        known[code] = found
    return found


def accepted(verdict: CodeVerdict, field: str) -> str:
    """Return the form of a code to compare by.

    Raises
    ------
    DataError
        If the code is refused, with the reason.
    """
    if verdict.normalised is None:
        assert verdict.reason is not None
        raise DataError(verdict.reason, remedy=verdict.remedy, where=Where(field=field))
    return verdict.normalised


class Coded(OwnedRecord):
    """A row of a register: `code` is its key, the name never is."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200, db_index=True)
    note = models.CharField(max_length=1000, blank=True)

    class Meta:
        abstract = True
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name or self.code


class Placed(Coded):
    """A row with a place: degrees in `datum`, as many digits as were given, and where they come from."""

    lon = _degrees()
    lat = _degrees()
    datum = models.CharField(max_length=10, blank=True)
    coordinate_digits = models.PositiveSmallIntegerField(null=True, blank=True)
    coordinate_source = models.CharField(max_length=20, blank=True)

    class Meta(Coded.Meta):
        abstract = True

    def prepare(self) -> None:
        """Count the digits of the coordinates as they are given."""
        before = self.loaded or {}
        if self.lon is None or self.lat is None:
            self.coordinate_digits = None
        elif (self.lon, self.lat) != (before.get("lon"), before.get("lat")):
            given = (-int(value.as_tuple().exponent) for value in (self.lon, self.lat))
            self.coordinate_digits = min(_COORDINATE_DIGITS, max(0, *given))


class WaterBody(Coded):
    """A receiving water (受纳水体); `parent` is the code of the water that it flows into."""

    kind = models.CharField(max_length=12)
    official_code = models.CharField(max_length=40, blank=True)
    river_system = models.CharField(max_length=120, blank=True)
    parent = models.CharField(max_length=40, blank=True, db_index=True)
    zone1 = models.CharField(max_length=120, blank=True)
    zone1_target = models.CharField(max_length=3, blank=True)
    zone2 = models.CharField(max_length=120, blank=True)
    zone2_target = models.CharField(max_length=3, blank=True)
    reach = models.CharField(max_length=60, blank=True)


class Outfall(Placed):
    """An outfall (入河入海排污口): the place, with what is known of it now.

    `code` is the local code, `division` the path of the county it lies in. `stage` and `stage_since` repeat
    the state of its latest round, for lists; nothing but the round writes them. Units, waters and dischargers
    are named by their codes; answers to yes-no questions are ``yes``, ``no`` or empty for not known.
    """

    unit_lookup = ("responsible_id", "supervising_id")

    # identity
    official_code = models.CharField(max_length=40, blank=True)
    official_key = models.CharField(max_length=40, blank=True, db_index=True)
    regional_code = models.CharField(max_length=40, blank=True, db_index=True)
    name_status = models.CharField(max_length=12, blank=True)
    national_platform = models.CharField(max_length=10, blank=True)
    realm = models.CharField(max_length=5, default="river")
    # place
    town = models.CharField(max_length=12, blank=True, db_index=True)
    village = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=200, blank=True)
    landmark = models.CharField(max_length=200, blank=True)
    bank = models.CharField(max_length=8, blank=True)
    accuracy = models.DecimalField(max_digits=8, decimal_places=1, null=True, blank=True)
    # receiving water
    water = models.CharField(max_length=40, blank=True, db_index=True)
    reach = models.CharField(max_length=60, blank=True)
    chainage = models.DecimalField(max_digits=12, decimal_places=1, null=True, blank=True)
    snap_distance = models.DecimalField(max_digits=10, decimal_places=1, null=True, blank=True)
    in_protected_area = models.CharField(max_length=3, blank=True)
    is_ditch = models.CharField(max_length=3, blank=True)
    # mouth
    mouth_shape = models.CharField(max_length=40, blank=True)
    entry_method = models.CharField(max_length=12, blank=True)
    size = models.CharField(max_length=60, blank=True)
    relation_to_water = models.CharField(max_length=40, blank=True)
    drainage_feature = models.CharField(max_length=120, blank=True)
    drainage_mode = models.CharField(max_length=12, blank=True)
    # classification (HJ 1312-2023 and the older seven classes)
    kind = models.CharField(max_length=12, blank=True, db_index=True)
    legacy_kind = models.CharField(max_length=12, blank=True, db_index=True)
    above_scale = models.CharField(max_length=3, blank=True)
    # how it was found
    survey_level = models.CharField(max_length=1, blank=True)
    found_by = models.CharField(max_length=12, blank=True)
    found_at = models.DateTimeField(null=True, blank=True)
    abnormal = models.CharField(max_length=3, blank=True)
    # who answers for it
    responsible_kind = models.CharField(max_length=20, blank=True)
    responsible_name = models.CharField(max_length=120, blank=True)
    responsible_unit = models.CharField(max_length=40, blank=True, db_index=True)
    discharger = models.CharField(max_length=40, blank=True, db_index=True)
    supervising_unit = models.CharField(max_length=40, blank=True, db_index=True)
    permit_outlet = models.CharField(max_length=40, blank=True)
    setting_status = models.CharField(max_length=12, blank=True)
    setting_paper = models.CharField(max_length=120, blank=True)
    discharge_standard = models.CharField(max_length=20, blank=True)
    discharge_grade = models.CharField(max_length=10, blank=True)
    built = models.DateField(null=True, blank=True)
    trade = models.CharField(max_length=20, blank=True)
    # upkeep (规范化建设)
    sign = models.CharField(max_length=3, blank=True)
    sampling_point = models.CharField(max_length=3, blank=True)
    online_monitor = models.CharField(max_length=3, blank=True)
    # what became of it
    keep = models.CharField(max_length=3, blank=True)
    merged_into = models.CharField(max_length=40, blank=True, db_index=True)
    removed_on = models.DateField(null=True, blank=True)
    stage = models.CharField(max_length=20, blank=True, db_index=True)
    stage_since = models.DateTimeField(null=True, blank=True)
    due = models.DateField(null=True, blank=True)
    client_id = models.UUIDField(null=True, blank=True, unique=True)
    # follow from the codes above
    responsible = _unit()
    supervising = _unit()

    class Meta(Coded.Meta):
        indexes = [
            models.Index(fields=["division", "stage"]),
            models.Index(fields=["division", "code"]),
            # A stage within a county is counted and listed from it alone.
            models.Index(fields=["stage", "division", "code"]),
            # The map's grid is made from it alone: place, stage, and what narrows to a division.
            models.Index(fields=["lon", "lat", "stage", "division"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["official_key"], condition=~Q(official_key=""), name="one_outfall_per_official_code"
            )
        ]

    @property
    def type(self) -> OutfallType | None:
        """The type of HJ 1312-2023; None while tracing has not decided it."""
        return outfall_types().get(self.kind)

    def prepare(self) -> None:
        """Set what follows from other fields, and refuse what cannot be.

        Raises
        ------
        DataError
            If the official code is none or another outfall's, or a government is made to answer for the
            outfall without the written decision that this takes.
        """
        super().prepare()
        self.stage = self.stage or FIRST_STAGE
        self.responsible = unit_of_code(self.responsible_unit)
        self.supervising = unit_of_code(self.supervising_unit)
        self.official_key = accepted(check_official_code(self.official_code), "official_code")
        self._check_official_key()
        self._check_fallback()

    def check_write(self, loaded: Mapping[str, Any] | None) -> None:
        """Refuse a stage that no round set, whoever saves: page, register, import or program.

        Raises
        ------
        Conflict
            If it was changed otherwise.
        """
        super().check_write(loaded)
        if _moving.get() == self.pk:
            return
        before = {"stage": FIRST_STAGE} if loaded is None else loaded
        for name in _OF_ROUNDS:
            now = getattr(self, name)
            if now != before.get(name, now) and not (loaded is None and not now):
                raise Conflict(
                    Text("“{name}”的阶段只能通过流程变更。", name=self.name),
                    remedy=Text("请在排污口页面办理。"),
                )

    def _check_official_key(self) -> None:
        if not self.official_key or self.official_key == (self.loaded or {}).get("official_key"):
            return
        taken = _taken.get()
        if taken is None:
            other = Outfall.objects.filter(official_key=self.official_key).exclude(pk=self.pk).first()
        else:
            other = taken.get(self.official_key)
        if other is not None and other.pk != self.pk:
            raise DataError(
                Text(
                    "国家统一编码“{code}”已经用于“{name}”（{own}）。",
                    code=self.official_code,
                    name=other.name,
                    own=other.code,
                ),
                remedy=Text("请核对编码；确是同一排污口的，请在“疑似重复”中合并。"),
                where=Where(field="official_code"),
            )

    def _check_fallback(self) -> None:
        before = (self.loaded or {}).get("responsible_kind", "")
        if self.responsible_kind in ("", "discharger", before):
            return
        if not self.rounds.exclude(decision=None).exists():
            raise DataError(
                Text("政府兜底或指定责任主体须有溯源分析和书面决定，不能在台账中直接填写。"),
                remedy=Text("请在排污口页面办理“溯源未果，确定责任主体”。"),
                where=Where(field="responsible_kind"),
            )

    @classmethod
    @contextmanager
    def preparing(cls, rows: Sequence[Mapping[str, Any]]) -> Iterator[None]:
        """Look units up once, and the taken official codes together."""
        given = (check_official_code(str(row.get("official_code") or "")) for row in rows)
        keys = sorted({verdict.normalised for verdict in given if verdict.normalised})
        taken: dict[str, Outfall] = {}
        for start in range(0, len(keys), _TOGETHER):
            found = cls.objects.filter(official_key__in=keys[start : start + _TOGETHER])
            taken |= {outfall.official_key: outfall for outfall in found}
        tokens = _units.set({}), _taken.set(taken)
        try:
            yield
        finally:
            _units.reset(tokens[0])
            _taken.reset(tokens[1])

    @classmethod
    def assign_keys(cls, records: Sequence[Outfall]) -> None:
        """Give new outfalls the next codes of their counties."""
        from bishui.server.outfalls import coding

        coding.assign_codes(records)

    @classmethod
    def after_adding(cls, records: Sequence[Outfall]) -> None:
        """Open the first round of new outfalls; a code that came with them is never given again."""
        from bishui.server.outfalls import beginning, coding

        coding.keep_given(records)
        beginning.open_first(records)

    def is_used(self) -> bool:
        """Tell whether anything happened to it since it was found."""
        happened = (self.visits, self.photos, self.samples)
        moved = self.rounds.exclude(number=1, state="suspected").exists()
        return moved or any(records.exists() for records in happened)

    @classmethod
    def remove_unused(cls, records: Sequence[Outfall]) -> Outfall | None:
        """Delete outfalls that nothing happened to, with the rounds that were opened for them.

        Returns
        -------
        Outfall or None
            One that something happened to, as `is_used` tells; none is then deleted.
        """
        keys = [record.pk for record in records]
        for told in ("rounds", "visits", "photos", "samples"):
            happened = _records_of(told).filter(outfall__in=keys)
            if told == "rounds":
                happened = happened.exclude(number=1, state=FIRST_STAGE)
            used = happened.values_list("outfall", flat=True).first()
            if used is not None:
                return next(record for record in records if record.pk == used)
        _records_of("rounds").filter(outfall__in=keys).delete()
        cls.objects.filter(pk__in=keys).delete()
        return None

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete an outfall that nothing happened to, with the round that was opened for it."""
        if not self.is_used():
            self.rounds.all().delete()
        return super().delete(*args, **kwargs)

    def responsible_units(self) -> frozenset[str]:
        """Return the unit that answers for it and the one that supervises it."""
        return frozenset(str(pk) for pk in (self.responsible_id, self.supervising_id) if pk)


def _records_of(name: str) -> models.QuerySet[Any]:
    """Return all records that an outfall has by a name, such as its rounds."""
    model: Any = Outfall._meta.get_field(name).related_model
    found: models.QuerySet[Any] = model._default_manager.order_by()
    return found


class Channel(Placed):
    """A channel (排污通道): pipe, ditch or culvert between dischargers and an outfall; length in metres."""

    kind = models.CharField(max_length=12)
    length = models.DecimalField(max_digits=12, decimal_places=1, null=True, blank=True)
    owner = models.CharField(max_length=120, blank=True)


class Discharger(Placed):
    """A discharger (排污单位): who lets sewage go. Contacts are personal data, kept out of the trail."""

    unlogged_fields = frozenset({"contact", "phone"})

    credit_code = models.CharField(max_length=18, blank=True, db_index=True)
    permit = models.CharField(max_length=40, blank=True)
    permit_class = models.CharField(max_length=12, blank=True)
    trade = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=200, blank=True)
    contact = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    unit = models.CharField(max_length=40, blank=True, db_index=True)
    sewage_kind = models.CharField(max_length=40, blank=True)
    volume = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    discharge_standard = models.CharField(max_length=20, blank=True)
    indirect = models.CharField(max_length=3, blank=True)

    def prepare(self) -> None:
        """Keep credit code and permit in the form that is compared.

        Raises
        ------
        DataError
            If one of them is none.
        """
        super().prepare()
        if self.credit_code:
            self.credit_code = accepted(check_credit_code(self.credit_code), "credit_code")
        if self.permit:
            self.permit = accepted(check_permit(self.permit), "permit")


class ChainLink(OwnedRecord):
    """One step of the way of sewage, with its days and its evidence.

    From a discharger or channel to a channel or outfall, by their codes; `share` of its flow in percent.
    A step that was found wrong is ended with the reason, never deleted. Where an outfall empties into says
    `Outfall.water`.
    """

    code = models.CharField(max_length=40, unique=True)
    upper_kind = models.CharField(max_length=12)
    upper = models.CharField(max_length=40, db_index=True)
    lower_kind = models.CharField(max_length=12)
    lower = models.CharField(max_length=40, db_index=True)
    permit_outlet = models.CharField(max_length=40, blank=True)
    share = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    evidence = models.CharField(max_length=500)
    evidence_file = models.ForeignKey("core.StoredFile", null=True, blank=True, on_delete=models.PROTECT)
    ended_why = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.upper} → {self.lower}"

    def prepare(self) -> None:
        """Take the division of the lower end; refuse what leads nowhere, back, or ends without a reason.

        Raises
        ------
        DataError
            With the entry that cannot be.
        """
        self._end("upper")
        self.division = self._end("lower").division
        if self.upper_kind == self.lower_kind and self._comes_back():
            raise DataError(
                Text("这一段会使通道“{code}”流回自身。", code=self.upper),
                remedy=Text("请核对上端与下端的编码。"),
                where=Where(field="lower"),
            )
        if self.since and self.until and self.until < self.since:
            raise DataError(
                Text("终止日期 {until} 早于起始日期 {since}。", until=self.until, since=self.since),
                remedy=Text("请核对两个日期。"),
                where=Where(field="until"),
            )
        if self.until and not self.ended_why:
            raise DataError(
                Text("填写了终止日期，还须填写终止原因。"),
                remedy=Text("如“封堵”“溯源更正”。"),
                where=Where(field="ended_why"),
            )

    def _end(self, side: str) -> Coded:
        """Return the record at one end."""
        kind, code = getattr(self, f"{side}_kind"), getattr(self, side)
        found: Coded | None = _ENDS[kind]._default_manager.filter(**{"code": code}).first()
        if found is None:
            title = registers.load_all()[_REGISTERS[kind]].title
            raise DataError(
                Text("“{title}”中没有“{code}”。", title=title, code=code),
                remedy=Text("请先在“{title}”台账中登记，或改填已有的编码。", title=title),
                where=Where(field=side),
            )
        return found

    def _comes_back(self) -> bool:
        """Tell whether the lower channel leads, by other links, to the upper one."""
        seen, edge = {self.lower}, [self.lower]
        while edge:
            if self.upper in seen:
                return True
            steps = ChainLink.objects.filter(upper_kind="channel", upper__in=edge, lower_kind="channel")
            edge = [code for code in steps.values_list("lower", flat=True) if code not in seen]
            seen.update(edge)
        return False

    def holds_on(self, day: date) -> bool:
        """Tell whether sewage went this way on a day, as far as is known."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


_ENDS: dict[str, type[Coded]] = {"discharger": Discharger, "channel": Channel, "outfall": Outfall}
_REGISTERS = {"discharger": "dischargers", "channel": "channels", "outfall": "outfalls"}


class CodeCounter(OwnedRecord):
    """The last sequence number given to an outfall of a county; none is ever used twice."""

    county = models.CharField(max_length=6, unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.county} {self.last}"
