"""`lava-hw doctor`: what is found, its version, what is missing and how to get it."""

from __future__ import annotations

import argparse
import errno
import importlib.metadata
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from lava_hw import bridge
from lava_hw._resources import resource_root
from lava_hw.chip import list_chips
from lava_hw.cli.outcome import Code, Outcome
from lava_hw.device.cache import cache_root
from lava_hw.device.errors import BuildError
from lava_hw.device.tools import (
    PROGRAMS,
    Tool,
    find_compiler,
    find_make,
    find_program,
    find_verilator,
    get_package,
)

_ROOM = 500_000_000  # bytes that a build needs, with some to spare


def doctor(options: argparse.Namespace) -> Outcome:
    """Look for everything; `Code.NO` if something is missing that simulating the RTL needs."""
    found: list[dict[str, object]] = []

    def note(name: str, ok: bool, text: str, needed_for: str = "") -> None:
        found.append({"name": name, "ok": ok, "text": text, "needed_for": needed_for})

    note("lava_hw", True, f"{_version('lava-hw')}, sources in {resource_root()}")
    note("python", sys.version_info >= (3, 10), f"{platform.python_version()} ({sys.executable})")
    note("numpy", True, np.__version__)
    note("chips", bool(list_chips()), ", ".join(list_chips()))
    reason = "compiled part is there" if bridge.available() else bridge.unavailable_reason()
    note("bridge", bridge.available(), reason, "the RTL")
    for name, find in (("verilator", find_verilator), ("C++ compiler", find_compiler), ("make", find_make)):
        ok, text = _tool(find)
        note(name, ok, text, "the RTL")
    for name, packages in PROGRAMS.items():
        path = find_program(name, _compiler())
        note(name, path is not None, path or get_package(*packages), "the RTL")
    perl = shutil.which("perl")
    note("perl", perl is not None, perl or get_package("perl", "perl"), "make and tests with cocotb")
    ok, text = _cache(cache_root())
    note("cache", ok, text, "the RTL")
    lines = []
    for entry in found:
        mark = "ok     " if entry["ok"] else "MISSING"
        use = f"  (needed for {entry['needed_for']})" if entry["needed_for"] and not entry["ok"] else ""
        lines.append(f"{mark} {entry['name']:13} {entry['text']}{use}")
    missing = [str(entry["name"]) for entry in found if not entry["ok"]]
    lines.append("")
    lines.append(
        f"Missing: {', '.join(missing)}. All-Python runs and the golden device work without them."
        if missing
        else "Everything is there."
    )
    return Outcome("\n".join(lines), {"found": found, "missing": missing}, Code.NO if missing else Code.DONE)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed, used from its directory"


def _tool(find: Callable[[], Tool]) -> tuple[bool, str]:
    try:
        tool = find()
    except BuildError as error:
        return False, str(error)
    return True, f"{tool.version} ({tool.command[0]})"


def _compiler() -> Tool | None:
    try:
        return find_compiler()
    except BuildError:
        return None


def _cache(root: Path) -> tuple[bool, str]:
    place = root
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        # Tried, as permissions do not say it: nobody can write into /proc, and root seems to be allowed.
        with tempfile.TemporaryDirectory(dir=place):
            pass
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            why = error.strerror or str(error)
            return False, f"{root} cannot be written ({why}); set LAVA_HW_CACHE to a directory of yours"
    free = shutil.disk_usage(place).free
    if free < _ROOM:
        return False, f"{root} has {free // 10**6} MB left, a build needs {_ROOM // 10**6}; set LAVA_HW_CACHE"
    count = len(list((root / "simulators").glob("*/simulator")))
    return True, f"{root} ({count} simulators, {free // 10**9} GB free)"
