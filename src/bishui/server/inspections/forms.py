"""The forms: a new draw, an inspection."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from bishui.i18n import Text
from bishui.outfalls import draw_rule
from bishui.server.inspections import norms

ANSWERS = {"yes": Text("是"), "no": Text("否"), "na": Text("不适用")}
#: Findings that one form takes.
FINDINGS = 3


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class DrawForm(forms.Form):
    """Freezing a list: which public number decides, and when it will be known."""

    def __init__(self, data: Any = None, *, now: datetime) -> None:
        super().__init__(data, initial={"random_at": now.replace(second=0) + timedelta(days=3)})
        self.fields["random_source"] = forms.CharField(
            label=_("约定的公开随机数"),
            max_length=300,
            help_text=_(
                "写明名称、期号和公布渠道，如“某全国性彩票第2026131期开奖号码”；须是谁也不能左右的数字。"
            ),
        )
        self.fields["random_at"] = forms.DateTimeField(
            label=_("公布时间"), widget=_moment(), help_text=_("须晚于现在：名单先冻结，随机数后产生。")
        )
        least = int(draw_rule()["percent"])
        self.fields["percent"] = forms.IntegerField(
            label=_("抽取比例（%）"),
            initial=least,
            min_value=least,
            max_value=100,
            help_text=_("不低于规定的比例；水质较差的区域可以提高。"),
        )


class PostponeForm(forms.Form):
    """Agreeing on another public number, with the reason."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="postpone")
        self.fields["random_source"] = forms.CharField(label=_("改用的公开随机数"), max_length=300)
        self.fields["random_at"] = forms.DateTimeField(label=_("公布时间"), widget=_moment())
        self.fields["why"] = forms.CharField(label=_("改定的理由（一并公开）"), max_length=300)


class InspectionForm(forms.Form):
    """An inspection: who, when, the checklist, what was found."""

    def __init__(self, data: Any = None, files: Any = None, *, people: Any, initial: Any = None) -> None:
        super().__init__(data, files, initial=initial)
        self.fields["outfall"] = forms.CharField(label=_("排污口编码"), max_length=40)
        self.fields["purpose"] = forms.ChoiceField(
            label=_("检查目的"), choices=[(key, str(label)) for key, label in norms.purposes().items()]
        )
        self.fields["made_at"] = forms.DateTimeField(label=_("检查时间"), widget=_moment())
        self.fields["inspectors"] = forms.MultipleChoiceField(
            label=_("检查人员"),
            choices=[(one.code, f"{one.name}（{one.code}）") for one in people],
            widget=forms.SelectMultiple(attrs={"size": 5}),
            help_text=_("至少两名持证人员；按住 Ctrl 多选。"),
        )
        self.fields["others_why"] = forms.CharField(
            label=_("人员与抽取不一致的理由"), max_length=300, required=False
        )
        choices = [("", _("请选择")), *((key, str(label)) for key, label in ANSWERS.items())]
        for item in norms.checklist().values():
            self.fields[f"item_{item.id}"] = forms.ChoiceField(label=str(item.label), choices=choices)
        self._further()

    def _further(self) -> None:
        yes_no = [("", _("未观察")), ("yes", _("是")), ("no", _("否"))]
        self.fields["flowing"] = forms.ChoiceField(label=_("正在排水"), choices=yes_no, required=False)
        self.fields["rain"] = forms.DecimalField(
            label=_("此前72小时累计雨量（mm）"),
            required=False,
            min_value=0,
            max_digits=7,
            decimal_places=1,
            help_text=_("雨洪排口必填；没有资料的留空，不按旱天计。"),
        )
        self.fields["sample"] = forms.CharField(label=_("样品编号"), max_length=40, required=False)
        self.fields["no_sample_why"] = forms.CharField(
            label=_("未采样的原因"), max_length=300, required=False
        )
        self.fields["text"] = forms.CharField(
            label=_("检查情况"),
            required=False,
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 4}),
        )
        self.fields["file"] = forms.FileField(label=_("照片或笔录"), required=False)
        for number in range(1, FINDINGS + 1):
            self.fields[f"finding_{number}"] = forms.CharField(
                label=_("发现的问题 %(number)s") % {"number": number}, max_length=500, required=False
            )
            self.fields[f"deadline_{number}"] = forms.DateField(
                label=_("整改期限 %(number)s") % {"number": number},
                required=False,
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )
