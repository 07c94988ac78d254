"""`PinTransport`: the pins of a chip under cocotb behind the calls that the driver makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from cocotb.task import resume

from lava_hw.device.errors import DeviceError
from lava_hw.device.flits import Flits

if TYPE_CHECKING:
    from lava_hw.cocotb.bench import ChipBench


class PinTransport:
    """The streams of a `ChipBench`, for `lava_hw.device` (see `lava_hw.device.transport.Transport`).

    The driver's calls wait, and cocotb's coroutines do not: so the driver runs in a thread of its own
    (``cocotb.task.bridge``), and each of these methods gives the simulation back its turn.

    Parameters
    ----------
    bench : ChipBench
    limit : int
        Cycles after which a wait for the chip is given up.
    """

    name = "cocotb"

    def __init__(self, bench: ChipBench, limit: int = 1_000_000) -> None:
        self._bench = bench
        self._limit = limit

    def push(self, flits: Flits) -> None:
        """Send all flits; see `Transport`."""
        resume(self._push)(flits)

    def pop(self, block: bool) -> Flits:
        """Give what has come; see `Transport`."""
        if block and not self.wait(None):
            raise DeviceError(
                "the chip is idle and has nothing to say until it is sent more; it is in step "
                f"{resume(self._step)()}"
            )
        return np.array(resume(self._take)(), np.uint64)

    def wait(self, timeout: float | None) -> bool:
        """Let the clock run until something comes or the chip is idle; see `Transport`.

        The time limit is passed over: the simulation has no time but its own.
        """
        return resume(self._wait)()

    def close(self) -> None:
        """Do nothing: the simulation belongs to the test."""

    async def _push(self, flits: Flits) -> None:
        self._bench.send(flits)

    async def _take(self) -> list[int]:
        return self._bench.sink.take()

    async def _step(self) -> int:
        return int(self._bench.dut.step_o.value)

    async def _wait(self) -> bool:
        await self._bench.until(
            lambda: bool(self._bench.sink.flits) or self._bench.is_idle(),
            "anything from the chip",
            self._limit,
        )
        return bool(self._bench.sink.flits)
