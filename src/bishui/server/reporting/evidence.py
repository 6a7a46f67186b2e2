"""The rows behind a bulletin (依据数据): kept as one file when its figures are frozen, opened years later.

The file is an ordinary ZIP of tables that other programs read. A figure is opened from it alone: what has
changed in the store, in the registers or in the bureau's own values since then does not matter.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db.models import F

from bishui.assessment import Explanation, Period, explain
from bishui.errors import NotFound
from bishui.i18n import Text
from bishui.server.core import files
from bishui.server.core.models import ImportSession, StoredFile
from bishui.server.reporting.bulletin import OF_THE_YEAR, Collection
from bishui.server.sites.assessed import compact
from bishui.server.sites.choosing import SURFACE
from bishui.server.sites.opened import Opened, open_mean
from bishui.server.standards import queries as standards
from bishui.standards import items, parse_override

_TABLES = ("measurements", "sites", "targets", "flags")
_OVERRIDE = "override.toml"
_OPEN = 4
_README = """本压缩包是一期水质报告的依据数据，与该期报告一并冻结，以后不再变化。

measurements.parquet  参加计算的每一行监测数据：导入批次、原文件行号、点位、时间、项目、数值、标记、原文
sites.parquet         点位；targets.parquet 水质目标；flags.parquet 质控标记
results.json          各断面各时段的评价结果，含每个项目的均值、类别、条款和数据个数
imports.json          各导入批次的文件名、SHA-256 和导入时间
override.toml         当时生效的本级自定限值和设置（没有则无此文件）

用 bishui assess measurements.parquet --sites sites.parquet --targets targets.parquet --flags flags.parquet
可以重新计算。
"""


def keep(found: Collection, report: Any) -> StoredFile:
    """Keep the rows that a bulletin's figures follow from; call inside an audited action."""
    return files.keep([content_of(found)], f"{report}（依据数据）.zip", division=report.division)


def content_of(found: Collection) -> bytes:
    """Return the file of a collection; the same state of the data gives the same bytes."""
    scope = found.scope
    rows = found.rows.sort_by([(name, "ascending") for name in ("site", "time", "item", "import_id", "row")])
    parts = {
        "README.txt": _README.encode(),
        "measurements.parquet": _parquet(_distinct(rows)),
        **{f"{name}.parquet": _parquet(found.tables[name]) for name in _TABLES[1:]},
        "results.json": _json(_results(found)),
        "imports.json": _json(_imports(rows)),
    }
    record = standards.record_in_force(scope.division, scope.period.last_day)
    if record is not None:
        parts[_OVERRIDE] = record.file.path.read_bytes()
    return _packed(parts, scope.as_of)


def _distinct(rows: pa.Table) -> pa.Table:
    """Return each row once: a site may be read for its class and for a zone that it stands for."""
    keys = ["import_id", "row", "site", "time", "item"]
    places = rows.append_column("place", pa.array(range(rows.num_rows), pa.int64()))
    first = places.group_by(keys).aggregate([("place", "min")])["place_min"]
    return rows.take(first.take(pc.sort_indices(first)))


def _results(found: Collection) -> dict[str, Any]:
    return {
        "period": found.scope.period.label,
        "names": dict(found.names),
        "sections": {
            period.label: {site: compact(result) for site, result in results.items()}
            for period, results in found.results.items()
        },
    }


def _imports(rows: pa.Table) -> dict[str, Any]:
    ids = [key for key in pc.unique(rows["import_id"]).to_pylist() if key]
    sessions = ImportSession.objects.filter(pk__in=ids).annotate(
        file_name=F("file__name"), sha256=F("file__sha256")
    )
    return {
        str(session.pk): {
            "file": session.file_name,
            "sha256": session.sha256,
            "landed_at": session.landed_at.isoformat(" ", "minutes") if session.landed_at else "",
        }
        for session in sessions.order_by("pk")
    }


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1).encode()


def _parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def _packed(parts: Mapping[str, bytes], day: date) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, content)
    return out.getvalue()


@dataclass(frozen=True)
class Evidence:
    """The rows and results that were frozen with a bulletin."""

    content: bytes

    @cached_property
    def results(self) -> dict[str, Any]:
        """Section results by period and site, and the names of the sites."""
        found: dict[str, Any] = json.loads(self._part("results.json"))
        return found

    @cached_property
    def imports(self) -> dict[str, dict[str, str]]:
        """File name, SHA-256 and time of each import by identifier."""
        found: dict[str, dict[str, str]] = json.loads(self._part("imports.json"))
        return found

    @property
    def period(self) -> Period:
        """The bulletin's own period."""
        return Period.parse(self.results["period"])

    @property
    def periods(self) -> list[Period]:
        """Every period with section results, the bulletin's own first."""
        return [Period.parse(label) for label in self.results["sections"]]

    def period_of(self, site: str) -> Period:
        """Return the period that a site was judged in: zones and black-odorous waters by the year so far."""
        period = self.period
        if self._kinds.get(site) in OF_THE_YEAR:
            return Period.year_to_date(period.end.year, period.end.month)
        return period

    def name(self, site: str) -> str:
        """Return the name that a site had.

        Raises
        ------
        NotFound
            If the bulletin does not speak of the site.
        """
        name: str | None = self.results["names"].get(site)
        if name is None:
            raise NotFound(
                Text("本期报告没有点位“{site}”。", site=site[:40]), remedy=Text("请从报告中的链接进入。")
            )
        return name

    def section(self, site: str, period: Period) -> dict[str, Any] | None:
        """Return the kept result of a section in a period, None where it is no section."""
        found: dict[str, Any] | None = self.results["sections"].get(period.label, {}).get(site)
        return found

    def counts(self, site: str) -> dict[str, int]:
        """Return how many rows of each item were kept for a site in the bulletin's own period or year."""
        rows = self._site(site)
        grouped = rows.group_by("item").aggregate([("time", "count")]).to_pylist()
        return {row["item"]: row["time_count"] for row in sorted(grouped, key=lambda row: row["item"])}

    def opened(self, site: str, item: str, period: Period) -> Explanation | Opened:
        """Open one mean of a site down to its rows, as they were kept.

        Raises
        ------
        NotFound
            If there is no such mean.
        """
        rows = self._site(site)
        moments = (pa.scalar(moment, pa.timestamp("s")) for moment in (period.start, period.end))
        start, end = moments
        inside = rows.filter(pc.and_(pc.greater_equal(rows["time"], start), pc.less_equal(rows["time"], end)))
        tables = {name: self._table(name) for name in _TABLES[1:]}
        if self._kinds.get(site) in SURFACE and item in items():
            return explain(inside, **tables, site=site, item=item, period=period, override=self._override)
        return open_mean(inside, tables["flags"], site=site, item=item, period=period)

    def origin(self, row: Any) -> Sequence[str]:
        """Return the file and the line that a row came from."""
        session = self.imports.get(row.import_id or "")
        return (session["file"] if session else "—", str(row.row or ""))

    @cached_property
    def _kinds(self) -> Mapping[str, str]:
        return {row["id"]: row["kind"] for row in self._table("sites").to_pylist()}

    @cached_property
    def _override(self) -> Any:
        names = self._archive.namelist()
        return parse_override(self._part(_OVERRIDE), _OVERRIDE) if _OVERRIDE in names else None

    @cached_property
    def _archive(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(io.BytesIO(self.content))

    @cached_property
    def _measurements(self) -> pa.Table:
        return self._table("measurements")

    def _site(self, site: str) -> pa.Table:
        return self._measurements.filter(pc.equal(self._measurements["site"], site))

    def _table(self, name: str) -> pa.Table:
        return pq.read_table(io.BytesIO(self._part(f"{name}.parquet")))

    def _part(self, name: str) -> bytes:
        return self._archive.read(name)


def read(stored: StoredFile) -> Evidence:
    """Return the evidence that a kept file holds."""
    return _read(stored.sha256, str(stored.path))


@lru_cache(maxsize=_OPEN)
def _read(_sha256: str, path: str) -> Evidence:
    return Evidence(Path(path).read_bytes())
