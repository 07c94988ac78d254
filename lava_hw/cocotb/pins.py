"""`ChipPins`: the pins of a chip in a cocotb test: clock, reset, flits, memories."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge
from numpy.typing import ArrayLike, NDArray

from lava_hw.cocotb.streams import FlitSink, FlitSource, Pause, never
from lava_hw.device.flits import reads, token, writes
from lava_hw.regs import CONFIG_FLIT, EVENT_FLIT, FlitType, TokenIn, TokenOut


class BenchTimeout(AssertionError):
    """The chip did not do in time what a test waited for."""


class ChipPins:
    """Clock, reset and streams of an ``lhw_chip``, and what a test says in terms of flits and memories.

    Parameters
    ----------
    dut : handle
        The module ``lhw_chip``.
    source_pause, sink_pause : callable
        Pause generators of the two streams (`lava_hw.cocotb.pauses`); without pauses if not given.
    period_ns : int
        Clock period, an even number.

    Attributes
    ----------
    source : FlitSource
    sink : FlitSink
        ``sink.flits`` holds what the chip sent and nobody has taken yet.
    """

    def __init__(
        self, dut: Any, *, source_pause: Pause = never, sink_pause: Pause = never, period_ns: int = 2
    ) -> None:
        self.dut = dut
        self._edge = RisingEdge(dut.clk_i)
        self._idle_cycles = 0
        # The first edge comes after half a period, when reset is applied.
        Clock(dut.clk_i, period_ns, unit="ns").start(start_high=False)
        dut.rst_ni.value = 0
        for name in ("awvalid", "wvalid", "bready", "arvalid", "rready"):
            getattr(dut, f"s_axil_{name}").value = 0
        self.source = FlitSource(dut, dut.clk_i, pause=source_pause)
        self.sink = FlitSink(dut, dut.clk_i, pause=sink_pause)

    async def cycles(self, count: int) -> None:
        """Let `count` clock cycles pass."""
        for _ in range(count):
            await self._edge

    async def reset(self, cycles: int = 3) -> None:
        """Hold the (synchronous) reset for some cycles, and forget what the pins showed before."""
        self.dut.rst_ni.value = 0
        await self.cycles(cycles)
        self.dut.rst_ni.value = 1
        await self._edge
        self.sink.take()

    async def until(self, condition: Callable[[], bool], what: str, limit: int = 20_000) -> None:
        """Let the clock run until a condition holds.

        Parameters
        ----------
        condition : callable
            Looked at once a cycle.
        what : str
            What is waited for, for the message.
        limit : int
            Cycles after which to give up.

        Raises
        ------
        BenchTimeout
            If the condition did not hold within `limit` cycles.
        """
        for _ in range(limit):
            if condition():
                return
            await self._edge
        raise BenchTimeout(
            f"waited {limit} cycles for {what}; the chip is in step {int(self.dut.step_o.value)}, "
            f"idle_o is {int(self.dut.idle_o.value)}, {len(self.sink.flits)} flits have come from it"
        )

    def send(self, flits: Iterable[int] | NDArray[np.uint64]) -> None:
        """Append flits to what is sent to the chip; returns at once."""
        self._idle_cycles = 0
        self.source.send(int(flit) for flit in flits)

    async def idle(self, limit: int = 20_000) -> None:
        """Send what is queued, and wait until the chip does nothing more without new input.

        Raises
        ------
        BenchTimeout
            If it is still at work after `limit` cycles.
        """
        await self.until(self.is_idle, "the chip to become idle", limit)

    def is_idle(self) -> bool:
        """Tell whether everything was sent and the chip does nothing more; look once a cycle."""
        # In the cycle in which the last flit is taken, idle_o still shows the state before it.
        self._idle_cycles = self._idle_cycles + 1 if self.source.empty and self.dut.idle_o.value else 0
        return self._idle_cycles > 1

    async def collect(self, flits: ArrayLike, limit: int = 20_000) -> list[int]:
        """Send flits, wait until the chip is idle, and give all that it sent since `sink.take`."""
        self.send(np.atleast_1d(np.asarray(flits, np.uint64)))
        await self.idle(limit)
        return self.sink.take()

    async def write(self, core: int, addr: int, data: ArrayLike) -> None:
        """Write 32-bit words to ascending addresses of a core (63: the chip itself), which must be paused."""
        words = np.atleast_1d(np.asarray(data, np.int64)) & 0xFFFFFFFF
        self.send(writes(core, addr + np.arange(len(words)), words))
        await self.idle(4 * len(words) + 20_000)

    async def read(self, core: int, addr: int, count: int = 1) -> NDArray[np.uint32]:
        """Read 32-bit words from ascending addresses of a core (63: the chip itself), which must be paused.

        Returns
        -------
        ndarray of uint32, [count]

        Raises
        ------
        AssertionError
            If the responses are not those of these words in this order.
        """
        kept = self.sink.take()
        flits = await self.collect(reads(core, addr, count), 4 * count + 20_000)
        self.sink.flits = kept + self.sink.flits
        got = [CONFIG_FLIT.unpack(flit) for flit in flits]
        where = [(word["cfg"], word["op"], word["core"], word["addr"]) for word in got]
        assert where == [(1, 2, core, addr + i) for i in range(count)], (
            f"core {core}, address {addr:#x}: {count} responses expected, got {where[:4]}..."
        )
        return np.array([word["data"] for word in got], np.uint32)

    async def reset_chip(self) -> None:
        """Send RESET and wait for its answer."""
        flits = await self.collect(token(TokenIn.RESET))
        assert flits[-1:] == [EVENT_FLIT.pack(kind=FlitType.TOKEN, egress=1, conn=TokenOut.RESET_DONE)], (
            f"RESET was answered with {[hex(flit) for flit in flits]}"
        )
