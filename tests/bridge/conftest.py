"""Builds the C++ test program of this folder, once per sanitizer and content."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["-std=c++17", "-O1", "-g", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror", "-pthread"]
SANITIZE = {
    "address": ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
    "thread": ["-fsanitize=thread"],
    "none": ["-O2"],
}

Build = Callable[..., Path]


def compile_cpp(sanitizer: str, source_root: Path = ROOT) -> Path:
    """Build ring_test.cpp against the headers in `source_root` and return the program."""
    compiler = os.environ.get("CXX") or "c++"
    assert shutil.which(compiler), f"the tests of the bridge need a C++ compiler, {compiler} was not found"
    headers = sorted(
        path for folder in ("bridge", "regs") for path in (source_root / "sim" / folder).glob("*.hpp")
    )
    sources = [Path(__file__).with_name("ring_test.cpp"), *headers]
    command = [compiler, *FLAGS, *SANITIZE[sanitizer], f"-I{source_root / 'sim'}", str(sources[0])]
    content = hashlib.sha256(repr((compiler, FLAGS, SANITIZE[sanitizer])).encode())
    for source in sources:
        content.update(source.read_bytes())
    program = ROOT / "build/tests-bridge" / f"ring_test-{sanitizer}-{content.hexdigest()[:16]}"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        # Two workers of pytest-xdist may build it at once: each under a name of its own, the last one stays.
        draft = program.with_suffix(f".{os.getpid()}")
        subprocess.run([*command, "-o", str(draft)], check=True)
        draft.replace(program)
    return program


@pytest.fixture(scope="session")
def cpp() -> Build:
    """Return the function that builds the test program."""
    return compile_cpp


@pytest.fixture(scope="session")
def peer_program() -> Path:
    """Return the test program without sanitizers, for use as a peer process."""
    return compile_cpp("none")
