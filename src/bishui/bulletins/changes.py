"""Change of the whole against each earlier period (不同时段水质变化, 环办〔2011〕22号 三)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bishui.assessment import AreaStatus, Change, SectionResult, area_change
from bishui.bulletins import statuses, words
from bishui.bulletins.given import Given
from bishui.bulletins.told import FIGURE, Behind, Figure, Gap, Told

_BASIS = "环办〔2011〕22号 三：ΔG－ΔD，同断面、同项目"


@dataclass(frozen=True, slots=True)
class _Two:
    """The place in two periods: the key of its figures, what the earlier one is called, both states."""

    key: str
    called: str
    earlier: AreaStatus
    now: AreaStatus

    @property
    def ranks(self) -> Mapping[str, int | None]:
        """The class of each section in the earlier period."""
        return {entry.site: entry.rank for entry in self.earlier.sections}

    def behind(self, sections: Iterable[SectionResult], given: Given) -> tuple[Behind, ...]:
        """Return the sections with both classes."""
        then = {site: words.label(rank) for site, rank in self.ranks.items()}
        return tuple(
            Behind(
                f"{given.names[entry.site]}：{then[entry.site]} → {words.label(entry.rank)}",
                statuses.ref_of(given, entry),
            )
            for entry in sections
        )


def tell(told: Told, given: Given) -> None:
    """Tell the change against each earlier period, over the same sections and the same items."""
    place = given.waters[0]
    now = statuses.status_of(place, given, given.period)
    for number, (called, period) in enumerate(given.earlier, start=1):
        two = _Two(f"change_{number}", called, statuses.status_of(place, given, period), now)
        told.say(_sentence(told, given, two))


def _sentence(told: Told, given: Given, two: _Two) -> str:
    change = area_change(two.earlier, two.now, override=given.own)
    rows = tuple(statuses.both(given, change))
    word = words.change_words(change, given.names)
    verdict = told.figure(two.key, Figure(word, f"与{two.called}相比", _BASIS, rows))
    head = f"与{two.called}（{words.period_name(change.before)}）相比，{verdict}"
    if change.verdict is not None:
        return f"{head}{_by_how_much(told, given, two, change, two.key)}。"
    told.gaps.append(Gap("比较", f"{two.called}断面水质", word, f"{FIGURE}{two.key}"))
    return f"{head}{_over_common(told, given, two)}。"


def _by_how_much(told: Told, given: Given, two: _Two, change: Change, verdict: str) -> str:
    """Return the change of the two shares, and what the comparison warns of.

    `verdict` is the key of the figure that opens every section in both periods.
    """
    form, text = change.as_dict(), ""
    rows = (*statuses.shares(change), Behind("两期各断面的类别", f"{FIGURE}{verdict}"))
    for name, label, points in (
        ("good", "优良比例", change.good),
        ("worst", "劣Ⅴ类比例", change.worst),
    ):
        if points is not None:
            said = words.direction(points, Decimal(form[name]))
            figure = Figure(said, f"与{two.called}相比{label}的变化", _BASIS, rows, form[name])
            text += f"，{label}{told.figure(f'{two.key}.{name}', figure)}"
    warned = words.cautions(change, given.names)
    return f"{text}（{'；'.join(warned)}）" if warned else text


def _over_common(told: Told, given: Given, two: _Two) -> str:
    """Compare over the sections evaluated in both periods, where the whole is not comparable."""
    change = area_change(two.earlier, two.now, override=given.own, different_sections="common")
    both = [entry for entry in two.now.sections if entry.rank is not None and two.ranks.get(entry.site)]
    if change.verdict is None or not both:
        return ""
    basis = f"{_BASIS}；只比较两期均参加评价的断面，规则版本 {change.rules.version}"
    against = f"与{two.called}相比"
    place = told.count(
        f"{two.key}.common", f"{two.called}和本期均参加评价的断面", basis, two.behind(both, given)
    )
    rows = tuple(statuses.both(given, change))
    word = Figure(words.change_words(change, given.names), f"{against}共有断面的变化", basis, rows)
    key = f"{two.key}.common_word"
    by = _by_how_much(told, given, two, change, key)
    return f"；按两期均参加评价的{place}个断面比较，{told.figure(key, word)}{by}"
