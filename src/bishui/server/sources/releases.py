"""The quarterly release of source, works and tap water: what is due, and the event of a missing one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlparse

from bishui.assessment import Period
from bishui.errors import DataError, Where
from bishui.i18n import Text
from bishui.server.core import advancing, audit, registers, workflow
from bishui.server.core.models import StoredFile
from bishui.server.sites.queries import sites_of_kind
from bishui.server.sources.models import WATERS, Release


@cache
def rules() -> dict[str, Any]:
    """Return the data of ``rules/releases.toml``."""
    return tomllib.loads((Path(__file__).parent / "rules" / "releases.toml").read_text(encoding="utf-8"))


def due_day(year: int, quarter: int) -> date:
    """Return the last day on which the release of a quarter is in time."""
    last = Period.quarter(year, quarter).last_day
    return last + timedelta(days=int(rules()["days_after_quarter"]["value"]))


def quarters_on(day: date) -> list[tuple[int, int]]:
    """Return the quarters looked after on a day: the last of the year before, and those of the year."""
    return [(day.year - 1, 4), *((day.year, quarter) for quarter in range(1, 5))]


def divisions(division: str) -> list[str]:
    """Return the divisions of a subtree that have to release: those of sources of the levels of the rules."""
    levels = rules()["levels"]["value"]
    sources = sites_of_kind(division, "drinking_water_source")
    return sorted({source.division for source in sources if source.attributes.get("source_level") in levels})


def renew(division: str, day: date) -> int:
    """Make what is to be released on `day` and does not exist yet; return how many."""
    known = set(
        Release.objects.filter(division__startswith=division).values_list(
            "division", "year", "quarter", "water"
        )
    )
    new = [
        Release(division=path, year=year, quarter=quarter, water=water, due=due_day(year, quarter))
        for path in divisions(division)
        for year, quarter in quarters_on(day)
        for water in WATERS
        if (path, year, quarter, water) not in known
    ]
    if new:
        with audit.action("sources.releases_made", actor="system", division=division, count=len(new)):
            Release.objects.bulk_create(new)
    return len(new)


def note_missing(division: str, day: date) -> int:
    """Record each release that was due before `day` and has not come as missing; return how many."""
    count = 0
    for release in Release.objects.filter(division__startswith=division, state="due", due__lt=day):
        release.missed_on = day
        workflow.fire(release, "miss", actor="system")
        count += 1
    return count


def daily(day: date) -> None:
    """Make new releases and record the missing ones in every city, on `day` or its own fixed day."""
    model: Any = registers.load_all()["divisions"].model
    roots = model.objects.filter(parent="").order_by("division")
    for path, fiction, fixed in roots.values_list("division", "fiction", "as_of"):
        chosen = fixed if fiction and fixed else day
        renew(path, chosen)
        note_missing(path, chosen)


def advance(
    release: Release,
    transition: str,
    *,
    actor: Any,
    day: date,
    texts: Mapping[str, str],
    upload: tuple[BinaryIO, str] | None = None,
    where: str = "",
) -> None:
    """Fire a transition of a release; what was released is kept with its day and the person.

    Raises
    ------
    BishuiError
        As `bishui.server.core.advancing.advance`; a DataError if the day is none, lies before the quarter's
        end or after `day`, or neither an address nor a file is given.
    """
    given = dict(texts)
    if transition == "release":
        released = _day_of(release, given.get("day", ""), day)
        url = _url_of(given.get("url", "").strip(), has_file=upload is not None)

    def prepare(kept: Mapping[str, StoredFile]) -> None:
        if transition == "release":
            release.released_on, release.url, release.file = released, url, kept.get("file")
            release.released_by = str(actor)
        elif transition == "reopen":
            release.released_on, release.url, release.file, release.released_by = None, "", None, ""

    files = {"file": upload} if transition == "release" and upload is not None else {}
    advancing.advance(
        release, transition, actor=actor, texts=given, uploads=files, prepare=prepare, where=where
    )


def _day_of(release: Release, text: str, today: date) -> date:
    where, remedy = Where(field="day"), Text("请按 2025-04-15 的形式填写实际公开的日期。")
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise DataError(Text("“{text}”不是日期。", text=text), remedy=remedy, where=where) from None
    last = Period.quarter(release.year, release.quarter).last_day
    if not last < day <= today:
        what = Text("公开日期 {day} 应在 {last} 之后、{today} 以前。", day=day, last=last, today=today)
        raise DataError(what, remedy=remedy, where=where)
    return day


def _url_of(url: str, *, has_file: bool) -> str:
    if not url and not has_file:
        raise DataError(
            Text("没有填公开网址，也没有上传公开文件。"),
            remedy=Text("请至少填写一项。"),
            where=Where(field="url"),
        )
    parts = urlparse(url)
    if url and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise DataError(
            Text("“{url}”不是网址。", url=url),
            remedy=Text("网址以 http:// 或 https:// 开头。"),
            where=Where(field="url"),
        )
    return url
