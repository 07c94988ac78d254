"""The checker of the mesh: with one end and with many, and each thing that it is there to find."""

from __future__ import annotations

import pytest
from lhw_bench import build_and_test

pytestmark = pytest.mark.rtl


def run(ends, breaks=""):
    sources = ["rtl/chip/lhw_flit_check.sv"]
    build_and_test(
        "lhw_flit_check", "cocotb_flit_check", sources=sources, parameters={"Ends": ends},
        extra_env={"LHW_BREAKS": breaks}, visible=["in_flight"], seed=1,
    )  # fmt: skip


@pytest.mark.parametrize("ends", [1, 57])
def test_lhw_flit_check(ends):
    run(ends)


@pytest.mark.parametrize("breaks", ["lost", "made", "early"])
def test_what_is_wrong_is_found(breaks, capfd):
    with pytest.raises(RuntimeError, match="Command failed"):
        run(1, breaks)
    assert "while a flit is in flight, or a flit was lost or made." in "".join(capfd.readouterr())
