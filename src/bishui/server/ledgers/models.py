"""Key projects, the typed ledgers and the plans that counties file."""

from __future__ import annotations

from datetime import date

from django.db import models

from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.server.core import workflow
from bishui.server.core.records import OwnedRecord


class LedgerRecord(OwnedRecord):
    """One row of a typed ledger; `unit` is the code of the unit in charge."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120, db_index=True)
    unit = models.CharField(max_length=40, blank=True, db_index=True)
    note = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Project(LedgerRecord):
    """A key project (重点工程项目). Funds in 10,000 yuan (万元); `task` is the number of a plan's task."""

    field = models.CharField(max_length=20, db_index=True)
    task = models.CharField(max_length=20, blank=True)
    content = models.TextField(blank=True)
    funds = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    funds_placed = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    funds_spent = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    stage = models.CharField(max_length=12)
    evidence = models.TextField(blank=True)
    begin = models.DateField(null=True)
    end = models.DateField(null=True)
    as_of = models.DateField(null=True)

    def prepare(self) -> None:
        """Refuse a project that ends before it begins, or that spends more than there is.

        Raises
        ------
        DataError
            With the entry that cannot be.
        """
        _in_order(self.begin, self.end, "end")
        if self.funds_spent is not None and self.funds is not None and self.funds_spent > self.funds:
            raise DataError(
                Text(
                    "完成投资 {spent} 万元大于总投资 {funds} 万元。", spent=self.funds_spent, funds=self.funds
                ),
                remedy=Text("请核对两项金额；总投资有调整的，请先改总投资。"),
                where=Where(field="funds_spent"),
            )

    def is_late(self, day: date) -> bool:
        """Tell whether the project should have been completed before `day` and is not."""
        return self.end is not None and self.end < day and self.stage in ("planned", "building")


class ScatteredPolluter(LedgerRecord):
    """An enterprise of the drive against scattered polluters (散乱污企业)."""

    credit_code = models.CharField(max_length=18, blank=True)
    address = models.CharField(max_length=200, blank=True)
    trade = models.CharField(max_length=80, blank=True)
    problem = models.TextField(blank=True)
    measure = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    due = models.DateField(null=True)
    done_on = models.DateField(null=True)


class ManureUse(LedgerRecord):
    """A farm's use of manure (畜禽粪肥利用); amounts in tonnes a year."""

    animal = models.CharField(max_length=12)
    stock = models.PositiveIntegerField(null=True)
    has_plan = models.CharField(max_length=8)
    has_register = models.CharField(max_length=8)
    facility = models.CharField(max_length=8)
    produced = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    used = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    as_of = models.DateField(null=True)

    def prepare(self) -> None:
        """Refuse more manure used than produced.

        Raises
        ------
        DataError
            With both amounts.
        """
        if self.used is not None and self.produced is not None and self.used > self.produced:
            raise DataError(
                Text("利用量 {used} 吨大于产生量 {produced} 吨。", used=self.used, produced=self.produced),
                remedy=Text("请核对两项数量及其单位。"),
                where=Where(field="used"),
            )


class MedicalSewage(LedgerRecord):
    """A hospital's problem with its sewage (医疗污水问题清单); capacity in m³/d."""

    grade = models.CharField(max_length=4)
    beds = models.PositiveIntegerField(null=True)
    capacity = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    problem = models.TextField(blank=True)
    plan = models.TextField(blank=True)
    state = models.CharField(max_length=12)
    due = models.DateField(null=True)
    done_on = models.DateField(null=True)


class BlackOdorousWater(LedgerRecord):
    """A black and odorous water body (黑臭水体) and its treatment; length in km, funds in 10,000 yuan."""

    start = models.CharField(max_length=120, blank=True)
    finish = models.CharField(max_length=120, blank=True)
    length = models.DecimalField(max_digits=10, decimal_places=3, null=True)
    grade = models.CharField(max_length=12)
    cause = models.TextField(blank=True)
    measures = models.TextField(blank=True)
    funds = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    progress = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=12)
    due = models.DateField(null=True)
    done_on = models.DateField(null=True)


class Filing(OwnedRecord):
    """A county's own plan that has to be filed (抄送备案) within working days of the plan above it.

    Attributes
    ----------
    began
        The day from which the working days count: the issue of the plan above.
    workdays
        How many there are.
    due
        The last of them; `calendar_sure` is false where the official holidays of a year in between are
        not known and weekends alone were counted.
    own_plan
        The county's plan, once it has been read into the ledger.
    """

    workflow_name = "plan_filing"
    unit_lookup = "unit_id"

    state = models.CharField(max_length=12, default="due", db_index=True)
    plan = models.ForeignKey("plans.Plan", on_delete=models.CASCADE, related_name="filings")
    task = models.ForeignKey("plans.Task", null=True, on_delete=models.SET_NULL, related_name="+")
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="filings")
    began = models.DateField()
    workdays = models.PositiveSmallIntegerField()
    due = models.DateField(db_index=True)
    calendar_sure = models.BooleanField(default=True)
    filed_on = models.DateField(null=True)
    missed_on = models.DateField(null=True)
    own_plan = models.ForeignKey("plans.Plan", null=True, on_delete=models.SET_NULL, related_name="+")
    file = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["due", "unit__name"]
        constraints = [models.UniqueConstraint(fields=["plan", "unit"], name="one_filing_per_unit")]

    def __str__(self) -> str:
        return f"{self.unit} · {self.plan}"

    @property
    def step(self) -> workflow.State:
        """The present state as the workflow file describes it."""
        return workflow.of(self).states[self.state]

    def responsible_units(self) -> frozenset[str]:
        """Return the unit that has to file."""
        return frozenset({str(self.unit_id)})


def _in_order(first: date | None, last: date | None, field: str) -> None:
    if first is not None and last is not None and last < first:
        raise DataError(
            Text("完成时间 {last} 早于开工时间 {first}。", first=first.isoformat(), last=last.isoformat()),
            remedy=Text("请核对两个日期。"),
            where=Where(field=field),
        )
