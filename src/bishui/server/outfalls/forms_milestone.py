"""The form of a milestone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from bishui.outfalls import Denominator, Numerator


def denominators() -> dict[str, str]:
    """Return what each denominator counts, in words."""
    return {
        Denominator.ABNORMAL.value: _("已查明存在异常的排污口（异常，或判定需要整治）"),
        Denominator.NEEDS_REMEDIATION.value: _("需要整治的排污口（判定需整治，或异常而尚无判定）"),
        Denominator.IDENTIFIED.value: _("已查明的全部排污口（已核实；非排污口不计）"),
    }


def numerators() -> dict[str, str]:
    """Return what each numerator counts, in words."""
    return {
        Numerator.SIGNED_OFF.value: _("最近一轮已销号（重新整治的不计）"),
        Numerator.TRACED.value: _("已确定责任主体（含政府兜底）"),
    }


class MilestoneForm(forms.Form):
    """A new milestone of the programme."""

    def __init__(self, data: Any = None, *, counties: dict[str, str], waters: dict[str, str]) -> None:
        super().__init__(data)
        self.fields["name"] = forms.CharField(label=_("名称"), max_length=120)
        self.fields["division"] = forms.ChoiceField(label=_("范围"), choices=list(counties.items()))
        self.fields["due"] = forms.DateField(
            label=_("时限"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        )
        self.fields["percent"] = forms.IntegerField(
            label=_("比例（%）"),
            min_value=1,
            max_value=100,
            help_text=_("“基本完成”没有数字的，按 100 填写。"),
        )
        self.fields["denominator"] = forms.ChoiceField(label=_("分母"), choices=list(denominators().items()))
        self.fields["numerator"] = forms.ChoiceField(label=_("分子"), choices=list(numerators().items()))
        self.fields["waters"] = forms.MultipleChoiceField(
            label=_("受纳水体"),
            choices=list(waters.items()),
            required=False,
            help_text=_("不选为全部水体。"),
        )
        self.fields["source"] = forms.CharField(
            label=_("依据"), max_length=200, help_text=_("方案名称、文号和条款。")
        )
