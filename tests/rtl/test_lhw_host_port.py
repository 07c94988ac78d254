"""The modules of rtl/chip one by one."""

from __future__ import annotations

import pytest
from lhw_bench import build_and_test

pytestmark = pytest.mark.rtl

PACKAGES = ["rtl/regs/lhw_regs_pkg.sv", "rtl/noc/lhw_noc_pkg.sv"]


def run(module, bench, **parameters):
    sources = [*PACKAGES, f"rtl/chip/{module}.sv"]
    build_and_test(module, bench, sources=sources, parameters=parameters, seed=1)


def test_lhw_egress():
    run("lhw_egress", "cocotb_egress")


def test_lhw_ingress():
    run("lhw_ingress", "cocotb_ingress", MeshX=3, MeshY=2)


def test_lhw_chip_csr():
    run("lhw_chip_csr", "cocotb_chip_csr", MeshX=3, MeshY=5, Lanes=32, Word=256, ConfigId="32'hfedcba98")


def test_lhw_step_ctrl():
    run("lhw_step_ctrl", "cocotb_step_ctrl")


def test_lhw_cycles():
    run("lhw_cycles", "cocotb_cycles")


@pytest.mark.parametrize(("mesh_x", "mesh_y", "latency"), [(3, 2, 1), (3, 2, 2), (8, 7, 4)])
def test_lhw_quiet(mesh_x, mesh_y, latency):
    run("lhw_quiet", "cocotb_quiet", MeshX=mesh_x, MeshY=mesh_y, Latency=latency)
