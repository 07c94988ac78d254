"""What a compiler may be told beyond its level of optimisation: about the processor, and about loops."""

from __future__ import annotations

import functools
import os
import platform
import subprocess
from pathlib import Path

from lava_hw.device.tools import Tool

_LEVEL = "x86-64-v3"
_FEATURES = {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"}
"""What Linux calls the features of that level, beyond those of every processor with AVX."""
_CPUINFO = Path("/proc/cpuinfo")


def has_level(cpuinfo: str) -> bool:
    """Tell whether all processors have the features of x86-64-v3.

    Parameters
    ----------
    cpuinfo : str
        Text of ``/proc/cpuinfo``.
    """
    lines = [line.partition(":")[2].split() for line in cpuinfo.splitlines() if line.startswith("flags")]
    return bool(lines) and all(set(flags) >= _FEATURES for flags in lines)


def machine_flags(compiler: Tool) -> tuple[str, ...]:
    """Give the compiler's arguments for this processor: its level if it is one that pays, else none.

    Parameters
    ----------
    compiler : Tool
        What must know them.
    """
    if platform.machine() not in ("x86_64", "AMD64"):
        return ()
    try:
        if not has_level(_CPUINFO.read_text()):
            return ()
    except OSError:
        return ()
    flag = f"-march={_LEVEL}"
    return (flag,) if _takes(compiler.command, compiler.version, flag) else ()


def copying_flags(compiler: Tool) -> tuple[str, ...]:
    """Give the compiler's arguments that leave short loops that copy what they are: loops.

    gcc makes calls of memcpy of them, which for the line of a memory, a hundred bytes, cost more than the
    copy.
    """
    flag = "-fno-tree-loop-distribute-patterns"
    return (flag,) if _takes(compiler.command, compiler.version, flag) else ()


@functools.cache
def _takes(command: tuple[str, ...], version: str, flag: str) -> bool:
    """Tell whether a compiler knows a flag; asked once for each version of it."""
    asked = [*command, flag, "-x", "c++", "-E", os.devnull]
    done = subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode == 0
