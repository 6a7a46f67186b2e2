"""The store of measurements is kept quick to read: once a day the files of many small imports are joined.

A page that shows a section opens each file of the store that may hold a row of it, and a daily import adds
a file a day. Joining changes no row, forgets no import, and needs nobody to wait.
"""

from __future__ import annotations

from datetime import date

import structlog

from bishui.server.sites import queries

#: So many small files of a year are left: joining them again each day would cost more than reading them.
MOST_SMALL = 16

log = structlog.get_logger()


def tidy(day: date) -> None:
    """Join small files of the store, and delete those that no commit of the last week holds.

    For days that are past nothing is done: the store is as it is now.
    """
    if day < date.today():
        return
    store = queries.store()
    if store.small_files() > MOST_SMALL:
        joined, swept = store.compact(), store.sweep()
        log.info("store tidied", joined=joined, swept=swept)
