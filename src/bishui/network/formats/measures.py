"""Places along a river as others count them (NHDPlus measures), turned into chainages from the top."""

from __future__ import annotations

from bishui.errors import DataError
from bishui.i18n import Text


def chainage_of_measure(measure: float, from_measure: float, to_measure: float, length: float) -> float:
    """Return the chainage of a measure, m from the top of the reach.

    Parameters
    ----------
    measure
        Place along a reach code, 0 to 100, counted from the downstream end up.
    from_measure, to_measure
        Measures at the downstream and at the upstream end of the reach.
    length
        Of the reach, m.

    Raises
    ------
    DataError
        The measure is not on the reach.
    """
    if not (from_measure <= measure <= to_measure and from_measure < to_measure):
        raise DataError(
            Text(
                "里程 {measure} 不在 {first}—{last} 之间。",
                measure=measure,
                first=from_measure,
                last=to_measure,
            ),
            remedy=Text("请核对里程，或换一个河段。"),
        )
    return (to_measure - measure) / (to_measure - from_measure) * length
