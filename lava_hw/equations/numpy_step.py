"""A step of a traced text in numpy: the fixed-point model in Python, int32 in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.equations.graph import Node, TextTrace, plain

__all__ = ["NumpyStep", "numpy_step"]

Array = npt.NDArray[Any]
NumpyStep = Callable[[Mapping[str, Array], Any, Any], tuple[dict[str, Any], dict[str, Any]]]
"""Gets what there is by name (inputs, states, parameters), the step and the indices of neurons; gives what is
sent, by port, and the new states."""

_INFIX = {"add": "+", "sub": "-", "and": "&", "or": "|", "xor": "^"}
_CALLS = {"min": "_np.minimum", "max": "_np.maximum", "abs": "_np.abs", "wrap24": "_wrap24", "shv": "_shv"}


def numpy_step(trace: TextTrace) -> NumpyStep:
    """Give a function that carries out one step of a text."""
    names: dict[Node, str] = {}
    lines = ["def step(has, time, index):"]
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
        "_mul": _mul,
        "_wrap24": _wrap24,
        "_shv": _shv,
        "_shift": _shift,
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
        return f"_mul({args[0]}, {args[1]}, {node.data[0]}, {node.data[1] != 'floor'})"
    if node.op == "shift":
        return f"_shift({args[0]}, {node.data[0]})"
    return f"{_CALLS[node.op]}({', '.join(args)})"


def _mul(a: Array, b: Array, shift: int, toward_zero: bool) -> Array:
    product = np.multiply(a, b, dtype=np.int64)
    if toward_zero:
        product = product + ((product >> np.int64(63)) & np.int64((1 << shift) - 1))
    return (product >> np.int64(shift)).astype(np.int32)


def _shift(a: Array, bits: int) -> Array:
    return np.left_shift(a, np.int32(bits)) if bits >= 0 else np.right_shift(a, np.int32(-bits))


def _shv(a: Array, by: Array) -> Array:
    left = (a.astype(np.int64) << np.clip(by, 0, 32).astype(np.int64)).astype(np.int32)
    return np.where(by >= 0, left, np.right_shift(a, np.clip(-by.astype(np.int64), 0, 31).astype(np.int32)))


def _wrap24(a: Array) -> Array:
    turn, half = np.int32(1 << 24), np.int32(1 << 23)
    return a - turn * (a > half).astype(np.int32) + turn * (a <= -half).astype(np.int32)
