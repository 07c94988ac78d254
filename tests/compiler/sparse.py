"""Sparse connections, and connections with delays, that tests share."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from lava_hw import DelayDense, DelaySparse, Sparse


def matrix(
    rows: int, columns: int, seed: int = 0, low: int = -100, high: int = 100, density: float = 0.2
) -> csr_matrix:
    """A matrix with random entries, even ones if they have both signs; some of the stored ones are 0."""
    rng = np.random.default_rng(seed + 2000)
    there = rng.random((rows, columns)) < density
    found = csr_matrix(there.astype(np.int64))
    step = 2 if low < 0 < high else 1
    found.data = step * rng.integers(low // step, high // step, found.nnz)
    return found


def sparse(rows: int, columns: int, seed: int = 0, **given: Any) -> Sparse:
    """A Sparse with random weights."""
    shape = {key: given.pop(key) for key in ("low", "high", "density") if key in given}
    return Sparse(weights=matrix(rows, columns, seed, **shape), **given)


def delay_sparse(rows: int, columns: int, seed: int = 0, most: int = 2, **given: Any) -> DelaySparse:
    """A DelaySparse; some weights have no delay, some delays no weight."""
    shape = {key: given.pop(key) for key in ("low", "high", "density") if key in given}
    rng = np.random.default_rng(seed + 3000)
    weights = matrix(rows, columns, seed, **shape)
    known = rng.random((rows, columns))
    there = np.where(weights.toarray() != 0, known < 0.7, known < 0.1)
    delays = csr_matrix(there.astype(np.int64))
    delays.data = rng.integers(0, most + 1, delays.nnz)
    return DelaySparse(weights=weights, delays=delays, **{"max_delay": most, **given})


def delay_dense(rows: int, columns: int, seed: int = 0, most: int = 2, **given: Any) -> DelayDense:
    """A DelayDense with random weights and delays."""
    rng = np.random.default_rng(seed + 4000)
    low, high = given.pop("low", -100), given.pop("high", 100)
    step = 2 if low < 0 < high else 1
    weights = step * rng.integers(low // step, high // step, (rows, columns))
    delays = rng.integers(0, most + 1, (rows, columns))
    return DelayDense(weights=weights, delays=delays, **{"max_delay": most, **given})
