"""The source walk alone, with lhw_row_pkg: one connection, group and line, and as many as nobody has."""

from __future__ import annotations

import pytest
from lhw_bench import build_and_test

pytestmark = pytest.mark.rtl

SOURCES = ["rtl/regs/lhw_regs_pkg.sv", "rtl/core/lhw_row_pkg.sv", "rtl/core/lhw_source_walk.sv"]
SHAPES = {
    "smallest": {"Lanes": 8, "AccGroups": 1, "DelaySlots": 2, "SynLines": 1, "Connections": 1},
    "wide": {"Lanes": 32, "AccGroups": 100, "DelaySlots": 64, "SynLines": 5000, "Connections": 200},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_lhw_source_walk(shape):
    build_and_test("lhw_source_walk", "cocotb_source_walk", sources=SOURCES, parameters=SHAPES[shape], seed=1)
