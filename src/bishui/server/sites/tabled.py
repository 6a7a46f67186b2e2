"""Results of sites as rows of a table of results, and such a table as a file to download."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from bishui.assessment import Period, Position, period_cells, section_row, spoken, table_of_rows
from bishui.errors import CallError
from bishui.i18n import Text
from bishui.observations import escape_formula
from bishui.reports import DATA_FORMATS, SPREADSHEETS, data_bytes
from bishui.server.core import audit, guard
from bishui.server.sites.models import Site

#: How the formats are called on the pages.
_NAMES = {
    "xlsx": "XLSX",
    "csv": "CSV",
    "parquet": "Parquet",
    "gpkg": "GeoPackage",
    "geojson": "GeoJSON",
}


def result_table(
    sites: Sequence[Site], sections: Mapping[str, Mapping[str, Any]], period: Period
) -> pa.Table:
    """Return a table of results with a row for each site, in their order.

    A site that has no result keeps its row and says why.

    Parameters
    ----------
    sections
        The JSON forms of results by site identifier, as they are kept.
    """
    rows = [_row(site, sections.get(str(site.pk)), period) for site in sites]
    return table_of_rows(rows, places(sites))


def places(sites: Iterable[Site]) -> dict[str, Position]:
    """Return where the sites are, by their codes; one that is not placed has no entry."""
    return {site.code: place for site in sites if (place := position(site)) is not None}


def _row(site: Site, section: Mapping[str, Any] | None, period: Period) -> dict[str, Any]:
    named = {"subject": site.code, "name": site.name, "division": site.division.rstrip("/").split("/")[-1]}
    if section is not None:
        return section_row(section) | named
    reason = "no_data" if site.water_type else "water_type_unknown"
    return {"method": "section", "verdict": "not_judged", "reason": reason} | period_cells(period) | named


def position(site: Site) -> Position | None:
    """Return where a site is, with the digits that were given; None where that is not registered."""
    if site.lon is None or site.lat is None:
        return None
    return Position(Decimal(site.lon), Decimal(site.lat), site.datum)


def downloads(address: str, asked: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the links of ``core/parts/downloads.html`` to a table of results in each format."""
    return [
        {"label": label, "url": f"{address}?{urlencode({**asked, 'format': key})}"}
        for key, label in _NAMES.items()
    ]


def send(request: HttpRequest, table: pa.Table, name: str, division: str) -> HttpResponse:
    """Return a table as a file in the format that the request names, and write down who took it.

    Raises
    ------
    CallError
        If the format is none of those offered.
    """
    kind = request.GET.get("format", "xlsx")
    if kind not in DATA_FORMATS:
        raise CallError(
            Text("不支持导出为“{kind}”。", kind=kind[:20]),
            remedy=Text("可用格式：{known}。", known="、".join(DATA_FORMATS)),
        )
    file_name = f"{name}.{kind}"
    with audit.action(
        "sites.results_exported",
        actor=request.user,
        where=guard.address(request),
        division=division,
        name=file_name,
        count=table.num_rows,
    ):
        shown = spoken(table) if kind in SPREADSHEETS else table
        content = data_bytes(shown, kind, escape=escape_formula)
    response = HttpResponse(content, content_type=DATA_FORMATS[kind])
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file_name)
    return response
