"""See before saving (保存前先看): what a change moves, shown beside the button that saves it.

Other apps make the change of their own form and ask here for the answer; nothing is saved by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from bishui.assessment import CityModel, FlagChange, TriedChange
from bishui.errors import BishuiError
from bishui.server.accounts.workspaces import Workspace
from bishui.server.sites import choosing
from bishui.server.waters import memory, moves, words
from bishui.server.waters.kept import WaterResults

PART = "waters/parts/moves.html"
#: A change, or one that depends on the city as it is saved.
Asked = TriedChange | Callable[[CityModel], TriedChange]
_NOT_KEPT = ("csrfmiddlewaretoken", "preview")


@dataclass(frozen=True, slots=True)
class Save:
    """The form that saves the change: where it goes, what its button says, and its fields as they are."""

    url: str
    label: str
    fields: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, url: str, label: str, data: QueryDict) -> Save:
        """Return the form with the fields of a request."""
        pairs = [(name, str(value)) for name, values in data.lists() for value in values]
        return cls(url, label, tuple(pair for pair in pairs if pair[0] not in _NOT_KEPT))


def model_of(request: HttpRequest, city: Workspace) -> CityModel | None:
    """Return the model of the sections of a city that the user may see; None where there is no reading."""
    return memory.model_of(WaterResults(city, choosing.sites_of(request, city)))


def moved(request: HttpRequest, city: Workspace, change: Asked) -> dict[str, Any]:
    """Return what a change moves, for the part `PART`: ``moved``, or ``refused`` with the reason."""
    model = model_of(request, city)
    if model is None:
        return {"moved": None}
    try:
        asked = change(model) if callable(change) else change
        if _beside(model, asked):
            return {"moved": None, "refused": _("这些点位不按断面评价，标记不改变断面的类别、比率和名次。")}
        found = model.moved_by(asked)
    except BishuiError as error:
        return {"moved": None, "refused": f"{error.what} {error.remedy or ''}".strip()}
    return {"moved": moves.shown(model, found, words.area_names(city))}


def nothing(request: HttpRequest, why: str) -> HttpResponse:
    """Answer that there is nothing to look at, and why."""
    return _shown(request, {"moved": None, "refused": why}, {"heading": str(_("保存前先看"))})


def wrong(request: HttpRequest, form: Form) -> HttpResponse:
    """Answer with what is wrong with a form whose change was to be looked at."""
    faults = [
        f"{form.fields[name].label}{_('：')}{_('；').join(str(fault) for fault in found)}"
        for name, found in form.errors.items()
        if name in form.fields
    ]
    return nothing(request, _("；").join(faults) or str(_("表单没有填写完整。")))


def _shown(request: HttpRequest, context: dict[str, Any], around: dict[str, Any]) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, PART, context)
    return render(request, "waters/before_saving.html", context | around)


def _beside(model: CityModel, change: TriedChange) -> bool:
    """Tell whether a change only flags sites that have no class."""
    flags = [entry for entry in change if isinstance(entry, FlagChange)] if isinstance(change, tuple) else []
    return bool(flags) and all(entry.site not in model.sites for entry in flags)


def answer(
    request: HttpRequest,
    change: Asked,
    *,
    heading: str,
    save: Save | None = None,
    back_url: str = "",
) -> HttpResponse:
    """Answer with what a change moves: the part alone to htmx, else a page with the form that saves it."""
    city = choosing.city_of(request)
    context: dict[str, Any] = {"moved": None} if city is None else moved(request, city, change)
    return _shown(request, context, {"heading": heading, "save": save, "back_url": back_url})
