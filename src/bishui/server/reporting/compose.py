"""Puts the gathered facts and the written parts together as a document, by the rules in ``rules/``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bishui.bulletins import FIGURE, PART, Bound, Content, Paper, bound
from bishui.reports import (
    Account,
    Attachment,
    Bar,
    BarChart,
    Block,
    Cell,
    Chart,
    Document,
    Heading,
    Inline,
    Paragraph,
    Picture,
    Reference,
    Span,
    StripChart,
    Swatch,
    Table,
    sources,
)
from bishui.server.reporting import specification
from bishui.server.reporting.facts import NO_DATA, Facts
from bishui.server.reporting.periods import Scope
from bishui.standards import water_classes

_PLACE = re.compile(r"\{([a-z_]+(?:[.:][a-z_]+)?)\}")
_DARK_INK, _LIGHT_INK = "#17303b", "#ffffff"


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a report follows from; two equal ones give the same files.

    Attributes
    ----------
    kind, year, month, as_of, division, place
        What it speaks of; `place` is the division's name.
    head
        Title, number, issuer, recipient, date and whether in red.
    facts
        What was gathered.
    texts
        The written parts by identifier.
    evidence
        SHA-256 of the rows that the figures of a bulletin follow from; empty until they are frozen.
    """

    kind: str
    year: int
    month: int | None
    as_of: date
    division: str
    place: str
    head: Mapping[str, Any]
    facts: Facts
    texts: Mapping[str, str]
    evidence: str = ""

    @property
    def scope(self) -> Scope:
        """What the report speaks of."""
        return Scope(self.division, self.kind, self.year, self.month, self.as_of)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, which is kept with an edition."""
        form: dict[str, Any] = {
            "rules": specification.version(),
            "kind": self.kind,
            "year": self.year,
            "month": self.month,
            "as_of": self.as_of.isoformat(),
            "division": self.division,
            "place": self.place,
            "head": dict(self.head),
            "facts": self.facts.as_dict(),
            "texts": dict(self.texts),
        }
        return form | {"evidence": self.evidence} if self.evidence else form

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Inputs:
        """Return the inputs that a JSON form holds."""
        return cls(
            kind=data["kind"],
            year=data["year"],
            month=data["month"],
            as_of=date.fromisoformat(data["as_of"]),
            division=data["division"],
            place=data["place"],
            head=data["head"],
            facts=Facts.of(data["facts"]),
            texts=data["texts"],
            evidence=data.get("evidence", ""),
        )


def compose(inputs: Inputs) -> Document:
    """Return the document that follows from `inputs`."""
    composer = _Composer(inputs)
    kind, head = specification.kinds()[inputs.kind], inputs.head
    appendix: tuple[Table, ...] = ()
    if inputs.facts.paper is not None:
        found = bound_of(inputs)
        blocks, attachments = found.blocks, found.attachments
        appendix, sheets = found.appendix, found.sheets
    else:
        blocks = tuple(block for name in kind.chapters for block in composer.chapter(name))
        attachments = tuple(composer.attachment(name) for name in kind.attachments)
        sheets = (sources(accounts_of(inputs.facts)),)
    return Document(
        title=head["title"],
        issuer=head["issuer"],
        signed_on=date.fromisoformat(head["signed_on"]),
        number=head["number"],
        recipient=head["recipient"],
        red_head=head["red_head"],
        blocks=blocks,
        attachments=attachments,
        appendix=appendix,
        sheets=sheets,
        keywords=("水污染防治", inputs.place, inputs.scope.name),
    )


def bound_of(inputs: Inputs) -> Bound:
    """Return a bulletin put together from its figures and rows as they were kept, and what was written."""
    assert inputs.facts.paper is not None
    figures = {key: figure.text for key, figure in inputs.facts.figures.items()}
    parts = {name: written_lines(text) for name, text in inputs.texts.items()}
    content = Content(figures, inputs.facts.tables, parts)
    return bound(Paper(**inputs.facts.paper), content, accounts_of(inputs.facts))


def accounts_of(facts: Facts) -> tuple[Account, ...]:
    """Return what stands behind each figure of a report."""
    return tuple(
        Account(
            mark=f"{FIGURE}{key}",
            label=figure.label,
            text=figure.text,
            source=figure.source,
            as_of=figure.as_of,
            things=tuple(Span(row.text, row.url) for row in figure.rows),
            number=_number(figure.value) if figure.value == figure.text else None,
        )
        for key, figure in facts.figures.items()
    )


def written_lines(text: str) -> list[str]:
    """Return the paragraphs of a written part."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def default_title(scope: Scope, place: str) -> str:
    """Return the title that a new report has."""
    return specification.kinds()[scope.kind].title.format(place=place, period=scope.name)


class _Composer:
    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._facts = inputs.facts
        day = inputs.as_of
        self._words = {
            "period": inputs.scope.name,
            "before": inputs.scope.before_name,
            "as_of": f"{day.year}年{day.month}月{day.day}日",
            "place": inputs.place,
        }
        attachments = specification.kinds()[inputs.kind].attachments
        self._numbers = {name: str(number) for number, name in enumerate(attachments, start=1)}

    def chapter(self, name: str) -> Iterator[Block]:
        """Yield the blocks of a chapter whose conditions hold."""
        for rule in specification.chapters()[name]:
            if not self._stands(rule):
                continue
            if "heading" in rule:
                yield Heading(rule["level"], rule["heading"])
            elif "text" in rule:
                yield Paragraph(tuple(self._inline(rule["text"])))
            elif "part" in rule:
                yield from self._part(rule["part"])
            elif "table" in rule:
                yield self._table(rule["table"])
            else:
                yield from self._picture(rule["chart"])

    def attachment(self, name: str) -> Attachment:
        """Return an attachment: its one table."""
        rule = specification.attachments()[name]
        return Attachment(rule["title"], (self._table(rule["table"]),))

    def _stands(self, rule: Mapping[str, Any]) -> bool:
        return not (
            ("when" in rule and not self._holds(rule["when"]))
            or ("unless" in rule and self._holds(rule["unless"]))
        )

    def _holds(self, name: str) -> bool:
        """Tell whether a figure is there and is something; of an edition from before it, it is not."""
        figure = self._facts.figures.get(name)
        return figure is not None and figure.value not in ("", "0")

    def _inline(self, template: str) -> Iterator[Inline]:
        """Yield the pieces of a text: words, figures with their mark, numbers of tables and charts."""
        at = 0
        for match in _PLACE.finditer(template):
            if match.start() > at:
                yield Span(template[at : match.start()])
            yield self._piece(match[1])
            at = match.end()
        if at < len(template):
            yield Span(template[at:])

    def _piece(self, name: str) -> Inline:
        if name in self._words:
            return Span(self._words[name])
        what, _, label = name.partition(":")
        if what == "attachment":
            return Span(self._numbers[label])
        if label:
            return Reference(name)
        return Span(self._facts.figures[name].text, f"{FIGURE}{name}")

    def _part(self, name: str) -> Iterator[Block]:
        lines = written_lines(self._inputs.texts.get(name, ""))
        part = next(part for part in specification.parts_of(self._inputs.kind) if part.id == name)
        if not lines and part.required:
            lines = [f"（{part.label.zh}待填写）"]
        for line in lines:
            yield Paragraph((Span(line, f"{PART}{name}"),))

    def _table(self, name: str) -> Table:
        rule = specification.table_rule(name)
        given = self._gap_rows() if name == "gaps" else self._facts.tables[name]
        rows = tuple(tuple(_cell(entry) for entry in row) for row in given)
        note = rule.note.format(**self._words)
        return Table(f"table:{name}", rule.caption, rule.columns, rows, rule.sheet, note, rule.empty)

    def _gap_rows(self) -> list[list[dict[str, Any]]]:
        return [
            [
                {"text": str(number), "number": str(number), "url": ""},
                {"text": gap.kind, "number": None, "url": ""},
                {"text": gap.what, "number": None, "url": gap.url},
                {"text": gap.why, "number": None, "url": ""},
            ]
            for number, gap in enumerate(self._facts.gaps, start=1)
        ]

    def _picture(self, name: str) -> Iterator[Picture]:
        rule, data = specification.chart_rule(name), self._facts.charts[name]
        chart, text = _strips(data) if rule["kind"] == "strips" else _bars(rule, data)
        yield Picture(f"chart:{name}", rule["caption"], chart, f"{rule['caption']}：{text}")


def _cell(entry: Mapping[str, Any]) -> Cell:
    return Cell(entry["text"], _number(entry["number"]), entry["url"])


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _bars(rule: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[Chart, str]:
    parts = tuple(Swatch(part["label"], part["fill"], part.get("ink", _LIGHT_INK)) for part in rule["parts"])
    bars = tuple(Bar(name, tuple(values)) for name, values in data["bars"])
    words = "；".join(f"{bar.label}（{_parts_in_words(parts, bar)}）" for bar in bars)
    return BarChart(parts, bars), words or NO_DATA


def _parts_in_words(parts: tuple[Swatch, ...], bar: Bar) -> str:
    return "、".join(f"{part.label}{value}" for part, value in zip(parts, bar.parts, strict=True))


def _strips(data: Mapping[str, Any]) -> tuple[Chart, str]:
    swatches = {
        str(rank): Swatch(entry.numeral, entry.rgb, _ink(entry.rgb))
        for rank, entry in water_classes().items()
    }
    rows = tuple((name, tuple(str(rank) if rank else None for rank in ranks)) for name, ranks in data["rows"])
    words = [
        f"{name}（{'、'.join(swatches[key].label if key else NO_DATA for key in fields)}）"
        for name, fields in rows
    ]
    return StripChart(tuple(data["heads"]), rows, swatches), "；".join(words) or NO_DATA


def _ink(fill: str) -> str:
    """Return the ink that is read on a fill, by its luminance (ITU-R BT.601)."""
    red, green, blue = (int(fill[at : at + 2], 16) for at in (1, 3, 5))
    return _DARK_INK if 0.299 * red + 0.587 * green + 0.114 * blue > 150 else _LIGHT_INK
