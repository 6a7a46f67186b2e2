"""Writes of this app."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from bishui.assessment import Period
from bishui.errors import CallError, Conflict, DataError
from bishui.i18n import Text
from bishui.server.accounts import workspaces
from bishui.server.accounts.models import Division
from bishui.server.accounts.workspaces import Workspace
from bishui.server.core import audit, clock, files
from bishui.server.core.models import ImportSession
from bishui.server.sites.models import FLAGS, BaseMap, Flag, NameDecision, Reach, Site, SiteAlias
from bishui.server.sites.names import fold, known_names

#: The largest base map that pages load, in bytes.
BASE_MAP_LIMIT = 8 * 1024 * 1024


def save_site(
    code: str, name: str, *, kind: str, division: str, actor: Any, where: str = "", **fields: Any
) -> Site:
    """Create a site or change the one with this code.

    Parameters
    ----------
    code, name, kind
        See `bishui.server.sites.models.Site`.
    division
        Path of the division that the site is assessed for.
    **fields
        Further fields of `Site`; coordinates as `Decimal` with as many digits as the source gives.
    """
    with audit.action("sites.saved", actor=actor, where=where, division=division, name=name):
        site = Site.objects.filter(code=code).first() or Site(code=code)
        site.name, site.kind, site.division = name, kind, division
        for key, value in fields.items():
            setattr(site, key, value)
        site.prepare()
        site.save()
    return site


_warmed: list[Callable[[Workspace], None]] = []
#: Cities to be warmed once, at the end of what is under way; None = each at once.
_waiting: ContextVar[set[str] | None] = ContextVar("bishui_warming", default=None)
#: Months whose year so far is computed ahead; the course of indicators shows them.
_MONTHS_AHEAD = 12


def warm_also(compute: Callable[[Workspace], None]) -> None:
    """Let another app compute what its pages show of a city whenever its results are made anew."""
    if compute not in _warmed:
        _warmed.append(compute)


@contextmanager
def warmed_at_end() -> Iterator[None]:
    """Let several imports after one another be followed by one computation of what a city's pages show."""
    token = _waiting.set(set())
    try:
        yield
        waiting = sorted(_waiting.get() or ())
    finally:
        _waiting.reset(token)
    for division in waiting:
        warm(division)


def warm(division: str) -> None:
    """Compute and keep what the pages of the city of the division path `division` show first."""
    waiting = _waiting.get()
    if waiting is not None:
        waiting.add(division.split("/", maxsplit=1)[0] + "/")
        return
    from bishui.server.sites import choosing
    from bishui.server.sites.assessed import Results

    root = Division.objects.filter(code=division.split("/", maxsplit=1)[0]).first()
    if root is None:
        return
    workspace = workspaces.of_root(root)
    results = Results(workspace)
    month = results.newest_month()
    if month is not None:
        months = [Period.parse(label) for label in results.coverage()["months"][:_MONTHS_AHEAD]]
        results.prepare([month, *(choosing.year_to_date(entry) for entry in months)])
        results.history()
        for compute in _warmed:
            compute(workspace)


def add_unknown_site(session: ImportSession, site: Mapping[str, str]) -> None:
    """Register a site that an import named for the first time; its water type is unknown."""
    record = Site(
        id=UUID(site["id"]),
        code=site["code"],
        name=site["name"],
        kind="section",
        division=session.division,
        basin=site["basin"],
        water=site["water"],
        note=str(Text("由导入“{name}”登记，水体类型待补", name=str(session))),
    )
    record.save()


def add_alias(site: Site, name: str, *, actor: Any, where: str = "", why: str = "") -> SiteAlias:
    """Confirm that files mean `site` where they say `name`.

    Raises
    ------
    Conflict
        If the name already means this or another site of the division.
    """
    text = name.strip()
    if not text:
        raise DataError(Text("别名不能为空。"), remedy=Text("请填写文件中使用的名称。"))
    if len(text) > 120:
        raise DataError(Text("别名超过 120 个字：{name}", name=text[:40]), remedy=Text("请缩短后再填。"))
    holder = known_names(site.division).get(fold(text))
    if holder is not None:
        other = Site.objects.get(pk=holder)
        raise Conflict(
            Text("“{name}”已经指监测点位“{other}”。", name=text, other=other.name),
            remedy=Text("同一名称只能指一个点位，请核对。"),
        )
    _check_not_foreign(text, site)
    with audit.action(
        "sites.alias_added",
        actor=actor,
        where=where,
        why=why,
        division=site.division,
        name=site.name,
        alias=text,
    ):
        alias = SiteAlias(
            site=site,
            name=text,
            division=site.division,
            confirmed_by=name_of(actor),
            confirmed_at=now(),
        )
        alias.save()
        NameDecision(
            division=site.division,
            name=text,
            folded=fold(text),
            verdict="alias",
            site=site,
            site_name=site.name,
            by=name_of(actor),
            at=now(),
            why=why.strip()[:500],
        ).save()
    return alias


def _check_not_foreign(name: str, site: Site) -> None:
    """Refuse an alias that a person said is no site of ours; that has to be withdrawn first."""
    said = NameDecision.objects.filter(folded=fold(name), verdict="not_ours", withdrawn_at=None)
    for decision in said:
        if site.division.startswith(decision.division):
            raise Conflict(
                Text("“{name}”已由 {by} 注明不是本市的点位。", name=name, by=decision.by),
                remedy=Text("请先在“名称核对”的处理经过中撤销。"),
            )


def remove_alias(alias: SiteAlias, *, actor: Any, where: str = "", why: str = "") -> None:
    """Take an alias back; measurements that came by it stay."""
    with audit.action(
        "sites.alias_removed",
        actor=actor,
        where=where,
        why=why,
        division=alias.division,
        name=alias.site.name,
        alias=alias.name,
    ):
        standing = NameDecision.objects.filter(
            site=alias.site, folded=fold(alias.name), verdict="alias", withdrawn_at=None
        )
        for decision in standing:
            withdraw(decision, actor=actor, why=why)
        alias.delete()


def withdraw(record: Flag | NameDecision, *, actor: Any, why: str) -> None:
    """Mark a flag or a decision as withdrawn, inside the audited action of whoever does so."""
    record.withdrawn_at, record.withdrawn_by = now(), name_of(actor)
    record.withdrawn_why = why.strip()[:500]
    record.save()


def flag(
    site: Site,
    *,
    time_from: datetime,
    time_to: datetime,
    kind: str,
    reason: str,
    actor: Any,
    item: str = "",
    where: str = "",
) -> Flag:
    """Say that a stretch of readings does not count (`excluded`) or not yet (`under_review`).

    Parameters
    ----------
    time_from, time_to
        Both ends belong to the stretch.
    item
        Item key; empty means every item.

    Raises
    ------
    DataError
        If there is no reason, the stretch ends before it begins, or the kind is unknown.
    """
    if kind not in FLAGS:
        raise CallError(Text("没有“{kind}”这种标记。", kind=kind), remedy=Text("可用：剔除、复核中。"))
    if not reason.strip():
        raise DataError(Text("没有填写标记的原因。"), remedy=Text("请写明原因，它将与数据一起保留。"))
    if time_to < time_from:
        raise DataError(
            Text("结束时间 {end} 早于开始时间 {start}。", end=time_to, start=time_from),
            remedy=Text("请改正起止时间。"),
        )
    with audit.action(
        "sites.flagged",
        actor=actor,
        where=where,
        why=reason,
        division=site.division,
        name=site.name,
        start=time_from,
        end=time_to,
        flag=FLAGS[kind].template,
    ):
        record = Flag(
            site=site,
            division=site.division,
            item=item,
            time_from=time_from,
            time_to=time_to,
            flag=kind,
            reason=reason.strip()[:500],
            by=name_of(actor),
            at=now(),
        )
        record.save()
    return record


def withdraw_flag(record: Flag, *, why: str, actor: Any, where: str = "") -> None:
    """Let the readings of a flag count again; the flag stays on record, what it was made for is open again.

    Raises
    ------
    Conflict
        If it was withdrawn before.
    """
    if record.withdrawn_at is not None:
        raise Conflict(
            Text("该标记已于 {at} 撤销。", at=record.withdrawn_at), remedy=Text("请刷新页面查看。")
        )
    if not why.strip():
        raise DataError(Text("没有填写撤销的原因。"), remedy=Text("请写明为什么这些数据重新计入。"))
    with audit.action(
        "sites.flag_withdrawn",
        actor=actor,
        where=where,
        why=why,
        division=record.division,
        name=record.site.name,
        start=record.time_from,
        end=record.time_to,
    ):
        withdraw(record, actor=actor, why=why)
        for finding in record.findings.filter(state="flagged"):
            finding.state, finding.flag, finding.why = "new", None, why.strip()[:500]
            finding.by, finding.at = name_of(actor), now()
            finding.save()


def save_reaches(division: str, reaches: Iterable[Mapping[str, Any]], *, actor: Any) -> list[Reach]:
    """Replace the schematic reaches (示意河段) of a division.

    Parameters
    ----------
    reaches
        Mappings with ``name``, ``points`` (``[[lon, lat], …]`` downstream), and if wanted ``order``
        (its size: 1 = the smallest, drawn thinnest) and ``kind`` (main, tributary, lake).
    """
    records = [
        Reach(
            division=division,
            name=item["name"],
            kind=item.get("kind", "river"),
            order=int(item.get("order", 1)),
            points=[[str(lon), str(lat)] for lon, lat in item["points"]],
        )
        for item in reaches
    ]
    with audit.action("sites.reaches_saved", actor=actor, division=division, count=len(records)):
        Reach.objects.filter(division=division).delete()
        Reach.objects.bulk_create(records)
    return records


def import_base_map(
    chunks: Iterable[bytes],
    name: str,
    *,
    review_number: str,
    division: str,
    actor: Any,
    attribution: str = "",
    where: str = "",
) -> BaseMap:
    """Keep a reviewed base map in GeoJSON; the newest one is drawn with its review number (审图号).

    Raises
    ------
    DataError
        If there is no review number, or the file is not GeoJSON in longitude and latitude.
    """
    if not review_number.strip():
        raise DataError(Text("没有填写审图号。"), remedy=Text("公开使用的地图须经审核，请填写底图的审图号。"))
    with audit.action(
        "sites.base_map_imported",
        actor=actor,
        where=where,
        division=division,
        name=files.safe_name(name),
        number=review_number,
    ):
        stored = files.keep(chunks, name, division=division)
        check_base_map(stored.path, stored.name)
        record = BaseMap(
            file=stored,
            division=division,
            review_number=review_number.strip()[:60],
            attribution=attribution.strip()[:200],
            at=now(),
            by=name_of(actor),
        )
        record.save()
    return record


def check_base_map(path: Path, name: str) -> None:
    """Refuse what is not GeoJSON with longitudes and latitudes.

    Raises
    ------
    DataError
        With what is wrong.
    """
    if path.stat().st_size > BASE_MAP_LIMIT:
        raise DataError(
            Text("底图“{name}”超过 {limit} MB。", name=name, limit=BASE_MAP_LIMIT // 2**20),
            remedy=Text("请先简化图形或裁剪到本市范围。"),
        )
    try:
        content = json.loads(path.read_bytes())
        features = content["features"] if content["type"] == "FeatureCollection" else None
    except (ValueError, KeyError, TypeError, RecursionError):
        features = None
    if not isinstance(features, list) or not features:
        raise DataError(
            Text("“{name}”不是 GeoJSON 的要素集合（FeatureCollection），或其中没有要素。", name=name),
            remedy=Text("请在地图软件中导出为 GeoJSON（坐标系 CGCS2000 或 WGS-84）后重试。"),
        )
    for number, feature in enumerate(features, 1):
        _check_feature(feature, number, name)


def _check_feature(feature: Any, number: int, name: str) -> None:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    place = _first_place(geometry.get("coordinates") if isinstance(geometry, dict) else None)
    if place is None or not (-180 <= place[0] <= 180 and -90 <= place[1] <= 90):
        raise DataError(
            Text("“{name}”第 {number} 个要素没有经纬度坐标。", name=name, number=number),
            remedy=Text("请把坐标系转换为 CGCS2000 经纬度（EPSG:4490）后重新导出。"),
        )


def _first_place(coordinates: Any) -> tuple[float, float] | None:
    while isinstance(coordinates, list) and coordinates and isinstance(coordinates[0], list):
        coordinates = coordinates[0]
    if not isinstance(coordinates, list) or len(coordinates) < 2:
        return None
    numbers: Sequence[Any] = coordinates[:2]
    if not all(isinstance(number, int | float) for number in numbers):
        return None
    return float(numbers[0]), float(numbers[1])


def name_of(actor: Any) -> str:
    """Return the name by which records keep who did something."""
    return actor if isinstance(actor, str) else str(actor.get_username())


def now() -> datetime:
    """Return the moment that records keep: on the fixed day of an invented city."""
    return clock.now()
