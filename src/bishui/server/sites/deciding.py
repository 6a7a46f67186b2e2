"""What decides how a site is assessed: the fields that its kind has, and which of them are missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from bishui.server.core import register_records, registers
from bishui.server.core.registers import Field
from bishui.server.sites.models import Site
from bishui.standards import water_class

#: Of a plant's inlet and outlet these stand at the plant.
_OF_THE_PLANT = ("capacity", "discharge_grade", "built")


def fields_of(kind: str) -> list[Field]:
    """Return the fields that only sites of some kinds have, `kind` being one of them."""
    register = registers.load_all()["sites"]
    meant = {"kind": kind}
    return [
        field.for_record(meant)
        for field in register.fields
        if (field.when is not None and field.when.holds(meant))
        or (field.required_when is not None and field.required_when.holds(meant))
    ]


def attributes(site: Site) -> dict[str, Any]:
    """Return what decides the assessment of a site by field name; None or an empty text = not registered."""
    return {field.name: getattr(site, field.name) for field in fields_of(site.kind)}


def shown(site: Site, plant: Site | None = None) -> list[dict[str, Any]]:
    """Return the deciding fields in words, for the head of the site's page.

    Parameters
    ----------
    plant
        The sewage plant that an inlet or outlet belongs to: what decides stands there.

    Returns
    -------
    list of dict
        ``label``, ``text`` (empty = not registered), ``help``, ``required``.
    """
    found = [_entry(field, site) for field in fields_of(site.kind)]
    if plant is not None:
        of_plant = {field.name: field for field in fields_of(plant.kind)}
        found += [_entry(of_plant[name], plant) for name in _OF_THE_PLANT if name in of_plant]
    return found


def _entry(field: Field, site: Site) -> dict[str, Any]:
    if field.type == "choice":
        text = field.choice_label(getattr(site, field.name))
    else:
        text = register_records.text_of(field, site)
    if field.name == "function_class" and text:
        text = water_class(int(text)).label
    unit = f" {_unit(field.unit)}" if text and field.unit else ""
    return {
        "label": str(field.label),
        "text": f"{text}{unit}",
        "help": str(field.help),
        "required": field.required,
    }


def _unit(unit: str) -> str:
    """Return a unit as the reader writes it."""
    return _("万吨/日") if unit == "10⁴ t/d" else unit


def missing(site: Site) -> list[str]:
    """Return the labels of required fields that are blank: sites also come in by ways without a form."""
    values: Mapping[str, Any] = attributes(site)
    return [
        str(field.label)
        for field in fields_of(site.kind)
        if field.required and values[field.name] in (None, "")
    ]
