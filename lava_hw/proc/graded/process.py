"""Neurons that send graded values (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.var_range import VarRange, signed, table
from lava_hw.magma.core.process.variable import Var
from lava_hw.proc.population import AbstractPopulation

__all__ = ["GradedReluVec", "GradedVec", "InvSqrt", "NormVecDelay", "loihi2round"]


def loihi2round(vv: Any) -> npt.NDArray[np.int_]:
    """Round to the nearest integer; a half is rounded away from zero.

    Parameters
    ----------
    vv : scalar or array of float

    Returns
    -------
    np.ndarray of int
        trunc(vv + 0.5) for vv > 0, trunc(vv - 0.5) else.
    """
    values = np.asarray(vv)
    rounded: npt.NDArray[np.int_] = np.trunc(values + (values > 0) - 0.5).astype(int)
    return rounded


class _Threshold(AbstractPopulation):
    """Ports and Vars of GradedVec and GradedReluVec.

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    vth : scalar, default 1
        Threshold.
    exp : int, default 0
        Fixed-point base of the threshold.
    """

    var_ranges = table({name: signed(24) for name in ("v", "vth", "exp")})

    def __init__(self, shape: tuple[int, ...], vth: Any = 1, exp: Any = 0) -> None:
        super().__init__(shape=shape)
        self.a_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
        self.v = Var(shape=shape, init=0)
        self.vth = Var(shape=(1,), init=vth)
        self.exp = Var(shape=(1,), init=exp)


class GradedVec(_Threshold):
    """Sends what it gets, where it is large enough: s_out = a_in where |a_in| > vth, else 0.

    Fixed point, 32 bits; |-2^31| is negative there. The state v is 0 at the end of each step; a value that is
    given to it by Var.set is added to the next input.

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    vth : int, default 1
        Threshold, which a value must exceed.
    exp : int, default 0
        Position of the binary point; kept, not used.
    """


class GradedReluVec(_Threshold):
    """Sends what it gets, where it exceeds the threshold: s_out = a_in where a_in > vth, else 0.

    Fixed point, 32 bits. With a negative vth some negative values pass.

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    vth : int, default 1
        Threshold.
    exp : int, default 0
        Position of the binary point; kept, not used.
    """


class NormVecDelay(AbstractPopulation):
    """Sends its squares, and its values of the step before times a second input; a part of a normalisation.

    In step t::

        s2_out(t) = a_in1(t)^2
        v2 = v;  v = a_in1(t)
        p = v2 * a_in2(t);  s_out(t) = p where |p| > vth, else 0

    Fixed point; products wrap at 32 bits.

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    vth : int, default 1
        Threshold.
    exp : int, default 0
        Position of the binary point; kept, not used.
    """

    var_ranges = table({name: signed(24) for name in ("v", "v2", "vth", "exp")})

    def __init__(self, shape: tuple[int, ...], vth: Any = 1, exp: Any = 0) -> None:
        super().__init__(shape=shape)
        self.a_in1 = InPort(shape=shape)
        self.a_in2 = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
        self.s2_out = OutPort(shape=shape)
        self.vth = Var(shape=(1,), init=vth)
        self.exp = Var(shape=(1,), init=exp)
        self.v = Var(shape=shape, init=0)
        self.v2 = Var(shape=shape, init=0)


class InvSqrt(AbstractPopulation):
    """Inverse square root, element by element: s_out = 1 / sqrt(a_in).

    In fixed point input and output have 12 bits behind the point, 0 gives 0, and five steps of an iteration
    start from a table of powers of two::

        m = 23 - floor(log2(x));  Y = T[m];  y = Y / 2;  b = x
        b = (((b Y) >> 13) Y) >> 13;  Y = 3 * 2^12 - b;  y = (y Y) >> 13        five times
        T[23 - k] = 2 trunc(2^12 / (2^((k - 12) / 2) * 1.238982962))            k = 0 .. 23

    Meant for inputs of up to 24 bits.

    Parameters
    ----------
    shape : tuple of int
        Shape of the population. Lava's model in fixed point has one element only.
    fp_base : int, default 12
        Bits behind the point; kept, not used: the model has 12.
    """

    var_ranges = table({"fp_base": VarRange(low=0, high=24)})

    def __init__(self, shape: tuple[int, ...], fp_base: int = 12) -> None:
        super().__init__(shape=shape)
        self.fp_base = Var(shape=(1,), init=fp_base)
        self.a_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
