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
#: Where more lies on a map, what is not computed with is drawn as a dot.
MOST_SIGNS = 30
SIGNS = {
    "section": Bilingual("断", "S"),
    "intake": Bilingual("取", "I"),
    "outfall": Bilingual("排", "O"),
    "spill": Bilingual("泄", "!"),
    "sample": Bilingual("采", "?"),
}


def map_data(
    found: Held,
    placed: Iterable[Placed],
    division: str,
    marks: Mapping[int, str],
    address: Callable[[int], str],
    *,
    spots: Iterable[dict[str, Any] | None] = (),
) -> dict[str, Any]:
    """Return the JSON that ``frontend/src/map.ts`` reads.

    Parameters
    ----------
    marks
        Mark by row: ``chosen``, ``side``, or a grade of room ``none``, ``little``, ``some``, ``ample``.
    address
        The page that a click on a reach leads to.
    spots
        Further places, as `spot` makes them.
    """
    entries = [entry for entry in placed if entry.thing.lon is not None]
    crowded = len(entries) > MOST_SIGNS
    return {
        "points": [
            *(_point(entry, crowded) for entry in entries),
            *(one for one in spots if one is not None),
        ],
        "reaches": [_reach(found, row, marks.get(row, ""), address(row)) for row in _shown(found, marks)],
        "basemap": basemap_of(division),
        "labels": {"map": _("河网图"), "side": _("看上下游")},
    }


def drawn_rows(found: Held) -> list[int]:
    """Return the rows that a map draws where none is marked."""
    return _shown(found, {})


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


def spot(
    found: Held, row: int, chainage: float, told: tuple[str, str, str], url: str = ""
) -> dict[str, Any] | None:
    """Return a place on a reach to be drawn; None where the reach has no line.

    Parameters
    ----------
    told
        What it is: its look, the sign on its disc, its name.
    url
        The page that it leads to; empty where there is none.
    """
    line = found.file.lines[row]
    if line is None:
        return None
    share = chainage / max(float(found.network.reaches.length[row]), 1e-9)
    at = shapely.line_interpolate_point(line, min(max(share, 0.0), 1.0), normalized=True)
    kind, sign, name = told
    return {
        "id": f"{kind}:{row}:{chainage:.0f}",
        "name": name,
        "url": url,
        "lon": round(at.x, 6),
        "lat": round(at.y, 6),
        "digits": 6,
        "class": None,
        "state": "no_target",
        "target": None,
        "water": str(found.file.names[row] or "") or None,
        "kind": kind,
        "reason": name,
        "sign": sign,
    }


def _point(entry: Placed, crowded: bool) -> dict[str, Any]:
    """Return something on the map; among many an outfall that nothing is computed with is a dot."""
    thing = entry.thing
    small = crowded and thing.kind == "outfall" and thing.discharge is None
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
        "reason": _("排污口（没有许可排放量）") if small else str(PLACE_KINDS[thing.kind]),
        "small": small,
        "sign": str(SIGNS[thing.kind]),
    }
