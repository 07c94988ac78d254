"""The event queue alone."""

from __future__ import annotations

import pytest
from lhw_bench import build_and_test

pytestmark = pytest.mark.rtl


def test_lhw_event_queue():
    sources = ["rtl/regs/lhw_regs_pkg.sv", "rtl/core/lhw_event_queue.sv"]
    build_and_test("lhw_event_queue", "cocotb_event_queue", sources=sources, seed=1)
