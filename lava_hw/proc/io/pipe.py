"""Ends of ports for the program: `InPort.flag_external_pipe` and `OutPort.flag_external_pipe`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.process.ports.ports import EXTERNAL_PIPE, AbstractIOPort, InPort
from lava_hw.proc.io.extractor import Extractor
from lava_hw.proc.io.injector import Injector

__all__ = ["ExternalRecvPort", "ExternalSendPort", "attach_pipe"]


class ExternalSendPort:
    """What the program sends to an InPort by. Messages are copied, as floats.

    Parameters
    ----------
    injector : Injector
        What is connected with the port.
    """

    def __init__(self, injector: Injector) -> None:
        self._injector = injector

    def probe(self) -> bool:
        """Whether `send` would not wait."""
        return self._injector._program_queue.has_room()

    def send(self, data: npt.ArrayLike) -> None:
        """Send a message; waits while the buffer is full. For errors see Injector.send."""
        self._injector.send(data)


class ExternalRecvPort:
    """What the program receives by what an OutPort sends, as floats.

    Parameters
    ----------
    extractor : Extractor
        What is connected with the port.
    """

    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor

    def probe(self) -> bool:
        """Whether `recv` would not wait."""
        return self._extractor._program_queue.has_items()

    def recv(self) -> npt.NDArray[np.float64]:
        """Take the next message; waits for one. For errors see Extractor.receive."""
        return self._extractor.receive()


def attach_pipe(port: AbstractIOPort, buffer_size: int) -> None:
    """Give the program an end of a port; see AbstractIOPort.flag_external_pipe."""
    if port.external_pipe_flag:
        raise AssertionError(f"{port.path} was flagged for an external pipe before.")
    end: Any
    if isinstance(port, InPort):
        injector = Injector(shape=port.shape, buffer_size=buffer_size)
        port.connect_from(injector.out_port)
        name, end = "external_pipe_csp_send_port", ExternalSendPort(injector)
    else:
        extractor = Extractor(shape=port.shape, buffer_size=buffer_size)
        extractor.in_port.connect_from(port)
        name, end = "external_pipe_csp_recv_port", ExternalRecvPort(extractor)
    port.external_pipe_flag = True
    port.external_pipe_buffer_size = buffer_size
    setattr(port, name, end)


EXTERNAL_PIPE.register(attach_pipe)
