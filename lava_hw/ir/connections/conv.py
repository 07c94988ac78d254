"""Weights that many synapses share, as in a convolution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lava_hw.ir.connections.listed import ListedConnection

__all__ = ["ConvConnection"]


@dataclass(frozen=True, eq=False, kw_only=True)
class ConvConnection(ListedConnection):
    """Synapses whose weights are elements of a kernel; each element is used at many places.

    The pattern is free: stride, padding, dilation, groups of channels and pooling are all patterns.

    Attributes
    ----------
    element : int32 array, (synapses,)
        Synapse i has the weight of kernel element `element[i]`.
    stored : int32 array, (elements of the kernel,)
        The numbers of the elements as the chip holds them.
    kernel_shape : tuple of int
        Shape of the Var of the weights.
    in_channels, out_channels : int
        Innermost size of the ports: how finely the pattern repeats.
    var : str
        Name of the Var of the weights.
    """

    element: npt.NDArray[np.int32]
    stored: npt.NDArray[np.int32]
    kernel_shape: tuple[int, ...]
    in_channels: int = 1
    out_channels: int = 1
    var: str = "weight"
