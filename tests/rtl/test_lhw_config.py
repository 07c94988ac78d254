"""The configuration endpoint alone, with memories whose depths are no powers of two."""

from __future__ import annotations

import pytest
from core_model import Shape
from lhw_bench import build_and_test

pytestmark = pytest.mark.rtl

DEPTHS = {
    "StateLines": 10,
    "AccGroups": 6,
    "DelaySlots": 2,
    "SynLines": 20,
    "UcodeWords": 24,
    "ConstWords": 17,
}
TABLES = {"Populations": 5, "Connections": 3, "Routes": 7}


@pytest.mark.parametrize("lanes", [8, 32])
def test_lhw_config(lanes):
    sources = ["rtl/regs/lhw_regs_pkg.sv", "rtl/core/lhw_config.sv"]
    shape = Shape(core=13, Lanes=lanes, Word=8 * lanes, **DEPTHS, **TABLES)
    build_and_test(
        "lhw_config", "cocotb_config", sources=sources, parameters=shape.parameters(),
        extra_env=shape.environment(), seed=1,
    )  # fmt: skip
