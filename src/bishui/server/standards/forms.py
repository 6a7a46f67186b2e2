"""The form by which an override file is handed in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from bishui.server.core.evidence import endings

_MOST_REASON = 2000


class OverrideForm(forms.Form):
    """An override file, why it is needed, and the document it rests on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"] = forms.FileField(
            label=_("覆盖文件"),
            help_text=_("TOML 文件；上传时逐条核对标准、项目、类别、数值、单位和日期。"),
            widget=forms.FileInput(attrs={"accept": ".toml"}),
        )
        self.fields["why"] = forms.CharField(
            label=_("上传原因"), widget=forms.Textarea(attrs={"rows": 3}), max_length=_MOST_REASON
        )
        self.fields["basis"] = forms.FileField(
            label=_("依据文件"),
            help_text=_("可附上依据文件的扫描件或电子件。"),
            required=False,
            widget=forms.FileInput(attrs={"accept": ",".join(endings())}),
        )
