"""Does what a Python model sends in a step depend on what it receives in that step?

A model class may say it: ``sends_first = True`` (it does not), ``sends_first = False`` (it does).
Otherwise the order in which `run_spk` calls ``self.<port>.recv()`` and ``self.<port>.send()`` tells, as far
as it can be read from the code; where it cannot, the answer is "unknown".
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import FunctionType
from typing import Any

_RECEIVE = frozenset({"recv", "peek", "probe"})


def depends(
    model: type[Any], in_ports: Iterable[str], out_ports: Iterable[str]
) -> Mapping[tuple[str, str], bool | None]:
    """Say for each pair of ports whether the message of the out port depends on that of the in port.

    Returns
    -------
    mapping of (in port, out port) to bool or None
        None where it cannot be told: the source is not at hand, the ports are not used by name in `run_spk`,
        or only within branches and loops.
    """
    pairs = [(i, o) for i in in_ports for o in out_ports]
    said = getattr(model, "sends_first", None)
    if said is not None:
        return dict.fromkeys(pairs, not said)
    run = getattr(model, "run_spk", None)
    calls = _calls(run) if isinstance(run, FunctionType) else None
    if calls is None:
        return dict.fromkeys(pairs)
    return {(i, o): calls.depends(i, o) for i, o in pairs}


@lru_cache(maxsize=256)
def _calls(run: FunctionType) -> _Calls | None:
    """Each function is read once: networks of the same models are compiled often."""
    return _Calls.of(run)


class _Calls(ast.NodeVisitor):
    """The calls of ports by name in the order in which they are executed."""

    def __init__(self, own: str) -> None:
        self._own = own
        self._depth = {"branch": 0, "loop": 0}
        self._order: list[tuple[str, str]] = []
        self._branches = False
        self._loops = False

    @classmethod
    def of(cls, run: FunctionType) -> _Calls | None:
        """Read a function; None if its source is not at hand."""
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(run)))
        except (OSError, SyntaxError, TypeError):
            return None
        function = tree.body[0]
        if not isinstance(function, ast.FunctionDef) or not function.args.args:
            return None
        calls = cls(function.args.args[0].arg)
        for statement in function.body:
            calls.visit(statement)
        return calls

    def depends(self, in_port: str, out_port: str) -> bool | None:
        """Say whether the out port's last message comes after the in port's first one."""
        received = [k for k, call in enumerate(self._order) if call == ("recv", in_port)]
        sent = [k for k, call in enumerate(self._order) if call == ("send", out_port)]
        if not received or not sent or self._loops:
            return None
        if sent[-1] < received[0]:
            return False
        return None if self._branches else True

    def visit_Call(self, node: ast.Call) -> None:
        # Arguments are evaluated before the call itself: self.out.send(self.inp.recv()) receives first.
        self.generic_visit(node)
        port = node.func.value if isinstance(node.func, ast.Attribute) else None
        if not isinstance(port, ast.Attribute) or not isinstance(port.value, ast.Name):
            return
        assert isinstance(node.func, ast.Attribute)
        kind = "recv" if node.func.attr in _RECEIVE else node.func.attr
        if port.value.id == self._own and kind in ("recv", "send"):
            self._order.append((kind, port.attr))
            self._branches |= self._depth["branch"] > 0
            self._loops |= self._depth["loop"] > 0

    def _within(self, kind: str, node: ast.AST) -> None:
        self._depth[kind] += 1
        self.generic_visit(node)
        self._depth[kind] -= 1

    def visit_If(self, node: ast.If) -> None:
        self._within("branch", node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._within("branch", node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self._within("branch", node)

    def visit_Try(self, node: ast.Try) -> None:
        self._within("branch", node)

    def visit_Assign(self, node: ast.Assign) -> None:
        # The value is evaluated before the targets.
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_For(self, node: ast.For) -> None:
        self._within("loop", node)

    def visit_While(self, node: ast.While) -> None:
        self._within("loop", node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._within("loop", node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._within("loop", node)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._within("loop", node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._within("loop", node)

    def visit_Return(self, node: ast.Return) -> None:
        # What follows an early return is executed in some steps only.
        self.generic_visit(node)
        self._branches |= self._depth["branch"] > 0
