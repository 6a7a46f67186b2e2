"""Forms made from register fields; the validation is the register's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from bishui.errors import Problem
from bishui.server.core.records import OwnedRecord
from bishui.server.core.register_records import parse_row, text_of
from bishui.server.core.registers import Field, Register


def field_for(field: Field) -> forms.Field:
    """Return the form field that asks for `field`; its text is parsed by the register."""
    common: dict[str, Any] = {
        "label": str(field.label) + (f"（{field.unit}）" if field.unit else ""),
        "help_text": str(field.help),
        "required": False,
    }
    if field.type == "choice":
        choices = [(choice.value, str(choice.label)) for choice in field.choices]
        blank = [] if field.required else [("", "—")]
        made: forms.Field = forms.ChoiceField(choices=[*blank, *choices], **common)
    elif field.type == "date":
        made = forms.CharField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **common)
    elif field.max_length > 200:
        made = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **common)
    else:
        made = forms.CharField(**common)
    if field.required:
        made.widget.attrs["aria-required"] = "true"
    return made


#: Another kind of record has other fields: the form is asked for anew with what was written so far.
_CHANGES_THE_FORM = {
    "hx-get": "",
    "hx-include": "closest form",
    "hx-params": "not csrfmiddlewaretoken",
    "hx-target": "closest form",
    "hx-select": "form.card-form",
    "hx-swap": "outerHTML",
}


class RegisterForm(forms.Form):
    """The form of one record of a register.

    Where the register holds several kinds of records, the form shows the fields of one: of what was sent, of
    `draft` (what was written so far, before another kind was chosen), or of the record.
    """

    def __init__(
        self,
        register: Register,
        record: OwnedRecord | None = None,
        data: Any = None,
        draft: Mapping[str, Any] | None = None,
    ) -> None:
        initial = {field.name: _initial(field, record) for field in register.fields} if record else {}
        initial |= {name: text for name, text in (draft or {}).items() if name != "version"}
        super().__init__(data, initial=initial)
        self.register = register
        self.values: dict[str, Any] = {}
        for field in self._shown(initial if data is None else data).fields:
            self.fields[field.name] = field_for(field)
            if record is not None and field.name == register.key_field:
                self.fields[field.name].disabled = True
        if register.divider is not None:
            self.fields[register.divider.name].widget.attrs |= _CHANGES_THE_FORM
        self.fields["version"] = forms.IntegerField(
            widget=forms.HiddenInput, required=False, initial=record.version if record else None
        )

    def _shown(self, given: Mapping[str, Any]) -> Register:
        divider = self.register.divider
        if divider is None:
            return self.register
        return self.register.narrowed(given.get(divider.name) or divider.choices[0].value)

    def clean(self) -> dict[str, Any]:
        """Parse every field by the register's rules."""
        cleaned = super().clean() or {}
        names = {str(field.label): field.name for field in self.register.fields}
        self.values, problems = parse_row(self.register, cleaned)
        for problem in problems:
            self.add_error(names.get(problem.where.field or ""), _sentence(problem))
        return cleaned


def _initial(field: Field, record: OwnedRecord) -> str:
    if field.type == "choice":
        return str(getattr(record, field.name) or "")
    return text_of(field, record)


def _sentence(problem: Problem) -> str:
    return f"{problem.what} {problem.remedy}"
