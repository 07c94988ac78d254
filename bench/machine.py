"""What was measured, and on what."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

import lava_hw

ROOT = Path(__file__).resolve().parents[1]


def describe() -> dict[str, Any]:
    """Give processor, memory, load, versions and revision."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "cores_allowed": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "load": list(os.getloadavg()),
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "lava_hw": lava_hw.__version__,
        "compiler": _first_line(os.environ.get("CXX", "c++"), "--version"),
        "verilator": _verilator(),
        "revision": _first_line("git", "-C", str(ROOT), "rev-parse", "HEAD"),
        "changed_files": _changed(),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            return line.partition(":")[2].strip()
    return platform.machine()


def _verilator() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("verilator")
    except PackageNotFoundError:
        return _first_line("verilator", "--version")


def _first_line(*command: str) -> str:
    """Give the first line that a program prints, empty if it is not there or fails."""
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.splitlines()[0] if done.returncode == 0 and done.stdout else ""


def _changed() -> int | None:
    """Give the number of files that differ from the revision, None if git does not say."""
    command = ["git", "-C", str(ROOT), "status", "--porcelain", "--untracked-files=no"]
    if shutil.which("git") is None:
        return None
    done = subprocess.run(command, capture_output=True, text=True)
    return len(done.stdout.splitlines()) if done.returncode == 0 else None
