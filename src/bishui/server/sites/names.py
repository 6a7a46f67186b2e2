"""Names of sites as files write them: exact after folding widths and white space, or not known."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from bishui.server.sites.models import Site, SiteAlias


def fold(name: str) -> str:
    """Return `name` after NFKC and without white space; nothing else is guessed."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def known_names(division: str) -> dict[str, str]:
    """Return site identifiers by folded name, code and alias, within a division's subtree.

    A name that two sites share means neither, unless a person said which; else it is left out.
    """
    sites = Site.objects.filter(division__startswith=division).values_list("pk", "name", "code")
    aliases = SiteAlias.objects.filter(site__division__startswith=division).values_list("site_id", "name")
    pairs = [(fold(text), str(pk)) for pk, name, code in sites for text in (name, code)]
    said = [(fold(name), str(pk)) for pk, name in aliases]
    shared = {name for name, sites in _by_name(pairs).items() if len(sites) > 1}
    decided = {name: site for name, site in _unambiguous(said).items() if name in shared}
    return _unambiguous([*pairs, *said]) | decided


def _by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, site in pairs:
        found.setdefault(name, set()).add(site)
    return found


def _unambiguous(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: next(iter(sites)) for name, sites in _by_name(pairs).items() if len(sites) == 1}


def resolve(names: Iterable[str], known: Mapping[str, str]) -> dict[str, str | None]:
    """Return the site identifier of each name, None where it is not known."""
    return {name: known.get(fold(name)) for name in names}
