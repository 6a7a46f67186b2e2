"""A device's clock against the server's: by how much it is off, and which times cannot be true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from bishui.i18n import Text

#: China Standard Time: what all times of the records are in.
CST = timezone(timedelta(hours=8))

#: What a time or a position is marked for.
FLAGS = {
    "clock": Text("设备时钟与服务器不一致，时间已改正"),
    "future": Text("时间晚于收到时刻"),
    "before_contact": Text("时间早于设备上一次与服务器同步"),
    "out_of_order": Text("时间早于同一设备先前填写的表单"),
    "clock_changed": Text("填写后设备时钟被调过"),
    "no_position": Text("没有定位"),
    "poor_accuracy": Text("定位精度差"),
    "old_position": Text("定位不是填写时取得的"),
}


@dataclass(frozen=True, slots=True)
class Made:
    """When a form was made, as far as the device knew.

    Parameters
    ----------
    at
        Time of the device's clock.
    contact
        The server's time when they had last spoken before, None where never.
    former
        Time of the device's clock at the form made before, None for the first.
    changed
        By how many seconds the clock has been set since the form was made, as its running time tells.
    """

    at: datetime
    contact: datetime | None = None
    former: datetime | None = None
    changed: int = 0


def moment(milliseconds: int) -> datetime:
    """Return the China Standard Time, naive and to the second, of milliseconds since 1970 (UTC).

    Raises
    ------
    ValueError
        If there is no such time.
    """
    try:
        found = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, OSError) as fault:
        raise ValueError(str(milliseconds)) from fault
    return found.astimezone(CST).replace(tzinfo=None, microsecond=0)


def put_right(made: Made, offset: int, tolerance: int) -> datetime:
    """Return when a form was made by the server's clock.

    `offset` is the server's time less the device's now; what lies within `tolerance` seconds changes nothing.
    """
    return made.at + timedelta(seconds=sum(part for part in (offset, made.changed) if abs(part) > tolerance))


def doubts(
    made: Made, at: datetime, received: datetime, *, offset: int, tolerance: int, slack: int
) -> list[str]:
    """Return the keys of `FLAGS` for what cannot be true about a time.

    Parameters
    ----------
    at
        The time put right.
    received
        When the server got the form.
    offset, tolerance
        The server's time less the device's, and how much of it passes, in seconds.
    slack
        By how many seconds times may cross without a mark.
    """
    margin = timedelta(seconds=slack)
    tests = {
        "clock": abs(offset) > tolerance,
        "clock_changed": abs(made.changed) > tolerance,
        "future": at > received + margin,
        "before_contact": made.contact is not None and at < made.contact - margin,
        "out_of_order": made.former is not None and made.at < made.former - margin,
    }
    return [name for name, holds in tests.items() if holds]
