"""Keeps what arrived last (Lava's path)."""

from __future__ import annotations

from lava_hw.magma.core.process.ports.ports import InPort
from lava_hw.magma.core.process.process import AbstractProcess, LogConfig
from lava_hw.magma.core.process.var_range import VarRange, table
from lava_hw.magma.core.process.variable import Var

__all__ = ["Receiver", "Receiver32Bit"]


class Receiver(AbstractProcess):
    """Keeps the input of the last step in the Var payload, as 64-bit integers.

    Parameters
    ----------
    shape : tuple of int, default (1,)
        Shape of a message.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.
    """

    var_ranges = table({"payload": VarRange("int64")})

    def __init__(
        self,
        *,
        shape: tuple[int, ...] = (1,),
        name: str | None = None,
        log_config: LogConfig | None = None,
    ) -> None:
        super().__init__(shape=shape, name=name, log_config=log_config)
        self.a_in = InPort(shape=shape)
        self.payload = Var(shape=shape, init=0)


class Receiver32Bit(AbstractProcess):
    """Keeps the input of the last step in two Vars: payload = payload_first_byte * 2^24 + payload_last_bytes.

    Parameters
    ----------
    shape : tuple of int, default (1,)
        Shape of a message.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.
    """

    var_ranges = table({name: VarRange("int64") for name in ("payload_last_bytes", "payload_first_byte")})

    def __init__(
        self,
        *,
        shape: tuple[int, ...] = (1,),
        name: str | None = None,
        log_config: LogConfig | None = None,
    ) -> None:
        super().__init__(shape=shape, name=name, log_config=log_config)
        self.a_in = InPort(shape=shape)
        self.payload_last_bytes = Var(shape=shape, init=0)
        self.payload_first_byte = Var(shape=shape, init=0)
