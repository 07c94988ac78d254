"""The keys of the manifest stand in `lava_hw/image` and nowhere else: everybody else reads attributes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from lava_hw import regs
from lava_hw.image import Manifest
from lava_hw.image.connections.dense import DenseLayout
from lava_hw.image.entries.records import Entry, OneKind, members_of

PACKAGE = Path(__file__).resolve().parents[2] / "lava_hw"
# Packages that get manifests. The process library does not: it may not import `lava_hw.image`.
READERS = {"cli", "compiler", "device", "report", "runtime"}
# Fields of words and flits are taken by their names, too.
FIELDS = {name for word in vars(regs).values() if isinstance(word, regs.Word) for name in word.fields}
# Texts that are also something else, in modules that take them from it.
ALSO = {
    "cli/commands.py": {"outputs", "processes"},  # what the command answers
    "cli/run.py": {"cores"},  # the counters of each core
    "runtime/rng.py": {"state"},  # numpy's generators
}


def entries(hint: Any = Manifest) -> Iterator[type[Entry]]:
    """All kinds of entries below a type."""
    if isinstance(hint, type) and issubclass(hint, Entry) and is_dataclass(hint):
        yield hint
        hints = get_type_hints(hint, include_extras=True)
        for _, name, _ in members_of(hint):
            yield from entries(hints[name])
    elif isinstance(hint, OneKind):
        for entry in (*hint._entries.values(), DenseLayout):
            yield from entries(entry)
    for part in (*get_args(hint), *getattr(hint, "__metadata__", ())):
        yield from entries(part)


KEYS = {key for entry in set(entries()) for key, _, _ in members_of(entry)} - FIELDS


def texts_as_keys(tree: ast.AST) -> Iterator[str]:
    """Texts by which something is taken out of something: ``x["a"]``, ``x.get("a")``."""
    for node in ast.walk(tree):
        key: ast.expr | None = None
        if isinstance(node, ast.Subscript):
            key = node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            key = node.args[0] if node.args else None
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value


def taken_from_manifests(tree: ast.AST) -> Iterator[str]:
    """Whatever is taken out of something called manifest by brackets."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value).split(".")[-1] == "manifest":
            yield ast.unparse(node)


def test_the_keys_are_found() -> None:
    assert {"needs_close", "elements", "order", "sign_mode", "vars", "in_ports", "class"} <= KEYS
    assert list(texts_as_keys(ast.parse('x["vars"]; y.get("a", 1); z[0]; f("b")'))) == ["vars", "a"]
    assert list(taken_from_manifests(ast.parse("image.manifest[k]; x[1]"))) == ["image.manifest[k]"]


@pytest.mark.parametrize(
    "path",
    sorted(
        path
        for path in (p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*.py"))
        if path.split("/")[0] in READERS
    ),
)
def test_nobody_else_knows_a_key(path: str) -> None:
    tree = ast.parse((PACKAGE / path).read_text(encoding="utf-8"))
    assert list(taken_from_manifests(tree)) == []
    assert set(texts_as_keys(tree)) & KEYS <= ALSO.get(path, set())
