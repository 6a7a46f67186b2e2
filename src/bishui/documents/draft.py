"""The draft that a plan document is read into: frozen records, each with the source lines it came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bishui.documents.blocks import Place, runs_of
from bishui.i18n import Text

Lines = tuple[int, int]


@dataclass(frozen=True, slots=True)
class DocumentHead:
    """What the document says of itself.

    `kind` is ``annual_plan``, ``five_year_plan``, ``outfall_programme`` or ``plan``; `issued` an ISO date;
    `document_number` its own 发文字号, `basis_doc_nos` those it refers to; `annexes` the names in order.
    """

    file: str
    kind: str
    title: str
    region: str
    region_level: str
    year: int | None
    period: tuple[int, int] | None
    issuer: str
    issued: str | None
    document_number: str | None
    basis_doc_nos: tuple[str, ...]
    annexes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "file": self.file,
            "kind": self.kind,
            "title": self.title,
            "region": self.region,
            "region_level": self.region_level,
            "year": self.year,
            "period": list(self.period) if self.period else None,
            "issuer": self.issuer,
            "issued": self.issued,
            "document_number": self.document_number,
            "basis_doc_nos": list(self.basis_doc_nos),
            "annexes": list(self.annexes),
        }


@dataclass(frozen=True, slots=True)
class UnitCell:
    """The bodies named in one cell: `raw` as written, `units` split at the top level.

    `etc`: the list was left open with 等. `by_duty`: 按职责分工… was cut off.
    """

    raw: str = ""
    units: tuple[str, ...] = ()
    etc: bool = False
    by_duty: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"raw": self.raw, "units": list(self.units), "etc": self.etc, "by_duty": self.by_duty}


@dataclass(frozen=True, slots=True)
class Task:
    """One row of the task list (重点工作任务清单).

    `section` holds the headings above it, the outermost first; `theme` (主要任务) is carried down through
    merged or blank cells and `theme_in_cell` is false then. `deadline` is as written, `deadline_norm` what it
    means.
    """

    seq: int | None
    section: tuple[str, ...]
    theme: str
    theme_in_cell: bool
    content: str
    lead: UnitCell
    cooperating: UnitCell
    responsible: UnitCell
    deadline: str
    deadline_norm: str | None
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "seq": self.seq,
            "section": list(self.section),
            "theme": self.theme,
            "theme_in_cell": self.theme_in_cell,
            "content": self.content,
            "lead": self.lead.to_json(),
            "cooperating": self.cooperating.to_json(),
            "responsible": self.responsible.to_json(),
            "deadline": self.deadline,
            "deadline_norm": self.deadline_norm,
            "lines": list(self.lines),
        }


@dataclass(frozen=True, slots=True)
class Target:
    """One target stated in a sentence.

    `value` is the number as written (a decimal string), or the wording of a qualitative target; `op` one of
    ``=``, ``>=``, ``<=``, ``increase``, ``decrease``, ``meets``. `task` is the position (from 0) in the list
    of tasks of the one it stands in; None in the body. `scope` names the waters, places or bodies that the
    figure speaks of (全市, 某江流域内); it is empty where the sentence names none.
    """

    text: str
    indicator: str
    op: str
    value: str
    unit: str | None
    deadline: str | None
    qualitative: bool
    line: int
    task: int | None = None
    scope: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "text": self.text,
            "indicator": self.indicator,
            "scope": self.scope,
            "op": self.op,
            "value": number_or_text(self.value),
            "unit": self.unit,
            "deadline": self.deadline,
            "qualitative": self.qualitative,
            "line": self.line,
        }


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an annex: `rows` as written (blank where a cell is merged), `rows_filled` carried down."""

    annex: str
    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    rows_filled: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    row_lines: tuple[Lines, ...]
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "annex": self.annex,
            "name": self.name,
            "header": list(self.header),
            "rows": [list(row) for row in self.rows],
            "rows_filled": [list(row) for row in self.rows_filled],
            "notes": list(self.notes),
            "lines": list(self.lines),
        }


@dataclass(frozen=True, slots=True)
class SectionTarget:
    """The class a section (断面) must reach; `lon` and `lat` are decimal degrees as written."""

    section: str
    water: str
    basin: str
    level: str
    county: str
    city: str
    assessed: str
    lon: str | None
    lat: str | None
    target_class: str
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "section": self.section,
            "water": self.water,
            "basin": self.basin,
            "level": self.level,
            "county": self.county,
            "city": self.city,
            "assessed": self.assessed,
            "lon": number_or_none(self.lon),
            "lat": number_or_none(self.lat),
            "class": self.target_class,
            "lines": list(self.lines),
        }


@dataclass(frozen=True, slots=True)
class SourceTarget:
    """The target of a drinking-water source (饮用水水源地)."""

    source: str
    level: str
    county: str
    status: str
    type: str
    lon: str | None
    lat: str | None
    target: str
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "source": self.source,
            "level": self.level,
            "county": self.county,
            "status": self.status,
            "type": self.type,
            "lon": number_or_none(self.lon),
            "lat": number_or_none(self.lat),
            "target": self.target,
            "lines": list(self.lines),
        }


@dataclass(frozen=True, slots=True)
class ReportDeadline:
    """A report that is due: what, when, to whom."""

    what: str
    due: str
    to: str
    line: int
    task: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"what": self.what, "due": self.due, "to": self.to, "line": self.line}


@dataclass(frozen=True, slots=True)
class Milestone:
    """A dated step stated in the body; `scope` lists the places in which it has to be done, out of `text`."""

    due: str
    text: str
    kind: str
    op: str | None
    value: str | None
    unit: str | None
    line: int
    scope: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "due": self.due,
            "text": self.text,
            "kind": self.kind,
            "op": self.op,
            "value": number_or_none(self.value),
            "unit": self.unit,
            "scope": self.scope,
            "line": self.line,
        }


@dataclass(frozen=True, slots=True)
class OutlineHeading:
    """A heading of the document: `level` counts from 1, the outermost; `number` as written (第一章, 一、)."""

    level: int
    number: str
    title: str
    line: int

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"level": self.level, "number": self.number, "title": self.title, "line": self.line}


@dataclass(frozen=True, slots=True)
class IndicatorValue:
    """What one cell of an indicator table (规划指标表) says.

    Attributes
    ----------
    column, role, year
        The head as written; ``base`` (基期, 现状), ``actual`` (实际值) or ``target`` (目标); the head's year.
    raw, filled
        The cell as written, blank where it is merged with the one above; the same with merged text filled in.
    op
        ``=``, ``>=``, ``<=``, ``>``, ``<``, ``increase``, ``decrease``, ``range``, ``meets``; None where the
        cell holds nothing (``/``, ``——``).
    value, upper, unit
        The exact number as a decimal string and, of a range, its other end; the unit of measure, taken from
        the cell before the column of units. Of ``meets`` the wording (自治区考核要求), and no unit.
    cumulative
        The number counts the whole period (累计, or set in square brackets).
    """

    column: str
    role: str
    year: int | None
    raw: str
    filled: str
    op: str | None = None
    value: str | None = None
    upper: str | None = None
    unit: str | None = None
    cumulative: bool = False

    @property
    def key(self) -> str:
        """Return the name of this value in JSON: role and year, such as ``target2025``."""
        return f"{self.role}{self.year or ''}"

    @property
    def number(self) -> Decimal | None:
        """Return the exact number, or None where the cell names none."""
        return Decimal(self.value) if self.value is not None and self.op != "meets" else None

    @property
    def qualitative(self) -> bool:
        """Tell whether the cell asks for something in words only (达到自治区考核要求)."""
        return self.op == "meets"

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "column": self.column,
            "role": self.role,
            "year": self.year,
            "raw": self.raw,
            "op": self.op,
            "value": None if self.value is None else number_or_text(self.value),
            "upper": number_or_none(self.upper),
            "unit": self.unit,
            "cumulative": self.cumulative,
        }


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row of an indicator table.

    `no`, `category` and `indicator` are carried down; `sub` names the part (市级, 县级) where a row is one of
    several. `attribute` (指标属性: 约束性, 预期性) and `status` (完成情况) are filled through merged cells,
    `attribute_raw` and `status_raw` as written. `others` are the remaining columns, head and text.
    """

    no: int | None
    category: str
    indicator: str
    sub: str
    unit: str
    values: tuple[IndicatorValue, ...]
    attribute: str
    attribute_raw: str
    status: str
    status_raw: str
    others: tuple[tuple[str, str], ...]
    lines: Lines

    @property
    def target(self) -> IndicatorValue | None:
        """Return the target for the newest year."""
        return _newest(value for value in self.values if value.role == "target")

    @property
    def base(self) -> IndicatorValue | None:
        """Return what was measured last before the target's year (基期值, 现状值)."""
        target = self.target
        end = target.year if target else None
        return _newest(
            value
            for value in self.values
            if value.role in {"base", "actual"} and (end is None or value.year is None or value.year < end)
        )

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form; each value stands under its role and year, as written and ``…_filled``."""
        texts: dict[str, Any] = {}
        for value in self.values:
            texts[value.key] = value.raw
            texts[f"{value.key}_filled"] = value.filled
        return {
            "no": self.no,
            "category": self.category,
            "indicator": self.indicator,
            "sub": self.sub,
            "unit": self.unit,
            **texts,
            "attr": self.attribute_raw,
            "attr_filled": self.attribute,
            "status": self.status_raw,
            "status_filled": self.status,
            "others": dict(self.others),
            "values": _all(self.values),
            "line": self.lines[0],
            "lines": list(self.lines),
        }


@dataclass(frozen=True, slots=True)
class IndicatorTable:
    """A table of indicators; `key` is what the document calls it (专栏2, 附件1, 表1)."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Indicator, ...]
    notes: tuple[str, ...]
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "title": self.title,
            "columns": list(self.columns),
            "rows": _all(self.rows),
            "notes": list(self.notes),
            "lines": list(self.lines),
        }


@dataclass(frozen=True, slots=True)
class ColumnItem:
    """One thing in a special column: its numbering (`label`), its title and its whole text, both included."""

    label: str
    title: str
    text: str
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"label": self.label, "title": self.title, "text": self.text, "lines": list(self.lines)}


@dataclass(frozen=True, slots=True)
class SpecialColumn:
    """A box set into a plan (专栏): its number, title and items; `table` where it holds indicators."""

    no: int
    title: str
    items: tuple[ColumnItem, ...]
    table: str | None
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "no": self.no,
            "title": self.title,
            "items": _all(self.items),
            "table": self.table,
            "lines": list(self.lines),
        }


@dataclass(frozen=True, slots=True)
class Project:
    """A project (重点工程项目) of a list of projects.

    `category` and `subcategory` are carried down as written; `years` is the span as written (2021-2025);
    `investment` the number as written, `investment_unit` its unit, from the cell or the column's head.
    """

    no: int | None
    category: str
    subcategory: str
    name: str
    content: str
    years: str
    units: UnitCell
    investment: str
    investment_unit: str | None
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "no": self.no,
            "category": self.category,
            "subcategory": self.subcategory,
            "name": self.name,
            "content": self.content,
            "years": self.years,
            "units": list(self.units.units),
            "units_raw": self.units.raw,
            "etc": self.units.etc,
            "investment": self.investment or None,
            "investment_unit": self.investment_unit,
            "lines": list(self.lines),
        }


@dataclass(frozen=True, slots=True)
class Became:
    """What one source line became: ``task 12``, ``target 3``, ``table 附件2 row 4``, ``heading``."""

    line: int
    became: tuple[str, ...]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the JSON form: one entry for each thing that the line became."""
        return [{"lines": [self.line, self.line], "became": became} for became in self.became]


@dataclass(frozen=True, slots=True)
class Finding:
    """A doubt about the document or its reading. `severity` is ``error``, ``warning`` or ``note``."""

    rule: str
    severity: str
    message: Text
    lines: Lines

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form, with both languages."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message.both(),
            "lines": list(self.lines),
        }


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan document as read, before anybody has agreed to it.

    `places` says where each source line stands in the file (page, sheet and row, paragraph); it is empty for
    text files, whose lines are their own places.
    """

    reader_version: str
    doc: DocumentHead
    tasks: tuple[Task, ...]
    targets: tuple[Target, ...]
    tables: tuple[Table, ...]
    section_targets: tuple[SectionTarget, ...]
    source_targets: tuple[SourceTarget, ...]
    report_deadlines: tuple[ReportDeadline, ...]
    milestones: tuple[Milestone, ...]
    coverage: tuple[Became, ...]
    findings: tuple[Finding, ...]
    source_lines: tuple[str, ...] = field(repr=False)
    indicators: tuple[IndicatorTable, ...] = ()
    special_columns: tuple[SpecialColumn, ...] = ()
    projects: tuple[Project, ...] = ()
    outline: tuple[OutlineHeading, ...] = ()
    places: tuple[Place | None, ...] = field(default=(), repr=False)

    def source(self, lines: Lines) -> str:
        """Return the text of the source lines `lines` (first and last, counted from 1)."""
        return "\n".join(self.source_lines[lines[0] - 1 : lines[1]])

    def coverage_counts(self) -> Mapping[str, int]:
        """Return how many source lines became each kind of thing (``task``, ``not understood``, …)."""
        counts: dict[str, int] = {}
        for entry in self.coverage:
            for kind in dict.fromkeys(_kind(became) for became in entry.became):
                counts[kind] = counts.get(kind, 0) + 1
        return counts

    def to_json(self) -> dict[str, Any]:
        """Return the JSON shape of a plan document."""
        return {
            "reader": self.reader_version,
            "doc": self.doc.to_json(),
            "tasks": _all(self.tasks),
            "targets": _all(self.targets),
            "tables": _all(self.tables),
            "section_targets": _all(self.section_targets),
            "source_targets": _all(self.source_targets),
            "report_deadlines": _all(self.report_deadlines),
            "milestones": _all(self.milestones),
            "indicators": {table.key: table.to_json() for table in self.indicators},
            "special_columns": _all(self.special_columns),
            "projects": _all(self.projects),
            "outline": _all(self.outline),
            "coverage": [entry for line in self.coverage for entry in line.to_json()],
            "places": runs_of(self.places),
            "findings": _all(self.findings),
        }


def number_or_none(text: str | None) -> int | float | None:
    """Return the number that `text` writes, or None."""
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() and "." not in text else number


def number_or_text(text: str) -> int | float | str:
    """Return the number that `text` writes, or `text` itself."""
    number = number_or_none(text)
    return text if number is None else number


def _all(records: Sequence[Any]) -> list[dict[str, Any]]:
    return [record.to_json() for record in records]


def _newest(values: Iterable[IndicatorValue]) -> IndicatorValue | None:
    return max(values, key=lambda value: value.year or 0, default=None)


def _kind(became: str) -> str:
    if became.startswith(("ignored", "not understood")):
        return became
    return became.split(" ", maxsplit=1)[0] if became.split(" ", maxsplit=1)[0] in _NUMBERED else became


_NUMBERED = {"task", "target", "table", "milestone", "report", "project", "special_column"}
