"""Modules that import one another, directly or by others, can only be read, tested and changed together.

The graph of imports comes from grimp. It has the imports inside functions, too: an import that is moved into
a function does not end a circle. What is imported by name is listed in test_imports.py.
"""

from __future__ import annotations

from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from unittest.mock import patch

import grimp
import networkx
import pytest

ROOT = Path(__file__).resolve().parents[2]
PROCESS = "lava_hw.magma.core.process"
# Imports that only type checkers follow, and that close a circle: who imports what, and why it must. In
# Lava's design processes, their members, their models and run configurations know one another.
CLOSING = {
    (
        f"{PROCESS}.interfaces",
        f"{PROCESS}.process",
    ): "`port.process`, `var.process`: a member says whose it is",
    (f"{PROCESS}.process", "lava_hw.magma.core.model.model"): "`process.model_class`: which model was chosen",
    (f"{PROCESS}.running", "lava_hw.magma.core.run_config_base"): "`process.run(..., run_cfg)`",
    (f"{PROCESS}.running", "lava_hw.magma.compiler.executable"): "`process.compile(...)` returns it",
}
MOST_CLOSING, MOST_MODULES = 4, 13  # may only be made smaller


@cache
def imports(types: bool) -> networkx.DiGraph:
    """An arrow from each module to each that it imports; with `types`, also to what type checkers import."""
    # An editable installation also names the folder around the checkout as a place of modules.
    with patch("importlib.util.find_spec", lambda name: PathFinder.find_spec(name, [str(ROOT)])):
        graph = grimp.build_graph("lava_hw", exclude_type_checking_imports=not types, cache_dir=None)
    found = networkx.DiGraph()
    for module in graph.modules:
        found.add_edges_from((module, other) for other in graph.find_modules_directly_imported_by(module))
    return found


def circles(graph: networkx.DiGraph) -> list[list[str]]:
    """The sets of modules that reach one another, the largest first."""
    found = [sorted(part) for part in networkx.strongly_connected_components(graph) if len(part) > 1]
    return sorted(found, key=lambda part: (-len(part), part))


def without(graph: networkx.DiGraph, arrows: set[tuple[str, str]]) -> networkx.DiGraph:
    """A copy without some arrows."""
    copy = graph.copy()
    copy.remove_edges_from(arrows)
    return copy


def test_no_circle_when_the_program_runs() -> None:
    assert circles(imports(types=False)) == []


def test_no_circle_for_type_checkers_but_those_that_lava_asks_for() -> None:
    assert circles(without(imports(types=True), set(CLOSING))) == []


@pytest.mark.parametrize("arrow", CLOSING, ids=lambda arrow: " to ".join(m.split(".")[-1] for m in arrow))
def test_arrows_that_close_circles_are_needed(arrow: tuple[str, str]) -> None:
    assert imports(types=True).has_edge(*arrow), "this import is gone: delete the entry"
    assert not imports(types=False).has_edge(*arrow), "this import is one for type checkers"
    others = set(CLOSING) - {arrow}
    assert any(set(arrow) <= set(circle) for circle in circles(without(imports(types=True), others)))


def test_the_list_and_what_it_closes_only_become_shorter() -> None:
    assert len(CLOSING) <= MOST_CLOSING
    (circle,) = circles(imports(types=True))
    assert len(circle) <= MOST_MODULES
    assert all(module.startswith("lava_hw.magma.") for module in circle)


def test_circles_are_found() -> None:
    """The test can fail: a graph with a circle has one."""
    graph = networkx.DiGraph([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("e", "d")])
    assert circles(graph) == [["a", "b", "c"]]
    assert circles(without(graph, {("c", "a")})) == []
