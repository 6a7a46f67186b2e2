"""The rows behind a mean without a class of surface water: of flow, effluent, groundwater and the like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa

from bishui.assessment import (
    MeanStep,
    Period,
    PeriodKind,
    RowStep,
    SiteMean,
    mean_text,
    rows_behind,
    site_means,
)
from bishui.errors import NotFound
from bishui.i18n import Text
from bishui.observations import Mark
from bishui.standards import Method, Override, any_item, method


@dataclass(frozen=True, slots=True)
class Opened:
    """A mean with its rows, its days and its months."""

    mean: SiteMean
    rows: tuple[RowStep, ...]
    daily: tuple[MeanStep, ...]
    monthly: tuple[MeanStep, ...]
    method: Method

    def steps(self) -> Iterator[tuple[Text, Text]]:
        """Yield the steps after the rows, each as a name and a sentence."""
        if self.mean.value is not None:
            unit = any_item(self.mean.item).unit
            text = Text("未修约 {mean} {unit}", mean=mean_text(self.mean.value), unit=unit)
            yield Text("均值"), text
        yield Text("评价办法"), Text("{version}", version=self.method.version)


def open_mean(
    rows: pa.Table,
    flags: pa.Table,
    *,
    site: str,
    item: str,
    period: Period,
    override: Override | None = None,
) -> Opened:
    """Open the mean of one item of a site in a period.

    Parameters
    ----------
    rows, flags
        Tables of `MEASUREMENTS` and `FLAGS`.
    override
        The bureau's own settings of the period's last day.

    Raises
    ------
    NotFound
        If the site has no row of the item in the period.
    """
    used = method(period.last_day, override)

    def means(kind: Period | PeriodKind) -> tuple[SiteMean, ...]:
        return site_means(rows, flags, kind, used, sites=(site,), wanted=(item,))

    found = means(period)
    if not found:
        raise NotFound(
            Text("该点位在 {period} 没有“{item}”的数据。", period=period.label, item=any_item(item).name),
            remedy=Text("请从点位页面进入，或另选时段。"),
        )
    readings = {mean.period.start: mean.value for mean in means(PeriodKind.READING)}
    behind = rows_behind(rows, found[0]).sort_by("time").to_pylist()
    held = flags.to_pylist()
    return Opened(
        mean=found[0],
        rows=tuple(_row(row, held, readings) for row in behind),
        daily=tuple(_step(mean) for mean in means(PeriodKind.DAY)),
        monthly=tuple(_step(mean) for mean in means(PeriodKind.MONTH)),
        method=used,
    )


def _row(
    row: Mapping[str, Any], flags: list[dict[str, Any]], readings: Mapping[datetime, Fraction | None]
) -> RowStep:
    use = _use(row, flags)
    entered = readings.get(row["time"]) if use in ("used", Mark.BELOW_DETECTION) else None
    return RowStep(
        import_id=row["import_id"],
        row=row["row"],
        time=row["time"],
        raw=row["raw"],
        value=row["value"],
        entered_as=None if entered is None else Decimal(mean_text(entered)),
        use=use,
        source=row["source"],
    )


def _use(row: Mapping[str, Any], flags: list[dict[str, Any]]) -> str:
    """Return what a row was to the mean: a flag comes first, then its own mark."""
    for flag in flags:
        meant = flag["site"] == row["site"] and flag["item"] in (None, row["item"])
        if meant and flag["time_from"] <= row["time"] <= flag["time_to"]:
            return str(flag["flag"])
    if row["mark"] == Mark.MEASURED:
        return "used"
    if row["mark"] == Mark.BELOW_DETECTION and row["value"] is None:
        return "no_detection_limit"
    return str(row["mark"])


def _step(mean: SiteMean) -> MeanStep:
    return MeanStep(mean.period.label, mean.value, mean.counts.entered, mean.counts.total, mean.source)
