"""How an outfall (入河排污口) is kept: codes, types, life-cycle rules, the random draw (双随机).

Here live the rules, as data and functions; the records live in `server.outfalls`.
"""

__all__: list[str] = []
