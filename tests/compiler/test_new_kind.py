"""A new kind of connections is new files and an entry of the register description: nothing else is edited."""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path

import pytest

from tests.faults.tree import Tree

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent / "one_to_one"
NEW = {
    "lava_hw/ir/connections/one_each.py": "ir.py",
    "lava_hw/compiler/connections/one_each.py": "compiler.py",
    "lava_hw/image/connections/one_each.py": "image.py",
    "lava_hw/golden/connections/one_each.py": "golden.py",
}
RDL = "rtl/regs/lava_hw.rdl"
# `make regs` writes these anew from the register description.
GENERATED = {
    "docs/registers.md",
    "lava_hw/regs/_generated.py",
    "rtl/regs/lhw_regs_pkg.sv",
    "sim/regs/lhw_regs.hpp",
}
LAST = "    CONV   = 4'd4 {"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """A copy of the tree with the kind."""
    copy = Tree(tmp_path_factory.mktemp("kind"))
    for place, file in NEW.items():
        shutil.copy(HERE / file, copy.top / place)
    text = (copy.top / RDL).read_text(encoding="utf-8")
    assert text.count(LAST) == 1
    entry = '    ONE_EACH = 4\'d6 { desc = "A word of weight and lane for each source."; };\n'
    (copy.top / RDL).write_text(text.replace(LAST, entry + LAST), encoding="utf-8")
    copy.python("-m", "lava_hw.regs.generate", str(copy.top))
    return copy


def files(top: Path) -> set[str]:
    found = (path for path in top.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(top).as_posix() for path in found}


def test_files_that_are_touched(tree: Tree) -> None:
    copied = {name for name in files(tree.top) if not name.endswith(".so")}
    assert {name for name in copied if not (ROOT / name).exists()} == set(NEW)
    old = copied - set(NEW)
    changed = {name for name in old if not filecmp.cmp(tree.top / name, ROOT / name, shallow=False)}
    assert changed == {RDL, *GENERATED}


def test_networks_with_it_are_equal_in_python_and_on_golden(tree: Tree) -> None:
    said = tree.python("-m", "tests.compiler.one_to_one.program")
    assert said.split() == ["test32", "1", "mesh16", "3"]
