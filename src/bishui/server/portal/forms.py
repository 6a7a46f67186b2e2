"""The forms: what the public reports, whom it may turn to."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from bishui.i18n import Bilingual
from bishui.server.portal import limits


class ReportForm(forms.Form):
    """A report about an outfall; what ``portal/trap.html`` asks for only machines fill in."""

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"seen_on": today})
        kinds = [
            (entry["id"], str(Bilingual(entry["label_zh"], entry["label_en"])))
            for entry in limits.rules()["complaint"]
        ]
        self.fields["kind"] = forms.ChoiceField(label=_("看到的情况"), choices=kinds)
        self.fields["seen_on"] = forms.DateField(
            label=_("看到的日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        )
        self.fields["text"] = forms.CharField(
            label=_("说明"),
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 4}),
            help_text=_("时间、水的颜色和气味、是否一直在流。请不要写自己或他人的姓名和住址。"),
        )
        self.fields["contact"] = forms.CharField(
            label=_("联系方式（可不填）"),
            max_length=60,
            required=False,
            help_text=_("只供核查人员回复，不公开。"),
        )

    @property
    def by_machine(self) -> bool:
        """Whether the field that people do not see was filled."""
        return bool(self.data.get("website", ""))


class OfficeForm(forms.Form):
    """Whom the public may turn to."""

    def __init__(self, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["name"] = forms.CharField(label=_("监督单位"), max_length=120)
        self.fields["hotline"] = forms.CharField(
            label=_("监督电话"), max_length=30, help_text=_("单位公开电话，不填个人电话。")
        )
