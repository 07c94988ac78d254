"""Values and masks of a text, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lava_hw.equations.errors import EquationsError
from lava_hw.equations.graph import LEAST, MOST, Node, current, exact

__all__ = [
    "FLOOR",
    "TOWARD_ZERO",
    "MaskValue",
    "Value",
    "absolute",
    "clip",
    "index",
    "maximum",
    "minimum",
    "mul",
    "select",
    "shift_by",
    "time",
    "wrap24",
    "wrapping",
]

FLOOR, TOWARD_ZERO = "floor", "toward zero"
_TURN, _HALF = 1 << 24, 1 << 23
_FAR = 64
Number = Any
"""A Value, or a Python int."""


class Value:
    """An integer for each neuron."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    def __add__(self, other: Number) -> Value:
        a, b = self.node, _node(other)
        if _is(b, 0):
            return self
        return _make("add", (a, b), (), a.low + b.low, a.high + b.high)

    __radd__ = __add__

    def __sub__(self, other: Number) -> Value:
        return _difference(self.node, _node(other))

    def __rsub__(self, other: Number) -> Value:
        return _difference(_node(other), self.node)

    def __neg__(self) -> Value:
        return 0 - self

    def __mul__(self, other: Number) -> Value:
        return mul(self, other, 0)

    __rmul__ = __mul__

    def __lshift__(self, bits: int) -> Value:
        return _shifted(self.node, _bits(bits, "<<"))

    def __rshift__(self, bits: int) -> Value:
        return _shifted(self.node, -_bits(bits, ">>"))

    def __gt__(self, other: Number) -> MaskValue:
        return _compare(">", self, other)

    def __lt__(self, other: Number) -> MaskValue:
        return _compare("<", self, other)

    def __ge__(self, other: Number) -> MaskValue:
        return _compare(">=", self, other)

    def __le__(self, other: Number) -> MaskValue:
        return _compare("<=", self, other)

    def __eq__(self, other: object) -> MaskValue:  # type: ignore[override]  # a condition for each neuron
        return _compare("==", self, other)

    def __ne__(self, other: object) -> MaskValue:  # type: ignore[override]  # a condition for each neuron
        return _compare("!=", self, other)

    __hash__ = None  # type: ignore[assignment]  # as arrays

    def __bool__(self) -> bool:
        raise EquationsError("a value has a number for each neuron; write select(mask, a, b), not if or and")


class MaskValue:
    """A condition, true or false for each neuron."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    def __and__(self, other: MaskValue) -> MaskValue:
        return _logic("and", self, other)

    def __or__(self, other: MaskValue) -> MaskValue:
        return _logic("or", self, other)

    def __xor__(self, other: MaskValue) -> MaskValue:
        return _logic("xor", self, other)

    def __invert__(self) -> MaskValue:
        if self.node.op == "not":
            return MaskValue(self.node.args[0])
        return MaskValue(current().node("not", (self.node,), (), 0, 1, True))

    def __bool__(self) -> bool:
        raise EquationsError(
            "a mask has a condition for each neuron; write & | ~ and select, not if, and, or, not"
        )


def _make(op: str, args: tuple[Node, ...], data: tuple[Any, ...], low: int, high: int) -> Value:
    if low == high and args and LEAST <= low <= MOST:
        return Value(_node_of(low))  # it can be nothing else
    return Value(current().node(op, args, data, low, high))


def _is(node: Node, number: int) -> bool:
    return node.op == "number" and node.data == (number,)


def _node_of(number: int) -> Node:
    return current().node("number", (), (number,), number, number)


def _node(value: Number) -> Node:
    if isinstance(value, Value):
        return value.node
    if isinstance(value, bool) or not isinstance(value, int):
        raise EquationsError(f"{value!r} is no value of a text; give a Value, or a Python int")
    if not LEAST <= value <= MOST:
        raise EquationsError(f"the number {value} does not fit into 32 bits")
    return _node_of(value)


def _bits(bits: object, written: str) -> int:
    if isinstance(bits, bool) or not isinstance(bits, int) or not 0 <= bits <= 31:
        raise EquationsError(
            f"{written} takes a Python int from 0 to 31, and got {bits!r}; shift_by takes a Value"
        )
    return bits


def _difference(a: Node, b: Node) -> Value:
    if _is(b, 0):
        return Value(a)
    if b.op == "shift" and b.args[0].op == "shift" and b.args[0].args[0] is a:
        (left,), (right,) = b.data, b.args[0].data
        if left == -right > 0:  # a - ((a >> n) << n): what a right shift cuts off
            return _make("sub", (a, b), (), 0, (1 << left) - 1)
    return _make("sub", (a, b), (), a.low - b.high, a.high - b.low)


def _shifted(node: Node, bits: int) -> Value:
    if not bits:
        return Value(node)
    if bits < 0:
        node = exact(node, "a right shift")
    low, high = (_shift(end, bits) for end in (node.low, node.high))
    return _make("shift", (node,), (bits,), low, high)


def _shift(number: int, bits: int) -> int:
    return number << min(bits, _FAR) if bits >= 0 else number >> min(-bits, _FAR)


def _compare(op: str, a: Value, b: object) -> MaskValue:
    args = (exact(a.node, "a comparison"), exact(_node(b), "a comparison"))
    return MaskValue(current().node("compare", args, (op,), 0, 1, True))


def _logic(op: str, a: MaskValue, b: MaskValue) -> MaskValue:
    if not isinstance(b, MaskValue):
        raise EquationsError(f"{b!r} is no mask; {op} takes two masks")
    return MaskValue(current().node(op, (a.node, b.node), (), 0, 1, True))


def mul(a: Number, b: Number, shift: int = 0, rounding: str = FLOOR) -> Value:
    """A product of 64 bits, shifted right.

    Parameters
    ----------
    a, b : Value or int
        Factors.
    shift : int, default 0
        Bits, 0 to 63.
    rounding : {FLOOR, TOWARD_ZERO}
        How what is shifted out is rounded.
    """
    if isinstance(shift, bool) or not isinstance(shift, int) or not 0 <= shift <= 63:
        raise EquationsError(f"mul takes a shift from 0 to 63, and got {shift!r}")
    if rounding not in (FLOOR, TOWARD_ZERO):
        raise EquationsError(f"mul rounds FLOOR or TOWARD_ZERO, and got {rounding!r}")
    x, y = _node(a), _node(b)
    if shift:
        x, y = exact(x, "a product that is shifted"), exact(y, "a product that is shifted")
    ends = [p * q for p in (x.low, x.high) for q in (y.low, y.high)]
    if shift and rounding == TOWARD_ZERO:
        ends = [(end >> shift) if end >= 0 else -(-end >> shift) for end in ends]
    else:
        ends = [end >> shift for end in ends]
    if x.op == "number":
        x, y = y, x  # a register is wanted first
    if not shift and _is(y, 1):
        return Value(x)
    return _make("mul", (x, y), (shift, rounding if shift else FLOOR), min(ends), max(ends))


def shift_by(a: Number, amounts: Number) -> Value:
    """Shift left by amounts of at least 0, right by others (floor)."""
    if isinstance(amounts, int) and not isinstance(amounts, bool) and -31 <= amounts <= 31:
        return _shifted(_node(a), amounts)
    x, y = exact(_node(a), "shift_by"), exact(_node(amounts), "shift_by")
    by = {max(min(n, _FAR), -_FAR) for n in (y.low, y.high, *([0] if y.low < 0 < y.high else []))}
    ends = [_shift(end, n) for end in (x.low, x.high) for n in by]
    return _make("shv", (x, y), (), min(ends), max(ends))


def minimum(a: Number, b: Number) -> Value:
    """The smaller one."""
    x, y = _two(a, b, "minimum")
    if x.high <= y.low or y.high <= x.low:
        return Value(x if x.high <= y.low else y)
    return _make("min", (x, y), (), min(x.low, y.low), min(x.high, y.high))


def maximum(a: Number, b: Number) -> Value:
    """The greater one."""
    x, y = _two(a, b, "maximum")
    if x.low >= y.high or y.low >= x.high:
        return Value(x if x.low >= y.high else y)
    return _make("max", (x, y), (), max(x.low, y.low), max(x.high, y.high))


def _two(a: Number, b: Number, user: str) -> tuple[Node, Node]:
    x, y = exact(_node(a), user), exact(_node(b), user)
    return (y, x) if x.op == "number" else (x, y)


def clip(a: Number, limit: int, high: int | None = None) -> Value:
    """Saturate: between -limit and limit, or between limit and high."""
    if high is not None:
        return minimum(maximum(a, limit), high)
    if isinstance(limit, bool) or not isinstance(limit, int) or not 0 <= limit <= MOST:
        raise EquationsError(f"clip takes a limit from 0 to {MOST}, and got {limit!r}")
    x = exact(_node(a), "clip")
    if -limit <= x.low and x.high <= limit:
        return Value(x)
    ends = [max(min(end, limit), -limit) for end in (x.low, x.high)]
    return _make("clip", (x, _node(limit)), (), *ends)


def absolute(a: Number) -> Value:
    """The size."""
    x = exact(_node(a), "absolute")
    if x.low >= 0:
        return Value(x)
    least = 0 if x.low <= 0 <= x.high else min(abs(x.low), abs(x.high))
    return _make("abs", (x,), (), least, max(abs(x.low), abs(x.high)))


def wrap24(a: Number) -> Value:
    """Once back into (-2^23, 2^23]."""
    x = exact(_node(a), "wrap24")
    if x.low > -_HALF and x.high <= _HALF:
        return Value(x)
    ends = [end for end in (x.low, x.high) if -_HALF < end <= _HALF]
    if x.high > _HALF:
        ends += [max(x.low, _HALF + 1) - _TURN, x.high - _TURN]
    if x.low <= -_HALF:
        ends += [min(x.high, -_HALF) + _TURN, x.low + _TURN]
    if x.low <= _HALF < x.high:
        ends.append(_HALF)
    if x.low <= -_HALF < x.high:
        ends.append(1 - _HALF)
    return _make("wrap24", (x,), (), min(ends), max(ends))


def wrapping(a: Number) -> Value:
    """A sum, difference, product or shift that may wrap at 32 bits."""
    x = _node(a)
    return Value(x) if x.fits else _make("wrapping", (x,), (), LEAST, MOST)


def select(mask: MaskValue, a: Number, b: Number) -> Value:
    """`a` where the mask holds, else `b`."""
    if not isinstance(mask, MaskValue):
        raise EquationsError(f"{mask!r} is no mask; select takes a condition first, such as v > limit")
    x, y = exact(_node(a), "select"), exact(_node(b), "select")
    if x is y:
        return Value(x)
    return _make("select", (mask.node, x, y), (), min(x.low, y.low), max(x.high, y.high))


def time() -> Value:
    """The step, from 1."""
    return _make("time", (), (), 1, MOST)


def index() -> Value:
    """Number of the neuron in its process, from 0."""
    return _make("index", (), (), 0, MOST)


Operation = Callable[..., Value]
