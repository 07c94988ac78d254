"""The example of the overview and the neuron of one's own, against plain Python; README; Lava's names."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "examples" / "overview.py"


def execute(*arguments: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_ten_steps_in_plain_python(tmp_path: Path) -> None:
    v1 = u2 = v2 = buffered = 0.0
    for _ in range(10):
        arrives = buffered  # what the connection got in the step before
        v1 = v1 * (1 - 0.1) + 4
        buffered = 6.0 if v1 > 10 else 0.0
        v1 = 0.0 if v1 > 10 else v1
        u2 = u2 * (1 - 0.5) + arrives
        v2 = v2 + u2
        v2 = 0.0 if v2 > 10 else v2
    expected = f"voltages after ten steps: {v1:.4f} and {v2:.4f}\n"
    assert expected == "voltages after ten steps: 4.0000 and 8.5312\n"
    assert execute(str(SCRIPT), folder=tmp_path) == expected


def test_it_is_a_program_for_lava(tmp_path: Path) -> None:
    code = SCRIPT.read_text(encoding="utf-8").replace("from lava_hw.", "from lava.")
    assert "lava_hw" not in code
    (tmp_path / "program.py").write_text(code)
    expected = execute(str(SCRIPT), folder=tmp_path)
    assert execute("-m", "lava_hw.as_lava", "program.py", folder=tmp_path) == expected
    (tmp_path / "program.py").write_text(
        re.sub(r"^from lava", r"import lava_hw.as_lava\n\g<0>", code, count=1, flags=re.M)
    )
    assert execute("program.py", folder=tmp_path) == expected


def test_readme_shows_it() -> None:
    code = SCRIPT.read_text(encoding="utf-8").split('"""', 2)[2].strip()
    assert f"```python\n{code}\n```" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_a_neuron_of_ones_own_in_plain_python(capsys: pytest.CaptureFixture[str]) -> None:
    import own_neuron

    own_neuron.main()
    lines = capsys.readouterr().out.splitlines()[1:]
    state = [[0, 0, 0], [0, 0, 0]]
    for step, line in enumerate(lines, start=1):
        for neuron, (u, v, spikes) in enumerate(state):
            u = u * 3072 // 4096 + (900 if (neuron, step) == (0, 1) else 0)
            v = v * 3840 // 4096 + u + (0, 300)[neuron]
            state[neuron] = [u, 0 if v > 1000 else v, spikes + (v > 1000)]
        shown = [int(number) for number in re.findall(r"\d+", line)]
        assert shown == [step, *state[0][:2], *state[1][:2], state[0][2], state[1][2]]
    assert len(lines) == 8
    assert state[0][2] >= 2
    assert state[1][2] >= 2
