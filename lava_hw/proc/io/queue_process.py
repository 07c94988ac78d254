"""What processes that talk with the program around their network have in common, and their models."""

from __future__ import annotations

from typing import Any

from lava_hw.magma.core.model.py.model import AbstractPyProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.proc.io import utils
from lava_hw.proc.io.program_queue import ProgramQueue

__all__ = ["AbstractPortQueueModel", "AbstractQueueModel", "AbstractQueueProcess", "checked_config"]


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
        utils.validate_shape(shape)
        config = checked_config(buffer_size, channel_config)
        self.in_port = InPort(shape=shape)
        self.out_port = OutPort(shape=shape)
        self._program_queue = ProgramQueue(shape, buffer_size, config)
        self.proc_params["shape"] = shape
        self.proc_params["channel_config"] = config
        self.proc_params["program_queue"] = self._program_queue


def checked_config(buffer_size: int, channel_config: utils.ChannelConfig | None) -> utils.ChannelConfig:
    """How a queue behaves, by default the usual way; refuses a size or a behaviour of the wrong kind."""
    config = channel_config if channel_config is not None else utils.ChannelConfig()
    utils.validate_buffer_size(buffer_size)
    utils.validate_channel_config(config)
    return config


class AbstractQueueModel(AbstractPyProcessModel):
    """A model that shares a queue with the program: that of its process, emptied."""

    with_program = True

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        params = self.proc_params
        queue: ProgramQueue | None = params.get("program_queue", None)
        if queue is None:  # made by hand, without a process
            queue = ProgramQueue(params.get("shape", (1,)), 50, params["channel_config"])
        else:
            queue.clear()
        self._program_queue = queue


class AbstractPortQueueModel(AbstractQueueModel):
    """A model of an Injector or Extractor."""

    in_port: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    out_port: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
