"""Public test suites of Lava and of its libraries: where they come from, and what they need beside us."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Suite:
    """A wheel with tests in it.

    Attributes
    ----------
    name : str
    requirement : str
        As pip takes it.
    keep : tuple of str
        Prefixes of what is taken out of the wheel: its tests, and the library itself where that is not us.
    tests : str
        Folder of the tests.
    left_out : tuple of str
        Folders or files below it that test no library: notebooks, and what needs Loihi.
    needs : tuple of str
        What must be importable, by the names of packages; without it the suite is skipped with a message.
    """

    name: str
    requirement: str
    keep: tuple[str, ...]
    tests: str
    left_out: tuple[str, ...] = ("tests/lava/tutorials",)
    needs: tuple[str, ...] = ()


_ALL = (
    Suite("lava-nc", "lava-nc==0.10.0", ("tests/",), "tests/lava", needs=("psutil", "matplotlib", "asteval")),
    Suite(
        "lava-dnf", "lava-dnf==0.3.0", ("tests/", "lava/lib/"), "tests/lava/lib/dnf", needs=("matplotlib",)
    ),
    Suite(
        "lava-optimization",
        "lava-optimization==0.5.0",
        ("tests/", "lava/lib/"),
        "tests/lava/lib/optimization",
        needs=("matplotlib", "psutil", "skopt", "seaborn", "pandas", "networkx"),
    ),
    Suite(
        "lava-dl-netx",
        "lava-dl==0.6.0",
        ("tests/", "lava/lib/"),
        "tests/lava/lib/dl/netx",
        needs=("torch", "h5py"),
    ),
)
SUITES = {suite.name: suite for suite in _ALL}


def fetch(suite: Suite, folder: Path) -> Path:
    """Put the tests of a suite into ``folder/name``, from a wheel that is kept in ``folder/wheels``.

    Returns
    -------
    Path
        The folder to run in.

    Raises
    ------
    RuntimeError
        If pip cannot get the wheel; the message ends with what it said.
    """
    wheels = folder / "wheels"
    name, _, version = suite.requirement.partition("==")
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    if not list(wheels.glob(pattern)):
        wheels.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--ignore-requires-python",
        ]
        done = subprocess.run(
            [*command, "--dest", str(wheels), suite.requirement], capture_output=True, text=True
        )
        if done.returncode or not list(wheels.glob(pattern)):
            raise RuntimeError(f"pip cannot get {suite.requirement}: {done.stderr.strip()[-500:]}")
    (wheel,) = wheels.glob(pattern)
    target = folder / suite.name
    done_mark = target / ".taken"
    if not done_mark.exists():
        with zipfile.ZipFile(wheel) as archive:
            members = [m for m in archive.namelist() if m.startswith(suite.keep)]
            archive.extractall(target, members)
        done_mark.touch()
    return target
