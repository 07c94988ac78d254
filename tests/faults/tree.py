"""A copy of the project in which faults are put, and in which tests run."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.faults.fault import Fault

ROOT = Path(__file__).resolve().parents[2]
# What the tests of the lists need.
_PARTS = ("lava_hw", "rtl", "sim", "configs", "tests", "docs", "pyproject.toml", "CMakeLists.txt")
_LEFT_OUT = ("__pycache__", "sim_build", "obj_dir", ".hypothesis", ".pytest_cache")
_LIMIT = 240
"""Seconds after which a single test has failed: a fault may well make something wait forever."""
# An editable installation looks for the package where it was installed from, before it looks anywhere else.
_SITE = """import sys
sys.meta_path[:] = [f for f in sys.meta_path if not type(f).__name__.startswith("ScikitBuild")]
"""
_DOES_NOT_BUILD = re.compile(
    r"%Error: Exiting due to|%Error: Command Failed|\.[ch]pp:\d+:\d+: (fatal )?error:|^make.*\*\*\*",
    re.MULTILINE,
)
_FAILED = re.compile(r"^FAILED (?P<test>\S+?(\[.*?\])?)(?: - (?P<said>.*))?$", re.MULTILINE)
_FAILED_IN_SIMULATION = re.compile(r"\*\* (?:\w+\.)*(\w+) +FAIL ")


class DoesNotBuild(Exception):
    """With the fault, the compiled module cannot be built."""


class StaleFault(Exception):
    """The text that a fault replaces is not there exactly once."""


@dataclass(frozen=True)
class Outcome:
    """How a test went.

    Attributes
    ----------
    state : {"passed", "failed", "broken"}
        Broken: it did not come to a verdict, for example because something does not compile.
    test : str
        The test that failed; of a test in a simulation, with the name within.
    said : str
        What it said first.
    seconds : float
    output : str
    """

    state: str
    test: str
    said: str
    seconds: float
    output: str


class Tree:
    """A copy of `source` in `folder`, with a cache of simulators of its own.

    Parameters
    ----------
    folder : Path
        Is made; everything that the tests build is below it.
    source : Path
        The project.
    """

    def __init__(self, folder: Path, source: Path = ROOT) -> None:
        self.top = folder / "tree"
        self._cache, self._site = folder / "cache", folder / "site"
        self._second = int(time.time())
        self._process: subprocess.Popen[str] | None = None
        self.top.mkdir(parents=True)
        self._site.mkdir()
        (self._site / "sitecustomize.py").write_text(_SITE)
        for part in _PARTS:
            if (source / part).is_dir():
                shutil.copytree(source / part, self.top / part, ignore=shutil.ignore_patterns(*_LEFT_OUT))
            else:
                shutil.copy2(source / part, self.top / part)
        self._copy_module()
        self._check_import()

    def _copy_module(self) -> None:
        """Take the compiled module along: an editable installation keeps it elsewhere."""
        spec = importlib.util.find_spec("lava_hw.bridge._ring")
        if spec is not None and spec.origin is not None:
            target = self.top / "lava_hw" / "bridge" / Path(spec.origin).name
            if not target.exists():
                shutil.copy2(spec.origin, target)

    def _check_import(self) -> None:
        """Make sure that tests in the copy see the copy, or every fault would survive."""
        show = [sys.executable, "-c", "import lava_hw; print(lava_hw.__file__)"]
        done = subprocess.run(show, cwd=self.top, env=self._environment(), capture_output=True, text=True)
        found = done.stdout.strip()
        if not found or not Path(found).is_relative_to(self.top):
            raise RuntimeError(f"tests in {self.top} would import {found or done.stderr!r} and not the copy")

    def python(self, *arguments: str) -> str:
        """Run Python in the copy; give what it says.

        Raises
        ------
        RuntimeError
            If it fails; the message ends with what it said.
        """
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=self.top, env=self._environment(), capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout

    def _environment(self) -> dict[str, str]:
        # Neither the make nor the pytest that called us may reach in.
        ours = ("PYTEST_", "MAKE", "MFLAGS", "LAVA_HW_", "LHW_")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
        return kept | {
            "PYTHONPATH": os.pathsep.join((str(self.top), str(self._site))),
            "LAVA_HW_CACHE": str(self._cache),
            "COLUMNS": "500",
        }

    @contextmanager
    def applied(self, fault: Fault) -> Iterator[None]:
        """Put a fault in, and take it out again.

        Raises
        ------
        StaleFault
            If the text is not there exactly once.
        DoesNotBuild
            If the compiled module cannot be built with it.
        """
        if fault.file.startswith("sim/bridge/steps."):
            with self._replaced(fault), self._compiled():
                yield
        else:
            with self._replaced(fault):
                yield

    @contextmanager
    def _replaced(self, fault: Fault) -> Iterator[None]:
        path = self.top / fault.file
        text = path.read_text() if path.is_file() else ""
        count = text.count(fault.old)
        if count != 1:
            raise StaleFault(
                f"{fault.name}: its text is {count} times in {fault.file}, and must be there once"
            )
        self._write(path, text.replace(fault.old, fault.new))
        try:
            yield
        finally:
            self._write(path, text)

    @contextmanager
    def _compiled(self) -> Iterator[None]:
        """Build the compiled module with the fault, and put back the one without."""
        (module,) = (self.top / "lava_hw" / "bridge").glob("_ring*.so")
        good, built = module.read_bytes(), self.top / "_ext"
        tools = Path(sys.executable).parent
        options = (
            f"-DCMAKE_MAKE_PROGRAM={tools / 'ninja'}",
            f"-DPython_EXECUTABLE={sys.executable}",
            "-DCMAKE_BUILD_TYPE=Release",
            "-DLHW_REQUIRE_EXTENSION=ON",
            "-DLHW_WERROR=ON",
        )
        for arguments in (
            ["-S", ".", "-B", "_ext", "-G", "Ninja", *options],
            ["--build", "_ext", "-j", "1"],
        ):
            done = subprocess.run(
                [sys.executable, "-m", "cmake", *arguments],
                cwd=self.top,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
            if done.returncode != 0:
                raise DoesNotBuild((done.stdout + done.stderr).strip()[-2000:])
        try:
            (made,) = built.glob("_ring*.so")
            module.unlink()  # a new file, not new contents of one that a process may have mapped
            shutil.copy2(made, module)
            yield
        finally:
            module.unlink(missing_ok=True)
            module.write_bytes(good)

    def _write(self, path: Path, text: str) -> None:
        """Write a file with a time of its own: to Python, one that keeps size and second looks unchanged."""
        path.write_text(text)
        self._second = max(self._second + 1, int(time.time()))
        os.utime(path, (self._second, self._second))

    def run(self, test: str, limit: int = _LIMIT) -> Outcome:
        """Run a test up to its first failure; a case that takes longer than `limit` seconds has failed."""
        options = ("-x", "-q", "--tb=short", "-rf", "-p", "no:cacheprovider", f"--timeout={limit}")
        begin = time.monotonic()
        code, output = self.command("-m", "pytest", *options, *test.split(), limit=10 * limit)
        return _judge(code, output, time.monotonic() - begin)

    def command(self, *arguments: str, limit: int = _LIMIT) -> tuple[int, str]:
        """Run Python in the copy, `limit` seconds at most; give its exit code and what it says."""
        self._process = process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.top,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            self.stop()
            output = process.communicate()[0] + f"\nit did not end within {limit} s\n"
        return process.returncode, output

    def stop(self) -> None:
        """End the test that runs, with all that it started. May be called from another thread."""
        process = self._process
        if process is not None and process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _judge(code: int, output: str, seconds: float) -> Outcome:
    lines = output.rstrip().splitlines() or [""]
    if code == 0:
        return Outcome("passed", "", lines[-1], seconds, output)
    failed = _FAILED.search(output)
    wrong = _DOES_NOT_BUILD.search(output)
    if code != 1 or failed is None or wrong:
        said = wrong.group(0) if wrong else lines[-1]
        return Outcome("broken", "", f"no verdict (exit code {code}): {said}", seconds, output)
    inner = _FAILED_IN_SIMULATION.search(output)
    name = failed["test"] + (f" > {inner[1]}" if inner else "")
    return Outcome("failed", name, failed["said"] or "", seconds, output)
