"""A weight for some pairs of source and target only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lava_hw.ir.connections.pattern import Pattern
from lava_hw.ir.connections.weighted import WeightedConnection, WeightRule

__all__ = ["SparseConnection"]


@dataclass(frozen=True, eq=False, kw_only=True)
class SparseConnection(WeightedConnection):
    """Synapses that are there, each with a weight of its own; also a permutation that the compiler made.

    Synapse i goes from source `source[i]` to target `target[i]`. Synapses are in the order of the rows of a
    matrix (targets, sources), which is that of the elements of the Var; no two have the same source and
    target.

    Attributes
    ----------
    size_in, size_out : int
        Elements of the ports.
    source, target : int32 arrays, (synapses,)
        The pattern.
    stored : integer array, (synapses,)
        The numbers as the chip holds them.
    rule : WeightRule or None
        Of the Var of the weights; None for a permutation, which has none.
    pattern : Pattern or None
        Where the entries of the Var are stored, if it is a sparse matrix; None for an array of all pairs.
    """

    size_in: int
    size_out: int
    source: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]
    stored: npt.NDArray[np.integer]
    rule: WeightRule | None = None
    pattern: Pattern | None = None

    @property
    def sources(self) -> int:
        """Elements of the in port."""
        return self.size_in

    @property
    def targets(self) -> int:
        """Elements of the out port."""
        return self.size_out
