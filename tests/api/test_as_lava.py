"""Scripts for Lava run with `lava` as another name of lava_hw. Each in a program of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
import numpy as np
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg
from lava.proc.dense.process import Dense
from lava.proc.lif.process import LIF
from lava.proc import io
from lava.lib.extra.tool import answer

# 30, 60, 90: above 64 in the third step, once in each neuron
lif, out = LIF(shape=(3,), bias_mant=30, vth=1), io.sink.RingBuffer(shape=(3,), buffer=4)
lif.s_out.connect(out.a_in)
lif.run(condition=RunSteps(num_steps=4), run_cfg=Loihi2SimCfg(select_tag="fixed_pt"))
print(int(out.data.get().sum()), answer(), __name__, sys.argv)
lif.stop()
import lava, lava_hw, lava.proc.lif.models
assert lava is lava_hw
assert lava.proc.lif.models is sys.modules["lava_hw.proc.lif.models"]
assert LIF.__module__ == "lava_hw.proc.lif.process"
"""


def run(tmp_path: Path, *arguments: str, script: str = SCRIPT) -> subprocess.CompletedProcess[str]:
    """Run a script beside a library of Lava's that is a package of its own."""
    library = tmp_path / "site" / "lava" / "lib" / "extra"
    library.mkdir(parents=True)
    (library / "__init__.py").touch()
    (library / "tool.py").write_text(
        "from lava.proc.lif.process import LIF\nimport lava_hw.proc.lif.process as ours\n"
        "def answer():\n    return LIF is ours.LIF\n"
    )
    (tmp_path / "script.py").write_text(script)
    code = f"import sys; sys.path.append({str(tmp_path / 'site')!r})\n"
    (tmp_path / "sitecustomize.py").write_text(code)
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{root}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )


def test_a_script_that_does_not_know(tmp_path: Path) -> None:
    done = run(tmp_path, "-m", "lava_hw.as_lava", "script.py", "a", "--b")
    assert done.stderr == ""
    assert done.stdout == "3 True __main__ ['script.py', 'a', '--b']\n"


def test_one_new_line(tmp_path: Path) -> None:
    done = run(tmp_path, "script.py", script="import lava_hw.as_lava\nimport lava_hw.as_lava\n" + SCRIPT)
    assert (done.stderr, done.stdout.split()[0]) == ("", "3")


def test_both_at_once(tmp_path: Path) -> None:
    done = run(tmp_path, "-m", "lava_hw.as_lava", "script.py", script="import lava_hw.as_lava\n" + SCRIPT)
    assert (done.stderr, done.stdout.split()[0]) == ("", "3")


def test_what_does_not_exist_is_not_found(tmp_path: Path) -> None:
    done = run(tmp_path, "-c", "import lava_hw.as_lava\nimport lava.nowhere")
    assert "ModuleNotFoundError: No module named 'lava.nowhere'" in done.stderr


def test_the_real_one_must_not_be_there_already(tmp_path: Path) -> None:
    done = run(tmp_path, "-c", "import lava\nimport lava_hw.as_lava")
    assert "import lava_hw.as_lava first" in done.stderr


def test_no_script(tmp_path: Path) -> None:
    done = run(tmp_path, "-m", "lava_hw.as_lava")
    assert done.stderr.startswith("usage: python -m lava_hw.as_lava script.py")
