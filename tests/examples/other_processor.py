"""Programs as another processor would run them: its library of linear algebra adds in another order."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def run_elsewhere(program: str, file: Path) -> None:
    """Run a program, whose argument is a file, in a process of its own with other kernels of OpenBLAS."""
    done = subprocess.run(
        [sys.executable, "-c", program, file],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(EXAMPLES), *sys.path)),
            "OPENBLAS_CORETYPE": "Prescott",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
