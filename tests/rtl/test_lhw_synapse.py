"""The synapse engine alone, with numbers of groups, lines and connections that are no powers of two."""

from __future__ import annotations

import pytest
from lhw_bench import build_and_test, file_list

pytestmark = pytest.mark.rtl


def run(module: str, lanes: int, lines: int, groups: int = 12) -> None:
    parameters = {"Lanes": lanes, "AccGroups": groups, "DelaySlots": 4, "SynLines": lines, "Connections": 5}
    build_and_test("lhw_synapse", module, sources=file_list("lhw_synapse"), parameters=parameters, seed=1)


@pytest.mark.parametrize("lanes", [8, 32])
def test_lhw_synapse(lanes):
    run("cocotb_synapse", lanes, 40)


@pytest.mark.parametrize(("lanes", "groups"), [(8, 5000), (32, 12)])
def test_formats(lanes, groups):
    """All kinds of connections: weights of 4, 8 and 16 bits, delays, values times weights, tables."""
    run("cocotb_formats", lanes, 300, groups)  # target groups of 16 bits need more than 256 groups
