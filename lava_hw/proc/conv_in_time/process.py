"""Convolutions in time (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess, LogConfig
from lava_hw.magma.core.process.var_range import VarRange, table
from lava_hw.magma.core.process.variable import Var

__all__ = ["ConvInTime"]


class ConvInTime(AbstractProcess):
    """Dense connections with K taps in time: the last tap meets the newest input.

    Equations::

        a_out(t) = sum over k = 0..K-1 of weights[K - 1 - k] @ s_in(t - 1 - k)

    where s_in counts as 0 or 1 if num_message_bits == 0. Both models compute in floating point, as in Lava.

    Parameters
    ----------
    weights : array, shape (K, n_out, n_in)
        Weights of each tap.
    name : str, optional
        Name of the process.
    num_message_bits : int, default 0
        0 for spikes (any value that is not zero counts as one), else payloads are multiplied.
    log_config : LogConfig, optional
        Logging.

    Raises
    ------
    ValueError
        If the weights do not have three axes.
    """

    var_ranges = table({"num_message_bits": VarRange("int8", 0, 32)})

    def __init__(
        self,
        *,
        weights: npt.ArrayLike,
        name: str | None = None,
        num_message_bits: int = 0,
        log_config: LogConfig | None = None,
        **kwargs: Any,
    ) -> None:
        shape = np.shape(weights)
        if len(shape) != 3:
            raise ValueError(
                f"ConvInTime Process 'weights' must be a 3D array (K, n_out, n_in), got {shape}."
            )
        super().__init__(
            weights=weights, num_message_bits=num_message_bits, name=name, log_config=log_config, **kwargs
        )
        taps, rows, columns = shape
        self.s_in = InPort(shape=(columns,))
        self.a_out = OutPort(shape=(rows,))
        self.weights = Var(shape=shape, init=weights)
        self.a_buff = Var(shape=(rows, taps), init=0)
        self.num_message_bits = Var(shape=(1,), init=num_message_bits)
