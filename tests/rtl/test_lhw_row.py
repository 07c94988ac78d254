"""The row alone, with lhw_row_pkg: the narrowest addresses that there are, and wide ones."""

from __future__ import annotations

import pytest
from lhw_bench import build_and_test

pytestmark = pytest.mark.rtl

SOURCES = ["rtl/regs/lhw_regs_pkg.sv", "rtl/core/lhw_row_pkg.sv", "rtl/core/lhw_row.sv"]


@pytest.mark.parametrize(("lanes", "lines", "acc_bits"), [(8, 1, 1), (32, 5000, 13)])
def test_lhw_row(lanes, lines, acc_bits):
    parameters = {"Lanes": lanes, "SynLines": lines, "AccW": acc_bits}
    build_and_test("lhw_row", "cocotb_row", sources=SOURCES, parameters=parameters, seed=1)
