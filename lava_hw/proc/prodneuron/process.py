"""Neurons that multiply two graded inputs (Lava's path)."""

from __future__ import annotations

from typing import Any

from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.var_range import VarRange, signed, table
from lava_hw.magma.core.process.variable import Var
from lava_hw.proc.population import AbstractPopulation

__all__ = ["ProdNeuron"]


class ProdNeuron(AbstractPopulation):
    """Product of two inputs, in the step of the inputs.

    In fixed point::

        p = (a_in1 * a_in2, wrapped at 32 bits) >> exp       (floor)
        s_out = p where |p| > vth, else 0

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    vth : int, default 1
        Threshold, which the shifted product must exceed.
    exp : int, default 0
        Right shift of the product.

    Notes
    -----
    The Var v is there for compatibility with Lava; it stays 0.
    """

    var_ranges = table({"v": signed(24), "vth": signed(24), "exp": VarRange(low=0, high=31)})

    def __init__(self, shape: tuple[int, ...], vth: Any = 1, exp: Any = 0) -> None:
        super().__init__(shape=shape)
        self.a_in1 = InPort(shape=shape)
        self.a_in2 = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
        self.vth = Var(shape=(1,), init=vth)
        self.exp = Var(shape=(1,), init=exp)
        self.v = Var(shape=shape, init=0)
