"""Arithmetic of convolutions (Lava's path).

Images are [X, Y, channels], kernels [out channels, X, Y, in channels / groups]. A convolution flips the
kernel in X and Y.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum, unique
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "TORCH_IS_AVAILABLE",
    "TensorOrder",
    "conv",
    "conv_scipy",
    "conv_to_sparse",
    "make_tuple",
    "output_shape",
    "signed_clamp",
]

Array = npt.NDArray[Any]
Pair = Sequence[int] | Array

TORCH_IS_AVAILABLE = False
"""Convolutions are computed with numpy here, whether torch is installed or not."""


@unique
class TensorOrder(IntEnum):
    """Order of the axes of images and kernels. N: images, or out channels; C: channels, or in channels."""

    NCHW = 1
    CHWN = 2
    HWCN = 3
    NWHC = 4


def make_tuple(value: Any) -> tuple[Any, Any]:
    """Two values from one, or from a sequence of one or two.

    Raises
    ------
    ValueError
        If there are more, or none.
    """
    if np.isscalar(value):
        return value, value
    if len(value) not in (1, 2):
        raise ValueError(f"One value or two (X, Y) are needed, got {value!r}.")
    return value[0], value[-1]


def signed_clamp(x: Any, bits: int) -> Any:
    """Wrap into [-2^(bits - 1), 2^(bits - 1)), modulo 2^bits."""
    half, mask = 1 << (bits - 1), (1 << bits) - 1
    if np.asarray(x).dtype.kind in "iu":
        return ((x + half) & mask) - half
    return (x + half) % (mask + 1) - half


def output_shape(
    input_shape: Pair, out_channels: int, kernel_size: Pair, stride: Pair, padding: Pair, dilation: Pair
) -> tuple[int, int, int]:
    """Shape of what a convolution gives: (X, Y, out channels).

    Along X and Y::

        floor((in + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1

    Raises
    ------
    Exception
        If it is below 1: the kernel is larger than the padded image.
    """
    size = []
    for axis in (0, 1):
        reach = int(dilation[axis]) * (int(kernel_size[axis]) - 1) + 1
        room = int(input_shape[axis]) + 2 * int(padding[axis]) - reach
        size.append(room // int(stride[axis]) + 1)
        if size[axis] < 1:
            name = "xy"[axis]
            raise Exception(
                f"The {name} dimension of the output would be {size[axis]}: a kernel of size "
                f"{kernel_size[axis]} with dilation {dilation[axis]} does not fit into an input of size "
                f"{input_shape[axis]} with padding {padding[axis]}."
            )
    return size[0], size[1], int(out_channels)


def conv(
    input_: Array,
    weight: Array,
    kernel_size: Pair,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> Array:
    """Convolution of an image::

        out[x, y, o] = sum over i, j, c of
            in_padded[x * sx + i * dx, y * sy + j * dy, c] * weight[o, kx - 1 - i, ky - 1 - j, c]

    with c over the channels of the group of o.

    Parameters
    ----------
    input_ : array, [X, Y, channels]
        Image; padded with zeros.
    weight : array, [out channels, X, Y, channels / groups]
        Kernel.
    kernel_size, stride, padding, dilation : pair of int
        Along X and Y.
    groups : int
        Groups of channels.

    Returns
    -------
    array, [X, Y, out channels]
        In the type of the weights. Integers are exact as long as the sum of absolute products stays below
        2^53; a result beyond the type becomes its smallest value, as in Lava.

    Raises
    ------
    Exception
        If `groups` does not divide the channels.
    """
    output = conv_scipy(input_, weight, kernel_size, stride, padding, dilation, groups)
    dtype = np.asarray(weight).dtype
    if dtype.kind != "i" or (output.dtype == np.float32 and dtype.itemsize >= 4):
        return output.astype(dtype)  # a result in float32 has 24 bits
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    with np.errstate(invalid="ignore"):
        return np.where((output > low - 1) & (output < high + 1), output, low).astype(dtype)


def conv_scipy(
    input_: Array,
    weight: Array,
    kernel_size: Pair,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> Array:
    """See `conv`; the result is float64, or float32 where that is exact. The name is Lava's."""
    image, kernel = np.asarray(input_), np.asarray(weight)
    (px, py), (sx, sy), (dx, dy) = _ints(padding), _ints(stride), _ints(dilation)
    (kx, ky), groups = _ints(kernel_size), int(groups)
    for count, what in ((image.shape[-1], "in_channels"), (kernel.shape[0], "out_channels")):
        if count % groups:
            raise Exception(f"The number of {what} ({count}) must be divisible by groups ({groups}).")
    rows, columns, outs = output_shape(image.shape, kernel.shape[0], (kx, ky), (sx, sy), (px, py), (dx, dy))
    dtype = _exact_type(image, kernel)
    # Channels first, so that what is copied lies side by side.
    padded = np.zeros((image.shape[2], image.shape[0] + 2 * px, image.shape[1] + 2 * py), dtype)
    padded[:, px : px + image.shape[0], py : py + image.shape[1]] = image.transpose(2, 0, 1)
    # What each output sees.
    seen = np.empty((image.shape[2], kx, ky, rows, columns), dtype)
    for i in range(kx):
        for j in range(ky):
            x, y = slice(i * dx, i * dx + sx * (rows - 1) + 1, sx), j * dy
            seen[:, i, j] = padded[:, x, y : y + sy * (columns - 1) + 1 : sy]
    flipped = kernel[:, ::-1, ::-1, :].transpose(3, 1, 2, 0).astype(dtype)  # [channel, i, j, out]
    each, outs_each = image.shape[2] // groups, outs // groups
    products = [
        seen[group * each : (group + 1) * each].reshape(each * kx * ky, rows * columns).T
        @ flipped[..., group * outs_each : (group + 1) * outs_each].reshape(each * kx * ky, outs_each)
        for group in range(groups)
    ]
    output = products[0] if groups == 1 else np.concatenate(products, axis=1)
    return output.reshape(rows, columns, outs)


def _ints(pair: Pair) -> tuple[int, int]:
    return int(pair[0]), int(pair[1])


def _exact_type(image: Array, kernel: Array) -> npt.DTypeLike:
    """The narrowest floating-point type in which all sums are exact; products of matrices are fast in it."""
    if image.dtype.kind not in "iub" or kernel.dtype.kind not in "iub" or not image.size or not kernel.size:
        return np.float64
    widest = int(np.abs(kernel.astype(np.float64)).sum(axis=(1, 2, 3)).max())
    highest = 1 if image.dtype == bool else max(int(image.max()), -int(image.min()))
    return np.float32 if widest * highest < 1 << 24 else np.float64


def conv_to_sparse(
    input_shape: tuple[int, int, int],
    output_shape: tuple[int, int, int],
    kernel: Array,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    group: int,
    order: TensorOrder = TensorOrder.NWHC,
) -> tuple[Array, Array, Array]:
    """A convolution as a sparse matrix from the flat image to the flat result.

    ======  ===================  ======================  =====================================
    order   image                kernel                  stride, padding, dilation
    ======  ===================  ======================  =====================================
    NWHC    [X, Y, channel]      [out, X, Y, in]         (X, Y); the kernel is flipped
    NCHW    [channel, Y, X]      [out, in, Y, X]         (Y, X); not flipped, as in PyTorch
    HWCN    [Y, X, channel]      [Y, X, in, out]         (Y, X); not flipped, as in TensorFlow
    CHWN    [channel, Y, X]      [in, Y, X, out]         (Y, X); not flipped
    ======  ===================  ======================  =====================================

    Parameters
    ----------
    input_shape, output_shape : tuple of 3 int
        Shapes of image and result, in the order of axes of an image.
    kernel : array with 4 axes
        Of the input channels, those of one group.
    stride, padding, dilation : pair of int
        See the table.
    group : int
        Groups of channels.
    order : TensorOrder, default NWHC
        Order of the axes.

    Returns
    -------
    dst, src : int64 arrays, shape (n,)
        Flat index, in C order, of output and input; by group, place of the output (X runs fastest), place in
        the kernel (X runs fastest), output channel, input channel. Zero weights are entries, too.
    weight : array, shape (n,)
        Weights, in the type of the kernel.

    Raises
    ------
    AssertionError
        If `group` does not divide the channels.
    ValueError
        If the order is none of the table.
    """
    # Axes of an image and of the kernel as (X, Y, channel) and (out, X, Y, in).
    image_axes, kernel_axes, flip = {
        TensorOrder.NWHC: ((0, 1, 2), (0, 1, 2, 3), True),
        TensorOrder.NCHW: ((2, 1, 0), (0, 3, 2, 1), False),
        TensorOrder.HWCN: ((1, 0, 2), (3, 1, 0, 2), False),
        TensorOrder.CHWN: ((2, 1, 0), (3, 2, 1, 0), False),
    }.get(order, ((), (), False))
    if not image_axes:
        raise ValueError(f"order must be a TensorOrder, got {order!r}.")
    swap = image_axes[0] > image_axes[1]
    (sx, sy), (px, py), (dx, dy) = ((v[::-1] if swap else v) for v in map(_ints, (stride, padding, dilation)))
    weights = np.transpose(kernel, kernel_axes)
    if flip:
        weights = weights[:, ::-1, ::-1]
    source = np.arange(int(np.prod(input_shape))).reshape(input_shape).transpose(image_axes)
    target = np.arange(int(np.prod(output_shape))).reshape(output_shape).transpose(image_axes)
    for count, what in ((source.shape[2], "input"), (target.shape[2], "output")):
        if count % group:
            raise AssertionError(f"The {count} channels of the {what} must be divisible by group ({group}).")
    kx, ky = weights.shape[1:3]
    x = np.arange(target.shape[0])[:, None] * sx + np.arange(kx) * dx - px
    y = np.arange(target.shape[1])[:, None] * sy + np.arange(ky) * dy - py
    # All indices have the axes [group, y, x, j, i, out, in].
    x_ok, y_ok = (x >= 0) & (x < source.shape[0]), (y >= 0) & (y < source.shape[1])
    inside = y_ok[:, None, :, None] & x_ok[None, :, None, :]
    outs = np.arange(target.shape[2]).reshape(group, -1)
    ins = np.arange(source.shape[2]).reshape(group, -1)
    shape = (group, *inside.shape, outs.shape[1], ins.shape[1])
    chosen = np.broadcast_to(inside[None, ..., None, None], shape)
    place = source[
        np.clip(x, 0, source.shape[0] - 1)[None, None, :, None, :, None, None],
        np.clip(y, 0, source.shape[1] - 1)[None, :, None, :, None, None, None],
        ins[:, None, None, None, None, None, :],
    ]
    goal = target.transpose(1, 0, 2)[:, :, outs].transpose(2, 0, 1, 3)[:, :, :, None, None, :, None]
    weight = weights[outs].transpose(0, 3, 2, 1, 4)[:, None, None]
    dst, src, values = (np.broadcast_to(part, shape)[chosen] for part in (goal, place, weight))
    return dst, src, values
