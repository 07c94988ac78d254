"""The public bench of lava_hw.cocotb: the example of docs/cocotb.md, and that its checks can fail."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from lhw_bench import ROOT

from lava_hw.cocotb import run_chip_tests
from lava_hw.device import BuildError

pytestmark = pytest.mark.rtl
EXAMPLE = ROOT / "examples" / "cocotb"


def example():
    spec = importlib.util.spec_from_file_location("layer_example", EXAMPLE / "test_layer.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_example():
    module = example()
    run_chip_tests(module.BENCH, "small", module.BUILD, image=module.layer("small"))


def test_checks_can_fail():
    module = example()
    bench = Path(__file__).with_name("cocotb_bench_fails.py")
    run_chip_tests(bench, "small", module.BUILD, image=module.layer("small"))


def test_a_failing_test_is_an_error():
    module = example()
    bench = Path(__file__).with_name("cocotb_bench_error.py")
    with pytest.raises(RuntimeError, match=r"1 of 1 tests of cocotb_bench_error failed.*see above") as caught:
        run_chip_tests(bench, "small", module.BUILD)
    # What pytest's summary shows of it begins with the message of the test.
    assert str(caught.value).startswith("fails: on purpose")


def test_a_copy_of_the_rtl_with_spaces_and_the_example_as_it_is(tmp_path):
    """In a folder of one's own: no warning, and the summary of a test that fails shows its message."""
    shutil.copytree(ROOT / "rtl", tmp_path / "my rtl")
    for path in EXAMPLE.glob("*.py"):
        text = path.read_text().replace("parents[2]", "parent")
        text = text.replace("image=layer", f"rtl_dir={str(tmp_path / 'my rtl')!r}, image=layer")
        (tmp_path / path.name).write_text(text.replace("== 5", "== 6, 'five and not six'"))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "test_layer.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    summary = done.stdout[done.stdout.index("short test summary") :]
    assert "RuntimeError: step_by_step: five and not six; 1 of 2 tests of layer_bench failed" in summary
    assert "warning" not in done.stdout.lower().replace("warning  cocotb.regression", "")


def test_a_build_directory_with_spaces_is_refused(tmp_path):
    with pytest.raises(BuildError, match=r"build_dir is .*; make cannot work in a path with spaces"):
        run_chip_tests("nothing", "tiny", tmp_path / "my build")


def test_two_at_once_in_one_folder(tmp_path, monkeypatch):
    """As workers of pytest do it: one waits for the other, else both write the same files."""
    reached = threading.Event()

    def runner(name):
        reached.set()
        raise RuntimeError("far enough")

    def call():
        with pytest.raises(RuntimeError, match="far enough"):
            run_chip_tests("nothing", "tiny", tmp_path)

    monkeypatch.setattr("cocotb_tools.runner.get_runner", runner)
    with (tmp_path / "lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        thread = threading.Thread(target=call)
        thread.start()
        assert not reached.wait(1)
    assert reached.wait(60)
    thread.join()
    call()  # nothing is held after an error
