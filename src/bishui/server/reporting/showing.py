"""A composed document as a page shows it: the same blocks as on paper, figures and rows as links."""

from __future__ import annotations

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from bishui.reports import Document, Shortened, to_body
from bishui.server.reporting.links import LiveLinks

#: A long table is shown with so many rows; all of them stand in the files.
SHOWN_ROWS = 60


def shown(document: Document, links: LiveLinks, most: int | None = SHOWN_ROWS) -> SafeString:
    """Return the HTML of title, body and attachments.

    Parameters
    ----------
    links
        Where figures and cells lead.
    most
        How many rows of a table are shown; None = all.
    """
    shortened = None if most is None else Shortened(most, _more)
    return mark_safe(to_body(document, links.opened, shortened))  # noqa: S308 -- to_body escapes every text


def _more(rows: int) -> str:
    return _("页面未列出其余 %(more)s 行，全部见导出文件。") % {"more": rows}
