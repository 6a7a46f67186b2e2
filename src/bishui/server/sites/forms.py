"""Forms of this app's own pages; records of the register are edited by the register's form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bishui.server.sites.models import FLAGS, KINDS, Site
from bishui.standards import items


def _item_choices() -> list[tuple[str, str]]:
    return [("", str(_("全部项目"))), *((key, item.name) for key, item in items().items())]


class FlagForm(forms.Form):
    """A stretch of readings that shall not count."""

    item = forms.ChoiceField(label=_("项目"), choices=_item_choices, required=False)
    time_from = forms.DateTimeField(
        label=_("开始时间"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    time_to = forms.DateTimeField(
        label=_("结束时间（含）"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    flag = forms.ChoiceField(
        label=_("处理"), choices=lambda: [(key, str(label)) for key, label in FLAGS.items()]
    )
    reason = forms.CharField(
        label=_("原因"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("与数据一起保留，并记入操作留痕。"),
    )

    def clean(self) -> dict[str, Any]:
        """Check the order of the times."""
        cleaned = super().clean() or {}
        start, end = cleaned.get("time_from"), cleaned.get("time_to")
        if isinstance(start, datetime) and isinstance(end, datetime) and end < start:
            self.add_error("time_to", _("结束时间早于开始时间，请改正。"))
        return cleaned


class HoldForm(FlagForm):
    """A period whose readings shall not be used for now, at one or several sites."""

    field_order = ("sites", "item", "time_from", "time_to", "reason")

    def __init__(self, sites: Sequence[Site], data: Any = None) -> None:
        super().__init__(data)
        del self.fields["flag"]
        choices = [(str(site.pk), site.name) for site in sites]
        self.fields["sites"] = forms.MultipleChoiceField(
            label=_("点位"),
            choices=choices,
            widget=forms.SelectMultiple(attrs={"size": min(10, max(4, len(choices)))}),
            help_text=_("可多选；按住 Ctrl 或 ⌘ 点选多个。"),
        )
        self.order_fields(self.field_order)


class NewSiteForm(forms.Form):
    """A new site under a name that a file uses."""

    code = forms.CharField(label=_("点位编码"), max_length=40, help_text=_("在本系统内唯一。"))
    kind = forms.ChoiceField(
        label=_("类别"), choices=lambda: [(key, str(label)) for key, label in KINDS.items()]
    )


class LaboratoryFileForm(forms.Form):
    """A spreadsheet of a laboratory: which one, and whether its layout is to be recognised anew."""

    file = forms.FileField(label=_("文件"))

    def __init__(self, known: Sequence[str], data: Any = None, uploads: Any = None) -> None:
        super().__init__(data, uploads)
        self.fields["laboratory"] = forms.ChoiceField(
            label=_("化验室"),
            choices=[("", str(_("由系统判断"))), *((name, name) for name in known)],
            required=False,
            help_text=_("由系统判断时，只在恰有一种已保存的版式相符时直接使用。"),
        )
        self.fields["name"] = forms.CharField(
            label=_("新的化验室名称"), max_length=120, required=False, help_text=_("首次使用时填写。")
        )
        self.fields["day"] = forms.DateField(
            label=_("采样日期"),
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            help_text=_("只有文件中没有采样日期的版式才需要。"),
        )
        self.fields["anew"] = forms.BooleanField(label=_("版式已变，重新识别"), required=False)


class AliasForm(forms.Form):
    """Another name of a site."""

    name = forms.CharField(
        label=_("别名"), max_length=120, help_text=_("文件中对该点位的其他写法；全角半角与空格不计。")
    )


class WithdrawForm(forms.Form):
    """Why readings count again."""

    why = forms.CharField(label=_("撤销原因"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class BaseMapForm(forms.Form):
    """A base map with its review number."""

    file = forms.FileField(
        label=_("底图文件"), help_text=_("GeoJSON，CGCS2000 或 WGS-84 经纬度，不超过 8 MB。")
    )
    review_number = forms.CharField(
        label=_("审图号"), max_length=60, help_text=_("将印在地图上，如“桂S（2025）00号”。")
    )
    attribution = forms.CharField(
        label=_("底图来源"), max_length=200, required=False, help_text=_("将印在地图上，可不填。")
    )
