"""Delays of the synapses of a connection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lava_hw.ir.connections.pattern import Pattern
from lava_hw.ir.kept_var import Ints

__all__ = ["Delays"]


@dataclass(frozen=True, eq=False)
class Delays:
    """A delay for each stored number, and the Var that they come from.

    Attributes
    ----------
    steps : int32 array of the shape of the stored numbers
        Steps beyond the one that each connection has.
    most : int
        The longest delay that there may be.
    apart : bool
        Whether what arrives with one delay is shifted apart from what arrives with another: a right shift of
        a sum is not the sum of right shifts.
    elements : int64 array of the same shape
        Element of the Var that each of `steps` is; -1: of none, it stays as it is.
    values : int32 array, (elements of the Var,)
        The Var as it begins, those of its elements included that no number has.
    shape : tuple of int
        Of the Var.
    pattern : Pattern or None
        Where its entries are stored, if it is a sparse matrix.
    """

    steps: npt.NDArray[np.int32]
    most: int
    apart: bool
    elements: Ints
    values: npt.NDArray[np.int32]
    shape: tuple[int, ...]
    pattern: Pattern | None = None
