"""The forms: an application, special areas, the judgement of them, the consultation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from bishui.i18n import Text
from bishui.outfalls import outfall_types

DEEDS = {"new": Text("新设"), "change": Text("改设"), "enlarge": Text("扩大")}
ROUTES = {"approval": Text("审批"), "registration": Text("登记")}
VERDICTS = {
    "forbidden": Text("禁止设置"),
    "allowed": Text("该区域规定允许设置"),
    "outside": Text("经核实不在区域内"),
}
OPINIONS = {"agree": Text("同意"), "oppose": Text("不同意")}


def _words(words: Any, blank: str = "") -> list[tuple[str, str]]:
    first = [("", blank)] if blank else []
    return [*first, *((key, str(label)) for key, label in words.items())]


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ApplicationForm(forms.Form):
    """An application as it was received."""

    def __init__(self, data: Any = None, files: Any = None, *, divisions: Any) -> None:
        super().__init__(data, files)
        kinds = [(one.id, f"{one.label}（{ROUTES[one.setting]}）") for one in outfall_types().values()]
        self.fields["deed"] = forms.ChoiceField(label=_("申请事项"), choices=_words(DEEDS))
        self.fields["outfall"] = forms.CharField(
            label=_("已有排污口编码"),
            max_length=40,
            required=False,
            help_text=_("改设、扩大时必填；新设留空。"),
        )
        self.fields["division"] = forms.ChoiceField(label=_("所在区划"), choices=divisions)
        self.fields["name"] = forms.CharField(label=_("排污口名称"), max_length=200)
        self.fields["kind"] = forms.ChoiceField(
            label=_("类型"), choices=kinds, help_text=_("类型决定办理审批还是登记。")
        )
        self.fields["applicant"] = forms.CharField(label=_("责任主体（申请人）"), max_length=120)
        self.fields["credit_code"] = forms.CharField(
            label=_("统一社会信用代码"), max_length=18, required=False
        )
        self.fields["contact"] = forms.CharField(
            label=_("联系人"), max_length=40, required=False, help_text=_("不对外公开。")
        )
        self.fields["phone"] = forms.CharField(
            label=_("联系电话"), max_length=30, required=False, help_text=_("不对外公开。")
        )
        self._place()
        self.fields["file"] = forms.FileField(label=_("申请材料"), required=False)

    def _place(self) -> None:
        for field, label, low, high in (("lon", _("经度"), 73, 136), ("lat", _("纬度"), 3, 54)):
            self.fields[field] = forms.DecimalField(
                label=label + _("（CGCS2000，十进制度）"),
                required=False,
                min_value=low,
                max_value=high,
                max_digits=12,
                decimal_places=8,
            )
        self.fields["water"] = forms.CharField(label=_("受纳水体编码"), max_length=40, required=False)
        self.fields["volume"] = forms.DecimalField(
            label=_("申请排放量（m³/d）"), required=False, min_value=0, max_digits=14, decimal_places=3
        )
        self.fields["discharge_standard"] = forms.CharField(
            label=_("执行的排放标准"), max_length=20, required=False
        )
        self.fields["purpose"] = forms.CharField(
            label=_("申请理由"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
        )


class AreaForm(forms.Form):
    """The judgement of special areas, with the reason."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="area")
        self.fields["verdict"] = forms.ChoiceField(label=_("认定结论"), choices=_words(VERDICTS, _("请选择")))
        self.fields["reason"] = forms.CharField(
            label=_("理由（依据的条款或资料）"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
        )


class ConsultForm(forms.Form):
    """Whether water works may be affected, and what the water authority said."""

    def __init__(self, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, prefix="consult", initial=initial)
        yes_no = [("", _("请选择")), ("yes", _("可能影响")), ("no", _("没有影响"))]
        self.fields["affects_water_works"] = forms.ChoiceField(
            label=_("是否可能影响行洪、排涝、供水、堤防安全和河势稳定"), choices=yes_no
        )
        self.fields["consulted"] = forms.CharField(label=_("征求意见的单位"), max_length=120, required=False)
        self.fields["consulted_on"] = forms.DateField(label=_("发函日期"), required=False, widget=_day())
        self.fields["opinion"] = forms.ChoiceField(
            label=_("意见"), required=False, choices=_words(OPINIONS, _("尚未答复"))
        )
        self.fields["opinion_on"] = forms.DateField(label=_("答复日期"), required=False, widget=_day())
        self.fields["opinion_text"] = forms.CharField(
            label=_("意见内容"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
        )


class AreasForm(forms.Form):
    """A file of special areas with its source."""

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["file"] = forms.FileField(
            label=_("区域文件"),
            help_text=_(
                "GeoJSON 或 GeoPackage，经纬度（CGCS2000）；字段 code、name、kind，可有 level、since、until。"
            ),
        )
        self.fields["source"] = forms.CharField(
            label=_("来源"), max_length=200, help_text=_("批准文件的名称和文号。")
        )
