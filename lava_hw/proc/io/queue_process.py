"""Processes that talk with the program around their network, and the queues of their models."""

from __future__ import annotations

from typing import Any

from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.proc.io import utils
from lava_hw.proc.io.program_queue import ProgramQueue

__all__ = ["AbstractQueueProcess", "queue_of"]


class AbstractQueueProcess(AbstractProcess):
    """Injector and Extractor: a queue, and both ports, of which each uses one.

    Parameters
    ----------
    shape : tuple of int
        Shape of an item.
    buffer_size : int, default 50
        Items that fit.
    channel_config : ChannelConfig, optional
        What happens where the queue is full, or empty.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        buffer_size: int = 50,
        channel_config: utils.ChannelConfig | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        config = channel_config if channel_config is not None else utils.ChannelConfig()
        utils.validate_shape(shape)
        utils.validate_buffer_size(buffer_size)
        utils.validate_channel_config(config)
        self.in_port = InPort(shape=shape)
        self.out_port = OutPort(shape=shape)
        self._program_queue = ProgramQueue(shape, buffer_size, config)
        self.proc_params["shape"] = shape
        self.proc_params["channel_config"] = config
        self.proc_params["program_queue"] = self._program_queue


def queue_of(params: Any) -> ProgramQueue:
    """The queue of a model, emptied. A model that was made by hand, without a process, gets its own."""
    queue: ProgramQueue | None = params.get("program_queue", None)
    if queue is None:
        return ProgramQueue(params.get("shape", (1,)), 50, params["channel_config"])
    queue.clear()
    return queue
