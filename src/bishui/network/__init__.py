"""Where it flows: rivers and channels (受纳水体、排污通道), their graph, tracing and transport.

Here lives what can be computed from a graph and its loads; records about outfalls live in `server.outfalls`.
"""

__all__: list[str] = []
