"""The comparison with Lava: its programs run, and what differs is no figure."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bench import lava

OURS = [sys.executable, "-m", "lava_hw.as_lava"]
SMALL = {"layers": 16, "recurrent": 16, "sparse": 64, "conv": 8, "learning": 16, "get": 100}


@pytest.mark.parametrize("case", sorted({case for case, _, _ in lava.CASES}))
def test_every_case_runs(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_SECONDS", "0.01")
    answer = lava.measure(OURS, case, SMALL.get(case.removeprefix("float_"), 4))
    assert answer["value"] > 0
    assert answer["unit"] in ("steps/s", "s", "MB")
    if answer["unit"] == "steps/s":
        assert answer["steps"] >= 20
        assert answer["check"] != 0


def test_sides_that_compute_other_things_are_not_compared(tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text('print(\'{"value": 2.0, "unit": "s", "steps": 1, "check": 7.0}\')')
    with pytest.raises(RuntimeError, match=r"get 100: our network gave 100.0, Lava's 7.0"):
        lava.compare([sys.executable, str(other)], "get", 100, 10, 1)
    other.write_text('print(\'{"value": 1e9, "unit": "s", "steps": 1, "check": 100.0}\')')
    row = lava.compare([sys.executable, str(other)], "get", 100, 10, 1)
    assert row["ratio"] > 1e6
    assert row["met"]
    assert "met" in lava.line(row)


def test_a_failure_is_said(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"(?s)nonsense 3: .*KeyError"):
        lava.measure(OURS, "nonsense", 3)


def test_the_program_finds_the_lava_that_is_installed() -> None:
    """Python looks for modules next to a program first."""
    assert lava.PROGRAM.exists()
    assert not list(lava.PROGRAM.parent.glob("lava"))
    assert not list(lava.PROGRAM.parent.glob("lava.*"))


def test_pyenv_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    python = tmp_path / "versions" / "3.10.1" / "bin" / "python3.10"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nexit 0\n")
    python.chmod(0o755)
    pyenv, shim = tmp_path / "pyenv", tmp_path / "python3.10"
    pyenv.write_text(f"#!/bin/sh\necho {tmp_path}\n")
    shim.write_text("#!/bin/sh\nexit 127\n")  # what pyenv puts there for a version that is not in use
    pyenv.chmod(0o755)
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert lava.python_3_10() == str(python)
    python.write_text("#!/bin/sh\nexit 1\n")
    assert lava.python_3_10() is None


def test_without_the_real_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys) -> None:
    monkeypatch.setattr(lava.shutil, "which", lambda name: None)
    out = tmp_path / "out.json"
    assert lava.main(["--environment", str(tmp_path / "none"), "--out", str(out)]) == 0
    assert "nothing is measured: the real Lava 0.10 needs Python 3.10" in capsys.readouterr().out
    assert not out.exists()


def test_results_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BENCH_SECONDS", "0.01")
    monkeypatch.setattr(lava, "lava_python", lambda folder: Path(sys.executable))
    real = lava.measure
    monkeypatch.setattr(lava, "measure", lambda command, case, size: real(OURS, case, size))
    out = tmp_path / "out.json"
    assert lava.main(["--quick", "--runs", "1", "--out", str(out)]) == 0
    assert [row["case"] for row in json.loads(out.read_text())["rows"]] == ["layers 64", "get 1,000"]
