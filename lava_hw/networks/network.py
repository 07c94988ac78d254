"""Operators that connect processes: ``y << w1 @ x1 + w2 @ x2`` (Lava's path).

A `Network` holds processes and names the port where messages enter, the port where they leave, and the
process that runs and stops everything that is connected with it. An operator connects ports at once; nothing
is evaluated later. In Python's order of precedence ``@`` and ``*`` bind before ``+``, and ``+`` before
``<<``, so that a line reads like an equation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from scipy.sparse import identity

from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.proc.dense.process import Dense
from lava_hw.proc.prodneuron.process import ProdNeuron
from lava_hw.proc.sparse.process import Sparse

__all__ = [
    "AlgebraicMatrix",
    "AlgebraicVector",
    "GradedDense",
    "GradedSparse",
    "Network",
    "NetworkList",
    "ProductVec",
    "connect_pair",
    "scaled",
]


class NetworkList(list[Any]):
    """Terms of a sum, made by ``+``; what they are connected to adds them up.

    Parameters
    ----------
    iterable : iterable of Network
    """

    def __init__(self, iterable: Iterable[Network]) -> None:
        super().__init__(iterable)

    def __add__(self, other: Any) -> Any:
        """Give a longer sum; this one stays as it is."""
        if isinstance(other, NetworkList):
            return NetworkList([*self, *other])
        if isinstance(other, Network):
            return NetworkList([*self, other])
        return NotImplemented


class Network:
    """Processes behind one input and one output.

    Attributes
    ----------
    in_port : InPort
        Where messages enter.
    out_port : OutPort
        Where messages leave.
    main : AbstractProcess
        By which the network is run and stopped, together with everything that is connected to it.
    """

    in_port: InPort
    out_port: OutPort
    main: AbstractProcess

    def run(self, *args: Any, **kwargs: Any) -> None:
        """Run `main`; the arguments are those of AbstractProcess.run."""
        self.main.run(*args, **kwargs)

    def stop(self) -> None:
        """Stop `main`."""
        self.main.stop()

    def __lshift__(self, other: Any) -> Any:
        """Connect a network, or each term of a sum, to `in_port`; give this network."""
        if isinstance(other, NetworkList):
            for term in other:
                self << term
            return self
        if isinstance(other, Network):
            other.out_port.connect(self.in_port)
            return self
        return NotImplemented

    def __add__(self, other: Any) -> Any:
        """Give the terms of a sum."""
        if isinstance(other, NetworkList):
            return NetworkList([*other, self])
        if isinstance(other, Network):
            return NetworkList([self, other])
        return NotImplemented


class AlgebraicVector(Network):
    """A population, seen as a vector."""

    def __lshift__(self, other: Any) -> Any:
        """Connect like Network; between two vectors there are then weights of an identity matrix.

        These take a step, as all connections do.
        """
        if not isinstance(other, AlgebraicVector):
            return super().__lshift__(other)
        shape = self.in_port.shape
        same = GradedSparse(weights=identity(math.prod(shape), format="csr"))
        one_axis = len(shape) == 1
        (other.out_port if one_axis else other.out_port.flatten()).connect(same.in_port)
        (same.out_port if one_axis else same.out_port.reshape(shape)).connect(self.in_port)
        return self


class AlgebraicMatrix(Network):
    """Connections, seen as a matrix."""

    def __matmul__(self, other: Any) -> Any:
        """Connect a vector to `in_port`; give this matrix, whose output is the product.

        A matrix that is used for a second vector multiplies the sum of both.
        """
        if isinstance(other, AlgebraicVector):
            other.out_port.connect(self.in_port)
            return self
        return NotImplemented

    def __mul__(self, other: Any) -> Any:
        """Give the elementwise product of two matrix-vector products."""
        if not isinstance(other, AlgebraicMatrix):
            return NotImplemented
        product = ProductVec(shape=self.out_port.shape, vth=1, exp=0)
        product << (self, other)
        return product


def connect_pair(target: Any, pair: Sequence[Any]) -> Any:
    """Connect the first of two networks to `target.in_port`, the second to `target.in_port2`.

    Returns
    -------
    Network
        `target`.

    Raises
    ------
    ValueError
        If there are not two.
    TypeError
        If one is no Network.
    """
    what = f"{type(target).__name__} << (first, second)"
    if len(pair) != 2:
        raise ValueError(f"{what}: needs one network for each of its two inputs, got {len(pair)}.")
    for network in pair:
        if not isinstance(network, Network):
            raise TypeError(f"{what}: both must be networks, got {type(network).__name__}.")
    pair[0].out_port.connect(target.in_port)
    pair[1].out_port.connect(target.in_port2)
    return target


class ProductVec(AlgebraicVector):
    """Neurons that send the product of two inputs; ``product << (a, b)`` connects both.

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    vth : int, default 10
        Threshold.
    exp : int, default 0
        Right shift of the product.
    kwargs
        Anything else is ignored, as in Lava.
    """

    def __init__(self, shape: tuple[int, ...], vth: Any = 10, exp: int = 0, **kwargs: Any) -> None:
        self.shape = shape
        self.vth = vth
        self.exp = exp
        self.main = ProdNeuron(shape=shape, vth=vth, exp=exp)
        self.in_port = self.main.a_in1
        self.in_port2 = self.main.a_in2
        self.out_port = self.main.s_out

    def __lshift__(self, other: Any) -> Any:
        """Connect a pair of networks; give this network."""
        if isinstance(other, tuple) or type(other) is list:
            return connect_pair(self, other)
        return NotImplemented


def scaled(values: Any, exp: int) -> Any:
    """Values times 2^exp, as a copy; of integers at 64 bits."""
    if values.dtype.kind in "biu":
        values = values.astype(np.int64)
    return values * 2**exp


class _Graded(AlgebraicMatrix):
    """A connection of 8-bit weights for graded messages."""

    _connection: type[Dense] | type[Sparse]

    def __init__(self, weights: Any, exp: int = 7, **kwargs: Any) -> None:
        self.exp = exp
        if not hasattr(weights, "dtype"):
            weights = np.asarray(weights)
        self.main = self._connection(
            weights=scaled(weights, exp),
            num_message_bits=24,
            num_weight_bits=8,
            weight_exp=-exp,
            name=kwargs.get("name"),
            log_config=kwargs.get("log_config"),
        )
        self.in_port = self.main.s_in
        self.out_port = self.main.a_out
        self.shape = self.out_port.shape


class GradedDense(_Graded):
    """Dense connections for graded messages: a_out = floor(trunc(weights 2^exp) s_in / 2^exp), a step later.

    Parameters
    ----------
    weights : array, shape (n_out, n_in)
        Weights. With both signs they have a resolution of 2^(1 - exp) and reach from -2^(8 - exp) to just
        below 2^(8 - exp); what lies beyond saturates.
    exp : int, default 7
        Position of the weights' binary point.
    kwargs
        `name` and `log_config` are those of the process; anything else is ignored, as in Lava.
    """

    _connection = Dense


class GradedSparse(_Graded):
    """Sparse connections for graded messages; see GradedDense.

    Parameters
    ----------
    weights : scipy.sparse matrix or array, shape (n_out, n_in)
        Weights.
    exp : int, default 7
        Position of the weights' binary point.
    kwargs
        `name` and `log_config` are those of the process; anything else is ignored, as in Lava.
    """

    _connection = Sparse
