"""The emitter alone, with a number of routes that is no power of two."""

from __future__ import annotations

import pytest
from lhw_bench import build_and_test

pytestmark = pytest.mark.rtl


@pytest.mark.parametrize("lanes", [8, 32])
def test_lhw_emitter(lanes):
    sources = ["rtl/regs/lhw_regs_pkg.sv", "rtl/core/lhw_emitter.sv"]
    parameters = {"Lanes": lanes, "Routes": 11, "Depth": 4}
    build_and_test("lhw_emitter", "cocotb_emitter", sources=sources, parameters=parameters, seed=1)
