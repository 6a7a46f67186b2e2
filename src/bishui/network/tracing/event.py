"""What was measured in the event: rows for the likelihood, exceedances, and how noisy the results are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bishui.errors import DataError
from bishui.i18n import Text
from bishui.network.settings import Settings
from bishui.network.tables import Floats, Integers, Pollutant
from bishui.network.tracing.tables import Flags, Samples

#: From a median absolute deviation to a standard deviation, for the normal distribution.
_FROM_MEDIAN, _HOUR_S = 1.4826, 3600.0


class NothingToTrace(DataError):
    """No result of the event is above its limit."""

    code = "nothing-to-trace"


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """Results of the event, those of a station taken together by medians; sorted by item, section, time.

    Attributes
    ----------
    value
        Logarithm of g/m³.
    time
        Seconds from `moment`.
    count
        Results in the row.
    above
        Whether the row is above its limit.
    moment
        The last exceedance.
    noise
        Relative error of one result, as the results themselves show it.
    """

    item: Integers
    section: Integers
    time: Floats
    value: Floats
    below: Flags
    automatic: Flags
    count: Floats
    above: Flags
    moment: np.datetime64
    noise: float

    def variance(self, settings: Settings) -> Floats:
        """Return the error variance of each row: of a sample, and of a median of readings."""
        sample = self.noise**2 + settings.number("day_spread") ** 2
        reading = 0.5 * np.pi * self.noise**2 / self.count + settings.number("drift_spread") ** 2
        return np.where(self.automatic, reading, sample)


def event_of(
    samples: Samples,
    event_from: np.datetime64,
    pollutants: Sequence[Pollutant],
    limits: Mapping[str, float],
    settings: Settings,
) -> Event:
    """Return the rows of the event.

    Raises
    ------
    NothingToTrace
        If nothing in it is above its limit.
    """
    late = samples.rows(samples.time >= event_from)
    manual = late.rows(~late.automatic)
    binned = _bins(late.rows(late.automatic), settings.number("bin_hours"))
    whole, count = manual.joined(binned[0]), np.concatenate([np.ones(len(manual)), binned[1]])
    limit = np.array([limits.get(item.key, np.inf) for item in pollutants])
    above = (whole.value > limit[whole.item]) & ~whole.below
    if not above.any():
        raise NothingToTrace(
            Text("{count} 个结果中没有超过限值的，无从溯源。", count=len(late)),
            remedy=Text("请核对断面、时段和限值。"),
        )
    order = np.lexsort((whole.time, whole.section, whole.item))
    moment = whole.time[above].max()
    return Event(
        item=whole.item[order],
        section=whole.section[order],
        time=((whole.time - moment) / np.timedelta64(1, "s"))[order],
        value=np.log(whole.value)[order],
        below=whole.below[order],
        automatic=whole.automatic[order],
        count=count[order],
        above=above[order],
        moment=moment,
        noise=_noise(samples, settings),
    )


def _bins(readings: Samples, hours: float) -> tuple[Samples, Floats]:
    """Return one row for each section, item and span of hours: median, and how many readings."""
    if not len(readings):
        return readings, np.zeros(0)
    span = np.timedelta64(round(hours * _HOUR_S), "s")
    part = (readings.time - readings.time.min()) // span
    keys = np.stack([readings.section, readings.item, part.astype(np.int64)], axis=1)
    order = np.lexsort((readings.value, keys[:, 2], keys[:, 1], keys[:, 0]))
    keys = keys[order]
    first = np.flatnonzero(np.r_[True, (keys[1:] != keys[:-1]).any(axis=1)])
    count = np.diff(np.r_[first, len(keys)])
    middle = readings.rows(order[first + (count - 1) // 2])
    upper = readings.value[order[first + count // 2]]
    middle_time = readings.time.min() + (keys[first, 2] * span) + span // 2
    value = np.sqrt(middle.value * upper)
    return (
        Samples(middle.section, middle.item, middle_time, value, middle.below, middle.automatic),
        count.astype(float),
    )


def _noise(samples: Samples, settings: Settings) -> float:
    """Return the relative error of a result, within its bounds: from differences of neighbouring readings."""
    low, high = settings.number("noise_low"), settings.number("noise_high")
    steps = [
        np.diff(np.log(samples.value[chosen]))
        for section, item in {(int(s), int(p)) for s, p in zip(samples.section, samples.item, strict=True)}
        if (
            chosen := (samples.section == section)
            & (samples.item == item)
            & samples.automatic
            & ~samples.below
        ).sum()
        > 1
    ]
    if not steps:
        return 0.5 * (low + high)
    between = np.concatenate(steps)
    return float(np.clip(_FROM_MEDIAN * np.median(np.abs(between)) / np.sqrt(2.0), low, high))


def rows_by_section_and_item(event: Event) -> tuple[Integers, Integers, Integers]:
    """Return where groups of one item and section start (with the end), and item and section of each."""
    new = np.r_[True, (event.item[1:] != event.item[:-1]) | (event.section[1:] != event.section[:-1])]
    first = np.flatnonzero(new)
    return np.r_[first, len(event.item)].astype(np.int64), event.item[first], event.section[first]
