"""A weight for each pair of source and target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lava_hw.ir.connections.base import Connection

__all__ = ["DenseConnection", "WeightRule"]


@dataclass(frozen=True)
class WeightRule:
    """How weights of a user become stored ones, for those that he sets later.

    Attributes
    ----------
    sign_mode : int
        Value of `lava_hw.utils.weightutils.SignMode`.
    num_weight_bits : int
        Bits that are kept.
    sign_given : bool
        Whether the user chose the mode; else it is the narrowest for the weights.
    exp : int
        Left shift of a sum by the weight exponent.
    """

    sign_mode: int
    num_weight_bits: int
    sign_given: bool
    exp: int


@dataclass(frozen=True, eq=False, kw_only=True)
class DenseConnection(Connection):
    """A matrix of weights, or a permutation that the compiler made.

    Attributes
    ----------
    stored : integer array, (targets, sources)
        The numbers as the chip holds them: weight = number * (-1 if `negate`) * 2^`shift`.
    signed, negate : bool
        How a number is read.
    shift : int
        Left shift of what is added, 0 to 31.
    rule : WeightRule or None
        Of the Var of the weights; None for a permutation, which has none.
    """

    stored: npt.NDArray[np.integer]
    signed: bool = False
    negate: bool = False
    shift: int = 0
    rule: WeightRule | None = None

    @property
    def sources(self) -> int:
        """Elements of the in port: columns of the matrix."""
        return int(self.stored.shape[1])

    @property
    def targets(self) -> int:
        """Elements of the out port: rows of the matrix."""
        return int(self.stored.shape[0])
