"""What a name in a file means: who decides it, once for all further files, and how that is taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bishui.errors import Conflict, DataError
from bishui.i18n import Text
from bishui.observations import SiteHint
from bishui.server.core import audit, files, imports
from bishui.server.core.models import ImportSession
from bishui.server.sites import queries, services
from bishui.server.sites.models import FoundName, NameDecision, Site, SiteAlias
from bishui.server.sites.names import fold, known_names
from bishui.server.sites.near import Candidate, Proposal, proposals

#: So many of the newest imports are looked through for rows that can come in now.
_COMPLETED = 50
#: States of an import whose names wait for an answer; of others the file does not matter any more.
_LIVING = ("previewed", "submitted", "committing", "active")


@dataclass(slots=True)
class OpenName:
    """One name that means no site, over all files: how it is written, where, and what it is near to."""

    folded: str
    written: list[str] = field(default_factory=list)
    found: list[FoundName] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name as the newest file writes it."""
        return self.written[0]

    @property
    def rows(self) -> int:
        """How many rows of all files bear it."""
        return sum(found.rows for found in self.found)

    @property
    def water(self) -> str:
        """The water that a file names with it."""
        return next((found.water for found in self.found if found.water), "")


def root_of(division: str) -> str:
    """Return the path of the whole city: its files name sites of every county."""
    return division.split("/", 1)[0] + "/"


def keep_unknown(
    session: ImportSession, hints: Iterable[SiteHint], places: Mapping[str, Mapping[str, Any]]
) -> None:
    """Keep the names of an import that mean no site; what an earlier reading of it kept is replaced.

    Parameters
    ----------
    places
        By name: ``row_min`` and ``row_count_distinct`` of its rows.
    """
    hints = list(hints)
    former = FoundName.objects.filter(session=session)
    if not hints and not former.exists():
        return
    with audit.action(
        "sites.names_found", actor="system", division=session.division, name=str(session), count=len(hints)
    ):
        former.delete()
        FoundName.objects.bulk_create(
            FoundName(
                session=session,
                division=session.division,
                name=hint.site[:200],
                folded=fold(hint.name)[:200],
                rows=places.get(hint.site, {}).get("row_count_distinct", 0),
                first_row=places.get(hint.site, {}).get("row_min"),
                water=(hint.river or "")[:120],
                basin=(hint.basin or "")[:120],
            )
            for hint in hints
        )


def not_ours(division: str) -> frozenset[str]:
    """Return the folded names that a person said are no sites: for a division, or for one above it."""
    standing = NameDecision.objects.filter(
        division__startswith=root_of(division), verdict="not_ours", withdrawn_at=None
    )
    said = standing.values_list("division", "folded")
    return frozenset(folded for where, folded in said if division.startswith(where))


def open_names(division: str, session: ImportSession | None = None) -> list[OpenName]:
    """Return the names that mean no site, those of the most rows first; see `propose`.

    Parameters
    ----------
    division
        Path; the imports of its subtree.
    session
        Only the names of this import.
    """
    root = root_of(division)
    found = FoundName.objects.filter(division__startswith=division, session__state__in=_LIVING)
    if session is not None:
        found = found.filter(session=session)
    known = known_names(root)
    foreign = {where: not_ours(where) for where in set(found.values_list("division", flat=True))}
    grouped: dict[str, OpenName] = {}
    for record in found.select_related("session__file").order_by("-session__created_at", "name"):
        if record.folded in known or record.folded in foreign[record.division]:
            continue
        entry = grouped.setdefault(record.folded, OpenName(record.folded))
        entry.found.append(record)
        if record.name not in entry.written:
            entry.written.append(record.name)
    return sorted(grouped.values(), key=lambda entry: (-entry.rows, entry.folded))


def propose(entries: Iterable[OpenName], division: str) -> None:
    """Say of some names what they are near to; this takes a while, so only of those that are shown."""
    candidates = known_candidates(root_of(division))
    for entry in entries:
        entry.proposals = proposals(entry.name, candidates, entry.water)


def count_open(session: ImportSession) -> int:
    """Return how many names of an import still mean no site."""
    folded = set(FoundName.objects.filter(session=session).values_list("folded", flat=True))
    if not folded:
        return 0
    return len(folded - known_names(root_of(session.division)).keys() - not_ours(session.division))


def known_candidates(root: str) -> list[Candidate]:
    """Return every name and alias of the city's sites."""
    sites = Site.objects.filter(division__startswith=root).values_list("pk", "name", "water")
    waters = {pk: water for pk, _, water in sites}
    said = SiteAlias.objects.filter(site__division__startswith=root).values_list("site_id", "name")
    return [
        *(Candidate(str(pk), name, water) for pk, name, water in sites),
        *(Candidate(str(pk), name, waters.get(pk, "")) for pk, name in said),
    ]


def decide_not_ours(name: str, *, division: str, why: str, actor: Any, where: str = "") -> NameDecision:
    """Say that a name is no site of the city: its rows are left out of every file without a problem.

    Raises
    ------
    DataError
        If there is no reason.
    Conflict
        If the name means a site already, or was decided before.
    """
    if not why.strip():
        raise DataError(
            Text("没有填写原因。"), remedy=Text("请写明为什么“{name}”不是本市的点位。", name=name)
        )
    _check_open(name, division)
    with audit.action("sites.name_not_ours", actor=actor, where=where, why=why, division=division, name=name):
        return _decided(name, "not_ours", division, actor=actor, why=why)


def decide_new(
    name: str, *, code: str, kind: str, division: str, actor: Any, water: str = "", where: str = ""
) -> Site:
    """Register a site of this name; what decides its assessment is filled in on its own page.

    Raises
    ------
    Conflict
        If the name means a site already, or the code is taken.
    """
    _check_open(name, division)
    if not code.strip():
        raise DataError(Text("没有填写点位编码。"), remedy=Text("请填写在本系统内唯一的编码。"))
    if Site.objects.filter(code=code.strip()).exists():
        raise Conflict(
            Text("点位编码“{code}”已经使用。", code=code), remedy=Text("请改用其他编码，或选择已有的点位。")
        )
    with audit.action("sites.name_new", actor=actor, where=where, division=division, name=name):
        site = services.save_site(
            code.strip(), name, kind=kind, division=division, actor=actor, where=where, water=water
        )
        _decided(name, "new", division, actor=actor, site=site)
    return site


def _decided(
    name: str, verdict: str, division: str, *, actor: Any, why: str = "", site: Site | None = None
) -> NameDecision:
    decision = NameDecision(
        division=division,
        name=name,
        folded=fold(name),
        verdict=verdict,
        site=site,
        site_name=site.name if site else "",
        by=services.name_of(actor),
        at=services.now(),
        why=why.strip()[:500],
    )
    decision.save()
    return decision


def _check_open(name: str, division: str) -> None:
    if fold(name) in known_names(root_of(division)) or fold(name) in not_ours(division):
        raise Conflict(Text("“{name}”已经处理过。", name=name), remedy=Text("请刷新页面，查看处理经过。"))


def withdraw_decision(decision: NameDecision, *, why: str, actor: Any, where: str = "") -> None:
    """Take a decision back: the name waits for an answer again; what was imported by it stays.

    Raises
    ------
    Conflict
        If it was withdrawn before, or the new site has measurements already.
    """
    if decision.withdrawn_at is not None:
        raise Conflict(
            Text("该处理已于 {at} 撤销。", at=decision.withdrawn_at), remedy=Text("请刷新页面查看。")
        )
    if not why.strip():
        raise DataError(Text("没有填写撤销的原因。"), remedy=Text("请写明原因，它将留存在处理经过中。"))
    with audit.action(
        "sites.name_withdrawn",
        actor=actor,
        where=where,
        why=why,
        division=decision.division,
        name=decision.name,
    ):
        aliases = _aliases_of(decision)
        for alias in aliases:
            services.remove_alias(alias, actor=actor, where=where, why=why)
        if aliases:
            return  # the decision went with its alias
        if decision.verdict == "new" and decision.site is not None:
            _remove_new(decision.site)
            decision.site = None
        services.withdraw(decision, actor=actor, why=why)


def _aliases_of(decision: NameDecision) -> Sequence[SiteAlias]:
    if decision.verdict != "alias" or decision.site is None:
        return []
    return [alias for alias in decision.site.aliases.all() if fold(alias.name) == decision.folded]


def _remove_new(site: Site) -> None:
    """Take a new site away that nothing rests on yet."""
    if queries.measurements(root_of(site.division), [str(site.pk)]).num_rows or site.flags.exists():
        raise Conflict(
            Text("“{name}”已经有监测数据或标记，不能删除。", name=site.name),
            remedy=Text("请先撤回导入；若只是名称有误，请在台账中改名，原名可确认为别名。"),
        )
    for alias in site.aliases.all():
        alias.delete()
    site.delete()


def import_left_out(session: ImportSession, *, actor: Any, where: str = "") -> ImportSession:
    """Open an import of the same file for the rows whose names have been decided since.

    Rows that count already are recognised as repeats. A session that is still under review is read again
    instead, by `bishui.server.core.imports.read_again`.
    """
    options = {**session.options, "after": str(session.pk), "decided": len(_known_of(session))}
    return imports.receive(
        session.kind,
        files.chunks_of(session.file.path),
        session.file.name,
        division=session.division,
        actor=actor,
        where=where,
        options=options,
    )


def _known_of(session: ImportSession) -> list[str]:
    """Return the names that the import left out and that mean a site now."""
    known = known_names(session.division)
    return [found.name for found in session.found_names.all() if found.folded in known]


def sessions_to_complete(division: str, session: ImportSession | None = None) -> list[ImportSession]:
    """Return the imports of a division's subtree that left names out, newest first."""
    found = ImportSession.objects.filter(
        division__startswith=division, state__in=("previewed", "active"), found_names__isnull=False
    )
    if session is not None:
        found = found.filter(pk=session.pk)
    return list(found.select_related("file").distinct().order_by("-created_at")[:_COMPLETED])


def can_come_in(session: ImportSession) -> bool:
    """Tell whether rows were left out of an import whose names mean a site now, and are not in yet."""
    known = _known_of(session)
    if session.state == "previewed":
        return bool(known)
    done = ImportSession.objects.filter(
        kind=session.kind, options__after=str(session.pk), options__decided__gte=len(known)
    )
    return bool(known) and not done.exclude(state__in=("discarded", "taken_back", "unreadable")).exists()
