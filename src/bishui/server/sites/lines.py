"""What the pages say of one site in one period: its class, its verdict, and by how much it fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _

from bishui.assessment import Reason, State
from bishui.server.core.templatetags.words import REASONS
from bishui.server.sites.assessed import failing
from bishui.server.sites.charting import unit_of
from bishui.server.sites.choosing import CLASSED
from bishui.server.sites.models import Site
from bishui.standards import items

#: The worst first.
_STATES = ("not_attained", "attained", "not_judged", "no_target")


@dataclass(frozen=True, slots=True)
class Line:
    """One site in one period; `section` is None where nothing was assessed."""

    site: Site
    section: Mapping[str, Any] | None
    period: str

    @property
    def klass(self) -> int | None:
        """The class, 1 to 6."""
        return self.section["class"] if self.section and self.is_classed else None

    @property
    def is_classed(self) -> bool:
        """Whether such sites have a class at all."""
        return self.site.kind in CLASSED

    @property
    def reason(self) -> str:
        """Why there is no class: a key of the words of the pages, or a text."""
        if not self.is_classed:
            return _("不评价类别")
        if self.section is None:
            return "water_type_unknown" if not self.site.water_type else "no_data"
        return reason_of(self.section, self.site)

    @property
    def state(self) -> str:
        """The state of attainment."""
        if self.section is None or not self.is_classed:
            return State.NO_TARGET.value
        return str(self.section["attainment"]["state"])

    @property
    def target(self) -> int | None:
        """The class that is the target."""
        return self.section["attainment"]["target_class"] if self.section else None

    @property
    def failing(self) -> list[str]:
        """Each item over its target in words."""
        return [over(item) for item in failing(self.section)] if self.section else []

    @property
    def url(self) -> str:
        """The page of the site, at this period."""
        page = _page(get_script_prefix()).replace(str(_NOBODY), self.site.key)
        return f"{page}?period={self.period}"


_NOBODY = UUID(int=0)


@cache
def _page(_prefix: str) -> str:
    """Return the page of a site with the identifier of none: a list of sites asks for its address often."""
    return reverse("sites:site", args=[_NOBODY])


def reason_of(section: Mapping[str, Any], site: Site) -> str:
    """Return why a section has no class; no data because the station was off is said so."""
    reason = section["reason"]
    if not site.water_type and reason in (None, Reason.NO_DATA, Reason.WATER_TYPE_UNKNOWN):
        return "water_type_unknown"
    if reason == Reason.NO_DATA:
        counts = [item["counts"] for item in section["items"]]
        for why in ("offline", "under_review"):
            if any(count.get(why) for count in counts):
                return why
        return "no_data"
    if reason is None or reason in REASONS:
        return reason or "no_data"
    return str(Reason(reason).text)


def over(item: Mapping[str, Any]) -> str:
    """Return an exceedance in words: item, value, limit and, where it has one, the multiple."""
    known = items()[item["item"]]
    text = _("%(item)s %(value)s，限值 %(limit)s %(unit)s") % {
        "item": known.name,
        "value": item["compared"],
        "limit": item["target_limit"],
        "unit": unit_of(item["item"]),
    }
    if item["over_target"]:
        text += _("，超标 %(multiple)s 倍") % {"multiple": item["over_target"]["multiple"]}
    return text.replace(" ，", "，").strip()


def lines(sites: Sequence[Site], shown: Mapping[str, Any], period: str) -> list[Line]:
    """Return the lines of some sites, the worst first; `shown` is of `assessed.Results.lines`."""
    found = [Line(site, shown.get(site.key), period) for site in sites]
    return sorted(found, key=_rank)


def _rank(line: Line) -> tuple[int, int, str]:
    return (_STATES.index(line.state), -(line.klass or 0), line.site.name)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many sites attain: `attained` of `judged`, `missing` not judged though they have a target."""

    attained: int
    judged: int
    missing: int
    without_target: int

    @property
    def failed(self) -> int:
        """How many do not attain."""
        return self.judged - self.attained


def tally(found: Sequence[Line]) -> Tally:
    """Count the verdicts of some lines."""
    states = [line.state for line in found]
    attained, failed = states.count("attained"), states.count("not_attained")
    return Tally(attained, attained + failed, states.count("not_judged"), states.count("no_target"))


def class_counts(found: Sequence[Line], list_url: str) -> list[dict[str, Any]]:
    """Return how many lines have which class, and how many none for which reason, for the class bar."""
    classes = Counter(line.klass for line in found)
    reasons = Counter(line.reason for line in found if line.klass is None)
    return [
        {"klass": rank, "count": classes[rank], "url": f"{list_url}&class={rank}"} for rank in range(1, 7)
    ] + [{"klass": None, "reason": reason, "count": count} for reason, count in reasons.items()]
