"""What is known of an outfall in one round, as plain values: what the rules of the life cycle look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bishui.outfalls.kinds import outfall_types
from bishui.outfalls.life_cycle.custody import HandOver
from bishui.outfalls.life_cycle.data import LifeCycle


@dataclass(frozen=True, slots=True)
class VisitSeen:
    """A visit: when, by whom, whether it discharged (``yes``, ``no``, empty), rain before it in mm."""

    at: datetime
    by: str = ""
    discharging: str = ""
    rain: Decimal | None = None
    abnormal_kinds: tuple[str, ...] = ()

    def dry(self, rules: LifeCycle) -> bool:
        """Tell whether it is known that the weather was dry."""
        return self.rain is not None and self.rain < Decimal(str(rules.setting("dry_rain_mm")))


@dataclass(frozen=True, slots=True)
class PhotoSeen:
    """A photograph: `placed` where it has a position, `view_of` the earlier one of the same view."""

    id: str
    kind: str
    at: datetime
    placed: bool = True
    view_of: str = ""


@dataclass(frozen=True, slots=True)
class SampleSeen:
    """A sample: who took it, what was measured, its chain of custody and verdict (None = not judged)."""

    number: str
    at: datetime
    samplers: int = 0
    flow_status: str = ""
    items: frozenset[str] = frozenset()
    custody: tuple[HandOver, ...] = ()
    passes: bool | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An outfall in one round.

    Attributes
    ----------
    fields
        Fields of the outfall and the round, and what was last answered at a visit.
    visits, photos, samples
        Of this round, by time; photographs of earlier rounds too, for the view before.
    given
        Evidence that is handed in with the step that is asked for; it goes before `fields`.
    actor
        Who asks for it.
    """

    fields: Mapping[str, Any]
    visits: tuple[VisitSeen, ...] = ()
    photos: tuple[PhotoSeen, ...] = ()
    samples: tuple[SampleSeen, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    actor: str = ""

    def value(self, key: str, rules: LifeCycle) -> Any:
        """Return a field as it is known with the evidence; None where it is empty.

        ``setting`` (approval or registration, by the type), ``rain_outfall`` (雨洪排口, by the type; by the
        older class where there is none) and ``mouth_gone`` (by category and ``keep``) follow from others.
        """
        if key == "rain_outfall":
            called = self.value("kind", rules) or self.value("legacy_kind", rules)
            return "yes" if called in rules.setting("rain_types") else "no"
        if key == "setting":
            kind = outfall_types().get(str(self.value("kind", rules)))
            return kind.setting if kind else None
        if key == "mouth_gone":
            category = rules.categories.get(str(self.value("category", rules)))
            gone = category is not None and category.mouth_gone
            return "yes" if gone or self.value("keep", rules) == "no" else "no"
        for known in (self.given, self.fields):
            found = known.get(key)
            if found not in (None, "", [], ()):
                return found
        return None

    def since(self, key: str, rules: LifeCycle) -> date | None:
        """Return the day, or the moment, since which records count; None where there is no such bound."""
        found = self.value(key, rules) if key else None
        return found if isinstance(found, date) else None
