"""Scripts for Lava run with `lava` as another name of lava_hw. Each in a program of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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


def run(
    tmp_path: Path, *arguments: str, script: str = SCRIPT, code: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a script beside a library of Lava's that is a package of its own."""
    library = tmp_path / "site" / "lava" / "lib" / "extra"
    library.mkdir(parents=True, exist_ok=True)
    (library / "__init__.py").touch()
    (library / "tool.py").write_text(
        "from lava.proc.lif.process import LIF\nimport lava_hw.proc.lif.process as ours\n"
        "def answer():\n    return LIF is ours.LIF\n"
    )
    (tmp_path / "script.py").write_text(script)
    custom = f"import sys; sys.path.append({str(tmp_path / 'site')!r})\n"
    (tmp_path / "sitecustomize.py").write_text(custom)
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{root}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert code is None or done.returncode == code, done.stderr
    return done


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


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "the script to run is missing"),
        (["none.py"], "none.py: there is no such file or directory"),
        (["folder"], "folder is a directory without a __main__.py"),
        (["-x", "script.py"], "there is no option -x"),
    ],
)
def test_wrong_command_lines_have_a_usage_and_no_traceback(
    tmp_path: Path, arguments: list[str], text: str
) -> None:
    (tmp_path / "folder").mkdir()
    done = run(tmp_path, "-m", "lava_hw.as_lava", *arguments, code=2)
    assert done.stderr == (
        f"usage: python -m lava_hw.as_lava script.py [arguments]\npython -m lava_hw.as_lava: {text}\n"
    )


def test_help(tmp_path: Path) -> None:
    done = run(tmp_path, "-m", "lava_hw.as_lava", "--help")
    assert done.stdout.startswith("usage: python -m lava_hw.as_lava script.py [arguments]\n")
    assert done.stderr == ""


def test_a_directory_with_a_main_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "__main__.py").write_text("import sys\nprint(sys.argv, __name__)\n")
    done = run(tmp_path, "-m", "lava_hw.as_lava", "folder", "x")
    assert done.stdout == "['folder', 'x'] __main__\n"


@pytest.mark.parametrize("error", ["open('missing')", "1 / 0", "raise SystemExit(7)", "x = ("])
def test_the_traceback_is_that_of_python(tmp_path: Path, error: str) -> None:
    script = f"def f():\n    {error}\n\nf()\n"
    code = 7 if "7" in error else 1
    plain = run(tmp_path, "script.py", script=script, code=code)
    done = run(tmp_path, "-m", "lava_hw.as_lava", "script.py", script=script, code=code)
    lines = [line for line in plain.stderr.splitlines() if "File" not in line]
    assert [line for line in done.stderr.splitlines() if "File" not in line] == lines
    assert done.stderr.count("File ") == plain.stderr.count("File ")
    assert "runpy" not in done.stderr
