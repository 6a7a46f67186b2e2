"""Where a figure and a thing behind it are opened: on the living pages, or in what was kept."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from bishui.bulletins import FIGURE, PART, SITE, site_of
from bishui.server.reporting.models import Edition, Report
from bishui.server.reporting.periods import Scope


class LiveLinks:
    """Of a draft, and of a summary: figures of the report, sites as they are now."""

    def __init__(self, report: Report, scope: Scope) -> None:
        self._report, self._period = report, scope.period.label

    def figure(self, key: str) -> str:
        """Return the address that opens a figure of the report."""
        return reverse("reporting:figure", args=[self._report.pk, key])

    def opened(self, ref: str) -> str:
        """Return the page of a site in the period, of a figure, the form of a part, or the address itself."""
        if ref.startswith(SITE):
            site, period, item = site_of(ref)
            page = reverse("sites:rows", args=[site, item]) if item else reverse("sites:site", args=[site])
            return f"{page}?{urlencode({'period': period or self._period})}"
        if ref.startswith(PART):
            return self.part(ref.removeprefix(PART))
        return self.figure(ref.removeprefix(FIGURE)) if ref.startswith(FIGURE) else ref

    def part(self, name: str) -> str:
        """Return the form of a written part on the page of the report."""
        return f"#part-{name}"


class KeptLinks(LiveLinks):
    """Of a bulletin whose rows were frozen: sites as they were then; of an edition also its own figures."""

    def __init__(self, report: Report, scope: Scope, edition: Edition | None = None) -> None:
        super().__init__(report, scope)
        self._edition = edition

    def figure(self, key: str) -> str:
        """Return the address that opens a figure of the report, or of the edition."""
        if self._edition is None:
            return super().figure(key)
        return reverse("reporting:edition_figure", args=[self._report.pk, self._edition.number, key])

    def opened(self, ref: str) -> str:
        """Return the page of a site as it was frozen, of a figure, or the address itself."""
        if not ref.startswith(SITE):
            return super().opened(ref)
        return self.site(*site_of(ref))

    def part(self, name: str) -> str:
        """Return the form of a part of the report; an edition has none."""
        return super().part(name) if self._edition is None else ""

    def site(self, site: str, period: str = "", item: str = "") -> str:
        """Return the page of a site as it was frozen, or that of the rows of one of its items."""
        number = [] if self._edition is None else [self._edition.number]
        name = ("edition_" if number else "") + ("rows" if item else "evidence")
        page = reverse(f"reporting:{name}", args=[self._report.pk, *number, site, *([item] if item else [])])
        return f"{page}?{urlencode({'period': period})}" if period else page


def links_of(report: Report, scope: Scope, edition: Edition | None = None) -> LiveLinks:
    """Return the links of a report as it stands, or of one of its editions."""
    kept = edition.evidence if edition is not None else report.evidence
    return (
        KeptLinks(report, scope, edition)
        if kept is not None or edition is not None
        else LiveLinks(report, scope)
    )
