"""The whole chip at its pins: with a stub for the core (mesh, host port, steps), and with the core."""

from __future__ import annotations

import pytest
from lhw_bench import ROOT, build_and_test, file_list

pytestmark = pytest.mark.rtl

STUB = ROOT / "tests" / "rtl" / "stub" / "lhw_core.sv"


def stub_sources():
    return [f for f in file_list() if "rtl/core/" not in str(f)] + [STUB]


@pytest.mark.parametrize("pause", [0, 0.5])
@pytest.mark.parametrize(("mesh_x", "mesh_y"), [(1, 1), (3, 2)])
def test_mesh_and_steps_with_a_stub(mesh_x, mesh_y, pause):
    parameters = {"MeshX": mesh_x, "MeshY": mesh_y, "Lanes": 8, "Word": 64, "ConfigId": 0x1234ABCD}
    build_and_test(
        "lhw_chip", "cocotb_chip_stub", sources=stub_sources(), parameters=parameters,
        build_args=["-DSTUB_CORE"], extra_env={"LHW_PAUSE": str(pause)},
    )  # fmt: skip
