"""Arithmetic of the neuron engine on int32 arrays; results go into `out`, which may be an operand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lava_hw.regs import Compare, Opcode

Vector = NDArray[np.int32]
_TURN = np.int32(1 << 24)
_HALF = np.int32(1 << 23)


def multiply_floor(a: Vector, b: Any, shift: int, out: Vector) -> None:
    """Low half of the 64-bit product shifted right."""
    product = np.multiply(a, b, dtype=np.int64)
    np.right_shift(product, shift, out=product)
    np.copyto(out, product, casting="unsafe")


def multiply_zero(a: Vector, b: Any, shift: int, out: Vector) -> None:
    """Low half of the 64-bit product, its size shifted right and its sign kept."""
    product = np.multiply(a, b, dtype=np.int64)
    # Floor becomes "toward zero" where all that is shifted out is added to a negative product first.
    low = np.right_shift(product, 63)
    np.bitwise_and(low, (1 << shift) - 1, out=low)
    np.add(product, low, out=product)
    np.right_shift(product, shift, out=product)
    np.copyto(out, product, casting="unsafe")


def shift_vector(a: Vector, b: Any, out: Vector) -> None:
    """Shift left by b where it is not negative, else right by -b; per lane, or by one amount."""
    if isinstance(b, np.int32):
        amount = int(b)
        if amount >= 32:
            out[...] = 0
        elif amount >= 0:
            np.left_shift(a, amount, out=out)
        else:
            np.right_shift(a, min(-amount, 31), out=out)
        return
    # 64 bits, so that a left shift by 32 leaves nothing in the low half.
    amounts = np.minimum(b, 32)
    np.maximum(amounts, -31, out=amounts)
    result = np.left_shift(a, np.maximum(amounts, 0), dtype=np.int64)
    left = amounts >= 0
    if not left.all():
        np.copyto(result, np.right_shift(a, np.maximum(-amounts, 0)), where=~left)
    np.copyto(out, result, casting="unsafe")


def clip(a: Vector, b: Any, out: Vector) -> None:
    """max(min(a, b), -b); -b is modulo 2^32."""
    low = np.negative(b) if isinstance(b, np.ndarray) else wrapped(-int(b))
    np.minimum(a, b, out=out)
    np.maximum(out, low, out=out)


def absolute(a: Vector, _: Any, out: Vector) -> None:
    """Size of a; that of -2^31 is itself."""
    np.absolute(a, out=out)


def wrap24(a: Vector, _: Any, out: Vector) -> None:
    """Once back into (-2^23, 2^23]."""
    above = a > _HALF
    below = a <= -_HALF
    if out is not a:
        np.copyto(out, a)
    np.subtract(out, _TURN, out=out, where=above)
    np.add(out, _TURN, out=out, where=below)


def wrapped(value: int) -> np.int32:
    """Give an integer modulo 2^32 as a signed one."""
    return np.int32((value + (1 << 31)) % (1 << 32) - (1 << 31))


def _plain(function: Any) -> Callable[[Vector, Any, Vector], None]:
    return lambda a, b, out: function(a, b, out=out)


# Opcodes whose result depends on ra and B alone.
BINARY: dict[int, Callable[[Vector, Any, Vector], None]] = {
    Opcode.ADD: _plain(np.add),
    Opcode.SUB: _plain(np.subtract),
    Opcode.MIN: _plain(np.minimum),
    Opcode.MAX: _plain(np.maximum),
    Opcode.SHV: shift_vector,
    Opcode.CLIP: clip,
    Opcode.ABS: absolute,
    Opcode.WRAP: wrap24,
}
PRODUCTS = {Opcode.MUL: multiply_floor, Opcode.MULTZ: multiply_zero}
COMPARE: dict[int, Any] = {
    Compare.GT: np.greater,
    Compare.LT: np.less,
    Compare.GE: np.greater_equal,
    Compare.LE: np.less_equal,
    Compare.EQ: np.equal,
    Compare.NE: np.not_equal,
}
