"""Forms of this app."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from bishui.server.cases.forms import CaseForm
from bishui.server.network.rules import rules
from bishui.standards import items

_MOST_KG = 10_000_000
_BOX = {"class": "form-check-input"}


class PlaceForm(forms.Form):
    """Where something lies: one of the candidates, or a reach and a chainage of one's own."""

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["reach"] = forms.CharField(
            label=_("河段编号"), max_length=120, help_text=_("与河网文件一致，区分大小写。")
        )
        self.fields["chainage"] = forms.DecimalField(
            label=_("里程（m）"),
            min_value=Decimal(0),
            decimal_places=2,
            help_text=_("从河段上端起算。"),
            widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        )
        self.fields["reason"] = forms.CharField(
            label=_("依据"), max_length=500, help_text=_("如现场核对、设置审批文件。")
        )


class SpillForm(forms.Form):
    """What is drilled; sent by GET, so that an address stands for a drill."""

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        number = {"step": "any", "inputmode": "decimal"}
        self.fields["reach"] = forms.CharField(
            label=_("河段编号"),
            max_length=120,
            help_text=_("在河网图上点选河段可自动填写。"),
            widget=forms.TextInput(attrs={"list": "reach-list", "autocomplete": "off"}),
        )
        self.fields["chainage"] = forms.FloatField(
            label=_("里程（m）"),
            min_value=0,
            required=False,
            error_messages={"invalid": _("请填写数字。"), "min_value": _("里程不小于 0。")},
            help_text=_("从河段上端起算；不填为上端。"),
            widget=forms.NumberInput(attrs=number),
        )
        substances = [(key, items()[key].name) for key in rules()["spill"]["items"]]
        self.fields["item"] = forms.ChoiceField(
            label=_("污染物"), choices=[*substances, ("", _("其他物质"))], required=False
        )
        self.fields["name"] = forms.CharField(
            label=_("其他物质名称"), max_length=60, required=False, help_text=_("选“其他物质”时填写。")
        )
        self.fields["mass"] = forms.FloatField(
            label=_("泄漏量（kg）"),
            min_value=0.001,
            max_value=_MOST_KG,
            error_messages=_between("0.001", f"{_MOST_KG}"),
            widget=forms.NumberInput(attrs=number),
        )
        self.fields["hours"] = forms.FloatField(
            label=_("持续时间（h）"),
            min_value=0,
            max_value=24 * 60,
            required=False,
            error_messages=_between("0", f"{24 * 60}"),
            help_text=_("0 或不填为瞬时泄漏。"),
            widget=forms.NumberInput(attrs=number),
        )
        self.fields["begin"] = forms.DateTimeField(
            label=_("开始时间"),
            error_messages={"invalid": _("请填写日期和时间，如 2025-10-20 08:00。")},
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        )
        self.fields["limit"] = forms.FloatField(
            label=_("浓度限值（mg/L）"),
            min_value=0.000001,
            required=False,
            error_messages=_positive(),
            help_text=_("不填时断面按水质目标、取水口按地表水Ⅲ类；其他物质须填。"),
            widget=forms.NumberInput(attrs=number),
        )
        self.fields["flow_factor"] = forms.FloatField(
            label=_("当日流量为河网流量的倍数"),
            min_value=0.05,
            max_value=50,
            required=False,
            error_messages=_between("0.05", "50"),
            help_text=_("不填为 1；流速随流量的 0.4 次方变化。"),
            widget=forms.NumberInput(attrs=number),
        )

    def clean(self) -> dict[str, Any]:
        """Ask for name and limit of another substance."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not given.get("item") and not given.get("name"):
            self.add_error("name", _("请填写物质名称。"))
        if not given.get("item") and given.get("limit") is None and "limit" not in self.errors:
            self.add_error("limit", _("请填写浓度限值。"))
        return given

    def begin(self) -> datetime:
        """Return when it begins."""
        moment: datetime = self.cleaned_data["begin"]
        return moment


def _between(least: str, most: str) -> dict[str, str]:
    """Return what is said of a number outside its range, or of none."""
    said = _("请填写 %(least)s 至 %(most)s 之间的数。") % {"least": least, "most": most}
    return dict.fromkeys(("invalid", "min_value", "max_value"), said)


def _positive() -> dict[str, str]:
    """Return what is said of a number that is not above 0, or of none."""
    return dict.fromkeys(("invalid", "min_value"), _("请填写大于 0 的数。"))


class DispatchForm(CaseForm):
    """A case on suspects of a trace."""

    def __init__(self, data: Any = None, *, suspects: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(data, **options)
        chosen = forms.MultipleChoiceField(
            label=_("核查对象"), choices=suspects, widget=forms.CheckboxSelectMultiple(attrs=_BOX)
        )
        self.fields = {"suspects": chosen, **self.fields}


class FoundForm(forms.Form):
    """What an investigation found."""

    def __init__(self, data: Any = None, *, candidates: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["outcome"] = forms.ChoiceField(
            label=_("核查结论"),
            choices=[("confirmed", _("查实：是污染源")), ("refuted", _("排除：都不是，或未查到"))],
            widget=forms.RadioSelect(attrs=_BOX),
        )
        self.fields["sources"] = forms.MultipleChoiceField(
            label=_("查实的污染源"),
            choices=candidates,
            required=False,
            widget=forms.CheckboxSelectMultiple(attrs=_BOX),
            help_text=_("可以不是派发核查的对象；不在名单内的选“排除”，并在下面写明。"),
        )
        self.fields["found"] = forms.CharField(
            label=_("现场核查情况"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
        )
