"""A weight for some pairs of source and target only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lava_hw.ir.connections.listed import ListedConnection
from lava_hw.ir.connections.pattern import Pattern
from lava_hw.ir.connections.weighted import WeightRule

__all__ = ["SparseConnection"]


@dataclass(frozen=True, eq=False, kw_only=True)
class SparseConnection(ListedConnection):
    """Synapses that are there, each with a weight of its own; also a permutation that the compiler made.

    Synapses are in the order of the rows of a matrix (targets, sources), which is that of the elements of the
    Var.

    Attributes
    ----------
    stored : integer array, (synapses,)
        The numbers as the chip holds them.
    rule : WeightRule or None
        Of the Var of the weights; None for a permutation, which has none.
    pattern : Pattern or None
        Where the entries of the Var are stored, if it is a sparse matrix; None for an array of all pairs.
    """

    stored: npt.NDArray[np.integer]
    rule: WeightRule | None = None
    pattern: Pattern | None = None
