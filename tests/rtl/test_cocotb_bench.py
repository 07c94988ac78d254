"""The public bench of lava_hw.cocotb: the example of docs/cocotb.md, and that its checks can fail."""

from __future__ import annotations

import fcntl
import importlib.util
import threading
from pathlib import Path

import pytest
from lhw_bench import ROOT

from lava_hw.cocotb import run_chip_tests

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
    with pytest.raises(RuntimeError, match=r"tests of cocotb_bench_error failed.*see above"):
        run_chip_tests(bench, "small", module.BUILD)


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
