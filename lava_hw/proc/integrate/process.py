"""Integrators that Lava does not have: reset by subtraction, no leak, no spikes; an input shift of 0 to 6.

Networks that were trained elsewhere need them. Ranges are strict: a value beyond them is an error on every
device, so nothing wraps anywhere, and sums saturate at 24 bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.process.parameters import plain_number
from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess, LogConfig
from lava_hw.magma.core.process.var_range import VarRange, table
from lava_hw.magma.core.process.variable import Var

__all__ = ["IF", "AbstractIntegrator", "LIFSubtract", "LeakyIntegrator"]

LIMIT = (1 << 23) - 1
"""States lie between -LIMIT and LIMIT."""
MOST_SHIFT = 6

_STATE = VarRange(low=-LIMIT, high=LIMIT, lowest=-LIMIT, highest=LIMIT)
_DECAY = VarRange(low=0, high=4096, lowest=0, highest=4096)
_THRESHOLD = VarRange(low=0, high=LIMIT, lowest=0, highest=LIMIT)


class AbstractIntegrator(AbstractProcess):
    """Ports, voltage, bias and input shift of integrators.

    Parameters
    ----------
    shape, v, bias, input_shift, name, log_config
        See LIFSubtract.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, ...],
        v: Any = 0,
        bias: Any = 0,
        input_shift: int = MOST_SHIFT,
        name: str | None = None,
        log_config: LogConfig | None = None,
        **more: Any,
    ) -> None:
        input_shift = plain_number(input_shift)
        if input_shift not in range(MOST_SHIFT + 1):
            raise ValueError(
                f"{type(self).__name__}: input_shift={input_shift!r} is no integer from 0 to {MOST_SHIFT}."
            )
        super().__init__(
            shape=shape, v=v, bias=bias, input_shift=input_shift, name=name, log_config=log_config, **more
        )
        self.a_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
        self.v = Var(shape=shape, init=v)
        self.bias = self._one_or_each_of("bias", bias)

    def _leak(self, u: Any, du: Any, dv: Any) -> None:
        self.u = Var(shape=self.proc_params["shape"], init=u)
        self.du = self._one_or_each_of("du", du)
        self.dv = self._one_or_each_of("dv", dv)

    def _spike(self, vth: Any, reset: str) -> None:
        if reset not in ("subtract", "zero"):
            raise ValueError(
                f"{type(self).__name__}: reset={reset!r} is unknown; give 'subtract', which takes the "
                "threshold from v, or 'zero'."
            )
        self.vth = self._one_or_each_of("vth", vth)

    def _one_or_each_of(self, name: str, value: Any) -> Var:
        """A parameter that is one number, or one for each neuron."""
        given, shape = np.shape(value), self.proc_params["shape"]
        if given not in ((), (1,), shape):
            raise ValueError(
                f"{type(self).__name__}: {name} has the shape {given}; give one number, or an array of the "
                f"shape {shape}."
            )
        return Var(shape=given or (1,), init=value)


class LIFSubtract(AbstractIntegrator):
    """Leaky integrate-and-fire neurons from whose voltage a spike takes the threshold. Ours: Lava has none.

    In fixed point (`tz` shifts the magnitude right, that is toward zero; `sat24` saturates at 2^23 - 1 and
    its negative; s is the input shift)::

        u = sat24( tz(u * (4096 - du), 12) + a_in * 2^s )
        v = sat24( tz(v * (4096 - dv), 12) + u + bias )
        s_out = v > vth * 2^s;  v = v - vth * 2^s where s_out   (reset="zero": v = 0 where s_out)

    In floating point: u = u (1 - du) + a_in, v = v (1 - dv) + u + bias, s_out = v > vth, v = v - vth where
    s_out. Unlike those of LIF, du keeps 4096 - du parts, u saturates, and vth may be set at any time.

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    u, v : scalar or array, default 0
        Initial current and voltage.
    du, dv : scalar or array, default 0
        Decay; parts of 4096 in fixed point (0 to 4096), a fraction in floating point.
    vth : scalar or array, default 10
        Threshold, not negative, in units of the input.
    bias : scalar or array, default 0
        What is added to v in each step; in fixed point in units of v, 2^-s of those of the input.
    reset : {"subtract", "zero"}, default "subtract"
        What a spike does to v.
    input_shift : int, default 6
        Bits by which fixed point shifts input and threshold left, 0 to 6. Weights of 16 bits want few, so
        that the states of 24 bits do not saturate.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.

    Raises
    ------
    ValueError
        If `input_shift` or `reset` is another one, or a parameter has another shape.
    """

    var_ranges = table(
        {"u": _STATE, "v": _STATE, "du": _DECAY, "dv": _DECAY, "bias": _STATE, "vth": _THRESHOLD}
    )

    def __init__(
        self,
        *,
        shape: tuple[int, ...],
        u: Any = 0,
        v: Any = 0,
        du: Any = 0,
        dv: Any = 0,
        vth: Any = 10,
        bias: Any = 0,
        reset: str = "subtract",
        input_shift: int = MOST_SHIFT,
        name: str | None = None,
        log_config: LogConfig | None = None,
    ) -> None:
        super().__init__(
            shape=shape,
            u=u,
            v=v,
            du=du,
            dv=dv,
            vth=vth,
            bias=bias,
            reset=reset,
            input_shift=input_shift,
            name=name,
            log_config=log_config,
        )
        self._leak(u, du, dv)
        self._spike(vth, reset)


class IF(AbstractIntegrator):
    """Integrate-and-fire neurons without a leak. Ours: Lava has none.

    In fixed point (see LIFSubtract)::

        v = sat24( v + a_in * 2^s + bias )
        s_out = v > vth * 2^s;  v = v - vth * 2^s where s_out   (reset="zero": v = 0 where s_out)

    Parameters
    ----------
    shape, v, vth, bias, reset, input_shift, name, log_config
        See LIFSubtract.
    """

    var_ranges = table({"v": _STATE, "bias": _STATE, "vth": _THRESHOLD})

    def __init__(
        self,
        *,
        shape: tuple[int, ...],
        v: Any = 0,
        vth: Any = 10,
        bias: Any = 0,
        reset: str = "subtract",
        input_shift: int = MOST_SHIFT,
        name: str | None = None,
        log_config: LogConfig | None = None,
    ) -> None:
        super().__init__(
            shape=shape,
            v=v,
            vth=vth,
            bias=bias,
            reset=reset,
            input_shift=input_shift,
            name=name,
            log_config=log_config,
        )
        self._spike(vth, reset)


class LeakyIntegrator(AbstractIntegrator):
    """Neurons that do not spike and send their voltage in each step. Ours: Lava has none.

    u and v are those of LIFSubtract, without its reset; s_out = v, as a graded value: in fixed point 2^s
    times that of floating point.

    Parameters
    ----------
    shape, u, v, du, dv, bias, input_shift, name, log_config
        See LIFSubtract.
    """

    var_ranges = table({"u": _STATE, "v": _STATE, "du": _DECAY, "dv": _DECAY, "bias": _STATE})

    def __init__(
        self,
        *,
        shape: tuple[int, ...],
        u: Any = 0,
        v: Any = 0,
        du: Any = 0,
        dv: Any = 0,
        bias: Any = 0,
        input_shift: int = MOST_SHIFT,
        name: str | None = None,
        log_config: LogConfig | None = None,
    ) -> None:
        super().__init__(
            shape=shape,
            u=u,
            v=v,
            du=du,
            dv=dv,
            bias=bias,
            input_shift=input_shift,
            name=name,
            log_config=log_config,
        )
        self._leak(u, du, dv)
