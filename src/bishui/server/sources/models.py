"""What is kept about drinking-water sources, aquatic ecology and water use."""

from __future__ import annotations

from typing import Any

from django.db import models

from bishui.errors import Conflict, DataError, Where
from bishui.i18n import Text
from bishui.server.core import register_records, registers, workflow
from bishui.server.core.records import OwnedRecord

#: The waters whose quality is released (``rules/releases.toml``).
WATERS: dict[str, Text] = {
    "source": Text("水源水"),
    "works": Text("出厂水"),
    "tap": Text("龙头水"),
}


class Coded(OwnedRecord):
    """A row of a register; `code` is its key."""

    code = models.CharField(max_length=40, unique=True)
    note = models.TextField(blank=True)

    class Meta:
        abstract = True


def _division_of(register: str, code: str) -> str:
    """Return the division of the record of another register; empty where there is none."""
    found = register_records.find(registers.load_all()[register], code)
    return found.division if found is not None else ""


class SourceProblem(Coded):
    """An environmental problem of a drinking-water source (水源地环境问题).

    `source` is the code of the site, `unit` that of the unit in charge; the division is the source's.
    """

    workflow_name = "source_problem"

    state = models.CharField(max_length=12, default="open", db_index=True)
    source = models.CharField(max_length=40, db_index=True)
    name = models.CharField(max_length=120)
    zone = models.CharField(max_length=10)
    problem = models.TextField(blank=True)
    found_on = models.DateField()
    found_by = models.CharField(max_length=120)
    due = models.DateField(db_index=True)
    unit = models.CharField(max_length=40, blank=True, db_index=True)
    measure = models.TextField(blank=True)

    class Meta:
        ordering = ["due", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def step(self) -> workflow.State:
        """The present state as the workflow file describes it."""
        return workflow.of(self).states[self.state]

    def prepare(self) -> None:
        """Take the division of the source; refuse a deadline before the day of finding.

        Raises
        ------
        DataError
            With both days.
        """
        self.division = _division_of("sites", self.source)
        if self.found_on is not None and self.due is not None and self.due < self.found_on:
            raise DataError(
                Text(
                    "整改期限 {due} 早于发现日期 {found}。",
                    due=self.due.isoformat(),
                    found=self.found_on.isoformat(),
                ),
                remedy=Text("请核对两个日期。"),
                where=Where(field="due"),
            )


class ChecklistAnswer(OwnedRecord):
    """The answer to one item of the construction checklist (规范化建设) of a source in a year.

    `source` is the code of the site; `edition` the version of the list that was answered.
    """

    source = models.CharField(max_length=40, db_index=True)
    year = models.PositiveSmallIntegerField()
    item = models.CharField(max_length=30)
    edition = models.CharField(max_length=40)
    answer = models.CharField(max_length=15)
    evidence = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["source", "year", "item"]
        constraints = [models.UniqueConstraint(fields=["source", "year", "item"], name="one_answer_an_item")]

    def __str__(self) -> str:
        return f"{self.source} {self.year} {self.item}"


class ConditionSurvey(Coded):
    """The survey of a source's environmental condition in a year (年度环境状况调查); volumes in 10⁴ m³."""

    workflow_name = "source_survey"

    state = models.CharField(max_length=12, default="draft", db_index=True)
    source = models.CharField(max_length=40, db_index=True)
    year = models.PositiveSmallIntegerField()
    taken = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    population = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    monitored = models.PositiveIntegerField(null=True)
    attained = models.PositiveIntegerField(null=True)
    findings = models.TextField(blank=True)

    class Meta:
        ordering = ["-year", "source"]

    def __str__(self) -> str:
        return f"{self.source} {self.year}"

    @property
    def step(self) -> workflow.State:
        """The present state as the workflow file describes it."""
        return workflow.of(self).states[self.state]

    def prepare(self) -> None:
        """Take the division of the source; refuse what cannot be, and a change once approved.

        Raises
        ------
        DataError
            If more samplings attained than were monitored, or the source has a survey of the year.
        Conflict
            If the survey is approved.
        """
        if (self.loaded or {}).get("state") == "approved" and self.changes():
            raise Conflict(
                Text("{year} 年的调查已审定，不能修改。", year=self.year),
                remedy=Text("请先在调查的页面上撤销审定。"),
            )
        self.division = _division_of("sites", self.source)
        if self.attained is not None and self.attained > (self.monitored or 0):
            raise DataError(
                Text("达标 {k} 次多于监测 {n} 次。", k=self.attained, n=self.monitored or 0),
                remedy=Text("请核对监测次数和达标次数。"),
                where=Where(field="attained"),
            )
        others = ConditionSurvey.objects.filter(source=self.source, year=self.year).exclude(pk=self.pk)
        if self.year is not None and others.exists():
            raise DataError(
                Text("该水源地已有 {year} 年的调查：{code}。", year=self.year, code=others[0].code),
                remedy=Text("请修改已有的一份，或改正年度。"),
                where=Where(field="year"),
            )


class Release(OwnedRecord):
    """What a division has to release of one water (水源水、出厂水、龙头水) for one quarter."""

    workflow_name = "source_release"

    state = models.CharField(max_length=12, default="due", db_index=True)
    year = models.PositiveSmallIntegerField()
    quarter = models.PositiveSmallIntegerField()
    water = models.CharField(max_length=10)
    due = models.DateField(db_index=True)
    released_on = models.DateField(null=True)
    released_by = models.CharField(max_length=150, blank=True)
    url = models.URLField(max_length=500, blank=True)
    file = models.ForeignKey("core.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    missed_on = models.DateField(null=True)

    class Meta:
        ordering = ["-year", "-quarter", "division", "water"]
        constraints = [
            models.UniqueConstraint(
                fields=["division", "year", "quarter", "water"], name="one_release_a_quarter"
            )
        ]

    def __str__(self) -> str:
        return str(
            Text("{year} 年第 {n} 季度{water}", year=self.year, n=self.quarter, water=WATERS[self.water])
        )

    @property
    def step(self) -> workflow.State:
        """The present state as the workflow file describes it."""
        return workflow.of(self).states[self.state]


class EcologySurvey(Coded):
    """A survey of aquatic ecology (水生态调查) at a site; `score` on the scale of the index `index_name`."""

    site = models.CharField(max_length=40, db_index=True)
    surveyed_on = models.DateField()
    community = models.CharField(max_length=12)
    method = models.CharField(max_length=200)
    index_name = models.CharField(max_length=80, blank=True)
    score = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    surveyor = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["-surveyed_on", "code"]

    def __str__(self) -> str:
        return self.code

    def prepare(self) -> None:
        """Take the division of the site; a score needs the name of its index.

        Raises
        ------
        DataError
            If the index of a score is not named.
        """
        self.division = _division_of("sites", self.site)
        if self.score is not None and not self.index_name:
            raise DataError(
                Text("填了健康得分 {score}，没有填健康指数。", score=self.score),
                remedy=Text("请填写得分所用指数的名称。"),
                where=Where(field="index_name"),
            )


class SurveySpecies(Coded):
    """A species found in a survey; `survey` is the code of the survey, `count` None = only present."""

    survey = models.CharField(max_length=40, db_index=True)
    name = models.CharField(max_length=120)
    latin = models.CharField(max_length=120, blank=True)
    count = models.PositiveIntegerField(null=True)
    protected = models.CharField(max_length=12, blank=True)
    alien = models.CharField(max_length=12, blank=True)

    class Meta:
        ordering = ["survey", "name"]

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        """Take the division of the survey."""
        self.division = _division_of("ecology_surveys", self.survey)


def _volume() -> Any:
    return models.DecimalField(max_digits=20, decimal_places=4, null=True)


def _coefficient() -> Any:
    return models.DecimalField(max_digits=8, decimal_places=4, null=True)


class WaterUseYear(Coded):
    """The amounts of one division and year behind the water-use indicators: 10⁴ m³, 10⁴ yuan."""

    year = models.PositiveSmallIntegerField()
    total_use = _volume()
    gdp = _volume()
    gdp_constant = _volume()
    industrial_use = _volume()
    value_added = _volume()
    value_added_constant = _volume()
    supplied = _volume()
    leaked = _volume()
    sewage_treated = _volume()
    reclaimed_used = _volume()
    large_coefficient = _coefficient()
    large_water = _volume()
    middle_coefficient = _coefficient()
    middle_water = _volume()
    small_coefficient = _coefficient()
    small_water = _volume()
    well_coefficient = _coefficient()
    well_water = _volume()
    origin = models.CharField(max_length=200)

    class Meta:
        ordering = ["division", "-year"]

    def __str__(self) -> str:
        return self.code

    def prepare(self) -> None:
        """Refuse a second row of the same division and year.

        Raises
        ------
        DataError
            With the row that is there.
        """
        others = WaterUseYear.objects.filter(division=self.division, year=self.year).exclude(pk=self.pk)
        if self.year is not None and self.division and others.exists():
            raise DataError(
                Text("该区划已有 {year} 年的数据：{code}。", year=self.year, code=others[0].code),
                remedy=Text("请修改已有的一行，或改正区划或年度。"),
                where=Where(field="year"),
            )
