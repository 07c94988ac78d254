"""The gathering of lines alone: one group and two slots, and wide addresses."""

from __future__ import annotations

import pytest
from lhw_bench import build_and_test

pytestmark = pytest.mark.rtl

SOURCES = ["rtl/regs/lhw_regs_pkg.sv", "rtl/core/lhw_row_pkg.sv", "rtl/core/lhw_gather.sv"]


@pytest.mark.parametrize(("lanes", "groups", "acc_bits"), [(8, 1, 1), (32, 300, 15)])
def test_lhw_gather(lanes, groups, acc_bits):
    parameters = {"Lanes": lanes, "AccGroups": groups, "AccW": acc_bits}
    build_and_test("lhw_gather", "cocotb_gather", sources=SOURCES, parameters=parameters, seed=1)
