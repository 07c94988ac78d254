"""The whole chip at its pins: with a stub for the core (mesh, host port, steps), and with the core."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, seed, settings
from lhw_bench import ROOT, build_and_test, file_list

from lava_hw.chip import Chip
from tests.fuzz.flit_streams import legal
from tests.fuzz.search import SEARCH

pytestmark = pytest.mark.rtl

STUB = ROOT / "tests" / "rtl" / "stub" / "lhw_core.sv"


def stub_sources():
    return [f for f in file_list() if "rtl/core/" not in str(f)] + [STUB]


@pytest.mark.parametrize("pause", [0, 0.5])
@pytest.mark.parametrize(("mesh_x", "mesh_y", "latency"), [(1, 1, 3), (3, 2, 1)])
def test_mesh_and_steps_with_a_stub(mesh_x, mesh_y, latency, pause):
    parameters = {"MeshX": mesh_x, "MeshY": mesh_y, "Lanes": 8, "Word": 64, "ConfigId": 0x1234ABCD}
    parameters["QuietLatency"] = latency
    build_and_test(
        "lhw_chip", "cocotb_chip_stub", sources=stub_sources(), parameters=parameters,
        build_args=["-DSTUB_CORE"], extra_env={"LHW_PAUSE": str(pause)}, visible=["tile_busy", "go"],
    )  # fmt: skip


def chip(lanes, mesh_x, mesh_y):
    return Chip(
        name=f"bench{lanes}", mesh_x=mesh_x, mesh_y=mesh_y, lanes=lanes, word=8 * lanes, neurons=16 * lanes,
        state_lines=128, acc_groups=16, delay_slots=4, synapse_lines=2048, ucode_words=256, const_words=64,
        populations=8, connections=64, routes=128,
    )  # fmt: skip


@pytest.mark.parametrize(("lanes", "mesh_x", "mesh_y"), [(8, 2, 2), (32, 2, 1)])
def test_with_cores(lanes, mesh_x, mesh_y):
    config = chip(lanes, mesh_x, mesh_y)
    environment = {"LHW_CHIP": json.dumps(config.to_dict()), "LHW_SEEDS": "[1, 2, 3]"}
    build_and_test("lhw_chip", "cocotb_chip", parameters=config.to_sv_parameters(), extra_env=environment)


def streams(config, folder):
    """Random streams as in tests/fuzz, put into a folder; gives the variable that cocotb_flits reads."""
    cases = []

    @settings(SEARCH, max_examples=8)
    @seed(20261202)
    @given(legal(config))
    def draw(case):
        cases.append(case.to_json())

    draw()
    (folder / "cases.json").write_text(json.dumps(cases))
    return {"LHW_CASES": str(folder / "cases.json")}


def test_streams_with_axi_lite(tmp_path):
    """At the pins, while registers are read and written over AXI4-Lite."""
    config = chip(8, 2, 2)
    build_and_test(
        "lhw_chip", "cocotb_flits", parameters=config.to_sv_parameters(), extra_env=streams(config, tmp_path)
    )
