"""No compiler, a full disk: the message names it, and nothing is lost. A damaged cache: tests/system."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def program(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_no_compiler(tmp_path: Path) -> None:
    """It is said what is missing and how to get it; nothing is built; the same network runs on golden."""
    (tmp_path / "bin").mkdir()
    environment = dict.fromkeys(("CXX", "MAKE", "LAVA_HW_VERILATOR"), "")
    said = program(
        """
        from tests.errors.network import *
        with Network() as network:
            try:
                network.run(on("verilator"))
            except Exception as error:
                print(type(error).__name__, error)
            network.run(on("golden"))
            same(network.answers(), expected())
            print("the same network ran on golden")
        """,
        PATH=str(tmp_path / "bin"),
        LAVA_HW_CACHE=str(tmp_path / "cache"),
        **environment,
    )
    first, second = said.splitlines()
    assert first.startswith("BuildError no C++ compiler was found (c++, g++, clang++); ")
    assert "apt install g++" in first
    assert second == "the same network ran on golden"
    assert not (tmp_path / "cache").exists()


SMALL_DISK = """
mount -t tmpfs -o size=2m none {disk} || exit 77
exec "{python}" -c '{code}'
"""
FILL = """
import os
from lava_hw import Dense, Device, Image, compile_network
import numpy as np

def attempt(function):
    try:
        function()
    except Exception as error:
        print(type(error).__name__, error)

attempt(lambda: Device.open("verilator", "test8", cache="{disk}"))
print(sorted(n.split("-")[0] for n in os.listdir("{disk}/simulators") if not n.endswith(".lock")))
image = compile_network(Dense(weights=np.full((300, 4000), 3)), "test32")
image.save("{disk}/one.lhw")
attempt(lambda: image.save("{disk}/two.lhw"))
attempt(lambda: image.save("{disk}/one.lhw"))
print(sorted(n for n in os.listdir("{disk}") if n != "simulators"), Image.load("{disk}/one.lhw") == image)
"""


@pytest.mark.slow
@pytest.mark.rtl
def test_a_full_disk(tmp_path: Path) -> None:
    """A real one, of 2 MB, in a mount namespace of our own: a build and the saving of images."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("needs unshare (util-linux); tests/image and tests/device have tests with a stand-in")
    disk = tmp_path / "disk"
    disk.mkdir()
    script = SMALL_DISK.format(disk=disk, python=sys.executable, code=FILL.format(disk=disk))
    done = subprocess.run(
        [unshare, "--user", "--map-root-user", "--mount", "sh", "-c", script],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode in (1, 77) and ("unshare" in done.stderr or "mount" in done.stderr):
        pytest.skip(f"no mount namespace here ({done.stderr.strip()}); tests/image and tests/device stand in")
    assert done.returncode == 0, done.stderr
    build, left, two, one, files = done.stdout.splitlines()
    assert build.startswith(
        f"BuildError no space is left for the simulator in {disk}/simulators; free some, or set "
    )
    assert "lhw_chip" not in left
    for line, name in ((two, "two"), (one, "one")):
        assert line.startswith(f"ImageError {disk}/{name}.lhw: the image (")
        assert line.endswith("cannot be written: No space left on device; nothing was left there")
    assert files == "['one.lhw'] True", "the older file is what it was"
