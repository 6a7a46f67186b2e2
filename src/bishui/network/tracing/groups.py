"""Candidates that the sections cannot tell apart (不可区分组): by the angle between their responses."""

from __future__ import annotations

import numpy as np

from bishui.network.tables import Floats, Integers


def groups(response: Floats, cosine: float) -> list[Integers]:
    """Return groups of rows in which every two have a larger cosine; a row that responds nowhere is alone.

    Complete linkage: no chain of neighbours joins two that are far apart.

    Parameters
    ----------
    response
        What each candidate would do to each section and item, divided by its error, (K, S · P).
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    norm = np.linalg.norm(response, axis=1)
    seen = np.flatnonzero(norm > 0.0)
    found = [np.array([row]) for row in np.flatnonzero(norm <= 0.0)]
    if len(seen) == 1:
        found.append(seen)
    if len(seen) > 1:
        unit = response[seen] / norm[seen, None]
        apart = 1.0 - np.clip(unit @ unit.T, -1.0, 1.0)
        pairs = apart[np.triu_indices(len(seen), 1)]
        label = fcluster(linkage(np.maximum(pairs, 0.0), "complete"), 1.0 - cosine, "distance")
        found += [seen[label == one] for one in np.unique(label)]
    return sorted(found, key=lambda group: int(group[0]))


def cosines(response: Floats) -> Floats:
    """Return the cosine of every two rows; 0 where one responds nowhere."""
    norm = np.linalg.norm(response, axis=1)
    unit = response / np.where(norm > 0.0, norm, 1.0)[:, None]
    return np.asarray(np.clip(unit @ unit.T, -1.0, 1.0))
