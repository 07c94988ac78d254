"""Nodes of a traced text: what is computed from what, and between which numbers it lies.

A node is made once: equal operations on equal operands are one node. Its interval is in whole numbers,
without a width. Sums, differences, products and left shifts may leave 32 bits as long as nothing else is made
of them; whoever needs the number itself asks for `exact`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from lava_hw.equations.errors import EquationsError, OverflowInText

__all__ = ["LEAST", "LEAVES", "MOST", "Node", "TextTrace", "bare", "exact", "interval", "plain", "tracing"]

LEAST, MOST = -(1 << 31), (1 << 31) - 1
LEAVES = frozenset(("input", "state", "parameter", "number"))
_PACKAGE = __name__.rpartition(".")[0]


@dataclass(frozen=True, eq=False)
class Node:
    """An operation.

    Attributes
    ----------
    op : str
        Its name; see `values` for those that there are.
    args : tuple of Node
        Operands.
    data : tuple
        What else belongs to it: a name, a shift, a comparison.
    low, high : int
        Least and greatest result; 0 and 1 of a mask.
    is_mask : bool
        Whether it is a condition, one bit for each neuron.
    where : str
        Line of the text.
    """

    op: str
    args: tuple[Node, ...]
    data: tuple[Any, ...]
    low: int
    high: int
    is_mask: bool
    where: str

    @property
    def fits(self) -> bool:
        """Whether 32 bits hold every result."""
        return self.low >= LEAST and self.high <= MOST


class TextTrace:
    """What a text computes: its nodes in order, what it sends, what it puts into states.

    Attributes
    ----------
    nodes : list of Node
        Operands stand before what is made of them.
    effects : list of tuple
        ("store", name, node) or ("send", port, node, node or None), in order.
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.effects: list[tuple[Any, ...]] = []
        self._known: dict[tuple[Any, ...], Node] = {}

    def node(
        self,
        op: str,
        args: tuple[Node, ...],
        data: tuple[Any, ...],
        low: int,
        high: int,
        is_mask: bool = False,
    ) -> Node:
        """The node of an operation, made once."""
        key = (op, tuple(map(id, args)), data)
        if key not in self._known:
            self._known[key] = Node(op, args, data, low, high, is_mask, _line())
            self.nodes.append(self._known[key])
        return self._known[key]


_current: list[TextTrace] = []


class tracing:  # a context manager, used as a verb
    """While this lasts, operations are added to a trace."""

    def __init__(self, trace: TextTrace) -> None:
        self._trace = trace

    def __enter__(self) -> TextTrace:
        _current.append(self._trace)
        return self._trace

    def __exit__(self, *error: object) -> None:
        _current.pop()


def current() -> TextTrace:
    """The trace to which operations are added.

    Raises
    ------
    EquationsError
        Outside of the `step` of a text.
    """
    if not _current:
        raise EquationsError("equations are computed in the step of a text only; see docs/equations.md")
    return _current[-1]


def _line() -> str:
    """The line of the text that is being traced."""
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_PACKAGE):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame is not None else "?"


def interval(node: Node) -> str:
    """The interval of a node, for messages."""
    return f"[{node.low}, {node.high}]"


def exact(node: Node, user: str) -> Node:
    """A node whose numbers themselves are needed.

    Raises
    ------
    OverflowInText
        If 32 bits do not hold them.
    """
    if not node.fits:
        raise OverflowInText(
            f"{node.where}: {node.op} gives {interval(node)}, which 32 bits do not hold, and {user} needs "
            "the number itself. Clip the operands, declare smaller states or parameters, or write "
            "wrapping(...) around it if it may wrap."
        )
    return node


def plain(node: Node) -> Node:
    """A node without the words that change no number."""
    while node.op == "wrapping":
        (node,) = node.args
    return node


def bare(node: Node) -> tuple[Node, bool]:
    """A node without the words that change no number and without `~`; whether it was negated."""
    negated = False
    while node.op in ("wrapping", "not"):
        negated ^= node.op == "not"
        (node,) = node.args
    return node, negated
