"""A test that fails, to see that the runner says so."""

import cocotb


@cocotb.test()
async def fails(dut):
    assert False, "on purpose"  # noqa: B011, PT015
