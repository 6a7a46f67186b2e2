"""A trace as the pages tell it: groups and suspects with their evidence, and where to sample next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from bishui.i18n import Bilingual
from bishui.server.network import shown
from bishui.server.network.models import TraceRun
from bishui.server.network.rules import kind_label
from bishui.standards import items

#: Less likely groups are shown folded together.
LEAST = 0.02
_VERDICT_TONES = {"named": "warn", "none_listed": "info", "undecided": "info"}


@dataclass(frozen=True, slots=True)
class ToldSuspect:
    """One suspect: name, probability, window, loads and evidence in words."""

    key: str
    name: str
    discharger: str
    kind: str
    probability: str
    window: str
    share: str
    loads: tuple[str, ...]
    supports: tuple[str, ...]
    against: tuple[str, ...]

    @property
    def label(self) -> str:
        """Name and discharger."""
        return f"{self.name}（{self.discharger}）" if self.discharger else self.name


@dataclass(frozen=True, slots=True)
class ToldGroup:
    """Suspects that the results cannot tell apart."""

    number: int
    probability: str
    share: float
    suspects: tuple[ToldSuspect, ...]

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.suspects)


@dataclass(frozen=True, slots=True)
class Told:
    """A whole trace in words."""

    caution: str
    verdict: str
    tone: str
    statement: str
    exceedance: str
    none_listed: str
    none_listed_share: float
    groups: tuple[ToldGroup, ...]
    unlikely: tuple[ToldSuspect, ...]
    next_samples: tuple[dict[str, str], ...]
    first_group: tuple[str, ...]

    @property
    def suspects(self) -> list[ToldSuspect]:
        """Every suspect, likeliest group first."""
        return [one for group in self.groups for one in group.suspects] + list(self.unlikely)


def told(run: TraceRun) -> Told:
    """Tell a trace that has a result."""
    result: Mapping[str, Any] = run.result or {}
    known = {entry["code"]: entry for entry in run.asked["candidates"]}
    suspects = {entry["key"]: _suspect(entry, known) for entry in result["suspects"]}
    groups: list[ToldGroup] = []
    unlikely: list[ToldSuspect] = []
    for number, group in enumerate(result["groups"], 1):
        members = tuple(suspects[key] for key in group["keys"])
        if group["probability"] >= LEAST or number == 1:
            groups.append(
                ToldGroup(number, shown.percent(group["probability"]), group["probability"], members)
            )
        else:
            unlikely.extend(members)
    first = result["groups"][0]["keys"] if result["groups"] else []
    return Told(
        caution=_say(result["caution"]),
        verdict=result["verdict"],
        tone=_VERDICT_TONES[result["verdict"]],
        statement=_named(_say(result["statement"]), known),
        exceedance=_exceedance(run, result["exceedance"]),
        none_listed=shown.percent(result["none_listed"]),
        none_listed_share=result["none_listed"],
        groups=tuple(groups),
        unlikely=tuple(unlikely),
        next_samples=tuple(_sample(run, entry) for entry in result["next_samples"][:3]),
        first_group=tuple(first),
    )


def _say(text: Mapping[str, str]) -> str:
    return str(Bilingual(text["zh"], text["en"]))


def _named(text: str, known: Mapping[str, Mapping[str, Any]]) -> str:
    """Put names where the room has codes."""
    for code, entry in known.items():
        text = text.replace(code, entry["name"])
    return text


def _exceedance(run: TraceRun, found: Mapping[str, Any]) -> str:
    names = {entry["key"]: entry["name"] for entry in run.asked["sections"]}
    return _("%(section)s %(item)s 达到限值的 %(multiple)s 倍") % {
        "section": names.get(found["section"], found["section"]),
        "item": items()[found["item"]].name,
        "multiple": shown.figure(found["multiple_of_limit"]),
    }


def _suspect(entry: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> ToldSuspect:
    candidate = known[entry["key"]]
    return ToldSuspect(
        key=entry["key"],
        name=candidate["name"],
        discharger=candidate["discharger"],
        kind=str(kind_label(candidate["kind"])),
        probability=shown.percent(entry["probability"]),
        window=_window(entry["window"]),
        share=shown.percent(entry["explained_share"]),
        loads=tuple(_load(item, load) for item, load in entry["loads"].items()),
        supports=tuple(_say(clue["text"]) for clue in entry["for"]),
        against=tuple(_say(clue["text"]) for clue in entry["against"]),
    )


def _window(window: Sequence[str] | None) -> str:
    if window is None:
        return ""
    first, last = (moment.replace("T", " ")[:16] for moment in window)
    return _("%(first)s 至 %(last)s") % {"first": first, "last": last}


def _load(item: str, load: Mapping[str, Any]) -> str:
    low, middle, high = (shown.figure(86.4 * load[f"{name}_g_s"]) for name in ("low", "median", "high"))
    return _("%(item)s %(middle)s kg/d（90%% 区间 %(low)s–%(high)s）") % {
        "item": items()[item].name,
        "middle": middle,
        "low": low,
        "high": high,
    }


def _sample(run: TraceRun, entry: Mapping[str, Any]) -> dict[str, str]:
    place = _("河段 %(reach)s 里程 %(at)s m 处，测%(item)s") % {
        "reach": entry["reach"],
        "at": f"{entry['chainage_m']:.0f}",
        "item": items()[entry["item"]].name,
    }
    bits, entropy = entry["expected_bits"], entry["entropy_bits"]
    less = _("预计可减少 %(share)s 的不确定性") % {"share": shown.percent(bits / entropy if entropy else 0.0)}
    return {"text": place, "note": less, "near": _near(run, entry)}


def _near(run: TraceRun, entry: Mapping[str, Any]) -> str:
    """Say between which of the places of a trace on its reach a sample is to be taken."""
    at = float(entry["chainage_m"])
    known = [*run.asked["sections"], *run.asked["candidates"]]
    here = [(one["chainage_m"], one["name"]) for one in known if one["reach"] == entry["reach"]]
    above = max((one for one in here if one[0] < at), default=None)
    below = min((one for one in here if one[0] > at), default=None)
    if above and below:
        return _("“%(above)s”下游 %(km)s km，“%(below)s”上游") % {
            "above": above[1],
            "km": f"{(at - above[0]) / 1000:.1f}",
            "below": below[1],
        }
    if above:
        return _("“%(above)s”下游 %(km)s km") % {"above": above[1], "km": f"{(at - above[0]) / 1000:.1f}"}
    if below:
        return _("“%(below)s”上游 %(km)s km") % {"below": below[1], "km": f"{(below[0] - at) / 1000:.1f}"}
    return ""
