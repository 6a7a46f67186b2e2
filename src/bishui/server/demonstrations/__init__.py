"""The demonstrations: the invented city at full depth, and two real cities with published facts only.

Everything goes in by the doors that users have: registers, imports, progress reports, cases.
"""

from __future__ import annotations

from bishui.server.accounts import services as accounts
from bishui.server.demonstrations.loading import Say
from bishui.server.demonstrations.real_cities import load_places
from bishui.server.demonstrations.twin_city import load_twin
from bishui.server.sites import services as sites

__all__ = ["load_all"]


def load_all(say: Say) -> None:
    """Load what is not there yet; running it again changes nothing."""
    operator = accounts.console_user()
    with sites.warmed_at_end():
        load_twin(operator, say)
        load_places(operator, say)
