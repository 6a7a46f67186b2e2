"""The words of this app's pages: status, change, what is missing, names of areas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from bishui.assessment import Caution, NoIndex, Reason, Verdict
from bishui.i18n import Bilingual
from bishui.server.accounts.workspaces import Workspace
from bishui.server.core.templatetags.words import REASONS
from bishui.server.sites import choosing
from bishui.server.sites.models import Site
from bishui.server.waters.areas import BASIN, CITY, COUNTY, WATER
from bishui.server.waters.missing import NOT_SAMPLED
from bishui.standards import items, water_class

_TONES = {
    Verdict.CLEARLY_BETTER: "good",
    Verdict.BETTER: "good",
    Verdict.NO_CHANGE: "info",
    Verdict.WORSE: "bad",
    Verdict.CLEARLY_WORSE: "bad",
}


def kind_names() -> dict[str, str]:
    """Return the headings of the kinds of areas."""
    return {CITY: _("全市"), WATER: _("河流与湖库"), BASIN: _("流域"), COUNTY: _("区县")}


def way_name(by: str) -> str:
    """Return how a status was found."""
    return {
        "means": _("断面均值（少于五个断面）"),
        "shares": _("断面水质类别比例"),
        "points": _("湖库点位均值"),
    }[by]


def area_names(city: Workspace) -> dict[str, str]:
    """Return the names of the city and its counties by path; waters and basins are their own names."""
    return {**choosing.division_names(city), city.division: city.name}


def names_of(sites: Sequence[Site], city: Workspace) -> dict[str, str]:
    """Return a name for each section and area; sections of one name are told apart by their codes."""
    often = Counter(site.name for site in sites)
    return area_names(city) | {
        site.key: site.name if often[site.name] == 1 else f"{site.name}（{site.code}）" for site in sites
    }


def reason_word(reason: str) -> str:
    """Return why there is no class or index, in words."""
    if reason in REASONS:
        return str(REASONS[reason])
    if reason in [entry.value for entry in NoIndex]:
        return str(NoIndex(reason).text)
    return str(Reason(reason).text)


def status(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the status of an area for ``waters/parts/status.html``: word, colour, class or the reason."""
    level, reason = entry["level"], entry["reason"]
    if level is not None:
        numeral = water_class(entry["class"]).label if entry["class"] else ""
        return {"level": level, "word": water_class(level).word, "numeral": numeral}
    missing = list(entry["missing"])
    if reason == Reason.NO_DATA and missing:
        reason = missing[0] if len(missing) == 1 else NOT_SAMPLED
    return {"level": None, "reason": reason_word(reason) if reason else ""}


def missing(entry: Mapping[str, Any]) -> str:
    """Return how many sections have no class for which reason: ``停站 2、未采样 1``."""
    return _("、").join(f"{reason_word(reason)} {count}" for reason, count in entry["missing"].items())


def pollutants(entry: Mapping[str, Any]) -> str:
    """Return the main pollutants with their multiple, or the share of sections that exceed."""
    return _("、").join(_pollutant(found, entry["sites"]) for found in entry["pollutants"]) or "—"


def _pollutant(found: Mapping[str, Any], sites: int) -> str:
    name = items()[found["item"]].name
    if "percent" in found:
        given = {**found, "item": name, "missing": sites - found["evaluated"]}
        if not given["missing"]:
            return _("%(item)s（断面超标率 %(percent)s%%，%(exceeding)s / %(evaluated)s）") % given
        return (
            _("%(item)s（断面超标率 %(percent)s%%，%(exceeding)s / %(evaluated)s，缺 %(missing)s）") % given
        )
    if found["multiple"] is None:
        return name
    return _("%(item)s（%(multiple)s 倍）") % {"item": name, "multiple": found["multiple"]}


def change(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return a change for ``waters/parts/change.html``: word, tone, figures, cautions."""
    if found is None:
        return None
    verdict = found["verdict"]
    return {
        "tone": _TONES[Verdict(verdict)] if verdict else "idle",
        "word": said(found["text"]),
        "figures": _figures(found),
        "warnings": [said(warning["text"]) for warning in _telling(found["warnings"])],
        "cautions": _cautions(found["warnings"]),
    }


def _telling(warnings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Leave only that a period was not evaluated, where it was not: nothing else is said by the rest."""
    empty = [entry for entry in warnings if entry["caution"] == Caution.NOT_EVALUATED]
    return empty or list(warnings)


def _cautions(warnings: Sequence[Mapping[str, Any]]) -> str:
    """Return in few words why a change needs care, each once; the page of the area says all."""
    kinds = dict.fromkeys(Caution(entry["caution"]) for entry in _telling(warnings))
    return _("；").join(str(kind.text) for kind in kinds)


def _figures(found: Mapping[str, Any]) -> str:
    if found["good"] is None or found["worst"] is None:
        return ""
    return _("优良 %(good)s，劣Ⅴ %(worst)s（百分点）") % {
        "good": _signed(found["good"]),
        "worst": _signed(found["worst"]),
    }


def _signed(number: str) -> str:
    return number if number.startswith("-") or not number.strip("0.") else f"+{number}"


def said(text: Mapping[str, str]) -> str:
    """Return a text that was kept in both languages in the one in use."""
    return str(Bilingual(text["zh"], text["en"]))


def rules_text(rules: Mapping[str, str]) -> str:
    """Return the rules that a result was made by."""
    return _("评价规则：%(name)s %(version)s") % {"name": said(rules), "version": rules["version"]}


def refusal(error: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return why there is no ranking: what, remedy and each problem in the language in use."""
    if error is None:
        return None
    return {
        "what": said(error["what"]),
        "remedy": said(error["remedy"]) if error["remedy"] else "",
        "problems": [said(problem["what"]) for problem in error["problems"]],
    }
