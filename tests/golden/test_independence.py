"""Golden is a reference of its own: it may not see compiler, processes, assembler or images."""

from __future__ import annotations

import subprocess
import sys

ALLOWED = {"_resources", "chip", "golden", "regs"}


def test_golden_imports_layouts_and_configurations_only() -> None:
    code = (
        "import sys; import lava_hw.regs; import lava_hw.golden;"
        "print(*{m.split('.')[1] for m in sys.modules if m.startswith('lava_hw.')})"
    )
    # A fresh interpreter, without what lava_hw/__init__.py itself would bring in.
    stub = (
        "import sys, types, importlib.util as u;"
        "m = types.ModuleType('lava_hw');"
        "m.__path__ = list(u.find_spec('lava_hw').submodule_search_locations);"
        "sys.modules['lava_hw'] = m;"
    )
    out = subprocess.run([sys.executable, "-c", stub + code], capture_output=True, text=True, check=True)
    assert set(out.stdout.split()) <= ALLOWED
    assert "golden" in out.stdout
