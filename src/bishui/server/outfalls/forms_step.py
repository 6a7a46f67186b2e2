"""The form of one step, made from what the workflow asks for; the engine reads and judges what is written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from bishui.errors import Problem
from bishui.server.core import registers
from bishui.server.core.evidence import endings
from bishui.server.core.workflow import Transition
from bishui.server.core.workflow_evidence import Evidence, options

#: Records of a register that a list offers; of more the code is written.
_OFFERED = 300


class ManyFiles(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class StepForm(forms.Form):
    """One step: a field for each piece of evidence."""

    def __init__(self, transition: Transition, record: Any, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, prefix=transition.id)
        self.transition = transition
        for part in transition.evidence:
            self.fields[part.key] = field_of(part, record)

    def given(self) -> dict[str, Any]:
        """Return the answers in words, without files; what they are worth the engine says."""
        found: dict[str, Any] = {}
        for part in self.transition.evidence:
            if part.is_file:
                continue
            name = self.add_prefix(part.key)
            written: Any = self.data
            found[part.key] = written.getlist(name) if part.is_list else written.get(name, "")
        return found

    def uploads(self) -> dict[str, list[Any]]:
        """Return the files that were handed in, by key."""
        handed_in: Any = self.files
        return {
            part.key: handed_in.getlist(self.add_prefix(part.key))
            for part in self.transition.evidence
            if part.is_file
        }

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Put each problem beside its field; what speaks of no field stands above."""
        for problem in problems:
            field = problem.where.field
            self.add_error(field if field in self.fields else None, f"{problem.what} {problem.remedy}")

    def full_clean(self) -> None:
        """Leave the reading of the answers to the engine: there is one validation."""
        super().full_clean()
        if self.is_bound:
            self._errors = forms.utils.ErrorDict()


def field_of(part: Evidence, record: Any) -> forms.Field:
    """Return the form field that asks for a piece of evidence."""
    common: dict[str, Any] = {
        "label": f"{part.label}（{part.unit}）" if part.unit else str(part.label),
        "required": part.required,
        "help_text": _hint(part),
    }
    if part.is_file:
        widget = ManyFiles if part.kind == "files" else forms.ClearableFileInput
        return forms.FileField(widget=widget(attrs={"accept": ",".join(endings())}), **common)
    if part.kind == "choices":
        among = [(key, str(label)) for key, label in options(part, record).items()]
        return forms.MultipleChoiceField(
            choices=among, widget=forms.SelectMultiple(attrs={"size": 5}), **common
        )
    if part.kind == "choice":
        among = [(key, str(label)) for key, label in options(part, record).items()]
        return forms.ChoiceField(choices=[("", "—"), *among], **common)
    if part.kind == "yes_no":
        return forms.ChoiceField(choices=[("", "—"), ("yes", _("是")), ("no", _("否"))], **common)
    if part.kind == "date":
        return forms.CharField(widget=forms.DateInput(attrs={"type": "date"}), **common)
    if part.kind == "register":
        return _register_field(part, record, common)
    if part.kind == "number":
        return forms.CharField(widget=forms.TextInput(attrs={"inputmode": "decimal"}), **common)
    rows = forms.Textarea(attrs={"rows": 3, "maxlength": part.longest}) if part.longest > 200 else None
    return forms.CharField(widget=rows, **common)


def _hint(part: Evidence) -> str:
    if part.kind == "choices":
        return _("可选多项；在电脑上按住 Ctrl 点选。")
    return _("按情况必填") if part.required_when and not part.required else ""


def _register_field(part: Evidence, record: Any, common: dict[str, Any]) -> forms.Field:
    register = registers.load_all()[part.register]
    city = record.division.split("/")[0]
    known = register.model._default_manager.filter(division__startswith=city).order_by(register.key_field)
    rows = list(known.values_list(register.key_field, register.name_field)[: _OFFERED + 1])
    if len(rows) > _OFFERED:
        return forms.CharField(**common)
    return forms.ChoiceField(
        choices=[("", "—"), *((key, f"{name}（{key}）") for key, name in rows)], **common
    )
