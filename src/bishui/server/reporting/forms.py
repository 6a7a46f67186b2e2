"""The forms of a report: a new one, and its head."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from bishui.server.reporting import specification

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


_MONTHS_OF_A_QUARTER = 3


class NewReportForm(forms.Form):
    """A new report of a family: kind, period and the day its data end."""

    def __init__(
        self, data: Any = None, *, today: date, family: str, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        kinds = [kind for kind in specification.kinds().values() if kind.family == family]
        self.fields["kind"] = forms.ChoiceField(
            label=_("类别"), choices=[(kind.id, str(kind.label)) for kind in kinds]
        )
        self.fields["year"] = forms.TypedChoiceField(
            label=_("年份"),
            coerce=int,
            choices=[(year, str(year)) for year in range(today.year, today.year - 6, -1)],
        )
        self.fields["month"] = forms.TypedChoiceField(
            label=_("月份"),
            help_text=_("只有月报需要选择。"),
            coerce=int,
            required=False,
            empty_value=None,
            choices=[("", "—"), *((month, str(month)) for month in range(1, 13))],
        )
        if family == "bulletin":
            self.fields["quarter"] = forms.TypedChoiceField(
                label=_("季度"),
                help_text=_("只有季报需要选择。"),
                coerce=int,
                required=False,
                empty_value=None,
                choices=[("", "—"), *((quarter, str(quarter)) for quarter in range(1, 5))],
            )
        self.fields["as_of"] = forms.DateField(
            label=_("数据截至"),
            help_text=_("留空即取时段末日；时段未结束的取今天。"),
            required=False,
            widget=_DAY,
        )

    def clean(self) -> dict[str, Any]:
        """Return the data; of a quarter the month is its last one."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("kind") == "water_quarter":
            quarter = given.get("quarter")
            given["month"] = quarter * _MONTHS_OF_A_QUARTER if quarter else None
        return given


class HeadForm(forms.Form):
    """What stands around the text: title, number, issuer, recipient, date."""

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)
        self.fields["title"] = forms.CharField(
            label=_("标题"),
            max_length=200,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_("一行最多 20 字；较长的标题请在词语完整处换行。"),
        )
        self.fields["number"] = forms.CharField(label=_("发文字号"), max_length=80, required=False)
        self.fields["recipient"] = forms.CharField(
            label=_("主送机关"), max_length=200, required=False, help_text=_("不写冒号。")
        )
        self.fields["issuer"] = forms.CharField(label=_("发文机关署名"), max_length=120)
        self.fields["signed_on"] = forms.DateField(label=_("成文日期"), widget=_DAY)
        self.fields["red_head"] = forms.BooleanField(label=_("首页加红头"), required=False)

    def clean_title(self) -> str:
        """Return the title with plain line breaks and no empty line."""
        lines = [line.strip() for line in self.cleaned_data["title"].splitlines()]
        return "\n".join(line for line in lines if line)
