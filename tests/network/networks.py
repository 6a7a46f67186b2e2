"""Networks for tests: from a few words, and drawn by hypothesis."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from bishui.network import Edges, Load, Network, Pollutant, Reaches, ReachKind, build, find_edges

COD = Pollutant("COD", 0.2)
NH3N = Pollutant("NH3-N", 0.1, 1.083)
SALT = Pollutant("Cl", 0.0, 1.0)


def reaches(ids: Sequence[object], **columns: object) -> Reaches:
    """Rivers of 1 km, 0.5 m/s, 20 °C, 1 m³/s lateral flow each, except where a column says otherwise."""
    count = len(ids)
    usual = {"length": 1000.0, "velocity": 0.5, "volume": np.nan, "temperature": 20.0, "lateral_flow": 1.0}
    given = {
        name: np.broadcast_to(np.asarray(columns.get(name, value), float), count).copy()
        for name, value in usual.items()
    }
    kind = np.broadcast_to(np.asarray(columns.get("kind", ReachKind.RIVER), np.int8), count).copy()
    return Reaches(np.asarray(ids), kind, **given)


def edges(text: str) -> tuple[list[str], list[str], np.ndarray]:
    """Turn ``a>b:0.6|a>c:0.4`` into the two ends and the shares."""
    pairs = [part.split(":") for part in text.split("|") if part]
    ends = [pair[0].split(">") for pair in pairs]
    shares = [float(pair[1]) if len(pair) > 1 else 1.0 for pair in pairs]
    return [a for a, _ in ends], [b for _, b in ends], np.array(shares)


def network(text: str, **columns: object) -> Network:
    """Build the network of ``a>b:0.6|a>c:0.4``; reaches in the order in which they are named."""
    up, down, share = edges(text)
    ids = list(dict.fromkeys(name for pair in zip(up, down, strict=True) for name in pair if name != "0"))
    found, wrong = find_edges(np.array(ids), up, down, share)
    return build(reaches(ids, **columns), found, wrong)


@st.composite
def tables(draw: st.DrawFn, *, splits: bool = True, most: int = 24) -> tuple[Reaches, Edges]:
    """Draw reaches, lakes among them, and edges without a ring; rows in any order, ids of any size."""
    count = draw(st.integers(1, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    ids = rng.choice(10**12, count, replace=False)
    lake = rng.random(count) < 0.2
    rows = Reaches(
        ids,
        np.where(lake, ReachKind.LAKE, ReachKind.RIVER).astype(np.int8),
        rng.choice([0.0, 1.0, 500.0, 20_000.0], count),
        rng.uniform(0.05, 2.0, count),
        np.where(lake, rng.uniform(1e4, 1e8, count), np.nan),
        rng.uniform(1.0, 32.0, count),
        rng.choice([0.0, 0.3, 2.0], count) * rng.random(count) + (rng.random(count) < 0.3),
    )
    place = rng.permutation(count)
    up, down, share = [], [], []
    for above in range(count - 1):
        ways = int(rng.choice([0, 1, 1, 1, 1, 2, 3])) if splits else int(rng.random() < 0.9)
        reach = min(count - 1, above + 1 + int(rng.integers(1, 6)))
        onto = rng.choice(np.arange(above + 1, reach + 1), min(ways, reach - above), replace=False)
        parts = rng.dirichlet(np.ones(len(onto))) if len(onto) else []
        for below, part in zip(onto, parts, strict=True):
            up.append(place[above])
            down.append(place[below])
            share.append(part if len(onto) > 1 else 1.0)
    order = rng.permutation(len(up))
    columns = np.array(up, np.int64), np.array(down, np.int64), np.array(share, np.float64)
    return rows, Edges(*(column[order] for column in columns))


@st.composite
def outfalls(draw: st.DrawFn, network: Network, most: int = 6) -> list[Load]:
    """Draw loads on a network."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    found = []
    for number in range(draw(st.integers(0, most))):
        row = int(rng.integers(len(network)))
        along = float(network.reaches.length[row] * rng.choice([0.0, rng.random(), 1.0]))
        values = {"COD": float(rng.uniform(0, 200)), "NH3-N": float(rng.uniform(0, 30)), "Cl": 50.0}
        found.append(Load(f"o{number}", row, along, float(rng.uniform(0.01, 1)), values))
    return found


def shuffled(network: Network, seed: int) -> tuple[Network, np.ndarray]:
    """Return the same network with its rows and edges in another order, and where each new row was."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(network))
    back = np.argsort(order)
    rows = network.reaches
    moved = Reaches(
        *(
            getattr(rows, name)[order]
            for name in ("ids", "kind", "length", "velocity", "volume", "temperature", "lateral_flow")
        )
    )
    turn = rng.permutation(len(network.edges.upstream))
    edges = network.edges
    return build(
        moved, Edges(back[edges.upstream[turn]], back[edges.downstream[turn]], edges.fraction[turn])
    ), order
