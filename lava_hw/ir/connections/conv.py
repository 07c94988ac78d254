"""Weights that many synapses share, as in a convolution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lava_hw.ir.connections.weighted import WeightedConnection

__all__ = ["ConvConnection"]


@dataclass(frozen=True, eq=False, kw_only=True)
class ConvConnection(WeightedConnection):
    """Synapses whose weights are elements of a kernel; each element is used at many places.

    The pattern is free: stride, padding, dilation, groups of channels and pooling are all patterns. Synapse i
    goes from source `source[i]` to target `target[i]` with the weight of kernel element `element[i]`. No two
    synapses have the same source and target.

    Attributes
    ----------
    size_in, size_out : int
        Elements of the ports.
    source, target, element : int32 arrays, (synapses,)
        The pattern.
    stored : int32 array, (elements of the kernel,)
        The numbers of the elements as the chip holds them.
    kernel_shape : tuple of int
        Shape of the Var of the weights.
    in_channels, out_channels : int
        Innermost size of the ports: how finely the pattern repeats.
    var : str
        Name of the Var of the weights.
    """

    size_in: int
    size_out: int
    source: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]
    element: npt.NDArray[np.int32]
    stored: npt.NDArray[np.int32]
    kernel_shape: tuple[int, ...]
    in_channels: int = 1
    out_channels: int = 1
    var: str = "weight"

    @property
    def sources(self) -> int:
        """Elements of the in port."""
        return self.size_in

    @property
    def targets(self) -> int:
        """Elements of the out port."""
        return self.size_out
