"""The worked example of docs/adding_a_process.md: its blocks are files, and its own test passes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.markdown import DOCS, ROOT, loose, write

PAGE = DOCS / "adding_a_process.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert write(PAGE, tmp_path) == ["counting/process.py", "counting/models.py", "test_counting.py"]
    return tmp_path


def execute(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def passed(folder: Path, which: str) -> int:
    said = execute(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", which, "test_counting.py")
    return int(re.findall(r"(\d+) passed", said)[0])


def test_in_python_and_on_golden(folder: Path) -> None:
    assert passed(folder, "not verilator") == 6


@pytest.mark.rtl
@pytest.mark.slow
def test_on_the_rtl(folder: Path) -> None:
    assert passed(folder, "verilator") == 4


def test_a_wrong_body_is_caught(folder: Path) -> None:
    """The page's test can fail: a spike that takes nothing away is another neuron."""
    models = folder / "counting/models.py"
    wrong = models.read_text().replace("sub r1, r1, r2 if p0", "mov r1, #0 if p0")
    assert wrong != models.read_text()
    models.write_text(wrong)
    with pytest.raises(AssertionError, match="Mismatched elements"):
        passed(folder, "golden")


def test_the_listing(folder: Path) -> None:
    (code,) = loose(PAGE)
    shown = execute(folder, "-c", code)
    for line in ("neurons.count", "[count]", "emitm  ch0 if p0", "limit"):
        assert line in shown, shown
