"""The sequencer alone, for both widths of the lanes; its tests are in cocotb_sequencer.py."""

from __future__ import annotations

import pytest
from lhw_bench import build_and_test, file_list

pytestmark = pytest.mark.rtl

# Depths that are no powers of two beside depths that are.
SHAPES = {
    8: {"Lanes": 8, "UcodeWords": 64, "ConstWords": 32, "Populations": 8, "Emissions": 4},
    32: {"Lanes": 32, "UcodeWords": 90, "ConstWords": 40, "Populations": 11, "Emissions": 4},
}


@pytest.mark.parametrize("lanes", SHAPES)
def test_sequencer(lanes: int) -> None:
    sources = file_list("lhw_sequencer")
    build_and_test("lhw_sequencer", "cocotb_sequencer", sources=sources, parameters=SHAPES[lanes], seed=1)


def test_programs_of_all_lengths_and_tables_of_one() -> None:
    """All microcode that a chip can have, and one population."""
    parameters = {"Lanes": 8, "UcodeWords": 4096, "ConstWords": 8, "Populations": 1, "Emissions": 4}
    sources = file_list("lhw_sequencer")
    build_and_test(
        "lhw_sequencer", "cocotb_sequencer", sources=sources, parameters=parameters, seed=1,
        testcase="long_programs",
    )  # fmt: skip
