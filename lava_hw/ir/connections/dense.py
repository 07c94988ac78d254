"""A weight for each pair of source and target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lava_hw.ir.connections.weighted import WeightedConnection, WeightRule

__all__ = ["DenseConnection"]


@dataclass(frozen=True, eq=False, kw_only=True)
class DenseConnection(WeightedConnection):
    """A matrix of weights, or a permutation that the compiler made.

    Attributes
    ----------
    stored : integer array, (targets, sources)
        The numbers as the chip holds them.
    rule : WeightRule or None
        Of the Var of the weights; None for a permutation, which has none.
    """

    stored: npt.NDArray[np.integer]
    rule: WeightRule | None = None

    @property
    def sources(self) -> int:
        """Elements of the in port: columns of the matrix."""
        return int(self.stored.shape[1])

    @property
    def targets(self) -> int:
        """Elements of the out port: rows of the matrix."""
        return int(self.stored.shape[0])
