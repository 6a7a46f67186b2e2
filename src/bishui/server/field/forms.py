"""The forms of the office pages: a decision, a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bishui.server.field.deciding import DECISIONS


class DecisionForm(forms.Form):
    """What becomes of a form that contradicts what is known now."""

    decision = forms.ChoiceField(label=_("裁定"))
    code = forms.CharField(
        label=_("排污口编码"), required=False, max_length=40, help_text=_("仅“归到指定的排污口”时填写。")
    )
    why = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # a hand-over follows its sample, and has no outfall of its own to choose
        offered = {key: str(text) for key, text in DECISIONS.items() if (key, kind) != ("attach", "custody")}
        field = self.fields["decision"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(offered.items())


class FileForm(forms.Form):
    """A file that a device exported."""

    file = forms.FileField(label=_("设备导出的文件（.zip）"))
