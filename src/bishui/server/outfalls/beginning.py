"""What begins with a new outfall: its first round (T01)."""

from __future__ import annotations

from collections.abc import Iterable

from bishui.server.core import clock
from bishui.server.outfalls.models import Outfall, OutfallRound


def open_first(outfalls: Iterable[Outfall]) -> None:
    """Open the first round of new outfalls; within an audited action."""
    now = clock.now()
    OutfallRound.objects.bulk_create(
        OutfallRound(outfall=outfall, division=outfall.division, number=1, opened_at=outfall.found_at or now)
        for outfall in outfalls
    )
