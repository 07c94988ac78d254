"""Words that rows of a random sparse matrix need, in the order of its targets and leveled.

Run as ``python -m bench.sparse_rows``; docs/compiler.md has the table. `least` is what no permutation of the
targets can be expected to undercut: for a random matrix the probability that a given one needs at most so
many words (a Chernoff bound, with the longest lane of a row drawn) times the number of permutations is 1
there.
"""

from __future__ import annotations

import argparse
import time
from math import lgamma

import numpy as np
from scipy.sparse import csr_matrix, random

from lava_hw import LIF, HwRunCfg, Sparse
from lava_hw.compiler.connections import kind_of
from lava_hw.compiler.legalise import legalise
from lava_hw.compiler.level import level
from lava_hw.compiler.lower import lower_network
from lava_hw.compiler.types import Legal
from lava_hw.graph import flatten

_DRAWS = 20000


def network(weights: csr_matrix) -> Legal:
    """Neurons that send to themselves through a matrix."""
    cells, layer = LIF(shape=(weights.shape[0],), name="cells"), Sparse(weights=weights)
    cells.s_out.connect(layer.s_in)
    layer.a_out.connect(cells.a_in)
    return legalise(lower_network(flatten([cells], HwRunCfg(device="golden"))))


def words(legal: Legal, lanes: int, shard: int) -> int:
    """Words of all rows on cores of so many neurons."""
    (feed,) = [feed for feed in legal.feeds if feed.neurons == "cells"]
    conn, sources = legal.connections[feed.connection], legal.orders[feed.connection]
    found = kind_of(conn).reached(conn, sources, feed.order)
    assert found is not None
    row, place = found
    of_core = place // shard * len(sources.sources) + row
    count = np.bincount(of_core * lanes + place % lanes)
    return int(np.pad(count, (0, -len(count) % lanes)).reshape(-1, lanes).max(axis=1).sum())


def least(size: int, density: float, lanes: int) -> float:
    """See above; as a multiple of what weights need on average, on one core."""
    rng = np.random.default_rng(0)
    room = [size // lanes] * lanes
    longest = np.array(
        [rng.multivariate_hypergeometric(room, k).max() for k in rng.binomial(size, density, _DRAWS)]
    )
    choices = lgamma(size + 1) - lanes * lgamma(size // lanes + 1) - lgamma(lanes + 1)
    bounds = []
    for slope in np.linspace(0.05, 6, 120):
        shifted = np.exp(-slope * (longest - longest.min()))
        bounds.append(-(choices + size * (np.log(shifted.mean()) - slope * longest.min())) / slope)
    return max(bounds) / (density * size * size / lanes)


def main() -> None:
    """Print a line for each width and number of cores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--density", type=float, default=0.01)
    given = parser.parse_args()
    weights = random(given.size, given.size, given.density, random_state=0, format="csr")
    weights.data = np.full(weights.nnz, 2)
    legal = network(csr_matrix(weights))
    print("lanes  cores  in order  leveled  least  seconds")
    for lanes in (8, 16, 32):
        for cores in (1, 4):
            shard = given.size // cores
            began = time.perf_counter()
            cuts = {name: tuple((k * shard, shard) for k in range(cores)) for name in legal.neurons}
            leveled = level(legal, lanes, cuts)
            seconds = time.perf_counter() - began
            average = weights.nnz / lanes
            shown = f"{least(given.size, given.density, lanes):5.2f}" if cores == 1 else "    -"
            print(
                f"{lanes:5}  {cores:5}  {words(legal, lanes, shard) / average:8.2f}  "
                f"{words(leveled, lanes, shard) / average:7.2f}  {shown}  {seconds:7.1f}"
            )


if __name__ == "__main__":
    main()
