"""The synapse engine alone, with numbers of groups, lines and connections that are no powers of two."""

from __future__ import annotations

import pytest
from lhw_bench import build_and_test, file_list

pytestmark = pytest.mark.rtl


@pytest.mark.parametrize("lanes", [8, 32])
def test_lhw_synapse(lanes):
    sources = file_list("lhw_synapse")
    parameters = {"Lanes": lanes, "AccGroups": 12, "DelaySlots": 4, "SynLines": 60, "Connections": 5}
    build_and_test("lhw_synapse", "cocotb_synapse", sources=sources, parameters=parameters, seed=1)
