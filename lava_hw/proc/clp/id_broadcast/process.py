"""Hands one value on to many (Lava's path)."""

from __future__ import annotations

from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess, LogConfig
from lava_hw.magma.core.process.var_range import VarRange, table
from lava_hw.magma.core.process.variable import Var

__all__ = ["IdBroadcast"]


class IdBroadcast(AbstractProcess):
    """Sends its input in the same step, and keeps it: val = a_in, s_out = a_in.

    Parameters
    ----------
    shape : tuple of int, default (1,)
        Shape of a message.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.
    """

    var_ranges = table({"val": VarRange()})

    def __init__(
        self,
        *,
        shape: tuple[int, ...] = (1,),
        name: str | None = None,
        log_config: LogConfig | None = None,
    ) -> None:
        super().__init__(shape=shape, name=name, log_config=log_config)
        self.a_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
        self.val = Var(shape=shape, init=0)
