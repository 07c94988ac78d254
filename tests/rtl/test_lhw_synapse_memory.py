"""The synapse memory alone: one line, and a wide one of lines that are no power of two."""

from __future__ import annotations

import pytest
from lhw_bench import build_and_test

pytestmark = pytest.mark.rtl


@pytest.mark.parametrize(("lanes", "lines"), [(8, 1), (32, 37)])
def test_lhw_synapse_memory(lanes, lines):
    parameters = {"Lanes": lanes, "SynLines": lines}
    sources = ["rtl/core/lhw_synapse_memory.sv"]
    build_and_test(
        "lhw_synapse_memory", "cocotb_synapse_memory", sources=sources, parameters=parameters, seed=1
    )
