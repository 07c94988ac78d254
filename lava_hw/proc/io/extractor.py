"""Data from a running network to the program (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.decorator import implements, requires
from lava_hw.magma.core.model.py.model import PyAsyncProcessModel, PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyRefPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.ports.ports import RefPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.async_protocol import AsyncProtocol
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.io import utils
from lava_hw.proc.io.program_queue import ProgramQueue
from lava_hw.proc.io.queue_process import (
    AbstractPortQueueModel,
    AbstractQueueModel,
    AbstractQueueProcess,
    checked_config,
)

__all__ = [
    "Extractor",
    "PyLoihiExtractorModel",
    "PyLoihiExtractorModelAsync",
    "PyLoihiVarWireModel",
    "VarWire",
]


class Extractor(AbstractQueueProcess):
    """Keeps what arrives at `in_port`, an item in each step, until the program fetches it with `receive`.

    What happens when the buffer is full or empty is said by `channel_config`; by default, the network waits
    while the buffer is full, and `receive` waits while it is empty. When the run is paused or stopped while
    the network waits, the step in progress is completed, and its item is kept beyond `buffer_size`.

    Parameters
    ----------
    shape, buffer_size, channel_config, name, log_config
        See Injector.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, or not positive.
    """

    def receive(self) -> npt.NDArray[Any]:
        """The next item; from any thread, during a run and after it.

        Returns
        -------
        float64 array
            Of the shape of the extractor.

        Raises
        ------
        AssertionError
            If there is no runtime yet (`create_runtime` or `run` makes one).
        RuntimeError
            If the buffer is empty and the network cannot go on any more.
        """
        return self._program_queue.get(self)


@implements(proc=Extractor, protocol=LoihiProtocol)
@requires(CPU)
class PyLoihiExtractorModel(AbstractPortQueueModel, PyLoihiProcessModel):
    """Extractor, one item in each step."""

    def run_spk(self) -> None:
        """Keep an item."""
        self._program_queue.put_in_model(self, self.in_port.recv(), "receive() of an Extractor")


@implements(proc=Extractor, protocol=AsyncProtocol)
@requires(CPU)
class PyLoihiExtractorModelAsync(AbstractPortQueueModel, PyAsyncProcessModel):
    """Extractor without steps: as many items as the run has steps."""

    def run_async(self) -> None:
        """Keep items."""
        for _ in range(self.num_steps):
            self._program_queue.put_in_model(self, self.in_port.recv(), "receive() of an Extractor")
            if self.check_for_stop_cmd() or self.check_for_pause_cmd():
                return


class VarWire(AbstractProcess):
    """Keeps the value of a Var of another process at the end of each step for the program.

    `connect_var` says which Var. For the rest see Extractor.

    Parameters
    ----------
    buffer_size : int, default 50
        Values that fit into the buffer.
    channel_config : ChannelConfig, optional
        Behaviour when the buffer is full, empty or neither.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, or not positive.
    """

    def __init__(self, buffer_size: int = 50, channel_config: utils.ChannelConfig | None = None) -> None:
        super().__init__()
        config = checked_config(buffer_size, channel_config)
        self.shape: tuple[int, ...] | None = None
        self.buffer_size = buffer_size
        self._config = config
        self.wire_tap = RefPort((1,))
        self._program_queue = ProgramQueue((1,), buffer_size, config)
        self.proc_params["channel_config"] = config
        self.proc_params["program_queue"] = self._program_queue

    def connect_var(self, var: Var) -> None:
        """Say which Var is read."""
        self.shape = var.shape
        self.wire_tap = RefPort(var.shape)
        self.wire_tap.connect_var(var)
        self._program_queue = ProgramQueue(var.shape, self.buffer_size, self._config)
        self.proc_params.overwrite("program_queue", self._program_queue)

    def receive(self) -> npt.NDArray[Any]:
        """The next value, a float64 array of the shape of the Var; see Extractor.receive.

        A thread may call it before there is a runtime.
        """
        return self._program_queue.get(self, built=False)


@implements(proc=VarWire, protocol=LoihiProtocol)
@requires(CPU)
class PyLoihiVarWireModel(AbstractQueueModel, PyLoihiProcessModel):
    """VarWire: reads at the end of each step."""

    wire_tap: Any = LavaPyType(PyRefPort.VEC_DENSE, float)

    def post_guard(self) -> bool:
        """In each step."""
        return True

    def run_post_mgmt(self) -> None:
        """Keep the value."""
        self._program_queue.put_in_model(self, np.asarray(self.wire_tap.read()), "receive() of a VarWire")
