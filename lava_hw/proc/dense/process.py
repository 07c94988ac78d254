"""Dense connections (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess, LogConfig
from lava_hw.magma.core.process.variable import Var

__all__ = ["Dense"]


class Dense(AbstractProcess):
    """Dense connections: a_out(t) is what s_in(t - 1) gives.

    In fixed point::

        step 1: weights clipped to 8 bits by sign mode, then truncated to num_weight_bits
        send a_buff;  s = s_in
        acc[i] = sum of weights[i, j] over j with s[j] != 0     (num_message_bits == 0)
        acc[i] = sum of weights[i, j] * s[j]                    (else; wraps at 32 bits)
        a_buff = acc * 2^weight_exp                             (floor)

    In floating point the weights are used as they are, without weight_exp.

    Parameters
    ----------
    weights : array, shape (n_out, n_in)
        Weights; in fixed point they truncate to integers toward zero.
    name : str, optional
        Name of the process.
    num_message_bits : int, default 0
        0 for spikes (any value that is not zero counts as one), else payloads are multiplied.
    log_config : LogConfig, optional
        Logging.
    weight_exp : int, default 0
        Shift of the sum.
    num_weight_bits : int, default 8
        Bits that the weights keep.
    sign_mode : SignMode, optional
        By default the narrowest that holds all weights.

    Raises
    ------
    ValueError
        If the weights are not a matrix.
    """

    def __init__(
        self,
        *,
        weights: npt.ArrayLike,
        name: str | None = None,
        num_message_bits: int = 0,
        log_config: LogConfig | None = None,
        **kwargs: Any,
    ) -> None:
        matrix = np.asarray(weights)
        if matrix.ndim != 2:
            raise ValueError(
                f"Dense Process 'weights' must be a 2D matrix (n_out, n_in), got shape {matrix.shape}."
            )
        super().__init__(
            weights=weights, num_message_bits=num_message_bits, name=name, log_config=log_config, **kwargs
        )
        self.s_in = InPort(shape=(matrix.shape[1],))
        self.a_out = OutPort(shape=(matrix.shape[0],))
        self.weights = Var(shape=matrix.shape, init=weights)
        self.a_buff = Var(shape=(matrix.shape[0],), init=0)
        self.num_message_bits = Var(shape=(1,), init=num_message_bits)
