"""A step of a traced text in numpy: the fixed-point model in Python, int32 in and out.

Intervals choose the shortest exact way: a product that fits into 32 bits is one of 32 bits, one below 2^53
that is rounded toward zero goes over float64, and all others have 64 bits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.equations.graph import MOST, Node, TextTrace, plain
from lava_hw.equations.values import FLOOR

__all__ = ["NumpyStep", "numpy_step"]

Array = npt.NDArray[Any]
NumpyStep = Callable[[Mapping[str, Array], Any, Any], tuple[dict[str, Any], dict[str, Any]]]
"""Gets what there is by name (inputs, states, parameters), the step and the indices of neurons; gives what is
sent, by port, and the new states."""

_INFIX = {"add": "+", "sub": "-", "and": "&", "or": "|", "xor": "^"}
_EXACT = 1 << 53
"""Products up to this are exact in float64."""
_CALLS = {"min": "_np.minimum", "max": "_np.maximum", "abs": "_np.abs", "wrap24": "_wrap24", "shv": "_shv"}


def numpy_step(trace: TextTrace) -> NumpyStep:
    """Give a function that carries out one step of a text."""
    names: dict[Node, str] = {}
    # Arrays wrap silently; numbers, such as the step, would warn.
    lines = ["@_wraps", "def step(has, time, index):"]
    live = _live(trace)
    for k, node in enumerate(node for node in trace.nodes if node in live):
        names[node] = f"x{k}"
        lines.append(f"    x{k} = {_expression(node, [names[plain(arg)] for arg in node.args])}")
    sent, new = [], []
    for kind, name, value, *more in trace.effects:
        text = names[plain(value)]
        if kind == "store":
            new.append(f"{name!r}: {text}")
        elif value.is_mask:
            other = names[plain(more[0])] if more[0] is not None else None
            sent.append(f"{name!r}: {text}" + (f".astype(_i32) - {other}" if other else ""))
        else:
            where = f"_np.where({names[plain(more[0])]}, {text}, 0)" if more[0] is not None else text
            sent.append(f"{name!r}: {where}")
    lines.append(f"    return {{{', '.join(sent)}}}, {{{', '.join(new)}}}")
    scope: dict[str, Any] = {
        "_np": np,
        "_i32": np.int32,
        "_i64": np.int64,
        "_f64": np.float64,
        "_wraps": np.errstate(over="ignore"),
        "_toward_zero": _toward_zero,
        "_wrap24": _wrap24,
        "_shv": _shv,
    }
    # The text is made here from names of operations, names that are identifiers, and integers.
    exec("\n".join(lines), scope)
    step: NumpyStep = scope["step"]
    return step


def _live(trace: TextTrace) -> set[Node]:
    found: set[Node] = set()
    waiting = [plain(node) for effect in trace.effects for node in effect[2:] if node is not None]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += [plain(arg) for arg in node.args]
    return found


def _expression(node: Node, args: list[str]) -> str:
    if node.op in ("input", "state", "parameter"):
        return f"has[{node.data[0]!r}]"
    if node.op == "number":
        return f"_i32({node.data[0]})"
    if node.op in ("time", "index"):
        return f"_i32({node.op})" if node.op == "time" else "index"
    if node.op in _INFIX:
        return f"{args[0]} {_INFIX[node.op]} {args[1]}"
    if node.op == "compare":
        return f"{args[0]} {node.data[0]} {args[1]}"
    if node.op == "not":
        return f"~{args[0]}"
    if node.op == "select":
        return f"_np.where({args[0]}, {args[1]}, {args[2]})"
    if node.op == "clip":
        return f"_np.minimum(_np.maximum({args[0]}, -{args[1]}), {args[1]})"
    if node.op == "mul":
        return _product(node, *args)
    if node.op == "shift":
        (bits,) = node.data
        return f"_np.left_shift({args[0]}, _i32({bits}))" if bits > 0 else f"{args[0]} >> _i32({-bits})"
    if node.op == "shv":
        amounts = plain(node.args[1])
        if amounts.low >= 0 and amounts.high <= 31:
            return f"_np.left_shift({args[0]}, {args[1]})"
        if amounts.high <= 0 and amounts.low >= -31:
            return f"_np.right_shift({args[0]}, -{args[1]})"
    return f"{_CALLS[node.op]}({', '.join(args)})"


def _product(node: Node, a: str, b: str) -> str:
    shift, rounding = node.data
    x, y = (plain(arg) for arg in node.args)
    largest = max(abs(p * q) for p in (x.low, x.high) for q in (y.low, y.high))
    if not shift:
        return f"_np.multiply({a}, {b})"  # the low 32 bits of any product
    if rounding == FLOOR:
        if largest <= MOST:
            return f"_np.multiply({a}, {b}) >> _i32({min(shift, 31)})"
        return f"(_np.multiply({a}, {b}, dtype=_i64) >> _i64({shift})).astype(_i32)"
    if largest <= _EXACT and node.fits:
        # Casts round toward zero.
        return f"(_np.multiply({a}, {b}, dtype=_f64) * {2.0**-shift!r}).astype(_i32)"
    return f"_toward_zero({a}, {b}, {shift})"


def _toward_zero(a: Array, b: Array, shift: int) -> Array:
    product = np.multiply(a, b, dtype=np.int64)
    below = (product >> np.int64(63)) & np.int64((1 << shift) - 1)
    return ((product + below) >> np.int64(shift)).astype(np.int32)


def _shv(a: Array, by: Array) -> Array:
    left = (a.astype(np.int64) << np.clip(by, 0, 32).astype(np.int64)).astype(np.int32)
    # ~by is -by - 1, for which there are always bits; the last place is shifted at once.
    right = (a >> np.int32(1)) >> np.clip(~by, 0, 30)
    return np.where(by >= 0, left, right)


def _wrap24(a: Array) -> Array:
    turn, half = np.int32(1 << 24), np.int32(1 << 23)
    # One unsigned comparison finds both sides; mostly there is nothing to do.
    if not np.any((a + (half - np.int32(1))).view(np.uint32) > np.uint32((1 << 24) - 1)):
        return a
    return a - turn * (a > half).astype(np.int32) + turn * (a <= -half).astype(np.int32)
