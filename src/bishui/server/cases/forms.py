"""The form of a new case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _

_DAYS_TO_ANSWER = 14


class CaseForm(forms.Form):
    """A new supervision notice; the object stands in hidden fields."""

    def __init__(
        self, data: Any = None, *, units: Any, today: date, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(
            data, initial={"deadline": today + timedelta(days=_DAYS_TO_ANSWER), **(initial or {})}
        )
        self.today = today
        self.fields["title"] = forms.CharField(label=_("标题"), max_length=200)
        self.fields["text"] = forms.CharField(
            label=_("督办要求"),
            help_text=_("写明存在的问题、整改要求和需要提交的材料。"),
            widget=forms.Textarea(attrs={"rows": 5}),
            max_length=4000,
        )
        self.fields["unit"] = forms.ModelChoiceField(units, label=_("责任单位"), empty_label=_("请选择"))
        self.fields["deadline"] = forms.DateField(
            label=_("办理期限"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        )

    def clean_deadline(self) -> date:
        """Refuse a day that has passed."""
        day: date = self.cleaned_data["deadline"]
        if day < self.today:
            raise forms.ValidationError(_("办理期限不能早于今天。"))
        return day
