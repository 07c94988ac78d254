"""The memory of the sums of one lane: the fewest lines that there are, and many."""

from __future__ import annotations

import pytest
from lhw_bench import build_and_test

pytestmark = pytest.mark.rtl


@pytest.mark.parametrize("lines", [2, 512])
def test_lhw_bank(lines):
    sources = ["rtl/core/lhw_bank.sv"]
    build_and_test("lhw_bank", "cocotb_bank", sources=sources, parameters={"Lines": lines}, seed=1)
