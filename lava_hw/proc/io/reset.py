"""Resets of Vars of other processes (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyRefPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.ports.ports import RefPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.var_range import VarRange, table
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol

__all__ = ["AbstractPyReset", "PyResetFixed", "PyResetFloat", "Reset"]


class Reset(AbstractProcess):
    """Writes a value into a Var of another process at the end of some steps; `connect_var` says which.

    It is written when (t - 1) % interval == offset % interval, so that step t + 1 starts from it.

    Parameters
    ----------
    reset_value : int or float, default 0
        What is written, into each element. The model for fixed point truncates it.
    interval : int, default 1
        Steps from one reset to the next.
    offset : int, default 0
        Step of the first reset, from 0.

    Raises
    ------
    ValueError
        If `interval` is below 1.
    """

    var_ranges = table({name: VarRange("int64") for name in ("reset_value", "interval", "offset")})

    def __init__(self, *, reset_value: float = 0, interval: int = 1, offset: int = 0) -> None:
        if interval < 1:
            raise ValueError(f"Reset: interval must be at least 1, got {interval}.")
        super().__init__(reset_value=reset_value, interval=interval, offset=offset)
        self.reset_value = Var((1,), init=reset_value)
        self.interval = Var((1,), init=interval)
        self.offset = Var((1,), init=offset % interval)
        self.state = RefPort((1,))

    def connect_var(self, var: Var) -> None:
        """Say which Var is reset."""
        self.state = RefPort(var.shape)
        self.state.connect_var(var)


class AbstractPyReset(PyLoihiProcessModel):
    """Common part of the models of Reset."""

    state: Any = None
    reset_value: Any = None
    interval: Any = LavaPyType(np.ndarray, int)
    offset: Any = LavaPyType(np.ndarray, int)

    @classmethod
    def writes_integers(cls, proc: AbstractProcess, port: str) -> bool:
        """See AbstractPyProcessModel."""
        value = np.asarray(proc.vars.reset_value.init)
        return bool(np.all(value == np.trunc(value)))

    def post_guard(self) -> bool:
        """Whether a reset is due."""
        return bool((self.time_step - 1) % self.interval.item() == self.offset.item())

    def run_post_mgmt(self) -> None:
        """Reset."""
        self.state.write(np.full(self.state.shape, self.reset_value.item()))


@implements(proc=Reset, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyResetFixed(AbstractPyReset):
    """Reset to an integer."""

    state: Any = LavaPyType(PyRefPort.VEC_DENSE, int)
    reset_value: Any = LavaPyType(np.ndarray, int)


@implements(proc=Reset, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyResetFloat(AbstractPyReset):
    """Reset to a float."""

    state: Any = LavaPyType(PyRefPort.VEC_DENSE, float)
    reset_value: Any = LavaPyType(np.ndarray, float)
