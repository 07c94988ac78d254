"""`PinTransport`: the pins of a chip under cocotb behind the calls that the driver makes."""

from __future__ import annotations

import numpy as np
from cocotb.task import resume

from lava_hw.cocotb.pins import ChipPins
from lava_hw.device.errors import DeviceError
from lava_hw.device.flits import Flits


class PinTransport:
    """The streams of `ChipPins`, for `lava_hw.device` (see `lava_hw.device.transport.Transport`).

    The driver's calls wait, and cocotb's coroutines do not: so the driver runs in a thread of its own
    (``cocotb.task.bridge``), and each of these methods gives the simulation back its turn.

    Parameters
    ----------
    pins : ChipPins
    limit : int
        Cycles after which a wait for the chip is given up.
    """

    name = "cocotb"
    can_wait = False

    def __init__(self, pins: ChipPins, limit: int = 1_000_000) -> None:
        self._pins = pins
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
        self._pins.send(flits)

    async def _take(self) -> list[int]:
        return self._pins.sink.take()

    async def _step(self) -> int:
        return int(self._pins.dut.step_o.value)

    async def _wait(self) -> bool:
        await self._pins.until(
            lambda: bool(self._pins.sink.flits) or self._pins.is_idle(),
            "anything from the chip",
            self._limit,
        )
        return bool(self._pins.sink.flits)
