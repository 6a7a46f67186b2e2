"""The form of a subscription."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from bishui.assessment import AlertKind


class SubscriptionForm(forms.Form):
    """Which alerts of which place: a division's path, a water's name or a site's identifier."""

    def __init__(self, data: Any = None, *, places: Sequence[tuple[str, list[tuple[str, str]]]]) -> None:
        """Offer `places` in their groups, each place with its key and its name."""
        super().__init__(data, initial={"kinds": [kind.value for kind in AlertKind]})
        self.fields["place"] = forms.ChoiceField(label=_("地点"), choices=places)
        self.fields["kinds"] = forms.MultipleChoiceField(
            label=_("预警类别"),
            choices=[(kind.value, str(kind.text)) for kind in AlertKind],
            widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        )
