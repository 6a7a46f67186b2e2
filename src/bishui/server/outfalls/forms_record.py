"""The forms of what is recorded at an outfall: found, visit, photograph, sample, hand-over, results, link."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from bishui.outfalls import life_cycle
from bishui.server.core.evidence import endings
from bishui.server.outfalls import shown_photos, shown_rounds, shown_samples
from bishui.server.outfalls.shown_stages import choices
from bishui.standards import any_item

#: Items that the form of results offers first (监测必填项目); others are written as a line each.
FIRST_ITEMS = ("ph", "cod", "nh3n", "tp", "tn", "ss")
_MOMENT = "%Y-%m-%dT%H:%M"


def _moment(label: str) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        input_formats=[_MOMENT, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT),
    )


def _choice(label: str, among: Mapping[str, str], *, required: bool = True) -> forms.ChoiceField:
    options = list(among.items())
    return forms.ChoiceField(
        label=label, choices=options if required else [("", "—"), *options], required=required
    )


def _yes_no(label: str) -> forms.ChoiceField:
    return _choice(label, {"yes": _("是"), "no": _("否")}, required=False)


def _text(label: str, *, required: bool = False, longest: int = 200, hint: str = "") -> forms.CharField:
    rows = forms.Textarea(attrs={"rows": 3}) if longest > 500 else None
    return forms.CharField(label=label, required=required, max_length=longest, help_text=hint, widget=rows)


def _people(label: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=200, help_text=_("以顿号或空格分开。"))


def people_of(text: str) -> list[str]:
    """Return the names that were written, in their order."""
    for sign in "、，,；;":
        text = text.replace(sign, " ")
    return text.split()


def _degrees(label: str) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, max_digits=12, decimal_places=8)


class FoundForm(forms.Form):
    """A suspected outfall: what it is called for now, where it lies, how it was found (T01)."""

    def __init__(self, data: Any = None, *, counties: Mapping[str, str], waters: Mapping[str, str]) -> None:
        super().__init__(data)
        self.fields["name"] = _text(_("名称"), required=True, hint=_("暂用名，可以再改；名称不作为标识。"))
        self.fields["division"] = _choice(_("所在县（市、区）"), counties)
        self.fields["lon"] = _degrees(_("东经"))
        self.fields["lat"] = _degrees(_("北纬"))
        self.fields["datum"] = _choice(_("坐标系"), choices("datum"), required=False)
        self.fields["coordinate_source"] = _choice(
            _("坐标来源"), choices("coordinate_source"), required=False
        )
        self.fields["water"] = _choice(_("受纳水体"), waters, required=False)
        self.fields["entry_method"] = _choice(_("入河方式"), choices("entry_method"), required=False)
        self.fields["survey_level"] = _choice(_("排查级别"), choices("survey_level"), required=False)
        self.fields["found_by"] = _choice(_("发现方式"), choices("found_by"))
        self.fields["note"] = _text(_("备注"), longest=1000)


class VisitForm(forms.Form):
    """A visit on site."""

    def __init__(self, data: Any = None, *, now: datetime) -> None:
        super().__init__(data, initial={"made_at": now.strftime(_MOMENT)})
        self.fields["purpose"] = _choice(_("目的"), shown_rounds.purposes())
        self.fields["made_at"] = _moment(_("时间"))
        self.fields["people"] = _people(_("现场人员"))
        self.fields["discharging"] = _yes_no(_("现场是否排水"))
        self.fields["rain"] = forms.DecimalField(
            label=_("此前72小时降雨量（mm）"), required=False, min_value=0, max_digits=7, decimal_places=1
        )
        self.fields["colour"] = _text(_("颜色"), longest=40)
        self.fields["turbidity"] = _text(_("浑浊度"), longest=40)
        self.fields["odour"] = _text(_("气味"), longest=40)
        self.fields["oil_film"] = _yes_no(_("有无油膜"))
        self.fields["abnormal"] = _yes_no(_("有无异常状况"))
        abnormal = {key: str(label) for key, label in life_cycle().abnormalities.items()}
        self.fields["abnormal_kinds"] = forms.MultipleChoiceField(
            label=_("异常状况"),
            choices=list(abnormal.items()),
            required=False,
            help_text=_("可选多项；在电脑上按住 Ctrl 点选。"),
            widget=forms.SelectMultiple(attrs={"size": 5}),
        )
        self.fields["suspected_source"] = _text(_("污水疑似来源"))
        self.fields["can_sample"] = _yes_no(_("是否具备采样条件"))
        self.fields["cannot_sample_reason"] = _text(_("不具备采样条件的原因"), longest=300)
        self.fields["text"] = _text(_("记录"), longest=2000)


class PhotoForm(forms.Form):
    """A photograph; `earlier` are those that it may show the same view of."""

    def __init__(
        self, data: Any = None, files: Any = None, *, now: datetime, earlier: Mapping[str, str]
    ) -> None:
        super().__init__(data, files, initial={"made_at": now.strftime(_MOMENT)})
        self.fields["file"] = forms.FileField(
            label=_("照片"), widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png"})
        )
        self.fields["kind"] = _choice(_("类别"), shown_photos.kinds())
        self.fields["made_at"] = _moment(_("拍摄时间"))
        self.fields["view_of"] = _choice(_("与哪张照片同一视角"), earlier, required=False)
        self.fields["lon"] = _degrees(_("东经"))
        self.fields["lat"] = _degrees(_("北纬"))
        self.fields["datum"] = _choice(_("坐标系"), choices("datum"), required=False)
        self.fields["caption"] = _text(_("说明"))


class SampleForm(forms.Form):
    """A sample that was taken."""

    def __init__(self, data: Any = None, *, now: datetime) -> None:
        super().__init__(data, initial={"made_at": now.strftime(_MOMENT)})
        words = shown_samples.words()
        self.fields["number"] = _text(_("采样编号"), required=True, longest=40)
        self.fields["purpose"] = _choice(_("目的"), words["purpose"])
        self.fields["made_at"] = _moment(_("采样时间"))
        self.fields["samplers"] = _people(_("采样人员（不少于两人）"))
        self.fields["flow_status"] = _choice(_("测流状态"), words["flow"])
        self.fields["flow_given"] = _text(
            _("流量（带单位）"), longest=40, hint=_("例如 120 m3/d 或 0.02 m3/s。")
        )
        self.fields["bottles"] = _text(_("样品瓶编号"), hint=_("以顿号或空格分开。"))
        self.fields["method"] = _text(_("采样方法"), longest=40)

    def clean(self) -> dict[str, Any]:
        """Ask for the flow where it is said to have been measured."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("flow_status") == "measured" and not given.get("flow_given"):
            self.add_error("flow_given", _("已测流的请填写流量；没有测的请选“未测流”。"))
        return given


class CustodyForm(forms.Form):
    """A step in the chain of custody of a sample."""

    def __init__(self, data: Any = None, *, now: datetime) -> None:
        super().__init__(data, initial={"at": now.strftime(_MOMENT)})
        self.fields["step"] = _choice(_("环节"), shown_samples.words()["custody"])
        self.fields["at"] = _moment(_("时间"))
        self.fields["from_name"] = _text(_("交出人"), longest=60)
        self.fields["to_name"] = _text(_("接收人"), required=True, longest=60)
        self.fields["condition"] = _text(_("样品状态"))


class ResultsForm(forms.Form):
    """The results of a sample as the report writes them, ``<0.025`` or ``0.025L`` below the limit."""

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["laboratory"] = _text(_("检测机构"), required=True, longest=120)
        self.fields["report_number"] = _text(_("报告编号"), required=True, longest=60)
        for key in FIRST_ITEMS:
            item = any_item(key)
            unit = f"（{item.unit}）" if item.unit else ""
            self.fields[f"item_{key}"] = _text(f"{item.name_zh}{unit}", longest=40)
        self.fields["others"] = _text(
            _("其他项目"), longest=2000, hint=_("每行一项：项目 结果 单位，例如“总铜 0.03 mg/L”。")
        )
        self.fields["report"] = forms.FileField(
            label=_("检测报告"),
            required=False,
            widget=forms.ClearableFileInput(attrs={"accept": ",".join(endings())}),
        )

    def results(self) -> dict[str, str]:
        """Return what was written, by item, as it was written."""
        found = {
            key: self.cleaned_data[f"item_{key}"].strip()
            for key in FIRST_ITEMS
            if self.cleaned_data[f"item_{key}"].strip()
        }
        for line in self.cleaned_data["others"].splitlines():
            item, _blank, text = line.strip().partition(" ")
            if item and text:
                found[item] = text.strip()
        return found


class LinkForm(forms.Form):
    """A link of the chain that leads to this outfall, with its evidence."""

    def __init__(
        self, data: Any = None, files: Any = None, *, uppers: Mapping[str, str], lowers: Mapping[str, str]
    ) -> None:
        super().__init__(data, files)
        self.fields["upper"] = _choice(_("由（排污单位或排污通道）"), uppers)
        self.fields["upper"].help_text = _("这里没有的，请先在“排污单位”或“排污通道”台账中登记。")
        self.fields["lower"] = _choice(_("至"), lowers)
        self.fields["share"] = forms.DecimalField(
            label=_("水量占比（%）"), required=False, min_value=0, max_value=100, decimal_places=2
        )
        self.fields["permit_outlet"] = _text(_("许可排放口"), longest=40)
        self.fields["since"] = forms.DateField(
            label=_("起始日期"), required=False, widget=forms.DateInput(attrs={"type": "date"})
        )
        self.fields["evidence"] = _text(_("依据"), required=True, longest=500)
        self.fields["evidence_file"] = forms.FileField(
            label=_("依据文件"),
            required=False,
            widget=forms.ClearableFileInput(attrs={"accept": ",".join(endings())}),
        )


class LinkEndForm(forms.Form):
    """The end of a link: the last day on which it held, and why it ended or was wrong."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["until"] = forms.DateField(
            label=_("终止日期"), widget=forms.DateInput(attrs={"type": "date"})
        )
        self.fields["ended_why"] = _text(_("终止原因"), required=True, longest=300)
