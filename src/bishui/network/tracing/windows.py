"""When it may have been released (排放时间窗): from when it was seen, the way, and the speed of the water."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bishui.errors import CallError
from bishui.i18n import Text


@dataclass(frozen=True, slots=True)
class Window:
    """Earliest and latest release, s from the reference moment; empty where latest is before earliest."""

    earliest: float
    latest: float

    @property
    def empty(self) -> bool:
        """Whether no release fits."""
        return self.latest < self.earliest


def release_window(seen: tuple[float, float], distance: float, velocity: tuple[float, float]) -> Window:
    """Return when what was seen from `seen[0]` to `seen[1]` (s) was released `distance` metres above.

    [t₁ − d/u_min, t₂ − d/u_max].

    Raises
    ------
    CallError
        If velocities are not positive or out of order, or the distance is negative.
    """
    slow, fast = velocity
    if not 0.0 < slow <= fast or distance < 0.0:
        raise CallError(
            Text(
                "流速 {slow}–{fast} m/s、距离 {distance} m 不成立。", slow=slow, fast=fast, distance=distance
            ),
            remedy=Text("流速应大于 0 且由小到大，距离不得为负。"),
        )
    return Window(seen[0] - distance / slow, seen[1] - distance / fast)


def release_window_by_time(seen: tuple[float, float], fastest: float, slowest: float) -> Window:
    """Return the window from the least and the most travel time, s: over branches and velocities."""
    return Window(seen[0] - slowest, seen[1] - fastest)


def intersection(windows: Sequence[Window]) -> Window:
    """Return what all windows allow for a single release; empty: no single release explains all.

    Raises
    ------
    CallError
        If there is no window.
    """
    if not windows:
        raise CallError(Text("没有时间窗可求交集。"), remedy=Text("请至少给出一个超标时段。"))
    return Window(max(window.earliest for window in windows), min(window.latest for window in windows))
