"""Arrows between the packages of lava_hw point one way; docs/layout.md shows them to people."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "lava_hw"

# What each package may import: only what stands above it in this table, which docs/layout.md shows.
MAY = {
    "__main__": {"cli"},
    "_pages": set(),
    "_resources": set(),
    "errors": set(),
    "progress": set(),
    "tracebacks": set(),
    "weights": set(),
    "regs": set(),
    "chip": {"_pages", "_resources", "regs"},
    "isa": {"regs"},
    "golden": {"chip", "regs"},
    "magma": {"errors", "tracebacks"},
    "utils": {"magma", "weights"},
    "graph": {"magma"},
    "image": {"chip", "isa", "regs"},
    "compiler": {"chip", "errors", "graph", "image", "isa", "magma", "progress", "regs", "tracebacks"},
    "proc": {"bridge", "compiler", "graph", "magma", "utils"},
    "report": {"_pages", "chip", "compiler", "graph", "magma", "proc", "progress"},
    "networks": {"magma", "proc"},
    "frameworks": {"magma", "networks"},
    "bridge": set(),
    "device": {
        "_resources",
        "bridge",
        "chip",
        "errors",
        "golden",
        "image",
        "progress",
        "regs",
        "tracebacks",
        "weights",
    },
    "runtime": {
        "bridge",
        "compiler",
        "device",
        "errors",
        "graph",
        "image",
        "magma",
        "proc",
        "progress",
        "report",
        "tracebacks",
    },
    "cocotb": {"_resources", "chip", "device", "image", "regs"},
    "cli": {"_resources", "bridge", "chip", "compiler", "device", "image", "magma", "report"},
}
# Two modules at Lava's paths only re-export; a process looks for its runtime when it is asked to run; a port
# gets an Injector or Extractor when the program wants an end of it.
EXCEPT = {
    "lava_hw.magma.compiler.compiler": {"compiler", "graph"},
    "lava_hw.magma.compiler.compiler_graphs": {"graph"},
    "lava_hw.magma.runtime.runtime": {"runtime"},
    "lava_hw.magma.core.process.process": {"runtime"},
    "lava_hw.magma.core.process.ports.base": {"proc"},
}
# Arrows that exist for type checkers only.
FOR_TYPES = {
    "lava_hw.magma.core.model.hw.model": {"compiler", "graph"},
    "lava_hw.magma.core.process.variable": {"runtime"},
    "lava_hw.magma.compiler.executable": {"graph"},
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if path.parent == PACKAGE and name in ("lava_hw", "lava_hw.as_lava"):
            continue  # the facade, and the alias, name everything by text
        yield name, ast.parse(path.read_text(encoding="utf-8"))


def imported(node: ast.AST, types_only: bool = False) -> Iterator[tuple[str, bool]]:
    """Packages of lava_hw that are imported below `node`, and whether only for type checkers."""
    for child in ast.iter_child_nodes(node):
        below = types_only or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test))
        if isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"line {child.lineno}: a relative import"
            for alias in child.names:
                parts = f"{child.module}.{alias.name}".split(".")
                if parts[0] == "lava_hw":
                    yield parts[1], below
        elif isinstance(child, ast.Import):
            for alias in child.names:
                parts = alias.name.split(".")
                if parts[0] == "lava_hw":
                    yield (parts[1] if len(parts) > 1 else "lava_hw"), below
        yield from imported(child, below)


def arrows() -> Iterator[tuple[str, str, str, bool]]:
    for module, tree in modules():
        own = module.split(".")[1]
        for other, types_only in imported(tree):
            if other != own:
                yield module, own, other, types_only


def test_every_package_is_in_the_table() -> None:
    there = {p.stem for p in PACKAGE.iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    there |= {p.stem for p in PACKAGE.glob("*.py")} - {"__init__", "as_lava"}
    assert there == set(MAY)


def test_modules_import_what_their_package_may() -> None:
    wrong = [
        f"{module} imports lava_hw.{other}"
        for module, own, other, types_only in arrows()
        if other
        not in MAY[own] | EXCEPT.get(module, set()) | (FOR_TYPES.get(module, set()) if types_only else set())
    ]
    assert wrong == []


def test_the_table_has_no_arrow_that_is_not_used() -> None:
    used: dict[str, set[str]] = {name: set() for name in MAY}
    exceptions: dict[str, set[str]] = {}
    for module, own, other, _ in arrows():
        used[own].add(other)
        exceptions.setdefault(module, set()).add(other)
    assert {name: may - used[name] for name, may in MAY.items() if may - used[name]} == {}
    for module, others in (EXCEPT | FOR_TYPES).items():
        assert others <= exceptions[module], module


def test_the_table_has_no_loop() -> None:
    left = {name: set(may) for name, may in MAY.items()}
    while left:
        free = {name for name, may in left.items() if not may}
        assert free, f"a loop among {sorted(left)}"
        left = {name: may - free for name, may in left.items() if name not in free}


def test_golden_sees_layouts_and_configurations_only() -> None:
    """An independent witness must not see the compiler, the processes, images or the assembler."""
    assert MAY["golden"] == {"chip", "regs"}
    assert MAY["chip"] | MAY["regs"] <= {"_pages", "_resources", "regs"}


def test_the_page_shows_the_same_table() -> None:
    page = (ROOT / "docs/layout.md").read_text(encoding="utf-8")
    for name, may in MAY.items():
        if not name.startswith("_"):
            shown = ", ".join(f"`{other}`" for other in sorted(may) if not other.startswith("_")) or "nothing"
            assert f"| `{name}` | {shown} |" in page, f"docs/layout.md must say: | `{name}` | {shown} |"
