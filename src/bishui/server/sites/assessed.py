"""Computed results: kept under the hash of everything that they follow from, so that they are never stale.

The hash covers the active imports, the sites, flags and targets, the method and the fixed day. A change of
any of them gives another hash; old results are dropped and never shown again.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from threading import Lock
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import IntegrityError, transaction

import bishui
from bishui.assessment import Period, PeriodKind, Reason, SectionResult, assess
from bishui.server.core import audit
from bishui.server.core.city import AssessedCity
from bishui.server.core.models import CachedResult, ImportSession
from bishui.server.sites import queries
from bishui.server.sites.covered import coverage_of
from bishui.server.sites.models import Flag, Site
from bishui.server.sites.packed import Packed, pack
from bishui.server.sites.queries import IMPORT_KIND
from bishui.server.standards import queries as standards
from bishui.standards import methods, surface_water

#: Changes when the form of the kept results changes.
_FORM = "5"
_MEMORY = 48

Span = tuple[datetime | None, datetime | None]

_memory: OrderedDict[str, Any] = OrderedDict()
#: By city and day: the state of the audit trail, and the hash of the inputs at it.
_states: OrderedDict[tuple[Any, ...], tuple[str, str]] = OrderedDict()
_lock = Lock()


def inputs(workspace: AssessedCity) -> str:
    """Return the hash of everything that a city's results follow from.

    It is computed anew when anything was written since, which the audit trail tells.
    """
    asked = (workspace.division, workspace.as_of, workspace.today, date.today())
    state = audit.state()
    if state is None:
        return _inputs(workspace)
    with _lock:
        known = _states.get(asked)
    if known is None or known[0] != state:
        known = state, _inputs(workspace)
        with _lock:
            _states[asked] = known
            while len(_states) > _MEMORY:
                _states.popitem(last=False)
    return known[1]


def _inputs(workspace: AssessedCity) -> str:
    division = workspace.division
    landed = ImportSession.objects.filter(kind=IMPORT_KIND, state="active", division__startswith=division)
    sites = Site.objects.filter(division__startswith=division)
    flags = Flag.objects.filter(site__division__startswith=division)
    content = [
        _FORM,
        bishui.__version__,
        division,
        str(workspace.as_of),
        sorted(methods()),
        surface_water(date.today()).edition,
        [[str(pk), str(at)] for pk, at in landed.order_by("pk").values_list("pk", "landed_at")],
        [[str(pk), version] for pk, version in sites.order_by("pk").values_list("pk", "version")],
        [[str(pk), version] for pk, version in flags.order_by("pk").values_list("pk", "version")],
        _table_digest(queries.targets_table(division)),
        _overrides(workspace),
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _overrides(workspace: AssessedCity) -> list[str]:
    """Return the files in force that bear on a city: its own, its counties' and those of a division above.

    A result of an earlier period follows from the file that held then.
    """
    files = standards.files_bearing_on(workspace.division).order_by("pk")
    return [f"{file.pk} {file.version} {file.file.sha256}" for file in files]


def _table_digest(table: pa.Table) -> str:
    rows = json.dumps(table.to_pylist(), default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(rows.encode()).hexdigest()


class Results:
    """The results of one city at one state of its inputs; made once for each request."""

    def __init__(self, workspace: AssessedCity) -> None:
        self.workspace = workspace
        self._inputs = inputs(workspace)
        self._site_rows: dict[str, tuple[datetime | None, datetime | None, pa.Table]] = {}

    @property
    def state(self) -> str:
        """The hash of everything that these results follow from."""
        return self._inputs

    def attainment(self, period: Period) -> dict[str, Any]:
        """Return the results of every site in one period.

        Returns
        -------
        dict
            ``sections``: the JSON form of `bishui.assessment.SectionResult` by site identifier.
        """
        return {"sections": self.kept_by_site(_attained(period), lambda: self._attainments([period])[period])}

    def lines(self, period: Period) -> dict[str, Any]:
        """Return of every site in one period what a line of a list shows: the parts of `attainment` it needs.

        Items are those over the target; of a section without readings all of them with their counts.
        """
        found: dict[str, Any] = self.kept(
            f"lines {period.label}",
            lambda: {key: _shown(of) for key, of in self.attainment(period)["sections"].items()},
        )
        return found

    def prepare(self, periods: Iterable[Period]) -> None:
        """Make the results of `attainment` of some periods at once, going through the readings once."""
        missing = [period for period in dict.fromkeys(periods) if not self._holds(_attained(period))]
        found = self._attainments(missing) if missing else {}
        for period, made in found.items():
            self.kept_by_site(_attained(period), partial(_same, made))
            self.lines(period)

    def history(self) -> Mapping[str, Any]:
        """Return every month's class and verdict by site identifier, newest month first."""
        return self.kept_by_site("history", self._history)

    def coverage(self) -> dict[str, Any]:
        """Return which months and sites have readings, and how new they are.

        Returns
        -------
        dict
            ``months``: labels, newest first; ``newest``: time by source; ``sites``: for each site identifier
            ``rows``, ``last`` (any row), ``last_value`` (a row with a number), ``source`` of the newest
            number, ``offline`` (the last row says that the station was off), ``months`` (those with a number,
            as first and last of each unbroken run, the newest last).
        """
        found: dict[str, Any] = self.kept("coverage", lambda: coverage_of(queries.selection(self.workspace)))
        return found

    def published(self, site: str, period: Period) -> dict[str, Any]:
        """Return how the published classes of single readings compare with the computed ones."""
        found: dict[str, Any] = self.kept(
            f"published {site} {period.label}", lambda: self._published(site, period)
        )
        return found

    def newest_month(self) -> Period | None:
        """Return the newest month with readings; in an invented city the month of its fixed day."""
        months = self.coverage()["months"]
        return Period.parse(months[0]) if months else None

    def rows(self, start: datetime | None = None, end: datetime | None = None) -> pa.Table:
        """Return the measurements that count in the city, from `start` to `end`, both inside."""
        last = queries.end_of(self.workspace)
        ends = [moment for moment in (end, last) if moment is not None]
        return queries.measurements(self.workspace.division, None, start, min(ends, default=None))

    def site_rows(self, site: str, start: datetime | None = None, end: datetime | None = None) -> pa.Table:
        """Return the measurements of one site that count; what was read before is not read again."""
        ends = [moment for moment in (end, queries.end_of(self.workspace)) if moment is not None]
        last = min(ends, default=None)
        held = self._site_rows.get(site)
        if held is None or not _inside((start, last), held[:2]):
            self._site_rows[site] = held = start, last, self._rows_of(site, (start, last), held)
        return _between(held[2], start, last)

    def _rows_of(self, site: str, span: Span, held: tuple[*Span, pa.Table] | None) -> pa.Table:
        """Return the measurements of a site in a span; of what is held up to its end only those before."""
        division, (start, last) = self.workspace.division, span
        if held is None or held[0] is None or held[1] != last or (start is not None and start > held[0]):
            return queries.measurements(division, [site], start, last)
        before = queries.measurements(division, [site], start, held[0] - datetime.resolution)
        return pa.concat_tables([before, held[2]])

    def tables(self) -> dict[str, pa.Table]:
        """Return the city's sites, targets and flags, as the methods take them."""
        division = self.workspace.division
        return {
            "sites": queries.sites_table(division),
            "targets": queries.targets_table(division),
            "flags": queries.flags_table(division),
        }

    def judged_by(self) -> dict[str, Any]:
        """Return what `assess` takes beside the measurements; the bureau's own values by their dates."""
        division = self.workspace.division
        return {**self.tables(), "override": standards.by_day(division)}

    def _attainments(self, periods: Sequence[Period]) -> dict[Period, dict[str, str]]:
        first, last = min(period.start for period in periods), max(period.end for period in periods)
        rows = queries.selection(self.workspace, first, last)
        found = assess(rows, **self.judged_by(), period=periods)
        sections: dict[Period, dict[str, str]] = {period: {} for period in periods}
        for result in found:
            sections[result.period][result.site] = _text(compact(result))
        return sections

    def _history(self) -> dict[str, str]:
        found = assess(queries.selection(self.workspace), **self.judged_by(), period=PeriodKind.MONTH)
        months: dict[str, list[dict[str, Any]]] = {}
        for row in sorted(found.to_table().to_pylist(), key=lambda row: str(row["period"]), reverse=True):
            months.setdefault(row["site"], []).append(_line(row))
        return {site: _text(lines) for site, lines in months.items()}

    def _published(self, site: str, period: Period) -> dict[str, Any]:
        rows = self.site_rows(site, period.start, period.end)
        printed = rows.filter(pc.equal(rows["item"], "published_class"))
        shown = {
            time: int(value)
            for time, value in zip(printed["time"].to_pylist(), printed["value"].to_pylist(), strict=True)
            if value is not None
        }
        if not shown:
            return {"printed": 0, "compared": 0, "same": 0, "differ": []}
        found = assess(rows, **self.judged_by(), period=PeriodKind.READING)
        return _compared(shown, {result.period.start: result for result in found if result.site == site})

    def kept(self, what: str, make: Callable[[], Any]) -> Any:
        """Return a result in its JSON form, made once for each state of the city's inputs.

        Parameters
        ----------
        what
            Names the result and everything that it follows from beside the inputs.
        make
            Makes it; values that JSON does not have become texts.
        """
        return self._known(what, make, _as_json, _from_json)

    def kept_by_site(self, what: str, make: Callable[[], Mapping[str, str]]) -> Packed:
        """Return a result as `kept` does, of which a page may need one site only.

        Parameters
        ----------
        what
            As of `kept`.
        make
            Makes the JSON text of each site.
        """
        found: Packed = self._known(what, make, pack, Packed)
        return found

    def _known(
        self,
        what: str,
        make: Callable[[], Any],
        written: Callable[[Any], bytes],
        read: Callable[[bytes], Any],
    ) -> Any:
        """Return what is in memory, else what is kept, else what is made now."""
        key = self._key(what)
        with _lock:
            if key in _memory:
                _memory.move_to_end(key)
                return _memory[key]
        record = CachedResult.objects.filter(pk=key).first()
        if record is not None:
            payload = bytes(record.payload)
        else:
            payload = written(make())
            _keep(key, self.workspace.division, payload)
        value = read(payload)
        with _lock:
            _memory[key] = value
            while len(_memory) > _MEMORY:
                _memory.popitem(last=False)
        return value

    def is_kept(self, what: str) -> bool:
        """Tell whether a result of this name is kept at the present state of the city's inputs."""
        return self._holds(what)

    def _key(self, what: str) -> str:
        return hashlib.sha256(f"{self._inputs} {what}".encode()).hexdigest()

    def _holds(self, what: str) -> bool:
        return CachedResult.objects.filter(pk=self._key(what)).exists()


def _text(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))


def _shown(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a line shows of a section."""
    names = ("class", "reason", "attainment")
    if section["reason"] == Reason.NO_DATA:
        items = [{name: entry[name] for name in ("item", "counts")} for entry in section["items"]]
    else:
        items = failing(section)
    return {name: section[name] for name in names} | {"items": items}


def _inside(span: Span, held: Span) -> bool:
    """Tell whether a span lies in another; None is without end."""
    (start, end), (first, last) = span, held
    begins = first is None or (start is not None and start >= first)
    return begins and (last is None or (end is not None and end <= last))


def _between(rows: pa.Table, start: datetime | None, end: datetime | None) -> pa.Table:
    """Return the rows from one moment to another, both inside."""
    time = rows["time"]
    if start is not None:
        rows = rows.filter(pc.greater_equal(time, pa.scalar(start, time.type)))
    if end is not None:
        rows = rows.filter(pc.less_equal(rows["time"], pa.scalar(end, time.type)))
    return rows


def _attained(period: Period) -> str:
    return f"attainment {period.label}"


def _same(value: Any) -> Any:
    return value


def _as_json(value: Any) -> bytes:
    text = json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), compresslevel=3)


def _from_json(payload: bytes) -> Any:
    return json.loads(gzip.decompress(payload))


def _keep(key: str, division: str, payload: bytes) -> None:
    try:
        with transaction.atomic():
            CachedResult.objects.create(key=key, division=division, payload=payload)
    except IntegrityError:
        return  # another process made the same result


def drop(division: str) -> None:
    """Forget the kept results of a division's subtree; they are made again when they are asked for."""
    CachedResult.objects.filter(division__startswith=division).delete()
    with _lock:
        _memory.clear()


def compact(result: SectionResult) -> dict[str, Any]:
    """Return the JSON form of a result without what is nought."""
    form = result.as_dict()
    for item in form["items"]:
        item["counts"] = {name: count for name, count in item["counts"].items() if count}
    return form


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a history shows of a row of `bishui.assessment.RESULTS`."""
    kept = {name: row[name] for name in ("period", "class", "reason", "state", "days")}
    items = {name: row[name].split(",") if row[name] else [] for name in ("deciding", "failing")}
    return kept | items | {"target": row["target_class"]}


def _compared(shown: Mapping[datetime, int], computed: Mapping[datetime, SectionResult]) -> dict[str, Any]:
    pairs = [
        (time, rank, computed[time].rank)
        for time, rank in shown.items()
        if time in computed and computed[time].rank is not None
    ]
    differ = [
        {"time": time.isoformat(" ", "minutes"), "published": rank, "computed": own}
        for time, rank, own in sorted(pairs)
        if rank != own
    ]
    return {
        "printed": len(shown),
        "compared": len(pairs),
        "same": len(pairs) - len(differ),
        "differ": differ[:50],
    }


def failing(section: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the items over the target of a section, each with its value, limit, multiple and clause."""
    wanted: Iterable[str] = section["attainment"]["failing"]
    by_key = {item["item"]: item for item in section["items"]}
    return [by_key[key] for key in wanted if key in by_key]
