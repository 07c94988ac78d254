"""What the benches of single modules share: clock, reset, and links driven at falling edges."""

from __future__ import annotations

import random
from collections.abc import Callable

from cocotb.clock import Clock
from cocotb.triggers import FallingEdge


class LinkSender:
    """Sends flits over a link by its rules: only after an edge at which ready was 1, and with pauses.

    `ready` is called for the state of ready after the last edge; `pause` is a probability.
    """

    def __init__(self, valid, flit, ready: Callable[[], bool], rng: random.Random) -> None:
        self.valid, self.flit, self.ready, self.random = valid, flit, ready, rng
        self.queue: list[int] = []
        self.pause = 0.0
        self._ready_before = True  # as in reset
        valid.value = 0
        flit.value = 0

    def drive(self, silent: bool = False) -> int | None:
        """Before an edge: offer a flit or none (always none if `silent`); gives what is offered.

        A module decides at one edge, from the ready that was there before it, what its receiver sees at the
        next one: two flits still come after ready is taken back.
        """
        ready, self._ready_before = self._ready_before, bool(self.ready())
        send = not silent and bool(self.queue) and ready and self.random.random() >= self.pause
        self.valid.value = int(send)
        if not send:
            return None
        flit = self.queue.pop(0)
        self.flit.value = flit
        return flit


class LinkReceiver:
    """Takes flits from a link; checks that none comes although ready was 0 at the edge before."""

    def __init__(self, valid, flit, ready, rng: random.Random) -> None:
        self.valid, self.flit, self.ready, self.random = valid, flit, ready, rng
        self.pause = 0.0
        self.came: list[int] = []
        self._offered = True
        ready.value = 1

    def drive(self) -> None:
        """Before an edge."""
        self._offered = self.random.random() >= self.pause
        self.ready.value = int(self._offered)

    def look(self) -> int | None:
        """After an edge: give the flit that is presented now, if any."""
        if not self.valid.value:
            return None
        assert self._offered, "a flit was presented after an edge at which ready was 0"
        self.came.append(int(self.flit.value))
        return self.came[-1]


async def reset(dut, cycles: int = 3) -> FallingEdge:
    """Start the clock, hold the reset; gives the trigger of the falling edge after which all is stable."""
    edge = FallingEdge(dut.clk_i)
    dut.rst_ni.value = 0
    Clock(dut.clk_i, 2, unit="ns").start(start_high=False)
    for _ in range(cycles):
        await edge
    dut.rst_ni.value = 1
    return edge
