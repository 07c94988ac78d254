"""Connections whose pattern is a list of synapses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lava_hw.ir.connections.weighted import WeightedConnection

__all__ = ["ListedConnection"]


@dataclass(frozen=True, eq=False, kw_only=True)
class ListedConnection(WeightedConnection):
    """Synapse i goes from source `source[i]` to target `target[i]`; no two have the same source and target.

    Attributes
    ----------
    size_in, size_out : int
        Elements of the ports.
    source, target : int32 arrays, (synapses,)
        The pattern.
    """

    size_in: int
    size_out: int
    source: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]

    @property
    def sources(self) -> int:
        """Elements of the in port."""
        return self.size_in

    @property
    def targets(self) -> int:
        """Elements of the out port."""
        return self.size_out
