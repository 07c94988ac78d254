"""Arrows between the packages of lava_hw point one way; docs/layout.md shows them to people."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FunctionType

from lava_hw import _providers
from lava_hw.magma.core.hooks import Hook
from lava_hw.magma.core.process.ports.ports import EXTERNAL_PIPE
from lava_hw.magma.core.process.running import RUNNER

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "lava_hw"

# What each package may import: only what stands above it in this table, which docs/layout.md shows.
MAY = {
    "__main__": {"cli"},
    "_pages": set(),
    "_providers": set(),
    "_resources": set(),
    "devices": set(),
    "errors": set(),
    "progress": set(),
    "tracebacks": set(),
    "weights": set(),
    "sparse_values": set(),
    "computed": set(),
    "regs": set(),
    "chip": {"_pages", "_resources", "regs"},
    "isa": {"regs"},
    "golden": {"chip", "regs"},
    "magma": {"_providers", "devices", "errors", "tracebacks"},
    "utils": {"magma", "weights"},
    "graph": {"magma"},
    "ir": {"computed", "errors", "graph", "magma"},
    "image": {"chip", "computed", "isa", "regs"},
    "compiler": {"chip", "errors", "graph", "image", "ir", "isa", "magma", "progress", "regs", "tracebacks"},
    "equations": {"ir", "isa", "magma"},
    "proc": {"bridge", "equations", "ir", "magma", "utils", "weights"},
    "report": {"_pages", "chip", "compiler", "graph", "magma", "proc", "progress"},
    "networks": {"magma", "proc"},
    "frameworks": {"magma", "networks"},
    "bridge": set(),
    "device": {
        "_resources",
        "bridge",
        "chip",
        "computed",
        "devices",
        "errors",
        "golden",
        "image",
        "progress",
        "regs",
        "sparse_values",
        "tracebacks",
        "weights",
    },
    "runtime": {
        "bridge",
        "chip",
        "compiler",
        "device",
        "devices",
        "errors",
        "graph",
        "image",
        "magma",
        "proc",
        "progress",
        "report",
        "sparse_values",
        "tracebacks",
    },
    "cocotb": {"_resources", "chip", "device", "image", "regs"},
    "cli": {
        "_resources",
        "bridge",
        "chip",
        "compiler",
        "device",
        "devices",
        "image",
        "magma",
        "report",
        "sparse_values",
    },
}
# Modules at Lava's paths, for programs, that pass on what lies above magma.
EXCEPT = {
    "lava_hw.magma.compiler.compiler_graphs": {"graph"},
    "lava_hw.magma.runtime.runtime": {"runtime"},
}
# Arrows that exist for type checkers only.
FOR_TYPES = {
    "lava_hw.magma.core.model.hw.model": {"ir"},
    "lava_hw.magma.core.process.running": {"image", "report"},
}
# Modules that nothing inside the package imports: they exist for programs.
FOR_PROGRAMS = {
    "lava_hw.magma.compiler.compiler",
    "lava_hw.magma.compiler.compiler_graphs",
    "lava_hw.magma.runtime.runtime",
}
# Who imports modules that its own text does not name, and why.
BY_NAME = {
    "lava_hw._providers": "the one place where a lower package gets at a higher one",
    "lava_hw.cli.main": "the version, which the facade has",
    "lava_hw.cocotb": "parts that only exist inside a simulator, when they are asked for",
    "lava_hw.compiler.connections": "the modules of kinds of connections, which lie beside it",
    "lava_hw.devices": "the back end of a device, also of other packages, when it is opened",
    "lava_hw.golden.connections": "the modules of kinds of connections, which lie beside it",
    "lava_hw.graph.discover": "models that lie beside a process, also of the user's",
    "lava_hw.image.connections.finder": "the module of a kind of connection that an image names",
    "lava_hw.progress": "tqdm, when a bar is shown",
    "lava_hw.report.library": "all processes of the library",
}


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    """Names and syntax trees of all modules."""
    return tuple(_modules())


def _modules() -> Iterator[tuple[str, ast.Module]]:
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


def test_what_exists_for_programs_is_imported_by_none_of_us() -> None:
    found = {
        (module, f"{node.module}.{alias.name}")
        for module, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if any(f"{node.module}.{alias.name}.".startswith(f"{leaf}.") for leaf in FOR_PROGRAMS)
    }
    assert found == set()


def test_only_these_import_by_name() -> None:
    """An import by a text is seen by no graph of imports: it must not hide a circle."""
    found = {
        module
        for module, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__")
    }
    assert found == set(BY_NAME)


def test_providers_register_themselves() -> None:
    """Each hook has one name, and the module of that name fills it."""
    hooks = {hook.name: hook for hook in (RUNNER, EXTERNAL_PIPE)}
    assert set(hooks) == set(_providers.MODULES)
    for name, module in _providers.MODULES.items():
        provider = hooks[name].get()
        of = provider if isinstance(provider, FunctionType) else type(provider)
        assert of.__module__ == module


def test_a_provider_that_is_registered_is_asked_and_nothing_is_imported() -> None:
    hook: Hook[int] = Hook("a name that the table does not have")
    hook.register(3)
    assert hook.get() == 3
    hook.register(4)
    assert hook.get() == 4


def test_a_process_alone_can_run() -> None:
    """Whoever imports nothing but a process, also by Lava's name, gets a runtime when he runs it."""
    code = """
import sys
import lava_hw.as_lava
from lava.magma.core.process.process import AbstractProcess
assert not any(m.startswith(("lava_hw.runtime", "lava_hw.proc", "lava_hw.graph")) for m in sys.modules)
from lava.proc.monitor.process import Monitor
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg
from lava.proc.io.source import RingBuffer
with RingBuffer(data=[[1, 2, 3]]) as source:
    source.run(RunSteps(2), Loihi2SimCfg())
    print(source.runtime.num_steps)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "2\n"


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
    """An independent reference must not see the compiler, the processes, images or the assembler."""
    assert MAY["golden"] == {"chip", "regs"}
    assert MAY["chip"] | MAY["regs"] <= {"_pages", "_resources", "regs"}


def test_the_page_shows_the_same_table() -> None:
    page = (ROOT / "docs/layout.md").read_text(encoding="utf-8")
    for name, may in MAY.items():
        if not name.startswith("_"):
            shown = ", ".join(f"`{other}`" for other in sorted(may) if not other.startswith("_")) or "nothing"
            assert f"| `{name}` | {shown} |" in page, f"docs/layout.md must say: | `{name}` | {shown} |"
