"""Where sections, intakes and outfalls lie on the network: found from coordinates, or said by a person.

What a person said comes first, as long as the reach is still there and the coordinates are those of then.
What was only found is used where it is certain; all else waits for a person and is used by nobody.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from bishui.i18n import Text
from bishui.server.network.held import Held
from bishui.server.network.models import Placement
from bishui.server.network.points import Thing, things

if TYPE_CHECKING:
    from bishui.network import Section, Snap, SnapCandidate

#: How sure a place is, the surest last: the order in which a person looks at them.
LEVELS: dict[str, Text] = {
    "none": Text("不能挂接"),
    "moved": Text("坐标已变，须重新核定"),
    "doubtful": Text("存疑，待核定"),
    "certain": Text("自动挂接"),
    "decided": Text("人工核定"),
}
USABLE = ("certain", "decided")


@dataclass(frozen=True, slots=True)
class Placed:
    """Where something lies: row of the reach and chainage (m), or the candidates where that is open.

    Attributes
    ----------
    level
        Key of `LEVELS`.
    distance
        From its coordinates to the reach, m; None where a person chose a reach that is not near.
    doubts
        Why a person should look.
    """

    thing: Thing
    level: str
    reach: int | None
    chainage: float
    distance: float | None
    doubts: tuple[str, ...] = ()
    candidates: tuple[SnapCandidate, ...] = ()
    decided: Placement | None = None

    @property
    def usable(self) -> bool:
        """Whether others may compute with the place."""
        return self.level in USABLE and self.reach is not None

    @property
    def section(self) -> Section:
        """The place as the room wants it."""
        from bishui.network import Section

        return Section(self.thing.key, self.reach if self.reach is not None else -1, self.chainage)


_lock = threading.Lock()
_kept: list[tuple[object, dict[str, Snap]]] = []


def places(found: Held, division: str) -> list[Placed]:
    """Return where everything of a division lies on a network."""
    known = things(division)
    root = division.split("/", 1)[0] + "/"
    decided = {entry.key: entry for entry in Placement.objects.filter(division__startswith=root)}
    snaps = _snaps(found, known)
    rows = found.rows({entry.reach for entry in decided.values()})
    return [_placed(found, thing, snaps.get(thing.key), decided.get(thing.key), rows) for thing in known]


def usable(placed: Iterable[Placed], *kinds: str) -> list[Placed]:
    """Return those whose place others may compute with, of some kinds or of all."""
    return [entry for entry in placed if entry.usable and (not kinds or entry.thing.kind in kinds)]


def unsure(placed: Iterable[Placed]) -> list[Placed]:
    """Return those that wait for a person."""
    return [entry for entry in placed if not entry.usable]


def _snaps(found: Held, known: Sequence[Thing]) -> dict[str, Snap]:
    """Return what the coordinates say, kept while neither network nor coordinates change."""
    if not found.file.has_geometry:
        return {}
    with_place = [thing for thing in known if thing.lon is not None and thing.lat is not None]
    name = (found.digest, tuple((entry.key, entry.lon, entry.lat, entry.water) for entry in with_place))
    with _lock:
        if _kept and _kept[0][0] == name:
            return _kept[0][1]
    from bishui.network import SnapPoint, snap_points

    points = [
        SnapPoint(thing.key, float(thing.lon), float(thing.lat), thing.water, thing.digits)
        for thing in with_place
        if thing.lon is not None and thing.lat is not None
    ]
    snaps = {snap.key: snap for snap in snap_points(points, found.file)}
    with _lock:
        _kept[:] = [(name, snaps)]
    return snaps


def _placed(
    found: Held, thing: Thing, snap: Snap | None, decided: Placement | None, rows: dict[str, int]
) -> Placed:
    candidates = snap.candidates if snap else ()
    doubts = tuple(str(doubt.text) for doubt in snap.doubts) if snap else (_why_not(found, thing),)
    if decided is not None and decided.reach in rows:
        same = (decided.lon, decided.lat) == (_kept_digits(thing.lon), _kept_digits(thing.lat))
        row = rows[decided.reach]
        near = next((entry.distance for entry in candidates if entry.reach == row), None)
        chainage = min(float(decided.chainage), float(found.file.reaches.length[row]))
        level = "decided" if same else "moved"
        return Placed(thing, level, row, chainage, near, doubts, candidates, decided)
    if snap is None or snap.place is None:
        return Placed(thing, "none", None, 0.0, None, doubts, candidates, decided)
    place = snap.place
    length = float(found.file.reaches.length[place.reach])
    return Placed(
        thing,
        snap.confidence.value,
        place.reach,
        min(place.chainage, length),
        place.distance,
        doubts,
        candidates,
        decided,
    )


def _kept_digits(value: Decimal | None) -> Decimal | None:
    """Return a coordinate as the database keeps it, to be compared."""
    return None if value is None else value.quantize(Decimal("0.00000001"))


def _why_not(found: Held, thing: Thing) -> str:
    if not found.file.has_geometry:
        return str(Text("河网文件没有线形，只能由人指定河段"))
    if thing.lon is None:
        return str(Text("没有坐标"))
    return ""
