"""`run_chip_tests`: build the RTL of a chip with Verilator and run cocotb tests on it."""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from lava_hw._resources import resource_dir
from lava_hw.chip import Chip
from lava_hw.device.errors import BuildError
from lava_hw.device.file_list import read_file_list
from lava_hw.device.tools import find_verilator
from lava_hw.image import Image

CHIP_VARIABLE = "LAVA_HW_COCOTB_CHIP"
IMAGE_VARIABLE = "LAVA_HW_COCOTB_IMAGE"


def chip_under_test() -> Chip:
    """Give the chip that `run_chip_tests` built, inside the tests."""
    return Chip.from_dict(json.loads(os.environ[CHIP_VARIABLE]))


def image_under_test() -> Image:
    """Give the image that `run_chip_tests` was given, inside the tests.

    Raises
    ------
    KeyError
        If it was given none.
    """
    return Image.load(os.environ[IMAGE_VARIABLE])


def run_chip_tests(
    test_module: str | Path,
    chip: Chip | str,
    build_dir: str | os.PathLike[str],
    *,
    image: Image | None = None,
    rtl_dir: str | os.PathLike[str] | None = None,
    waves: bool = False,
    build_args: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
    **options: Any,
) -> None:
    """Build a chip with assertions, and run the cocotb tests of a Python module on it.

    Parameters
    ----------
    test_module : str or Path
        Module with ``@cocotb.test()`` functions, whose argument is the module lhw_chip: the name of one that
        can be imported, or the path of a Python file.
    chip : Chip or str
        A chip, or what `Chip.load` takes.
    build_dir : path
        Directory for the simulator; kept and used again by the next call. Calls of several processes for one
        directory wait for one another.
    image : Image, optional
        What `image_under_test` gives to the tests.
    rtl_dir : path, optional
        An edited copy of ``rtl/``; by default the package's own.
    waves : bool
        True to write ``dump.vcd`` (waveforms of everything) into `build_dir`.
    build_args : tuple of str
        Further arguments of Verilator.
    environment : mapping, optional
        Further variables for the tests.
    **options
        Further arguments of ``cocotb_tools.runner.Runner.test``, as ``testcase`` or ``seed``.

    Raises
    ------
    RuntimeError
        If the build or a test failed: with the message of each test; the rest was printed.
    BuildError
        If there is no Verilator, the path of `build_dir` has spaces, or `rtl_dir` lacks a file.
    """
    from cocotb_tools.check_results import get_results
    from cocotb_tools.runner import get_runner

    configuration = chip if isinstance(chip, Chip) else Chip.load(chip)
    rtl = Path(rtl_dir).resolve() if rtl_dir is not None else resource_dir("rtl")
    build = Path(build_dir).resolve()
    build.mkdir(parents=True, exist_ok=True)
    variables = {CHIP_VARIABLE: json.dumps(configuration.to_dict()), **(environment or {})}
    if " " in str(build):
        raise BuildError(f"build_dir is {build}; make cannot work in a path with spaces, give another one")
    # Through a link in the directory of the build: the path of a copy may have spaces.
    link = build / "rtl"
    files = read_file_list(rtl, link)
    sources: list[Path | str] = [*files.sources]
    arguments = [
        *("--assert", "-O3", "--x-assign", "unique", "--x-initial", "unique", "--output-split", "0"),
        *("-DLHW_ASSERT_AFTER_START", *(f"-I{path}" for path in files.include), *build_args),
        *(("--trace", "--trace-structs") if waves else ()),
    ]
    name = test_module.stem if isinstance(test_module, Path) else test_module
    folder_of_tests = test_module.resolve().parent if isinstance(test_module, Path) else None
    results = build / f"{name}.xml"
    with _alone(build), _tools(folder_of_tests):
        link.unlink(missing_ok=True)
        link.symlink_to(rtl, target_is_directory=True)
        results.unlink(missing_ok=True)
        if image is not None:
            image.save(build / "image.lhwi")
            variables[IMAGE_VARIABLE] = str(build / "image.lhwi")
        runner = get_runner("verilator")
        try:
            runner.build(
                sources=sources,
                hdl_toplevel="lhw_chip",
                parameters=configuration.to_sv_parameters(),
                build_args=arguments,
                build_dir=build,
                always=True,
            )
            runner.test(
                hdl_toplevel="lhw_chip",
                test_module=name,
                build_dir=build,
                test_dir=build,
                extra_env=variables,
                results_xml=str(results),
                test_args=["+verilator+rand+reset+2", *(["--trace"] if waves else [])],
                **options,
            )
        except SystemExit as stop:  # the runner's way to say that a command or a test failed
            if not results.is_file():
                raise RuntimeError(
                    f"the build for {name} failed, or it could not be started; see above"
                ) from stop
        ran, failed = get_results(results)
    if failed or not ran:
        # The messages first, as the summary of pytest shows only the beginning.
        text = f"{failed} of {ran} tests of {name} failed; see above"
        raise RuntimeError("; ".join([*_messages(results), text]))


def _messages(results: Path) -> list[str]:
    """Give for each test that failed its name and the first line of its message."""
    found = []
    for case in ElementTree.parse(results).iter("testcase"):
        for failure in case.iter():
            if failure.tag in ("failure", "error"):
                text = failure.get("message") or failure.get("type") or "failed"
                found.append(f"{case.get('name')}: {text.splitlines()[0]}")
    return found


@contextmanager
def _alone(build: Path) -> Iterator[None]:
    """Wait until no other process is there: workers of pytest may be at tests that share a build."""
    with (build / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _tools(folder_of_tests: Path | None) -> Iterator[None]:
    # cocotb's runner looks for `verilator` on the PATH and gives sys.path to the simulator's Python.
    # Verilator's makefile has to be told of a Python.
    tool = find_verilator()
    root = tool.environment.get("VERILATOR_ROOT")
    programs = Path(root) / "bin" if root else Path(tool.command[0]).parent
    saved, saved_path = dict(os.environ), list(sys.path)
    if folder_of_tests is not None:
        sys.path.insert(0, str(folder_of_tests))
    os.environ["PATH"] = f"{programs}{os.pathsep}{saved.get('PATH', os.defpath)}"
    os.environ["MAKEFLAGS"] = f"PYTHON3={sys.executable}"
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)
        sys.path[:] = saved_path
