"""What the network's map draws: reaches with their marks, and what lies on them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import shapely
from django.urls import reverse
from django.utils.translation import gettext as _

from bishui.i18n import Bilingual
from bishui.server.network.held import Held
from bishui.server.network.models import PLACE_KINDS
from bishui.server.network.placing import Placed
from bishui.server.sites.mapping import basemap_of

#: More reaches than these are not sent to a browser: the smallest are left out.
MOST_REACHES = 4000
_SIGNS = {
    "section": Bilingual("断", "S"),
    "intake": Bilingual("取", "I"),
    "outfall": Bilingual("排", "O"),
}


def map_data(
    found: Held,
    placed: Iterable[Placed],
    division: str,
    marks: Mapping[int, str],
    address: Callable[[int], str],
) -> dict[str, Any]:
    """Return the JSON that ``frontend/src/map.ts`` reads.

    Parameters
    ----------
    marks
        Mark by row: ``chosen``, ``side``, or a grade of room ``none``, ``little``, ``some``, ``ample``.
    address
        The page that a click on a reach leads to.
    """
    return {
        "points": [_point(entry) for entry in placed if entry.thing.lon is not None],
        "reaches": [_reach(found, row, marks.get(row, ""), address(row)) for row in _shown(found, marks)],
        "basemap": basemap_of(division),
        "labels": {"map": _("河网图"), "side": _("看上下游")},
    }


def _shown(found: Held, marks: Mapping[int, str]) -> list[int]:
    """Return the rows to draw: those marked first, then by flow."""
    drawn = ~shapely.is_missing(found.file.lines)
    if int(drawn.sum()) <= MOST_REACHES:
        return [int(row) for row in np.flatnonzero(drawn)]
    size, largest = _sizes(found)
    marked = np.fromiter(marks, np.int64, len(marks))
    marked = _largest(marked[drawn[marked]], size)
    rest = [row for row in largest.tolist() if row not in marks]
    shown: list[int] = [*marked.tolist(), *rest]
    return shown[:MOST_REACHES]


def _largest(rows: Any, size: Any) -> Any:
    """Return the rows of most flow, as many as are drawn, the largest first."""
    if len(rows) > MOST_REACHES:
        rows = rows[np.argpartition(-size[rows], MOST_REACHES)[:MOST_REACHES]]
    return rows[np.lexsort((rows, -size[rows]))]


#: Flow by row and the rows of most flow, of the network that was drawn last.
_kept: OrderedDict[str, tuple[Any, Any]] = OrderedDict()


def _sizes(found: Held) -> tuple[Any, Any]:
    from bishui.network import flows

    known = _kept.get(found.digest)
    if known is None:
        size = flows(found.network)
        drawn = np.flatnonzero(~shapely.is_missing(found.file.lines))
        known = size, _largest(drawn, size)
        _kept.clear()
        _kept[found.digest] = known
    return known


def left_out(found: Held) -> int:
    """Return how many reaches with a line are not drawn."""
    return max(0, found.version.drawn - MOST_REACHES)


def _reach(found: Held, row: int, mark: str, url: str) -> dict[str, Any]:
    from bishui.network import ReachKind

    points = shapely.get_coordinates(found.file.lines[row])
    return {
        "id": found.network.name(row),
        "name": str(found.file.names[row] or ""),
        "points": [[round(float(lon), 6), round(float(lat), 6)] for lon, lat in points],
        "kind": ReachKind(int(found.network.reaches.kind[row])).name.lower(),
        "order": _order(found, row),
        "mark": mark,
        "url": url,
    }


def _order(found: Held, row: int) -> int:
    """Return how thick a reach is drawn, 1 to 3, by how many reaches flow into it."""
    size = int(found.network.size[found.network.position[row]])
    return 1 + (size > 1) + (size > 3)


def _point(entry: Placed) -> dict[str, Any]:
    thing = entry.thing
    return {
        "id": thing.key,
        "name": thing.name,
        "url": f"{reverse('network:map')}?at={thing.key}",
        "lon": float(thing.lon or 0),
        "lat": float(thing.lat or 0),
        "digits": thing.digits,
        "class": None,
        "state": "no_target",
        "target": None,
        "water": thing.water or None,
        "kind": thing.kind,
        "reason": str(PLACE_KINDS[thing.kind]),
        "sign": str(_SIGNS[thing.kind]),
    }
