"""Operators that connect processes: ``y << w1 @ x1 + w2 @ x2`` (Lava's path).

A `Network` holds processes and names the port where messages enter, the port where they leave, and the
process that runs and stops everything that is connected with it. An operator connects ports at once; nothing
is evaluated later. In Python's order of precedence ``@`` and ``*`` bind before ``+``, and ``+`` before
``<<``, so that a line reads like an equation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess

__all__ = ["AlgebraicMatrix", "AlgebraicVector", "Network", "NetworkList"]


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
        from scipy.sparse import identity

        from lava_hw.networks.gradedvecnetwork import GradedSparse

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
        from lava_hw.networks.gradedvecnetwork import ProductVec

        product = ProductVec(shape=self.out_port.shape, vth=1, exp=0)
        product << (self, other)
        return product
