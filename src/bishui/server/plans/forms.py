"""The form by which a unit reports progress."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from bishui.server.plans.evidence import endings
from bishui.server.plans.models import report_labels


class ProgressForm(forms.Form):
    """A progress report; `units` are those that the user may report for."""

    def __init__(self, data: Any = None, files: Any = None, *, units: Any, percent: int = 0) -> None:
        super().__init__(data, files, initial={"percent": percent, "state": "normal"})
        self.fields["unit"] = forms.ModelChoiceField(
            units, label=_("填报单位"), empty_label=None, initial=units.first()
        )
        self.fields["percent"] = forms.IntegerField(
            label=_("完成比例（%）"),
            min_value=0,
            max_value=100,
            help_text=_("100 表示本单位的工作已经完成。"),
        )
        self.fields["state"] = forms.ChoiceField(label=_("推进情况"), choices=list(report_labels().items()))
        self.fields["text"] = forms.CharField(
            label=_("进展说明"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000
        )
        self.fields["evidence"] = forms.FileField(
            label=_("佐证材料"),
            required=False,
            help_text=_("可不填。接受 PDF、图片、Word、Excel、TXT、CSV、ZIP，最大 20 MB。"),
            widget=forms.ClearableFileInput(attrs={"accept": ",".join(endings())}),
        )
        self.fields["seen"] = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Take 100 % and "done" as the same thing."""
        cleaned = super().clean() or {}
        if cleaned.get("state") == "done" and cleaned.get("percent", 100) < 100:
            self.add_error("percent", _("填报“已完成”时完成比例应为 100。"))
        return cleaned
