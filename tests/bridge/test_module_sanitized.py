"""The tests of the Python module again, with AddressSanitizer and UndefinedBehaviorSanitizer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CXX = os.environ.get("CXX") or "c++"


@pytest.mark.slow
def test_ring_tests_under_sanitizers(tmp_path):
    build = ROOT / "build" / f"tests-bridge-module-py{sys.version_info[0]}{sys.version_info[1]}"
    configure = [
        *(sys.executable, "-m", "cmake", "-S", ROOT, "-B", build, "-G", "Ninja"),
        f"-DCMAKE_MAKE_PROGRAM={shutil.which('ninja', path=Path(sys.executable).parent)}",
        f"-DPython_EXECUTABLE={sys.executable}",
        f"-DCMAKE_CXX_COMPILER={CXX}",
        *("-DCMAKE_BUILD_TYPE=Debug", "-DLHW_SANITIZE=address,undefined", "-DLHW_REQUIRE_EXTENSION=ON"),
        "-DLHW_WERROR=ON",
    ]
    for command in (configure, [sys.executable, "-m", "cmake", "--build", build]):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    package = tmp_path / "lava_hw/bridge"
    package.mkdir(parents=True)
    (tmp_path / "lava_hw/__init__.py").touch()
    (module,) = build.glob("_ring.*.so")
    for source in (ROOT / "lava_hw/bridge/__init__.py", ROOT / "lava_hw/bridge/errors.py", module):
        shutil.copy(source, package)
    # Python itself is not built with the sanitizer, so its library must be loaded first, and that of C++
    # with it, whose way of throwing it takes over. Python's own memory at exit is not ours to judge.
    libraries = ("libasan.so", "libstdc++.so.6")
    preload = [
        subprocess.check_output([CXX, f"-print-file-name={name}"], text=True).strip() for name in libraries
    ]
    environment = {
        **os.environ,
        "LD_PRELOAD": " ".join(preload),
        "ASAN_OPTIONS": "detect_leaks=0:halt_on_error=1",
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
        "PYTHONPATH": str(tmp_path),
    }
    # The project's settings would put the module of the checkout first; and a limit of the address space
    # leaves no room for the sanitizer's own tables. Without capture (-s), which would lose its report.
    options = ["-q", "-s", "-c", os.devnull, "--import-mode=importlib", "-p", "no:cacheprovider"]
    files = [str(Path(__file__).with_name(name)) for name in ("test_ring.py", "test_steps.py")]
    tests = [*files, "-k", "not RLIMIT_AS"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert "runtime error" not in done.stdout + done.stderr
