"""Operators on Python: where a function can be changed by one operator, one number or one condition.

Docstrings, annotations, messages of errors, decorators and what only types need are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.mutants.mutant import Site

_COMPARE: dict[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: ("is not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
}
_BINARY: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "+"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "//"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.BitXor: ("^", "|"),
}


def sites(text: str) -> list[Site]:
    """Give all changes of a file."""
    starts = [0]
    for line in text.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    data = text.encode()
    found = []
    for node in _inside(ast.parse(text)):
        for site in _changes(node, data, starts):
            # Places of the syntax tree count bytes.
            start, end = (len(data[:at].decode()) for at in (site.start, site.end))
            found.append(Site(start, end, site.new, site.operator))
    return found


def _inside(tree: ast.Module) -> Iterator[ast.AST]:
    """All nodes of bodies of functions that run and whose value counts."""
    functions = (node for node in tree.body for node in _functions(node))
    for function in functions:
        yield from _walk(function.body)


def _functions(node: ast.AST) -> Iterator[ast.FunctionDef]:
    if isinstance(node, ast.FunctionDef):
        yield node
    elif isinstance(node, ast.ClassDef):
        for member in node.body:
            yield from _functions(member)


def _walk(nodes: list[ast.stmt] | list[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        if isinstance(node, (ast.Raise, ast.Assert, ast.JoinedStr)) or _is_text(node):
            continue
        yield node
        left_out = {"annotation", "returns", "decorator_list"}
        children = [
            child
            for name, value in ast.iter_fields(node)
            if name not in left_out
            for child in (value if isinstance(value, list) else [value])
            if isinstance(child, ast.AST)
        ]
        yield from _walk(children)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST, data: bytes, starts: list[int]) -> Iterator[Site]:
    def place(of: ast.expr) -> tuple[int, int]:
        assert of.end_lineno is not None
        assert of.end_col_offset is not None
        return starts[of.lineno - 1] + of.col_offset, starts[of.end_lineno - 1] + of.end_col_offset

    def between(left: ast.expr, right: ast.expr, symbols: list[tuple[str, str]], kind: str) -> Iterator[Site]:
        start, end = place(left)[1], place(right)[0]
        gap = data[start:end].decode()
        for old, new in symbols:
            at = gap.find(old)
            if at >= 0:
                first = start + len(gap[:at].encode())
                yield Site(first, first + len(old.encode()), new, kind)

    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        old, others = _COMPARE[type(node.ops[0])]
        yield from between(node.left, node.comparators[0], [(old, new) for new in others], "comparison")
    elif isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        yield from between(node.left, node.right, [_BINARY[type(node.op)]], "operation")
    elif isinstance(node, ast.BoolOp):
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        yield from between(node.values[0], node.values[1], [(old, new)], "operation")
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub, ast.Invert)):
        start, end = place(node)[0], place(node.operand)[0]
        yield Site(start, end, "", "negation")
    elif isinstance(node, (ast.If, ast.IfExp)):
        start, end = place(node.test)
        yield Site(start, end, f"(not ({data[start:end].decode()}))", "condition")
    elif isinstance(node, ast.Constant) and type(node.value) in (int, bool):
        start, end = place(node)
        value = not node.value if isinstance(node.value, bool) else node.value + 1
        yield Site(start, end, str(value), "constant")
