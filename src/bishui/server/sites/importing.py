"""The import of measurements (监测数据导入): which site a name means, what is new, and into the store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.urls import reverse

from bishui.errors import Conflict, NotFound, Problem, Where
from bishui.i18n import Bilingual, Text
from bishui.observations import Outcome, ReadResult, SiteHint, read_table, read_with
from bishui.server.core import imports, registers
from bishui.server.core.models import ImportSession
from bishui.server.sites import assessed, held, naming, queries, services
from bishui.server.sites.models import LaboratoryMapping, Site
from bishui.server.sites.names import fold
from bishui.server.sites.queries import IMPORT_KIND

READER_VERSION = "observations 1"
_STAGED = "rows.parquet"

OPTIONS = (
    registers.Field(
        name="year",
        type="integer",
        label=Bilingual("年份", "Year"),
        help=Bilingual(
            "文件中的时间没有年份时填写，如 2021；文件名已含年份可不填。",
            "Needed where the times in the file have no year and its name has none either, e.g. 2021.",
        ),
    ),
    registers.Field(
        name="unknown_sites",
        type="choice",
        label=Bilingual("未登记的点位", "Unknown sites"),
        help=Bilingual(
            "列为问题：这些行不导入，先在台账登记或确认别名；登记为新点位：水体类型未知，登记完整之前不评价类别。",
            "List: their rows are not imported. Add: as new sites of unknown water type, not classed yet.",
        ),
        required=True,
        choices=(
            registers.Choice("reject", Bilingual("列为问题，不导入", "List them, do not import")),
            registers.Choice("add", Bilingual("登记为新点位", "Add them as new sites")),
        ),
    ),
)


class ObservationsImport:
    """The kind of import that brings measurements."""

    key = IMPORT_KIND
    label = Text("监测数据")
    right = "observations.import"
    take_back_right = "observations.take_back"
    options: Sequence[registers.Field] = OPTIONS
    preview_template = "sites/import_preview.html"
    two_persons = False

    def alternative(self) -> dict[str, str]:
        """Return the way in for spreadsheets that are written in a laboratory's own way."""
        return {"url": reverse("sites:laboratories"), "label": str(Text("化验室自己的表格"))}

    def template_url(self) -> str:
        """Return the address of the empty long table."""
        return reverse("sites:template")

    def read(self, session: ImportSession, progress: imports.Progress) -> imports.Reading:
        """Read the file, find its sites, set aside what is held already, and stage the rest."""
        result = _read(session, progress)
        known = queries.find_sites(session.division, [site for hint in result.sites for site in _names(hint)])
        meant = {hint.site: _site_of(hint, known) for hint in result.sites}
        foreign = _foreign(session, result, meant)
        added = self._new_sites(session, result, meant, foreign)
        unknown = [hint for hint in result.sites if meant[hint.site] is None and hint.site not in foreign]
        places = _places(result)
        naming.keep_unknown(session, unknown, places)
        table, lost = _with_ids(result.table, meant)
        comparison = held.compare(table, _city(session))
        pq.write_table(comparison.fresh, imports.staged(session, _STAGED), compression="zstd")
        names = queries.site_names(session.division) | {site["id"]: site["name"] for site in added}
        problems = [
            *result.problems,
            *_unknown_sites(session, unknown, places),
            *held.problems(comparison.contradictions, session.file.name, names),
        ]
        account = _account(result.account, _fates(lost, foreign, comparison), comparison.fresh)
        summary = self._summary(result, comparison, lost, names)
        return imports.Reading(
            summary={
                **summary,
                "notes": [note.both() for note in (_told(account), *result.notes)],
                "import": str(session.pk),
                "new_sites": added,
                "unknown_names": len(unknown),
                "foreign": sum(places[name]["row_count_distinct"] for name in foreign if name in places),
                "active": _active_digest(_city(session)),
            },
            reader_version=READER_VERSION,
            problems=problems,
            account=account,
            has_content=comparison.fresh.num_rows > 0,
        )

    def _new_sites(
        self,
        session: ImportSession,
        result: ReadResult,
        meant: dict[str, str | None],
        foreign: frozenset[str],
    ) -> list[dict[str, str]]:
        """Return the sites to add, and let their names mean them."""
        if session.options.get("unknown_sites") != "add":
            return []
        added = []
        unknown = (hint for hint in result.sites if meant[hint.site] is None and hint.site not in foreign)
        for number, hint in enumerate(unknown):
            site = Site()
            added.append(
                {
                    "id": str(site.pk),
                    "code": f"{session.pk.hex[-12:]}-{number + 1}",
                    "name": hint.site,
                    "basin": hint.basin or "",
                    "water": hint.river or "",
                }
            )
            meant[hint.site] = str(site.pk)
        return added

    def _summary(
        self, result: ReadResult, comparison: held.Comparison, lost: pa.Table, names: Mapping[str, str]
    ) -> dict[str, Any]:
        fresh = comparison.fresh
        span = pc.min_max(fresh["time"]) if fresh.num_rows else None
        per_site = pc.value_counts(fresh["site"]).to_pylist()
        counts = {names.get(row["values"], row["values"]): row["counts"] for row in per_site}
        return {
            "layout": result.layout,
            "rows": result.rows_read,
            "kept": fresh.num_rows,
            "repeats": comparison.repeats.num_rows,
            "contradictions": comparison.contradictions.num_rows,
            "unknown": lost.num_rows,
            "sites": dict(sorted(counts.items())),
            "items": sorted(pc.unique(fresh["item"]).to_pylist()),
            "marks": {row["values"]: row["counts"] for row in pc.value_counts(fresh["mark"]).to_pylist()},
            "from": span["min"].as_py().isoformat(" ", "minutes") if span else None,
            "to": span["max"].as_py().isoformat(" ", "minutes") if span else None,
        }

    def store(self, session: ImportSession, progress: imports.Progress) -> None:
        """Append the staged rows as one commit; what another import brought meanwhile is left out.

        Raises
        ------
        Conflict
            If the active imports changed since the preview.
        """
        if self.is_stored(session):
            return
        if session.summary.get("active") != _active_digest(_city(session)):
            raise Conflict(
                Text("预览之后，又有其他监测数据导入或撤回，“{name}”的比对结果已过时。", name=str(session)),
                remedy=Text("请重新上传文件，再次预览。"),
            )
        table = pq.read_table(imports.staged(session, _STAGED))
        progress(0, 1)
        queries.store().append(str(session.pk), table)
        progress(1, 1)

    def is_stored(self, session: ImportSession) -> bool:
        """Tell whether the store holds the rows."""
        return queries.store().has_import(str(session.pk))

    def record(self, session: ImportSession) -> None:
        """Add the new sites and forget the results made without these rows."""
        for site in session.summary.get("new_sites", []):
            services.add_unknown_site(session, site)
        assessed.drop(_city(session))

    def take_back(self, session: ImportSession) -> None:
        """Forget the results made with these rows; the rows stay in the store and count no more."""
        assessed.drop(_city(session))

    def settle(self, session: ImportSession) -> None:
        """Compute what the overview shows, so that its first reader does not wait."""
        services.warm(session.division)


def _read(session: ImportSession, progress: imports.Progress) -> ReadResult:
    """Read the file by the mapping of its laboratory, or by its own heads."""
    path, name, options = session.file.path, session.file.name, session.options
    year, saved = options.get("year"), options.get("mapping")
    if not saved:
        return read_table(path, name=name, year=year, progress=progress)
    mapping = LaboratoryMapping.objects.filter(pk=saved).first()
    if mapping is None:
        raise NotFound(Text("找不到上传时选用的化验室版式。"), remedy=Text("请重新选择版式后上传。"))
    day = options.get("date")
    sampled = date.fromisoformat(day) if day else None
    return read_with(mapping.as_mapping(), path, name=name, day=sampled, year=year, progress=progress)


def _foreign(session: ImportSession, result: ReadResult, meant: Mapping[str, str | None]) -> frozenset[str]:
    """Return the names of the file that a person said are not sites of the city."""
    folded = naming.not_ours(session.division)
    return frozenset(
        hint.site for hint in result.sites if meant[hint.site] is None and fold(hint.name) in folded
    )


def _places(result: ReadResult) -> dict[str, dict[str, Any]]:
    """Return the first row of each name of the file and how many rows it has."""
    first = result.table.group_by("site").aggregate([("row", "min"), ("row", "count_distinct")])
    return {row["site"]: row for row in first.to_pylist()}


def _names(hint: SiteHint) -> Iterable[str]:
    return (hint.site, hint.name)


def _site_of(hint: SiteHint, known: Mapping[str, str | None]) -> str | None:
    """Return the site that a name means; a name that the file gives to several sites means none by itself."""
    if known[hint.site] is not None or fold(hint.site) == fold(hint.name):
        return known[hint.site]
    return None


def _with_ids(table: pa.Table, meant: Mapping[str, str | None]) -> tuple[pa.Table, pa.Table]:
    """Return the rows with site identifiers, and those whose site is not known."""
    encoded = table["site"].combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    ids = pa.array([meant.get(name) for name in encoded.dictionary.to_pylist()], pa.string())
    column = ids.take(encoded.indices)
    at = table.schema.get_field_index("site")
    known = pc.is_valid(column)
    named = table.set_column(at, pa.field("site", pa.string(), nullable=False), column)
    return named.filter(known), table.filter(pc.invert(known))


def _unknown_sites(
    session: ImportSession, unknown: Iterable[SiteHint], places: Mapping[str, Mapping[str, Any]]
) -> Iterable[Problem]:
    """Yield one problem for each name that means no site, with its first row and how many rows it has."""
    for hint in unknown:
        place = places.get(hint.site)
        yield Problem(
            "unknown-site",
            Text(
                "没有登记名为“{name}”的监测点位，它的 {count} 行未导入。",
                name=hint.site,
                count=place["row_count_distinct"] if place else 0,
            ),
            Text(
                "请在“名称核对”页面确认它是哪个点位的别名、登记为新点位，或注明不是本市的点位；确认一次，以后的文件都按它识别。"
            ),
            Where(file=session.file.name, row=place["row_min"] if place else None),
            hint.name,
        )


def _fates(
    lost: pa.Table, foreign: frozenset[str], comparison: held.Comparison
) -> list[tuple[pa.Table, Text, Outcome]]:
    """Return the rows that do not come in for reasons outside the file, with the reason and the outcome."""
    is_foreign = pc.is_in(lost["site"], value_set=pa.array(sorted(foreign), pa.string()))
    return [
        (lost.filter(pc.invert(is_foreign)), Text("点位未登记，未导入"), Outcome.REJECTED),
        (lost.filter(is_foreign), Text("已确认不是本市的点位，未导入"), Outcome.REJECTED),
        (comparison.repeats, Text("已由先前的导入提供"), Outcome.REPEAT),
        (comparison.contradictions, Text("与先前导入的结果不同，未采用"), Outcome.REJECTED),
    ]


def _account(account: pa.Table, fates: Iterable[tuple[pa.Table, Text, Outcome]], fresh: pa.Table) -> pa.Table:
    """Say of each row what became of it, also where the reason lies outside the file."""
    kept = pc.unique(fresh["row"])
    outcome, detail = account["outcome"], account["detail"]
    accepted = pc.equal(outcome, Outcome.ACCEPTED)
    for table, reason, fate in fates:
        rows = pc.unique(table["row"])
        here = pc.and_(accepted, pc.is_in(account["row"], value_set=rows))
        whole = pc.and_(here, pc.invert(pc.is_in(account["row"], value_set=kept)))
        outcome = pc.if_else(whole, fate.value, outcome)
        detail = pc.if_else(here, str(reason), detail)
    account = account.set_column(account.schema.get_field_index("outcome"), "outcome", outcome)
    return account.set_column(account.schema.get_field_index("detail"), "detail", detail)


def _told(account: pa.Table) -> Text:
    """Return how many rows of the file became what; together they are all of them."""
    found = {row["values"]: row["counts"] for row in pc.value_counts(account["outcome"]).to_pylist()}
    return Text(
        "逐行去向：采用 {accepted} 行，重复 {repeat} 行，不含可用结果 {ignored} 行，不能采用 {rejected} 行。",
        accepted=found.get(Outcome.ACCEPTED, 0),
        repeat=found.get(Outcome.REPEAT, 0) + found.get(Outcome.SUPERSEDED, 0),
        ignored=found.get(Outcome.IGNORED, 0),
        rejected=found.get(Outcome.REJECTED, 0),
    )


def _city(session: ImportSession) -> str:
    """Return the path of the whole city: what a county imports may be held by the city's own import."""
    return session.division.split("/", 1)[0] + "/"


def _active_digest(division: str) -> str:
    """Return the digest of the imports that a preview was compared with."""
    return hashlib.sha256("\n".join(imports.active_ids(IMPORT_KIND, division)).encode()).hexdigest()
