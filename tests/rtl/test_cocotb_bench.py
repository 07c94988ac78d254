"""The public bench of lava_hw.cocotb: the example of docs/cocotb.md, and that its checks can fail."""

from __future__ import annotations

import importlib.util
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
