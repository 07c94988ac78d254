"""Sinks of data (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyRefPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.ports.ports import InPort, RefPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.var_range import VarRange, table
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.io.source import steps_contiguous

__all__ = [
    "AbstractPyRead",
    "AbstractPyReceiveModel",
    "PyReadFixed",
    "PyReadFloat",
    "PyReceiveModelFixed",
    "PyReceiveModelFloat",
    "Read",
    "RingBuffer",
]


class RingBuffer(AbstractProcess):
    """Stores what arrives in step t in data[..., (t - 1) % buffer].

    Parameters
    ----------
    shape : tuple of int
        Shape of a message.
    buffer : int
        Steps that fit; then the oldest are overwritten.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.
    """

    _shown_as = "Sink"
    var_ranges = table({"data": VarRange()})

    def __init__(self, *, shape: tuple[int, ...], buffer: int, **kwargs: Any) -> None:
        if buffer < 1:
            raise ValueError(f"Sink: buffer must hold at least one step, got {buffer}.")
        super().__init__(shape=shape, buffer=buffer, **kwargs)
        self.a_in = InPort(shape=shape)
        self.data = Var(shape=(*shape, buffer), init=0)


class AbstractPyReceiveModel(PyLoihiProcessModel):
    """Common part of the models of the sink."""

    a_in: Any = None
    data: Any = None

    @classmethod
    def recorded_along(cls, name: str) -> int | None:
        """See AbstractPyProcessModel."""
        return -1 if name == "data" else None

    def run_spk(self) -> None:
        """Store the message of this step."""
        if self.data.strides[-1] != self.data.nbytes // self.data.shape[-1]:
            self.data = steps_contiguous(self.data)
        self.data[..., (self.time_step - 1) % self.data.shape[-1]] = self.a_in.recv()

    def run_batch(self, steps: int) -> None:
        """Store the messages of several steps."""
        if self.data.strides[-1] != self.data.nbytes // self.data.shape[-1]:
            self.data = steps_contiguous(self.data)
        rows = np.moveaxis(self.data, -1, 0)
        end = self.time_step + steps
        while self.time_step < end:
            # At most to the end of the buffer.
            place = (self.time_step - 1) % len(rows)
            count = self.a_in.ready(min(end - self.time_step, len(rows) - place))
            rows[place : place + count] = self.a_in.recv_batch(count)
            self.time_step += count


@implements(proc=RingBuffer, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyReceiveModelFloat(AbstractPyReceiveModel):
    """Sink in floating point."""

    run_ahead = True
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    data: Any = LavaPyType(np.ndarray, float)


@implements(proc=RingBuffer, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyReceiveModelFixed(AbstractPyReceiveModel):
    """Sink of integers."""

    run_ahead = True
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    data: Any = LavaPyType(np.ndarray, np.int32, precision=24)


class Read(AbstractProcess):
    """Reads a Var of another process at the end of some steps.

    A value is read when (t - 1) % interval == offset % interval, and stored in the next column of `data`.

    Parameters
    ----------
    buffer : int
        Values that fit; then the oldest are overwritten.
    interval : int, default 1
        Steps between values.
    offset : int, default 0
        Step of the first value, from 0.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.
    """

    var_ranges = table(
        {"data": VarRange(), "interval": VarRange("int64", low=1), "offset": VarRange("int64")}
    )

    def __init__(self, *, buffer: int, interval: int = 1, offset: int = 0, **kwargs: Any) -> None:
        if buffer < 1 or interval < 1:
            raise ValueError(f"Read: buffer and interval must be at least 1, got {buffer} and {interval}.")
        super().__init__(buffer=buffer, interval=interval, offset=offset, **kwargs)
        self.buffer = buffer
        self.interval = Var((1,), init=interval)
        self.offset = Var((1,), init=offset % interval)

    def connect_var(self, var: Var) -> None:
        """Say which Var is read."""
        self.var = var
        self.state = RefPort(var.shape)
        self.data = Var(shape=(*var.shape, self.buffer), init=0)
        self.state.connect_var(var)

    def __setattr__(self, name: str, value: Any) -> None:
        # `var` only remembers the Var of the other process; it must not become a member of this one.
        if name == "var":
            object.__setattr__(self, name, value)
        else:
            super().__setattr__(name, value)


class AbstractPyRead(PyLoihiProcessModel):
    """Common part of the models of Read."""

    state: Any = None
    data: Any = None
    interval: Any = LavaPyType(np.ndarray, int)
    offset: Any = LavaPyType(np.ndarray, int)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.counter = 0

    def post_guard(self) -> bool:
        """Whether a value is due."""
        return bool((self.time_step - 1) % self.interval.item() == self.offset.item())

    def run_post_mgmt(self) -> None:
        """Store the value."""
        self.data[..., self.counter % self.data.shape[-1]] = self.state.read()
        self.counter += 1


@implements(proc=Read, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyReadFixed(AbstractPyRead):
    """Read of integers."""

    state: Any = LavaPyType(PyRefPort.VEC_DENSE, np.int32)
    data: Any = LavaPyType(np.ndarray, np.int32)


@implements(proc=Read, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyReadFloat(AbstractPyRead):
    """Read of floats."""

    state: Any = LavaPyType(PyRefPort.VEC_DENSE, float)
    data: Any = LavaPyType(np.ndarray, float)
