"""One class, one name: whoever reads the name of a class in a message or a search finds one class."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "lava_hw"

# Names that Lava itself has twice; its paths are a fixed target.
LAVAS = {
    "GradedVec": {"networks/gradedvecnetwork.py", "proc/graded/process.py"},
    "RingBuffer": {"proc/io/sink.py", "proc/io/source.py"},
}


def classes() -> dict[str, set[str]]:
    """Modules by the names of the classes that they define, at any depth.

    `golden` is left out: it is an independent reference of the same things, and may call them the same.
    """
    found: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).as_posix()
        if module.startswith("golden/"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, set()).add(module)
    return found


def test_no_two_classes_have_one_name() -> None:
    assert {name: modules for name, modules in classes().items() if len(modules) > 1} == LAVAS
