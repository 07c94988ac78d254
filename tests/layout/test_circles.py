"""Modules that import one another, directly or by others, can only be read, tested and changed together.

The graph of imports comes from grimp. It has the imports inside functions, too: an import that is moved into
a function does not end a circle.
"""

from __future__ import annotations

from functools import cache

import grimp
import networkx

# Packages that still have circles of their own; whoever ends them deletes the entry. The circle of `magma`
# and what lies above it is counted as magma's.
STILL = {"cocotb", "device", "image", "magma", "networks", "report", "runtime"}


@cache
def imports(types: bool) -> networkx.DiGraph:
    """An arrow from each module to each that it imports; with `types`, also to what type checkers import."""
    graph = grimp.build_graph("lava_hw", exclude_type_checking_imports=not types, cache_dir=None)
    found = networkx.DiGraph()
    for module in graph.modules:
        found.add_edges_from((module, other) for other in graph.find_modules_directly_imported_by(module))
    return found


def circles(graph: networkx.DiGraph) -> list[list[str]]:
    """The sets of modules that reach one another, the largest first."""
    found = [sorted(part) for part in networkx.strongly_connected_components(graph) if len(part) > 1]
    return sorted(found, key=lambda part: (-len(part), part))


def package_of(circle: list[str]) -> str:
    packages = {module.split(".")[1] for module in circle}
    return packages.pop() if len(packages) == 1 else "magma"


def test_no_module_imports_itself_by_others() -> None:
    found = circles(imports(types=True))
    assert [circle for circle in found if package_of(circle) not in STILL] == []
    assert {package_of(circle) for circle in found} >= STILL, "no circle is left here: delete it from STILL"


def test_circles_are_found() -> None:
    """The test can fail: a graph with a circle has one."""
    graph = networkx.DiGraph([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("e", "d")])
    assert circles(graph) == [["a", "b", "c"]]
