"""Small networks for tests of what runs on them."""

import numpy as np

from bishui.network import Edges, Reaches, ReachKind, build


def network(lengths, edges, *, velocity=0.5, lateral=None, kinds=None, volumes=None, temperature=20.0):
    """A network of reaches 0, 1, 2 …; edges are (upstream, downstream) or with a share."""
    n = len(lengths)
    flow = np.zeros(n) if lateral is None else np.array(lateral, float)
    if lateral is None:
        flow[0] = 10.0
    given = [(*edge, 1.0)[:3] for edge in edges]
    reaches = Reaches(
        np.arange(n),
        np.array(kinds or [ReachKind.RIVER] * n, np.int8),
        np.array(lengths, float),
        np.full(n, velocity) if np.isscalar(velocity) else np.array(velocity, float),
        np.array(volumes if volumes is not None else [np.nan] * n, float),
        np.full(n, temperature),
        flow,
    )
    up, down, share = (list(column) for column in zip(*given, strict=True)) if given else ([], [], [])
    return build(reaches, Edges(np.array(up, np.int64), np.array(down, np.int64), np.array(share, float)))
