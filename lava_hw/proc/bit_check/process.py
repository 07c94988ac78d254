"""Tells whether a variable leaves its bits (Lava's path)."""

from __future__ import annotations

from typing import Any

from lava_hw.magma.core.process.ports.ports import RefPort
from lava_hw.magma.core.process.process import AbstractProcess, LogConfig
from lava_hw.magma.core.process.variable import Var

__all__ = ["BitCheck"]


class BitCheck(AbstractProcess):
    """Reads a Var at the end of each step; `overflowed` is 1 once a value did not fit into `bits` bits.

    Fits: -2^(bits - 1) <= value <= 2^(bits - 1) - 1.

    Parameters
    ----------
    layerid : int, optional
        Number that the messages name.
    debug : int, default 0
        1 prints each value, and what did not fit.
    bits : int, default 24
        Width, 1 to 31.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.

    Raises
    ------
    ValueError
        If `bits` is out of range.
    """

    def __init__(
        self,
        *,
        layerid: int | None = None,
        debug: int = 0,
        bits: int = 24,
        name: str | None = None,
        log_config: LogConfig | None = None,
        **kwargs: Any,
    ) -> None:
        if not 1 <= bits <= 31:
            raise ValueError(f"BitCheck: bits must lie in [1, 31], got {bits}.")
        super().__init__(name=name, log_config=log_config, **kwargs)
        self.state = RefPort((1,))
        self.layerid = Var(shape=(1,), init=layerid)
        self.debug = Var(shape=(1,), init=debug)
        self.bits = Var(shape=(1,), init=bits)
        self._overflowed = Var(shape=(1,), init=0)

    def connect_var(self, var: Var) -> None:
        """Say which Var is checked."""
        self.state = RefPort(var.shape)
        self.state.connect_var(var)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the Var that is checked."""
        return self.state.shape

    @property
    def overflowed(self) -> Any:
        """1 if a value did not fit in some step, else 0."""
        return self._overflowed.get()
