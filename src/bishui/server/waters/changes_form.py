"""What may be tried on the page of changes: a form for each kind, and the change that it asks for."""

from __future__ import annotations

import uuid
from abc import abstractmethod
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bishui.assessment import CityModel, FlagChange, ItemsChange, LimitChange, Target, TriedChange
from bishui.server.sites.models import FLAGS, Site
from bishui.standards import Limit, Range, WaterType, items, method, surface_water, water_class

#: Kinds of changes in the order of the page.
KINDS = {
    "limit": gettext_lazy("限值"),
    "target": gettext_lazy("断面目标"),
    "flag": gettext_lazy("数据标记"),
    "below_detection": gettext_lazy("未检出规则"),
    "valid_days": gettext_lazy("有效数据要求"),
    "items": gettext_lazy("评价项目"),
}
_WATER_TYPES = {
    "": gettext_lazy("河流与湖库"),
    WaterType.RIVER: gettext_lazy("只改河流"),
    WaterType.LAKE: gettext_lazy("只改湖库"),
}
_SUBSTITUTES = {
    "half": gettext_lazy("按检出限的一半"),
    "zero": gettext_lazy("按零"),
    "limit": gettext_lazy("按检出限"),
}
_MOST_DAYS = 31


def _classes() -> list[tuple[int, str]]:
    """Return the classes that have limits, in the language in use."""
    return [(rank, water_class(rank).label) for rank in range(1, 6)]


class ChangeForm(forms.Form):
    """One kind of change; `change` is what a valid form asks for.

    Parameters
    ----------
    sites
        The sections of the city.
    today
        The day that the pages speak of.
    """

    def __init__(self, data: Any, *, sites: Sequence[Site], today: date) -> None:
        super().__init__(data, auto_id="change-%s")
        self.places, self.today = sites, today
        self.prepare()

    def prepare(self) -> None:
        """Fill the choices that depend on the city."""

    @abstractmethod
    def change(self, model: CityModel) -> TriedChange:
        """Return the change of a city as it is saved."""

    def choice(self, name: str) -> forms.ChoiceField:
        """Return a field whose choices depend on the city."""
        return cast("forms.ChoiceField", self.fields[name])

    def site_choices(self) -> list[tuple[str, str]]:
        """Return the sections by identifier."""
        return sorted(((str(site.pk), site.name) for site in self.places), key=lambda entry: entry[1])


class LimitForm(ChangeForm):
    """Another limit of one item and class."""

    item = forms.ChoiceField(label=gettext_lazy("项目"))
    rank = forms.TypedChoiceField(label=gettext_lazy("类别"), choices=_classes, coerce=int, initial=3)
    water_type = forms.ChoiceField(
        label=gettext_lazy("水体"), choices=list(_WATER_TYPES.items()), required=False
    )
    value = forms.CharField(
        label=gettext_lazy("新的限值"),
        max_length=20,
        help_text=gettext_lazy("用该项目的单位；pH 写上下限，如 6~9。"),
    )

    def prepare(self) -> None:
        """Offer the items that decide the class."""
        deciding = surface_water(self.today).deciding_items
        self.choice("item").choices = [(key, items()[key].name) for key in deciding]

    def clean_value(self) -> Limit:
        """Read a number, or two for a range."""
        parts = self.cleaned_data["value"].replace("～", "~").replace("—", "~").split("~")
        try:
            numbers = [Decimal(part.strip()) for part in parts]
        except InvalidOperation:
            raise forms.ValidationError(_("这不是数。写法：0.5，或 6~9。")) from None
        if not all(number.is_finite() and number >= 0 for number in numbers) or len(numbers) > 2:
            raise forms.ValidationError(_("限值须是不小于零的数。"))
        return numbers[0] if len(numbers) == 1 else Range(*numbers)

    def change(self, _model: CityModel) -> TriedChange:
        """Return the limit."""
        data = self.cleaned_data
        kind = WaterType(data["water_type"]) if data["water_type"] else None
        return LimitChange(data["item"], data["rank"], data["value"], kind)


class TargetForm(ChangeForm):
    """Another target class of one section in one year."""

    site = forms.ChoiceField(label=gettext_lazy("断面"))
    target_class = forms.TypedChoiceField(
        label=gettext_lazy("目标类别"), choices=_classes, coerce=int, initial=3
    )
    year = forms.IntegerField(label=gettext_lazy("年份"), min_value=1980, max_value=2100)

    def prepare(self) -> None:
        """Offer the sections and this year."""
        self.choice("site").choices = self.site_choices()
        self.fields["year"].initial = self.today.year

    def change(self, model: CityModel) -> TriedChange:
        """Return the target, in the place of the one that covers the year."""
        data = self.cleaned_data
        first, last = date(data["year"], 1, 1), date(data["year"], 12, 31)
        known = model.targets(data["site"])
        old = next((target for target in known if target.period_from <= last <= target.period_to), None)
        return Target(
            id=old.id if old else f"{data['site']} {data['year']}",
            site=data["site"],
            target_class=data["target_class"],
            overrides=old.overrides if old else {},
            period_from=old.period_from if old else first,
            period_to=old.period_to if old else last,
            source_file=None,
            source_line=None,
        )


class FlagsForm(ChangeForm):
    """A stretch of readings that does not count, at one or several sections."""

    _LOCAL = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    sites = forms.MultipleChoiceField(label=gettext_lazy("断面"))
    item = forms.ChoiceField(label=gettext_lazy("项目"), required=False)
    time_from = forms.DateTimeField(label=gettext_lazy("开始时间"), widget=_LOCAL)
    time_to = forms.DateTimeField(label=gettext_lazy("结束时间（含）"), widget=_LOCAL)
    flag = forms.ChoiceField(label=gettext_lazy("处理"))

    def prepare(self) -> None:
        """Offer the sections, the items and the flags."""
        field = self.choice("sites")
        field.choices = self.site_choices()
        field.widget.attrs["size"] = min(8, max(3, len(self.places)))
        self.choice("item").choices = [
            ("", _("全部项目")),
            *((key, item.name) for key, item in items().items()),
        ]
        self.choice("flag").choices = [(key, str(label)) for key, label in FLAGS.items()]

    def change(self, _model: CityModel) -> TriedChange:
        """Return the flags."""
        data = self.cleaned_data
        return flags_of(data["sites"], data["item"], data["time_from"], data["time_to"], data["flag"])


def flags_of(
    sites: Sequence[str], item: str, time_from: datetime, time_to: datetime, flag: str
) -> tuple[FlagChange, ...]:
    """Return new flags on a stretch of readings, one for each site."""
    return tuple(
        FlagChange(
            id=str(uuid.uuid4()),
            site=site,
            time_from=time_from,
            time_to=time_to,
            flag=flag,
            item=item or None,
        )
        for site in sites
    )


class BelowDetectionForm(ChangeForm):
    """What stands for a result below its detection limit."""

    substitute = forms.ChoiceField(
        label=gettext_lazy("未检出结果"), choices=list(_SUBSTITUTES.items()), initial="zero"
    )

    def change(self, _model: CityModel) -> TriedChange:
        """Return the setting."""
        return {"below_detection_concentration": self.cleaned_data["substitute"]}


class ValidDaysForm(ChangeForm):
    """How many valid values a day, and valid days a month, needs."""

    per_day = forms.IntegerField(label=gettext_lazy("一天至少的有效次数"), min_value=0, max_value=24)
    days = forms.IntegerField(label=gettext_lazy("一月至少的有效天数"), min_value=0, max_value=_MOST_DAYS)

    def prepare(self) -> None:
        """Show the numbers in force."""
        now = method(self.today)
        self.fields["per_day"].initial = now.min_valid_per_day
        self.fields["days"].initial = now.min_valid_days_per_month

    def change(self, _model: CityModel) -> TriedChange:
        """Return the settings."""
        data = self.cleaned_data
        return {"min_valid_per_day": data["per_day"], "min_valid_days_per_month": data["days"]}


class ItemsForm(ChangeForm):
    """Which items decide the class."""

    chosen = forms.MultipleChoiceField(
        label=gettext_lazy("决定类别的项目"),
        help_text=gettext_lazy("按住 Ctrl 或 ⌘ 点选多个；水质指数仍用全部项目。"),
    )

    def prepare(self) -> None:
        """Offer the items that decide the class, all of them chosen."""
        deciding = surface_water(self.today).deciding_items
        field = self.choice("chosen")
        field.choices = [(key, items()[key].name) for key in deciding]
        field.initial = list(deciding)
        field.widget.attrs["size"] = 8

    def change(self, _model: CityModel) -> TriedChange:
        """Return the list."""
        return ItemsChange(frozenset(self.cleaned_data["chosen"]))


_FORMS: dict[str, type[ChangeForm]] = {
    "limit": LimitForm,
    "target": TargetForm,
    "flag": FlagsForm,
    "below_detection": BelowDetectionForm,
    "valid_days": ValidDaysForm,
    "items": ItemsForm,
}


def form_of(kind: str, data: Any, **given: Any) -> ChangeForm:
    """Return the form of a kind; unbound where none of its fields is given."""
    form = _FORMS[kind](data, **given)
    return form if any(name in data for name in form.fields) else _FORMS[kind](None, **given)
