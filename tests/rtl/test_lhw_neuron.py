"""The lanes of the neuron engine alone, in both widths; their tests are in cocotb_neuron.py."""

from __future__ import annotations

import pytest
from lhw_bench import build_and_test, file_list

pytestmark = pytest.mark.rtl

# Depths that are no powers of two beside depths that are.
SHAPES = {
    8: {"Lanes": 8, "StateLines": 16, "AccGroups": 12, "DelaySlots": 4},
    32: {"Lanes": 32, "StateLines": 24, "AccGroups": 5, "DelaySlots": 8},
}


@pytest.mark.parametrize("lanes", SHAPES)
def test_neuron(lanes: int) -> None:
    sources = file_list("lhw_neuron")
    build_and_test("lhw_neuron", "cocotb_neuron", sources=sources, parameters=SHAPES[lanes], seed=1)
