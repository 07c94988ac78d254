"""Dense connections (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess, LogConfig
from lava_hw.magma.core.process.variable import Var

__all__ = ["DelayDense", "Dense"]


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


class DelayDense(Dense):
    """Dense connections with a delay each: a_out(t) is what s_in(t - 1 - delay) gives.

    In fixed point::

        step 1: weights clipped and truncated as those of Dense; delays must lie in 0..63
        send a_buff[:, 0];  s = s_in
        acc[i, k] = sum of weights[i, j] * s[j] over j with delays[i, j] == k      (s as in Dense)
        a_buff[:, k] = a_buff[:, k + 1], the last column 0
        a_buff += acc * 2^weight_exp                                               (floor, slot by slot)

    In floating point the weights are used as they are, without weight_exp. Delays are looked at when a
    message arrives: a change affects later messages only. What has a delay above `max_delay` is dropped.

    Parameters
    ----------
    weights : array, shape (n_out, n_in)
        See Dense.
    delays : int or integer array of the shape of the weights
        Steps.
    max_delay : int, default 0
        Largest delay that there will be, if delays change; 0 for that of `delays`.
    name, num_message_bits, log_config, weight_exp, num_weight_bits, sign_mode
        See Dense.

    Raises
    ------
    ValueError
        If the weights are not a matrix, or the delays are negative, no integers, or of another shape.
    """

    def __init__(
        self,
        *,
        weights: npt.ArrayLike,
        delays: npt.ArrayLike,
        max_delay: int = 0,
        name: str | None = None,
        num_message_bits: int = 0,
        log_config: LogConfig | None = None,
        **kwargs: Any,
    ) -> None:
        check_given_delays("DelayDense", np.shape(weights), np.shape(delays), np.asarray(delays))
        slots = (max_delay or int(np.max(delays, initial=0))) + 1
        super().__init__(
            weights=weights,
            num_message_bits=num_message_bits,
            name=name,
            log_config=log_config,
            max_delay=slots - 1,
            **kwargs,
        )
        shape = np.shape(weights)
        self.delays = Var(shape=shape, init=delays)
        self.a_buff = Var(shape=(shape[0], slots), init=0)


def check_given_delays(
    process: str, weights: tuple[int, ...], delays: tuple[int, ...], values: npt.NDArray[Any]
) -> None:
    """Refuse what cannot be delays.

    Parameters
    ----------
    process : str
        Name of the process class, for the message.
    weights, delays : tuple of int
        Shapes; that of one delay for all weights is ().
    values : array
        The delays, or those that are stored.

    Raises
    ------
    ValueError
        If they are negative, no integers, or of another shape than the weights.
    """
    if values.dtype.kind not in "iu":
        raise ValueError(f"{process} Process 'delays' must be integers, got {values.dtype} values.")
    if delays not in ((), weights):
        raise ValueError(
            f"{process} Process 'delays' must be one int, or have the shape of the weights {weights}; "
            f"got shape {delays}."
        )
    if values.size and values.min() < 0:
        raise ValueError(f"{process} Process 'delays' must not be negative, got {values.min()}.")
