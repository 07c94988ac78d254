"""Vectors and matrices of graded messages (Lava's path).

They are for models in fixed point (``select_tag="fixed_pt"``): weights are scaled by 2^exp, and the
connection shifts the sum back, which its model in floating point does not do. Those that operators make by
themselves, the matrices and the product, are defined beside the operators, in `network`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.networks.network import (
    AlgebraicVector,
    GradedDense,
    GradedSparse,
    Network,
    ProductVec,
    scaled,
)
from lava_hw.proc.dense.process import Dense
from lava_hw.proc.graded.process import GradedVec as GradedVecProc
from lava_hw.proc.graded.process import InvSqrt, NormVecDelay
from lava_hw.proc.io import sink, source
from lava_hw.proc.lif.process import LIF

__all__ = [
    "GradedDense",
    "GradedSparse",
    "GradedVec",
    "InputVec",
    "LIFVec",
    "NormalizeNet",
    "OutputVec",
    "ProductVec",
]


class InputVec(AlgebraicVector):
    """A vector that is sent in every step, from a table that repeats.

    Parameters
    ----------
    vec : array, shape (n, steps) or (steps,)
        Messages by neuron and step; after the last step the first follows. It stays as it is; Lava scales the
        caller's array.
    loihi2 : bool, default False
        Kept. In Lava it adds an adapter between Python and the chip, which is not needed here.
    exp : int, default 0
        The values are multiplied by 2^exp.
    kwargs
        Anything else is ignored, as in Lava.

    Attributes
    ----------
    shape : tuple of int
        (n, steps).
    """

    def __init__(self, vec: npt.ArrayLike, loihi2: bool = False, exp: int = 0, **kwargs: Any) -> None:
        values = np.atleast_2d(np.asarray(vec))
        self.loihi2 = loihi2
        self.shape = values.shape
        self.exp = exp
        self.inport_plug = source.RingBuffer(data=scaled(values, exp))
        self.main = self.inport_plug
        self.out_port = self.inport_plug.s_out

    def __lshift__(self, other: Any) -> Any:
        """Refuse: it has no input."""
        return NotImplemented


class OutputVec(Network):
    """Records what it gets.

    Parameters
    ----------
    shape : tuple of int
        Shape of a message.
    buffer : int, default 1
        Steps that fit; then the oldest are overwritten.
    loihi2 : bool, default False
        Kept; see InputVec.
    num_message_bits : int, default 24
        Kept; Lava's adapter uses it.
    kwargs
        Passed on to the sink.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        buffer: int = 1,
        loihi2: bool = False,
        num_message_bits: int = 24,
        **kwargs: Any,
    ) -> None:
        self.shape = shape
        self.buffer = buffer
        self.loihi2 = loihi2
        self.num_message_bits = num_message_bits
        self.outport_plug = sink.RingBuffer(shape=shape, buffer=buffer, **kwargs)
        self.main = self.outport_plug
        self.in_port = self.outport_plug.a_in

    def get_data(self) -> npt.NDArray[np.int32]:
        """Messages, shape (*shape, buffer): their low 24 bits, with sign."""
        low: npt.NDArray[np.int32] = np.left_shift(self.outport_plug.data.get().astype(np.int32), 8) >> 8
        return low


class LIFVec(AlgebraicVector):
    """LIF neurons.

    Parameters
    ----------
    kwargs
        Those of LIF.
    """

    def __init__(self, **kwargs: Any) -> None:
        self.main = LIF(**kwargs)
        self.in_port = self.main.a_in
        self.out_port = self.main.s_out
        self.shape = self.in_port.shape


class GradedVec(AlgebraicVector):
    """Graded neurons without state: they send what exceeds the threshold.

    ``a * b`` of two of them gives a network whose output is their elementwise product, shifted right by `exp`
    of `a`; it comes two connections later.

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    vth : int, default 10
        Threshold.
    exp : int, default 0
        Position of the binary point.
    kwargs
        Anything else is ignored, as in Lava.
    """

    def __init__(self, shape: tuple[int, ...], vth: Any = 10, exp: int = 0, **kwargs: Any) -> None:
        self.shape = shape
        self.vth = vth
        self.exp = exp
        self.main = GradedVecProc(shape=shape, vth=vth, exp=exp)
        self.in_port = self.main.a_in
        self.out_port = self.main.s_out

    def __mul__(self, other: Any) -> Any:
        """Give the network of the product."""
        if not isinstance(other, GradedVec):
            return NotImplemented
        product = ProductVec(shape=self.shape, vth=1, exp=self.exp)
        same = np.eye(self.shape[0])
        product << (GradedSparse(weights=same) @ self, GradedSparse(weights=same) @ other)
        return GradedSparse(weights=same) @ product


class NormalizeNet(AlgebraicVector):
    """Normalises a vector: each value is divided by the length of the vector.

    The squares of all values are added up, InvSqrt answers with 2^18 / sqrt of the sum, and what entered a
    step ago is multiplied with the answer to what entered two steps ago. So a vector must stay for three
    steps, and then comes out with length 2^18.

    Parameters
    ----------
    shape : tuple of int
        (n,).
    exp : int, default 12
        Position of the binary point; kept, not used: InvSqrt has 12.
    kwargs
        Anything else is ignored, as in Lava.
    """

    def __init__(self, shape: tuple[int, ...], exp: int = 12, **kwargs: Any) -> None:
        self.shape = shape
        self.fpb = exp
        self.vfp_dense = Dense(weights=np.ones((1, shape[0])), num_message_bits=24, weight_exp=0)
        self.fpv_dense = Dense(weights=np.ones((shape[0], 1)), num_message_bits=24, weight_exp=0)
        self.main = NormVecDelay(shape=shape, vth=1, exp=exp)
        self.fp_inv_neuron = InvSqrt(shape=(1,), fp_base=exp)
        self.main.s2_out.connect(self.vfp_dense.s_in)
        self.vfp_dense.a_out.connect(self.fp_inv_neuron.a_in)
        self.fp_inv_neuron.s_out.connect(self.fpv_dense.s_in)
        self.fpv_dense.a_out.connect(self.main.a_in2)
        self.in_port = self.main.a_in1
        self.out_port = self.main.s_out
