"""Convolutions in space (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess, LogConfig
from lava_hw.magma.core.process.var_range import VarRange, signed, table
from lava_hw.magma.core.process.variable import Var
from lava_hw.proc.conv import utils

__all__ = ["Conv"]


class Conv(AbstractProcess):
    """Connections with the pattern of a convolution: a_out(t) is what s_in(t - 1) gives.

    Equations (see `lava_hw.proc.conv.utils.conv`)::

        send a_buf;  s = s_in                     (s_in != 0 if num_message_bits == 0)
        a_buf = conv(s, weight)                   in fixed point modulo 2^24, in [-2^23, 2^23)

    In fixed point the weights are 32-bit integers (floats truncate), neither clipped nor truncated further:
    `weight_exp` and `num_weight_bits` have no effect, as in Lava. A sum beyond 32 bits becomes 0.

    Parameters
    ----------
    weight : array, shape (out_channels, kernel_x, kernel_y, in_channels / groups)
        Kernel; it is flipped in X and Y.
    weight_exp : int, default 0
        No effect.
    input_shape : tuple of 3 int, default (1, 1, 1)
        Shape of s_in: (X, Y, channels).
    padding : int or 2 int, default 0
        Zeros around the image, along X and Y.
    stride : int or 2 int, default 1
        Distance of outputs.
    dilation : int or 2 int, default 1
        Distance of the places of the kernel.
    groups : int, default 1
        Groups of channels.
    num_weight_bits : int, default 8
        No effect.
    num_message_bits : int, default 0
        0 for spikes (any value that is not zero counts as one), else payloads are multiplied.
    stored_bits : {4, 8, 16}, optional
        Bits of a weight in the chip's memory, which is ours and not Lava's; by default what the run
        configuration says, else 8. Weights that need more are refused by the chip.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    Exception
        If the output would be empty.
    """

    var_ranges = table(
        {
            "weight": VarRange(low=-256, high=255),
            "a_buf": signed(24),
            "num_message_bits": VarRange("int8", 0, 32),
            "num_weight_bits": VarRange("int8", 0, 8),
            "weight_exp": VarRange(),
            **{name: VarRange() for name in ("kernel_size", "stride", "padding", "dilation", "groups")},
        }
    )

    def __init__(
        self,
        *,
        weight: npt.NDArray[Any],
        weight_exp: int = 0,
        input_shape: tuple[int, int, int] = (1, 1, 1),
        padding: int | tuple[int, int] = 0,
        stride: int | tuple[int, int] = 1,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        num_weight_bits: int = 8,
        num_message_bits: int = 0,
        stored_bits: int | None = None,
        name: str | None = None,
        log_config: LogConfig | None = None,
    ) -> None:
        super().__init__(
            weight=weight,
            weight_exp=weight_exp,
            input_shape=input_shape,
            padding=padding,
            stride=stride,
            dilation=dilation,
            groups=groups,
            num_weight_bits=num_weight_bits,
            num_message_bits=num_message_bits,
            stored_bits=stored_bits,
            name=name,
            log_config=log_config,
        )
        _check(np.shape(weight), input_shape, groups)
        pairs = {}
        for key, value, least in (("padding", padding, 0), ("stride", stride, 1), ("dilation", dilation, 1)):
            pairs[key] = tuple(int(n) for n in utils.make_tuple(value))
            if min(pairs[key]) < least:
                raise ValueError(f"Conv Process '{key}' must be at least {least}, got {value!r}.")
        kernel_size = np.shape(weight)[1:3]
        shape_out = utils.output_shape(
            input_shape,
            np.shape(weight)[0],
            kernel_size,
            pairs["stride"],
            pairs["padding"],
            pairs["dilation"],
        )
        self.input_shape: tuple[int, ...] = tuple(int(n) for n in input_shape)
        self.output_shape: tuple[int, ...] = shape_out
        self.s_in = InPort(shape=self.input_shape)
        self.a_out = OutPort(shape=shape_out)
        self.weight = Var(shape=np.shape(weight), init=weight)
        self.weight_exp = Var(shape=(1,), init=weight_exp)
        self.num_weight_bits = Var(shape=(1,), init=num_weight_bits)
        self.kernel_size = Var(shape=(2,), init=kernel_size)
        self.padding = Var(shape=(2,), init=pairs["padding"])
        self.stride = Var(shape=(2,), init=pairs["stride"])
        self.dilation = Var(shape=(2,), init=pairs["dilation"])
        self.groups = Var(shape=(1,), init=groups)
        self.a_buf = Var(shape=shape_out, init=0)
        self.num_message_bits = Var(shape=(1,), init=num_message_bits)


def _check(weight: tuple[int, ...], input_shape: Any, groups: Any) -> None:
    """Refuse shapes that do not fit together."""
    if len(input_shape) != 3:
        raise ValueError(f"Conv Process 'input_shape' must be (X, Y, channels), got {input_shape!r}.")
    if np.ndim(groups) != 0 or int(groups) != groups or groups < 1:
        raise ValueError(f"Conv Process 'groups' must be one int of at least 1, got {groups!r}.")
    if len(weight) != 4:
        raise ValueError(
            "Conv Process 'weight' must have the shape (out_channels, kernel_x, kernel_y, in_channels / "
            f"groups), got {weight}."
        )
    for count, what in ((input_shape[-1], "in_channels"), (weight[0], "out_channels")):
        if count % groups:
            raise ValueError(
                f"Conv Process: the number of {what} ({count}) must be divisible by groups ({groups})."
            )
    if weight[3] * groups != input_shape[-1]:
        raise ValueError(
            f"Conv Process 'weight' has {weight[3]} input channels; {input_shape[-1]} channels of "
            f"'input_shape' in {groups} groups need {input_shape[-1] // groups}."
        )
