"""Public test suites of Lava and of its libraries: where they come from, and what they need beside us."""

from __future__ import annotations

import importlib.util
import re
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
        What must be importable, by the names of packages; without it the suite is left out with a message.
    extra : str
        Extra of pyproject.toml that brings it.
    pins : tuple of str
        What the suite itself pins below what is installed here, as pip takes it; it runs with these in front.
    before : tuple of int, optional
        The first Python that the pins do not exist for: from there on the suite runs with what is installed.
    """

    name: str
    requirement: str
    keep: tuple[str, ...]
    tests: str
    left_out: tuple[str, ...] = ("tests/lava/tutorials",)
    needs: tuple[str, ...] = ()
    extra: str = "compat"
    pins: tuple[str, ...] = ()
    before: tuple[int, int] | None = None

    @property
    def pinned(self) -> bool:
        """Whether the pins exist for this Python."""
        return bool(self.pins) and (self.before is None or sys.version_info[:2] < self.before)

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.name} {self.requirement.partition('==')[2]}"


# What both libraries pin; some of their own code is an error in numpy 2.
_NUMPY_1 = ("numpy<2",)

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
        pins=_NUMPY_1,
        before=(3, 13),
    ),
    Suite(
        "lava-dl-netx",
        "lava-dl==0.6.0",
        ("tests/", "lava/lib/"),
        "tests/lava/lib/dl/netx",
        needs=("torch", "torchvision", "cv2", "h5py", "matplotlib"),
        extra="compat-dl",
        pins=_NUMPY_1,
        before=(3, 13),
    ),
)
SUITES = {suite.name: suite for suite in _ALL}


def hindrance(suite: Suite) -> str | None:
    """Why a suite cannot run here, None if it can."""
    missing = [name for name in suite.needs if importlib.util.find_spec(name) is None]
    if missing:
        return (
            f"{', '.join(missing)} cannot be imported; the extra `{suite.extra}` of this package brings "
            f"{'them' if len(missing) > 1 else 'it'}"
        )
    return None


def _pip(*arguments: str) -> str | None:
    """Run pip; the end of what it said if it failed."""
    done = subprocess.run([sys.executable, "-m", "pip", *arguments], capture_output=True, text=True)
    return done.stderr.strip()[-500:] or "no message" if done.returncode else None


def fetch_pins(suite: Suite, folder: Path) -> Path | None:
    """Install the pins of a suite into a folder of their own, once.

    Returns
    -------
    Path or None
        What to put in front of the installed packages; None if nothing is pinned, or not to be had.

    Raises
    ------
    RuntimeError
        If pip cannot get them; the message ends with what it said.
    """
    if not suite.pinned:
        return None
    target = folder / "pins" / "-".join(re.sub(r"\W+", "-", pin) for pin in suite.pins)
    done_mark = target / ".taken"
    if not done_mark.exists():
        options = ("--quiet", "--no-deps", "--only-binary", ":all:", "--upgrade", "--target", str(target))
        said = _pip("install", *options, *suite.pins)
        if said is not None:
            raise RuntimeError(f"pip cannot get {', '.join(suite.pins)}: {said}")
        done_mark.touch()
    return target


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
        options = ("--quiet", "--no-deps", "--ignore-requires-python", "--dest", str(wheels))
        said = _pip("download", *options, suite.requirement)
        if said is not None:
            raise RuntimeError(f"pip cannot get {suite.requirement}: {said}")
    (wheel,) = wheels.glob(pattern)
    target = folder / suite.name
    done_mark = target / ".taken"
    if not done_mark.exists():
        with zipfile.ZipFile(wheel) as archive:
            members = [m for m in archive.namelist() if m.startswith(suite.keep)]
            archive.extractall(target, members)
        done_mark.touch()
    return target
