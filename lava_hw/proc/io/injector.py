"""Data from the program into a running network (Lava's path)."""

from __future__ import annotations

import numpy.typing as npt

from lava_hw.magma.core.decorator import implements, requires
from lava_hw.magma.core.model.py.model import PyAsyncProcessModel, PyLoihiProcessModel
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.async_protocol import AsyncProtocol
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.io.queue_process import AbstractPortQueueModel, AbstractQueueProcess

__all__ = ["Injector", "PyLoihiInjectorModel", "PyLoihiInjectorModelAsync"]


class Injector(AbstractQueueProcess):
    """Sends what the program gives to `send`, one item in each step, on `out_port` (as floats).

    What happens when the buffer is full or empty is said by `channel_config`; by default, `send` waits while
    the buffer is full, and the network waits while it is empty. A network that waits is no deadlock, and
    holds up neither other networks nor the program. When the run is paused or stopped meanwhile, the step in
    progress is completed with zeros.

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

    def send(self, data: npt.ArrayLike) -> None:
        """Give an item to the network; from any thread, before and during a run.

        Parameters
        ----------
        data : array-like
            Of the shape of the injector; copied, as floats.

        Raises
        ------
        AssertionError
            If there is no runtime yet (`create_runtime` or `run` makes one), or the shape differs.
        RuntimeError
            If the buffer is full and the network cannot go on any more.
        """
        self._program_queue.put(self, data)


@implements(proc=Injector, protocol=LoihiProtocol)
@requires(CPU)
class PyLoihiInjectorModel(AbstractPortQueueModel, PyLoihiProcessModel):
    """Injector, one item in each step."""

    def run_spk(self) -> None:
        """Send an item."""
        self.out_port.send(self._program_queue.get_in_model(self, "send() of an Injector"))


@implements(proc=Injector, protocol=AsyncProtocol)
@requires(CPU)
class PyLoihiInjectorModelAsync(AbstractPortQueueModel, PyAsyncProcessModel):
    """Injector without steps: as many items as the run has steps."""

    def run_async(self) -> None:
        """Send items."""
        for _ in range(self.num_steps):
            if not self._program_queue.wait_in_model(self, "send() of an Injector"):
                return
            self.out_port.send(self._program_queue.get_nowait())
            if self.check_for_stop_cmd() or self.check_for_pause_cmd():
                return
