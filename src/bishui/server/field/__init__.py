"""Work in the field (现场): the installable page, and what devices send when they have signal again.

Here live devices, uploads in pieces and submissions with their fate; the records that come of them are
made by `server.outfalls`. No rule about outfalls may live here.
"""

__all__: list[str] = []
