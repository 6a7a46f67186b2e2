"""The list of outfalls as it is asked for: filters, search by name or code, and pages that never count all.

A register of a province holds hundreds of thousands: what matches is taken up to a bound without an order,
which every index serves; where there is more, the list walks along the codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat

from bishui.server.core import rights
from bishui.server.outfalls.models import Outfall, OutfallRound
from bishui.server.outfalls.shown_stages import WITH_DEADLINE

PER_PAGE = 50
#: So many matches are counted and put in order; of more the list says that there are more.
BOUND = 2000
#: What a filter asks for by equality.
FIELDS = ("stage", "kind", "water", "responsible_unit", "abnormal")
_AFTER_ALL = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked for: the county's path, equal fields, a text, whether it is overdue."""

    division: str
    fields: tuple[tuple[str, str], ...] = ()
    text: str = ""
    overdue: bool = False
    today: date = date.min
    after: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the list.

    Attributes
    ----------
    outfalls
        The rows of the page, by code.
    page
        The page among counted matches; None where there are more than `BOUND`.
    following, preceding
        Codes after and before which the list goes on, where it walks along the codes.
    """

    outfalls: list[Outfall]
    page: Page[str] | None = None
    following: str = ""
    preceding: str = ""


def seen(user: Any, division: str) -> QuerySet[Outfall]:
    """Return the outfalls of a division's subtree that a user may see; a merged one stands under another."""
    inside = Outfall.objects.filter(division__startswith=division)
    if rights.allowed_in(user, "outfalls.view", division):
        return inside  # all of them: a second condition would be looked at row by row
    return rights.visible(user, "outfalls.view", inside)


def find(user: Any, asked: Asked, number: str | None) -> Found:
    """Return the page of a list that is asked for, of what the user may see."""
    return paged(seen(user, asked.division), asked, number)


def paged(outfalls: QuerySet[Outfall], asked: Asked, number: str | None, per_page: int = PER_PAGE) -> Found:
    """Return the page that is asked for of a list of some outfalls."""
    keys = list(matching(outfalls, asked).values_list("code", flat=True)[: BOUND + 1])
    if len(keys) > BOUND:
        return _walk(outfalls, asked, per_page)
    page = Paginator(sorted(keys), per_page).get_page(number)
    return Found(list(outfalls.filter(code__in=list(page)).order_by("code")), page)


def matching(outfalls: QuerySet[Outfall], asked: Asked) -> QuerySet[Outfall]:
    """Return those of `outfalls` that are asked for, in no order."""
    found = outfalls.order_by().filter(**dict(asked.fields))
    if asked.overdue:
        found = found.filter(pk__in=_overdue(asked.today))
    return found.filter(_text(asked.text)) if asked.text else found


def _overdue(today: date) -> QuerySet[OutfallRound, Any]:
    late = OutfallRound.objects.filter(planned_finish__lt=today, state__in=WITH_DEADLINE, superseded=False)
    return late.order_by().values("outfall_id")


def _text(text: str) -> Q:
    """Return what a text asks for: a code that begins so, or a name that holds it.

    Names are looked through in their index alone, not row by row.
    """
    code = text.upper()
    by_code = Q()
    for field in ("code", "official_key", "regional_code"):
        by_code |= Q(**{f"{field}__gte": code, f"{field}__lt": code + _AFTER_ALL})
    names = list(
        Outfall.objects.order_by()
        .filter(name__contains=text)
        .values_list("name", flat=True)
        .distinct()[: BOUND + 1]
    )
    by_name = Q(name__in=names) if len(names) <= BOUND else Q(name__contains=text)
    return by_code | by_name


def _walk(outfalls: QuerySet[Outfall], asked: Asked, per_page: int) -> Found:
    """Return a page along the codes: what is asked for is frequent, so that it is soon found that way."""
    # Added to nothing, a column has no index: the database then walks along the codes as it should here.
    plain = {f"{name}_plain": Concat(F(name), Value("")) for name, _value in asked.fields}
    found = outfalls.annotate(**plain).filter(**{f"{name}_plain": value for name, value in asked.fields})
    if asked.overdue:
        found = found.filter(pk__in=_overdue(asked.today))
    if asked.text:
        code = asked.text.upper()
        by_code = Q(code__startswith=code) | Q(official_key__startswith=code)
        found = found.filter(Q(name__contains=asked.text) | by_code)
    if asked.before:
        rows = list(found.filter(code__lt=asked.before).order_by("-code")[: per_page + 1])
        more, rows = len(rows) > per_page, rows[:per_page][::-1]
        return Found(rows, None, rows[-1].code if rows else "", rows[0].code if more else "")
    rows = list(found.filter(code__gt=asked.after).order_by("code")[: per_page + 1])
    more, rows = len(rows) > per_page, rows[:per_page]
    return Found(rows, None, rows[-1].code if more else "", rows[0].code if rows and asked.after else "")
