"""Wheels and virtual environments that stand on their own, for the tests of this folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
# What must not reach into an environment that is to stand on its own.
OURS = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "CXX", "CC")


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment without what points at the checkout or at another place to install to."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return kept | {"PYTHONNOUSERSITE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"} | more


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command outside the checkout; return what it printed, or fail with all of it."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean_environment(**environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=800,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


@dataclass(frozen=True)
class Environment:
    """A virtual environment.

    Attributes
    ----------
    path : Path
        Its directory.
    scratch : Path
        A directory outside the checkout to run in.
    """

    path: Path
    scratch: Path

    @property
    def python(self) -> Path:
        return self.path / "bin/python"

    def pip(self, *arguments: str | Path, **environment: str) -> str:
        return run(self.python, "-m", "pip", *arguments, cwd=self.scratch, **environment)

    def install(self, wheel: Path) -> None:
        """Install the wheel over what an earlier run may have left; what it needs is there already."""
        self.pip("install", "--quiet", "--no-deps", "--force-reinstall", wheel)

    def first_steps(self, device: str) -> str:
        """Run the example of the README on another device than it names and return what it prints."""
        text = (ROOT / "examples/first_steps.py").read_text()
        assert text.count('device="verilator"') == 1
        script = self.scratch / f"first_steps_{device}.py"
        script.write_text(text.replace('device="verilator"', f'device="{device}"'))
        printed = self.run(script)
        assert "spikes; membrane of neuron 0" in printed
        return printed

    def run(self, *arguments: str | Path, **environment: str) -> str:
        return run(self.python, *arguments, cwd=self.scratch, **environment)


def make_environment(python: str | Path, name: str, requirements: list[str], scratch: Path) -> Environment:
    """Return an environment with `requirements`; it is kept below build/ and made anew when they change."""
    content = hashlib.sha256(repr((str(python), sorted(requirements))).encode()).hexdigest()[:12]
    environment = Environment(ROOT / "build/tests-packaging" / f"{name}-{content}", scratch)
    if not (environment.path / "complete").exists():
        run(python, "-m", "venv", "--clear", environment.path, cwd=scratch)
        environment.pip("install", "--quiet", "--no-compile", "pip>=23", *requirements)
        (environment.path / "complete").touch()
    return environment


def source_copy(target: Path) -> Path:
    """Copy what git knows or would add, so that nothing that was built here is used by accident."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def build_wheel(
    source: Path,
    target: Path,
    python: str | Path = sys.executable,
    options: Sequence[str] = (),
    **environment: str,
) -> Path:
    """Build the wheel with the tools of `python`'s environment and return its path."""
    run(
        python,
        *("-m", "pip", "wheel", "--no-deps", "--no-build-isolation", *options, "--wheel-dir", target, source),
        cwd=source.parent,
        **environment,
    )
    (wheel,) = target.glob("lava_hw-*.whl")
    return wheel


def requirements_of(wheel: Path, extra: str = "") -> list[str]:
    """Return what the wheel says it needs, with one of its extras."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(name))
    needed = map(Requirement, metadata.get_all("Requires-Dist"))
    return [
        f"{need.name}{need.specifier}"
        for need in needed
        if not need.marker or need.marker.evaluate({"extra": extra})
    ]
