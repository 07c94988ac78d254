"""Counts the instructions of a simulator that is fed from a file, with valgrind's callgrind.

Unlike seconds, they do not depend on what else the machine does: two counts of the same recording agree to
within a few hundred instructions (the length of a path, the environment).
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

MISSING = (
    "valgrind was not found, so instructions are not counted (Debian, Ubuntu: apt install valgrind; Fedora: "
    "dnf install valgrind)"
)
_TOTAL = re.compile(r"^(?:summary|totals): (\d+)$", re.MULTILINE)
_OBJECT = re.compile(r"(c?)ob=\((\d+)\)(?: (.*))?$")


def available() -> bool:
    """Tell whether instructions can be counted."""
    return shutil.which("valgrind") is not None


def count(run: Mapping[str, Any], out: Path, addresses: bool = False) -> int:
    """Count the instructions of a bare run of what `programs/recordings.py` recorded.

    Parameters
    ----------
    run : mapping
        A run of the recording.
    out : Path
        File for callgrind.
    addresses : bool
        Whether the file is to say what each instruction did, for `by_address`.

    Raises
    ------
    RuntimeError
        If valgrind fails, or the simulator does not do what it did when it was recorded.
    """
    program = run["simulator"]
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
    command += ["--dump-instr=yes"] if addresses else []
    done = subprocess.run([*command, program, "--bare", run["flits"]], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"valgrind with {program} failed: {done.stderr.strip()[-800:]}")
    counted = json.loads(done.stdout)
    for key in ("cycles", "flits_out", "hash"):
        if counted[key] != run[key]:
            raise RuntimeError(f"{program}: below valgrind {key} is {counted[key]}, not {run[key]}")
    return total(out.read_text())


def total(text: str) -> int:
    """Give all instructions of a file of callgrind.

    Raises
    ------
    RuntimeError
        If the file does not say.
    """
    found = _TOTAL.search(text)
    if found is None:
        raise RuntimeError("callgrind wrote no total; is its version one that counts instructions?")
    return int(found[1])


def by_address(lines: Iterable[str]) -> Counter[tuple[str, int]]:
    """Give how often each instruction was executed, by object file and address.

    Parameters
    ----------
    lines : iterable of str
        Of a file that callgrind wrote with ``--dump-instr=yes``.
    """
    names: dict[str, str] = {}
    counted: Counter[tuple[str, int]] = Counter()
    where, address, called = "", 0, False
    for line in lines:
        first, _, rest = line.partition(" ")
        if line[:1].isdigit() or line[:1] in ("+", "-", "*"):
            # An address, the line of the source, and the cost; either place may be relative to the last one.
            if first[0] in "+-":
                address += int(first, 0)
            elif first != "*":
                address = int(first, 0)
            _, _, cost = rest.strip().partition(" ")
            if cost and not called:
                counted[where, address] += int(cost)
            called = False
        elif line.startswith("calls="):
            called = True  # what follows is the cost of what was called
        elif found := _OBJECT.match(line.rstrip()):
            of_called, number, name = found.groups()  # a name stands only where its number comes first
            name = names.setdefault(number, name)
            where = where if of_called else name
    return counted
