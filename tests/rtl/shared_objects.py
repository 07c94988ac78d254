"""Stands before the compiler in builds of simulations: Verilator's own part is compiled once for all of them.

Called as `python shared_objects.py FOLDER COMPILER ARGUMENT...`; FOLDER keeps what was compiled.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path


def main(folder: Path, command: list[str]) -> int:
    """Compile, or copy what another build has compiled with the same command; gives the exit code."""
    source = Path(command[-1])
    if not source.name.startswith("verilated") or "-o" not in command:
        return subprocess.call(command)
    target = Path(command[command.index("-o") + 1])
    state = source.stat()
    key = repr((command, state.st_size, state.st_mtime_ns))
    kept = folder / f"{source.stem}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.o"
    if kept.exists():
        shutil.copyfile(kept, target)
        return 0
    code = subprocess.call(command)
    if code == 0:
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{source.stem}-{os.getpid()}.part"  # other builds see a whole file or none
        shutil.copyfile(target, part)
        part.rename(kept)
    return code


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), sys.argv[2:]))
