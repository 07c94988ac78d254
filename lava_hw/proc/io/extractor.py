"""Data from a running network to the program (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.decorator import implements, requires
from lava_hw.magma.core.model.py.model import PyAsyncProcessModel, PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort, PyRefPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.ports.ports import RefPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.async_protocol import AsyncProtocol
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.io import utils
from lava_hw.proc.io.program_queue import ProgramQueue
from lava_hw.proc.io.queue_process import AbstractQueueProcess, queue_of

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
    shape : tuple of int
        Shape of an item and of the port.
    buffer_size : int, default 50
        Items that fit into the buffer.
    channel_config : ChannelConfig, optional
        Behaviour when the buffer is full, empty or neither.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.

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
class PyLoihiExtractorModel(PyLoihiProcessModel):
    """Extractor, one item in each step."""

    with_program = True

    in_port: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    out_port: Any = LavaPyType(PyOutPort.VEC_DENSE, float)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self._program_queue = queue_of(self.proc_params)

    def run_spk(self) -> None:
        """Keep an item."""
        self._program_queue.put_in_model(self, self.in_port.recv(), "receive() of an Extractor")


@implements(proc=Extractor, protocol=AsyncProtocol)
@requires(CPU)
class PyLoihiExtractorModelAsync(PyAsyncProcessModel):
    """Extractor without steps: as many items as the run has steps."""

    with_program = True

    in_port: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    out_port: Any = LavaPyType(PyOutPort.VEC_DENSE, float)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self._program_queue = queue_of(self.proc_params)

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
        config = channel_config if channel_config is not None else utils.ChannelConfig()
        utils.validate_buffer_size(buffer_size)
        utils.validate_channel_config(config)
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
class PyLoihiVarWireModel(PyLoihiProcessModel):
    """VarWire: reads at the end of each step."""

    with_program = True

    wire_tap: Any = LavaPyType(PyRefPort.VEC_DENSE, float)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self._program_queue = queue_of(self.proc_params)

    def post_guard(self) -> bool:
        """In each step."""
        return True

    def run_post_mgmt(self) -> None:
        """Keep the value."""
        self._program_queue.put_in_model(self, np.asarray(self.wire_tap.read()), "receive() of a VarWire")
