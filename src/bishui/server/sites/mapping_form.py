"""The form in which a person checks what each column of a laboratory's spreadsheet is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bishui.errors import BishuiError
from bishui.observations import Mapping
from bishui.standards import items

KINDS: dict[str, Promise] = {
    "wide": _("一行一个样品，项目为列"),
    "long": _("一行一个结果"),
    "across": _("项目为行，点位为列"),
}
ROLES: dict[str, Promise] = {
    "result": _("监测结果"),
    "site": _("点位名称"),
    "time": _("采样时间"),
    "clock": _("采样时刻"),
    "item": _("项目名称"),
    "value": _("结果数值"),
    "unit": _("单位"),
    "qualifier": _("标记"),
    "limit": _("检出限"),
    "source": _("数据来源"),
    "raw": _("原文"),
    "province": _("省份"),
    "basin": _("流域"),
    "city": _("城市"),
    "river": _("河流"),
    "status": _("站点状态"),
    "ignore": _("不读取"),
}
DATES: dict[str, Promise] = {
    "column": _("表中一列"),
    "above": _("表头上方"),
    "sheet": _("工作表名称"),
    "given": _("上传时填写"),
}
SITES: dict[str, Promise] = {
    "column": _("表中一列或列名"),
    "above": _("表头上方"),
    "sheet": _("工作表名称"),
}
SOURCES: dict[str, Promise] = {
    "manual": _("手工监测"),
    "automatic": _("自动监测"),
    "unknown": _("未注明"),
}


@dataclass(frozen=True, slots=True)
class ColumnFields:
    """The fields that ask about one column."""

    head: str
    role: BoundField
    item: BoundField
    unit: BoundField
    limit: BoundField


def _choices(words: dict[str, Promise]) -> list[tuple[str, Promise]]:
    return list(words.items())


class MappingForm(forms.Form):
    """A mapping as a person corrects it; `mapping` is the result once the form is valid."""

    date = forms.ChoiceField(label=_("采样日期在"), choices=_choices(DATES))
    site = forms.ChoiceField(label=_("点位名称在"), choices=_choices(SITES))
    source = forms.ChoiceField(label=_("数据来源"), choices=_choices(SOURCES))
    day = forms.DateField(
        label=_("这份文件的采样日期"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("只在“采样日期在”选择“上传时填写”时需要。"),
    )

    def __init__(self, guessed: Mapping, data: Any = None) -> None:
        super().__init__(data, initial={"date": guessed.date, "site": guessed.site, "source": guessed.source})
        self.guessed = guessed
        self.mapping: Mapping | None = None
        named = [("", "—"), *((key, item.name) for key, item in items().items())]
        for number, column in enumerate(guessed.columns):
            head = column.head
            made: dict[str, forms.Field] = {
                "role": forms.ChoiceField(label=head, choices=_choices(ROLES), initial=column.role),
                "item": forms.ChoiceField(label=head, choices=named, required=False, initial=column.item),
                "unit": forms.CharField(label=head, max_length=40, required=False, initial=column.unit),
                "limit": forms.CharField(label=head, max_length=40, required=False, initial=column.limit),
            }
            for name, field in made.items():
                field.widget.attrs["aria-label"] = f"{head} {_NAMES[name]}"
                self.fields[f"{name}-{number}"] = field
        for number, (written, key) in enumerate(guessed.items.items()):
            self.fields[f"written-{number}"] = forms.ChoiceField(label=written, choices=named, initial=key)

    def columns(self) -> Iterator[ColumnFields]:
        """Yield the fields of each column, in the order of the sheet."""
        for number, column in enumerate(self.guessed.columns):
            names = (f"{name}-{number}" for name in ("role", "item", "unit", "limit"))
            yield ColumnFields(column.head, *(self[name] for name in names))

    def written(self) -> Iterator[BoundField]:
        """Yield the fields of the items that the laboratory names in its own way."""
        for number in range(len(self.guessed.items)):
            yield self[f"written-{number}"]

    def outside(self) -> Iterator[BoundField]:
        """Yield the fields that concern the whole table."""
        for name in ("date", "site", "source", "day"):
            yield self[name]

    def clean(self) -> dict[str, Any]:
        """Build the mapping; what it cannot be is said above the form."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        form = self.guessed.as_dict() | {name: cleaned[name] for name in ("date", "site", "source")}
        form["columns"] = [
            _column(column.head, cleaned, number) for number, column in enumerate(self.guessed.columns)
        ]
        form["items"] = {
            written: cleaned[f"written-{number}"] for number, written in enumerate(self.guessed.items)
        }
        try:
            self.mapping = Mapping.from_dict(form)
        except BishuiError as error:
            self.add_error(None, str(error))
        if cleaned["date"] == "given" and not cleaned.get("day"):
            self.add_error("day", _("请填写这份文件的采样日期。"))
        return cleaned


_NAMES: dict[str, Promise] = {"role": _("含义"), "item": _("项目"), "unit": _("单位"), "limit": _("检出限")}


def _column(head: str, cleaned: dict[str, Any], number: int) -> dict[str, Any]:
    """Return one column in the JSON form; only results have an item, a unit and a limit."""
    column = {"head": head, "role": cleaned[f"role-{number}"]}
    if column["role"] == "result":
        given = {name: cleaned[f"{name}-{number}"].strip() for name in ("item", "unit", "limit")}
        column |= {name: text for name, text in given.items() if text}
    return column
