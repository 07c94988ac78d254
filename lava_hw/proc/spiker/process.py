"""Neurons that send a payload at a fixed rate (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.process.ports.ports import OutPort
from lava_hw.magma.core.process.process import AbstractProcess, LogConfig
from lava_hw.magma.core.process.var_range import VarRange, table
from lava_hw.magma.core.process.variable import Var

__all__ = ["Spiker", "Spiker32bit"]


class Spiker(AbstractProcess):
    """Sends a payload in step period + 1 and then every `period` steps, else 0.

    In each step: fire = counter == rate; s_out = payload where fire, else 0; counter = 1 where fire, else
    counter + 1. With period 0 it sends in step 1 only.

    Parameters
    ----------
    shape : tuple of int, default (1,)
        Shape of the population.
    period : int or array of int, default 10
        Steps between two messages; the Var is called `rate`.
    payload : int or array of int, default 1
        What is sent.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.
    """

    var_ranges = table({name: VarRange("int64") for name in ("rate", "counter", "payload")})

    def __init__(
        self,
        *,
        shape: tuple[int, ...] = (1,),
        period: Any = 10,
        payload: Any = 1,
        name: str | None = None,
        log_config: LogConfig | None = None,
    ) -> None:
        super().__init__(shape=shape, name=name, log_config=log_config)
        self.s_out = OutPort(shape=shape)
        self.rate = Var(shape=shape, init=period)
        self.counter = Var(shape=shape, init=0)
        self.payload = Var(shape=shape, init=payload)


class Spiker32bit(AbstractProcess):
    """Sends a payload of up to 32 bits in step `period` and then every `period` steps, else 0.

    In each step: fire = counter == period; s_out = payload where fire, else 0; counter = 1 where fire, else
    counter + 1, from counter = 1.

    Parameters
    ----------
    shape : tuple of int, default (1,)
        Shape of the population.
    period : int or array of int, default 1
        Steps between two messages.
    payload : int or array of int, default 1
        What is sent: from 0 to 2^32 - 1, or, if any is negative, from -2^31 to 2^31 - 1.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.

    Raises
    ------
    ValueError
        If a payload is out of range.
    """

    var_ranges = table({"counter": VarRange("int64")})

    def __init__(
        self,
        *,
        shape: tuple[int, ...] = (1,),
        period: Any = 1,
        payload: Any = 1,
        name: str | None = None,
        log_config: LogConfig | None = None,
    ) -> None:
        least, most = int(np.min(payload)), int(np.max(payload))
        signed = least < 0
        low, high = (-(2**31), 2**31 - 1) if signed else (0, 2**32 - 1)
        if least < low or most > high:
            raise ValueError(
                f"Spiker32bit: payload must lie in [{low}, {high}]{' if one is negative' * signed}, got "
                f"values from {least} to {most}."
            )
        super().__init__(
            shape=shape,
            period=np.atleast_1d(np.asarray(period).astype(int)),
            payload=np.atleast_1d(np.asarray(payload).astype(int)),
            signed=signed,
            name=name,
            log_config=log_config,
        )
        self.s_out = OutPort(shape=shape)
        self.counter = Var(shape=shape, init=1)
