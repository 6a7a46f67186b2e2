"""The forms by which units hand in progress and reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from bishui.server.core.evidence import endings
from bishui.server.plans import linking
from bishui.server.plans.models import Milestone, Target, outlook_labels
from bishui.server.plans.progress_reports import Figure, Link

_BOX = {"class": "form-check-input"}


class FilesInput(forms.ClearableFileInput):
    """A file input that takes several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; none where nothing was chosen."""

    def __init__(self, **kwargs: Any) -> None:
        widget = FilesInput(attrs={"accept": ",".join(endings()), "multiple": True})
        super().__init__(widget=widget, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Check each file by itself."""
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if not given:
            return [] if not self.required else super().clean(None, initial)
        return [super(FilesField, self).clean(item, initial) for item in given]


class ProgressForm(forms.Form):
    """A progress report; `units` are those that the user may report for.

    Beside the plain fields it has a value for each numeric target of the task (``target-<id>``), one figure
    of its own, and a choice for each kind of thing that a report can point to (``link-<kind>``).
    """

    def __init__(
        self,
        data: Any = None,
        uploads: Any = None,
        *,
        units: Any,
        milestones: Sequence[Milestone],
        targets: Sequence[Target],
        division: str,
        initial: Mapping[str, Any] | None = None,
        may_sum_up: bool = False,
    ) -> None:
        super().__init__(data, uploads, initial={"outlook": "normal", **(initial or {})})
        self.units, self.targets = units, list(targets)
        self._choices = {item.kind: dict(item.choices(division)) for item in linking.kinds()}
        self.fields["unit"] = forms.ModelChoiceField(
            units, label=_("填报单位"), empty_label=None, initial=units.first()
        )
        self.fields["milestones"] = forms.MultipleChoiceField(
            label=_("本次完成的节点"),
            required=False,
            choices=[(str(step.pk), step.what) for step in milestones],
            widget=forms.CheckboxSelectMultiple(attrs=_BOX),
        )
        self.fields["text"] = forms.CharField(
            label=_("进展说明"),
            widget=forms.Textarea(attrs={"rows": 4}),
            max_length=2000,
            help_text=_("写明做了什么、到什么程度、下一步做什么。"),
        )
        self.fields["outlook"] = forms.ChoiceField(
            label=_("推进情况"), choices=list(outlook_labels().items()), widget=forms.RadioSelect(attrs=_BOX)
        )
        if may_sum_up:
            self.fields["for_all"] = forms.BooleanField(
                label=_("汇总填报：代表全部责任单位，认可后责任单位的同一节点一并完成"), required=False
            )
        self.fields["files"] = FilesField(
            label=_("佐证文件"),
            required=False,
            help_text=_("可选多个。接受 PDF、图片、Word、Excel、TXT、CSV、ZIP，每个最大 20 MB。"),
        )
        self._add_figures()
        for item in linking.kinds():
            self.fields[f"link-{item.kind}"] = forms.MultipleChoiceField(
                label=str(item.label),
                required=False,
                choices=list(self._choices[item.kind].items()),
                widget=forms.CheckboxSelectMultiple(attrs=_BOX),
            )
        self.fields["seen"] = forms.CharField(required=False, widget=forms.HiddenInput)

    def _add_figures(self) -> None:
        for target in self.targets:
            unit = f"（{target.unit}）" if target.unit else ""
            self.fields[f"target-{target.pk}"] = forms.CharField(
                label=f"{target.indicator}{unit}", required=False, max_length=40
            )
            self.fields[f"target-{target.pk}"].widget.attrs["inputmode"] = "decimal"
        self.fields["figure_name"] = forms.CharField(label=_("其他数据"), required=False, max_length=200)
        self.fields["figure_value"] = forms.CharField(label=_("数值"), required=False, max_length=40)
        self.fields["figure_value"].widget.attrs["inputmode"] = "decimal"
        self.fields["figure_unit"] = forms.CharField(label=_("单位"), required=False, max_length=40)

    def show_seen(self, seen: str) -> None:
        """Let the form, when it is shown again with what was typed, say what the writer now sees."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["seen"] = seen
        self.data = data

    def target_fields(self) -> list[Any]:
        """Return the bound fields of the targets' values."""
        return [self[f"target-{target.pk}"] for target in self.targets]

    def link_fields(self) -> list[Any]:
        """Return the bound fields of what the report points to, those with something to choose."""
        return [self[f"link-{kind}"] for kind, choices in self._choices.items() if choices]

    def figures(self) -> list[Figure]:
        """Return the figures that were filled in, with the digits as written."""
        found = [
            Figure(target.indicator, self.cleaned_data[f"target-{target.pk}"], target.unit, str(target.pk))
            for target in self.targets
            if self.cleaned_data.get(f"target-{target.pk}")
        ]
        own = self.cleaned_data
        if own.get("figure_value") or own.get("figure_name"):
            found.append(Figure(own["figure_name"], own["figure_value"], own["figure_unit"]))
        return found

    def links(self) -> list[Link]:
        """Return what was chosen to point to."""
        return [
            Link(kind, key, self._choices[kind][key])
            for kind in self._choices
            for key in self.cleaned_data.get(f"link-{kind}", [])
        ]


class ReportForm(forms.Form):
    """A report that is handed in: the file and a word to it."""

    def __init__(self, data: Any = None, uploads: Any = None) -> None:
        super().__init__(data, uploads)
        self.fields["file"] = forms.FileField(
            label=_("报告文件"),
            help_text=_("接受 PDF、Word、Excel 等，最大 20 MB。"),
            widget=forms.ClearableFileInput(attrs={"accept": ",".join(endings())}),
        )
        self.fields["text"] = forms.CharField(
            label=_("说明"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
        )
