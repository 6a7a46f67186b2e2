"""What the page of a site says beside the class of a section: each kind by its own method.

One module a method: it asks a door of `bishui.assessment` and keeps the answer under the hash of the city's
inputs, then puts it in words. No arithmetic of the law stands here, and nothing is written.
"""

from bishui.server.sites.kinds.choose import limits_of_works, panel_of
from bishui.server.sites.kinds.flood import flood_of
from bishui.server.sites.kinds.panel import Panel, Table
from bishui.server.sites.kinds.room import room_of

__all__ = ["Panel", "Table", "flood_of", "limits_of_works", "panel_of", "room_of"]
