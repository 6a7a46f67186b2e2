"""Sites and targets as assessment reads them from their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pyarrow as pa

from bishui.assessment.periods import Period
from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.standards import WaterType


@dataclass(frozen=True, slots=True)
class Site:
    """One version of a site (点位), valid from and to a day, both inside."""

    id: str
    name: str
    water_type: WaterType | None
    division: str | None
    valid_from: date | None
    valid_to: date | None

    def overlaps(self, period: Period) -> bool:
        """Tell whether this version is valid on some day of the period."""
        begun = self.valid_from is None or self.valid_from <= period.end.date()
        return begun and (self.valid_to is None or self.valid_to >= period.start.date())


class Register:
    """Sites by id, with their versions."""

    def __init__(self, sites: pa.Table | None) -> None:
        self._versions: dict[str, list[Site]] = {}
        names: dict[str, set[str]] = {}
        for index, row in enumerate(sites.to_pylist() if sites is not None else ()):
            site = _site(row, index)
            self._versions.setdefault(site.id, []).append(site)
            names.setdefault(site.name, set()).add(site.id)
        self.aliases = {
            name: next(iter(ids))
            for name, ids in names.items()
            if len(ids) == 1 and name not in self._versions
        }

    @property
    def ids(self) -> tuple[str, ...]:
        """All site ids."""
        return tuple(self._versions)

    def version(self, site: str, period: Period) -> Site | None:
        """Return the latest version of a site that is valid in the period, None where there is none."""
        versions = self._versions.get(site, ())
        if len(versions) == 1:
            return versions[0] if versions[0].overlaps(period) else None
        valid = [entry for entry in versions if entry.overlaps(period)]
        return max(valid, key=lambda entry: entry.valid_from or date.min, default=None)

    def knows(self, site: str) -> bool:
        """Tell whether the register has the site at all."""
        return site in self._versions


def _site(row: Mapping[str, object], index: int) -> Site:
    given = row.get("water_type")
    if given is not None and given not in set(WaterType):
        raise DataError(
            Text("水体类型“{given}”不可识别。", given=given),
            remedy=Text("请写 river（河流）或 lake（湖库）；不清楚就留空。"),
            where=Where(row=index + 1, column="water_type"),
        )
    return Site(
        id=str(row["id"]),
        name=str(row["name"]),
        water_type=WaterType(str(given)) if given is not None else None,
        division=_optional(row.get("division")),
        valid_from=_day(row.get("valid_from")),
        valid_to=_day(row.get("valid_to")),
    )


def _optional(value: object) -> str | None:
    return None if value is None else str(value)


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


@dataclass(frozen=True, slots=True)
class Target:
    """A target (目标) of one site: a class, own limits of single items, or both."""

    id: str
    site: str
    target_class: int | None
    overrides: Mapping[str, Decimal]
    period_from: date
    period_to: date
    source_file: str | None
    source_line: int | None

    def covers(self, period: Period) -> bool:
        """Tell whether the period's last day lies in the target's own period."""
        return self.period_from <= period.last_day <= self.period_to


def read_targets(targets: pa.Table | None, aliases: Mapping[str, str]) -> Mapping[str, Sequence[Target]]:
    """Return the targets by site id, the shortest target period first; targets of a scope are left out."""
    by_site: dict[str, list[Target]] = {}
    for row in targets.to_pylist() if targets is not None else ():
        if row["site"] is None:
            continue
        site = aliases.get(row["site"], row["site"])
        target = Target(
            id=row["id"],
            site=site,
            target_class=row["target_class"],
            overrides=dict(row["overrides"] or ()),
            period_from=row["period_from"],
            period_to=row["period_to"],
            source_file=row["source_file"],
            source_line=row["source_line"],
        )
        by_site.setdefault(site, []).append(target)
    for entries in by_site.values():
        entries.sort(key=lambda entry: (entry.period_to - entry.period_from, entry.id))
    return by_site
