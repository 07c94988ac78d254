"""The accumulators alone, in the form for the simulator and in that for synthesis."""

from __future__ import annotations

import pytest
from lhw_bench import build_and_test

pytestmark = pytest.mark.rtl

FORMS = {"simulator": [], "synthesis": ["-DLHW_AS_SYNTHESIS"]}
SHAPES = {
    "8": {"Lanes": 8, "AccGroups": 12, "DelaySlots": 2},
    "32": {"Lanes": 32, "AccGroups": 3, "DelaySlots": 4},
    "one-group": {"Lanes": 8, "AccGroups": 1, "DelaySlots": 2},
    "deep": {"Lanes": 8, "AccGroups": 300, "DelaySlots": 16},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_accumulator(shape: str, form: str) -> None:
    sources = ["alu_pkg", "bank", "accumulator"]
    build_and_test(
        "lhw_accumulator", "cocotb_accumulator", parameters=SHAPES[shape], build_args=FORMS[form], seed=1,
        sources=["rtl/regs/lhw_regs_pkg.sv", *(f"rtl/core/lhw_{name}.sv" for name in sources)],
    )  # fmt: skip
