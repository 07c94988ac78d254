"""Write the notebooks of this folder anew from their scripts in examples/tutorial.

    python examples/notebooks/make.py

The script is the source. Its docstring, its imports, and each definition become a cell; a call in `main`
stands behind the definition of what it calls, and all else of `main` at the end. Notebooks have no outputs.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[1]
#: Scripts that are notebooks, too.
SCRIPTS = ("running", "hierarchy")

Cell = tuple[str, str]


def cells(source: str) -> Iterator[Cell]:
    """Give kind ("markdown" or "code") and text of each cell."""
    tree = ast.parse(source)
    lines = source.splitlines()
    main = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "main")
    calls = {called(statement): statement for statement in main.body if called(statement)}
    yield "markdown", heading(ast.get_docstring(tree) or "")
    pending: list[ast.stmt] = []  # imports and constants that belong in front of the next definition
    for node in tree.body[1:]:
        text = cut(lines, node)
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Assign)):
            if "__future__" not in text:
                pending.append(node)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node is not main:
            if pending:
                yield "code", "\n".join(lines[pending[0].lineno - 1 : pending[-1].end_lineno])
                pending = []
            yield "code", text
            if node.name in calls:
                yield "code", cut(lines, calls[node.name])
    rest = [s for s in main.body[1:] if not called(s)]
    if rest:
        yield "code", "\n".join(cut(lines, statement) for statement in rest)


def called(statement: ast.stmt) -> str:
    """Name of the function that a statement calls without arguments and without keeping its value."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        if isinstance(call.func, ast.Name) and not call.args and not call.keywords:
            return call.func.id
    return ""


def cut(lines: list[str], node: ast.stmt) -> str:
    """Source of a statement, with its decorators and the comments right above it, at the left margin."""
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(d.lineno for d in decorators)]) - 1
    while first and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return textwrap.dedent("\n".join(lines[first : node.end_lineno]))


def heading(docstring: str) -> str:
    """The docstring of a script as Markdown: the first line is the title; without the command."""
    title, _, text = docstring.partition("\n")
    paragraphs = [p for p in text.strip("\n").split("\n\n") if not p.startswith("    ")]
    return f"# {title}\n\n" + "\n\n".join(" ".join(p.split()) for p in paragraphs)


def notebook(script: str) -> str:
    """The notebook of a script, as JSON text (nbformat 4.5)."""
    made = []
    for number, (kind, text) in enumerate(cells((EXAMPLES / f"tutorial/{script}.py").read_text("utf-8"))):
        name = hashlib.sha256(f"{script} {number}".encode()).hexdigest()[:8]
        cell = {"cell_type": kind, "id": name, "metadata": {}, "source": text.splitlines(keepends=True)}
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        made.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {
        "cells": made,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write all of them."""
    for script in SCRIPTS:
        path = EXAMPLES / f"notebooks/{script}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(notebook(script), encoding="utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
