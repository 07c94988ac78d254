"""Processes that talk with the program around their network, and the mailboxes of their models."""

from __future__ import annotations

from typing import Any

from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.proc.io import utils
from lava_hw.proc.io.mailbox import Mailbox

__all__ = ["AbstractMailboxProcess", "mailbox_of"]


class AbstractMailboxProcess(AbstractProcess):
    """Injector and Extractor: a mailbox, and both ports, of which each uses one.

    Parameters
    ----------
    shape : tuple of int
        Shape of an item.
    buffer_size : int, default 50
        Items that fit.
    channel_config : ChannelConfig, optional
        What happens where the mailbox is full, or empty.
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
        self._mailbox = Mailbox(shape, buffer_size, config)
        self.proc_params["shape"] = shape
        self.proc_params["channel_config"] = config
        self.proc_params["mailbox"] = self._mailbox


def mailbox_of(params: Any) -> Mailbox:
    """The mailbox of a model, emptied. A model that was made by hand, without a process, gets its own."""
    mailbox: Mailbox | None = params.get("mailbox", None)
    if mailbox is None:
        return Mailbox(params.get("shape", (1,)), 50, params["channel_config"])
    mailbox.clear()
    return mailbox
