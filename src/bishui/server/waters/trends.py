"""The trend of one item at one section: the official rank correlation, Kendall's tests beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bishui.assessment import (
    PeriodKind,
    Series,
    mann_kendall_trend,
    measured_series,
    seasonal_kendall_trend,
    spearman_trend,
)
from bishui.errors import DataError
from bishui.server.waters.areas import named
from bishui.standards import Rules


def trends(
    rows: pa.Table, tables: Mapping[str, pa.Table], site: str, item: str, chosen: Rules
) -> dict[str, Any]:
    """Return the series of months and of years, and what each test says of them.

    Parameters
    ----------
    rows
        Measurements of the item at the site.
    tables
        ``sites`` and ``flags``.
    chosen
        The rules ``trend``, with the bureau's own settings.

    Returns
    -------
    dict
        ``months``, ``years``: series; ``tests``: the results by method, empty where there is no usable value.
    """
    # Of a register with every section of a province each one would be assessed, to be left out again.
    here = tables["sites"].filter(pc.equal(tables["sites"]["id"], site))
    given: dict[str, Any] = {"site": site, "item": item, "sites": here, "flags": tables["flags"]}
    try:
        monthly = measured_series(rows, **given)
        yearly = measured_series(rows, step=PeriodKind.YEAR, **given)
    except DataError:
        nothing = Series.dated([]).as_dict()
        return {"months": nothing, "years": nothing, "tests": {}}
    plain = chosen.with_settings(serial_correlation="none")
    return {
        "months": monthly.as_dict(),
        "years": yearly.as_dict(),
        "tests": {
            "spearman": spearman_trend(yearly, chosen).as_dict(),
            "mann_kendall": mann_kendall_trend(yearly, chosen).as_dict(),
            "seasonal": seasonal_kendall_trend(monthly, plain).as_dict(),
        },
        "least_periods": chosen["least_periods"],
        "least_years": chosen["seasonal_least_years"],
        "rules": named(chosen),
    }
