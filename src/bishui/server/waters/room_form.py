"""Assumed means of a section's remaining months, one for each item that its target binds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from bishui.standards import items

_PLACES = 6


class AssumedForm(forms.Form):
    """One number for each item; an empty one assumes nothing.

    Parameters
    ----------
    entries
        Items of the section (`bishui.assessment.ItemRoom.as_dict`); those without a remaining month are left
        out.
    """

    def __init__(self, data: Any, entries: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(data, auto_id="assumed-%s")
        self.months = {entry["item"]: entry["months"]["remaining"] for entry in entries}
        for key, months in self.months.items():
            if months:
                self.fields[key] = _field(key)

    def assumed(self) -> dict[str, tuple[Decimal, Sequence[int]]]:
        """Return by item the number and the months that it is assumed of."""
        given = {key: value for key, value in self.cleaned_data.items() if value is not None}
        return {key: (value, self.months[key]) for key, value in given.items()}


def _field(key: str) -> forms.DecimalField:
    item = items()[key]
    unit = "" if key == "ph" else _("（%(unit)s）") % {"unit": item.unit}
    return forms.DecimalField(
        label=f"{item.name}{unit}",
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(14) if key == "ph" else Decimal(10) ** 6,
        decimal_places=min(_PLACES, item.scale),
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )
