"""`ChipBench`: everything that a cocotb test of the chip does at its pins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from cocotb.clock import Clock
from cocotb.task import bridge
from cocotb.triggers import RisingEdge
from numpy.typing import ArrayLike, NDArray

from lava_hw.cocotb.streams import FlitSink, FlitSource, Pause, never
from lava_hw.cocotb.transport import PinTransport
from lava_hw.device import Device
from lava_hw.device.flits import reads, token, writes
from lava_hw.image import Image
from lava_hw.regs import CONFIG_FLIT, EVENT_FLIT, FlitType, TokenIn, TokenOut


class BenchTimeout(AssertionError):
    """The chip did not do in time what a test waited for."""


class ChipBench:
    """Clock, reset and streams of an ``lhw_chip``, and what a test says in terms of steps and memories.

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
        self._device: Device | None = None
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

    # ------------------------------------------------------------------ images
    async def load(self, image: Image) -> None:
        """Load an image through the pins, as a driver does; what was loaded before is gone.

        Raises
        ------
        ChipMismatch
            If the chip is another one than the image's.
        """
        if self._device is None:
            self._device = Device(PinTransport(self), image.chip)
        await bridge(self._device.load)(image)

    @property
    def device(self) -> Device:
        """The driver (`lava_hw.device.Device`); from a test, call its methods by ``cocotb.task.bridge``."""
        assert self._device is not None, "no image is loaded; await bench.load(image) first"
        return self._device

    def inject(self, port: str, messages: ArrayLike) -> None:
        """Queue messages [T, *shape] for an input; see `lava_hw.device.Device.inject`."""
        self.device.inject(port, messages)

    async def advance(self, steps: int) -> None:
        """Run steps with the messages that are queued; see `lava_hw.device.Device.advance`."""
        await bridge(self.device.advance)(steps)

    def drain(self, port: str) -> NDArray[Any]:
        """Take what an output sent, [steps, *shape]; see `lava_hw.device.Device.drain`."""
        return self.device.drain(port)

    async def read_var(self, name: str) -> NDArray[Any]:
        """Give the value of a variable after the last step."""
        return await bridge(self.device.read)(name)

    async def write_var(self, name: str, value: ArrayLike) -> None:
        """Set a variable; it counts from the next step on."""
        await bridge(self.device.write)(name, value)

    async def counters(self) -> dict[str, Any]:
        """Give the counters of the chip and its cores; see `lava_hw.device.Device.counters`."""
        return await bridge(self.device.counters)()

    async def compare_with_golden(
        self, image: Image, messages: Mapping[str, ArrayLike], steps: int
    ) -> dict[str, NDArray[Any]]:
        """Run an image on the chip and on the golden model, and compare all that can be seen.

        Parameters
        ----------
        image : Image
        messages : mapping
            Arrays [T, *shape] by input; zeros in the steps beyond T.
        steps : int

        Returns
        -------
        dict
            What each output sent, [steps, *shape].

        Raises
        ------
        AssertionError
            If an output, a variable or a counter (other than of cycles) differs; it names the first place.
        """
        await self.load(image)
        with Device.open("golden", image.chip) as golden:
            golden.load(image)
            for port, rows in messages.items():
                self.inject(port, rows)
                golden.inject(port, rows)
            await self.advance(steps)
            golden.advance(steps)
            outputs = {port: self.drain(port) for port in golden.session.outputs}
            for port, got in outputs.items():
                _same(f"output {port} [step, ...]", got, golden.drain(port))
            for name in golden.session.variables:
                _same(f"variable {name}", await self.read_var(name), golden.read(name))
            counters, wanted = await self.counters(), golden.counters()
            for what, mine, other in (
                ("the chip", counters["chip"], wanted["chip"]),
                *((f"core {n}", counters["cores"][n], wanted["cores"][n]) for n in wanted["cores"]),
            ):
                for key, value in other.items():
                    if not key.startswith("cyc"):
                        assert mine[key] == value, f"{key} of {what} is {mine[key]}, and {value} on golden"
        return outputs

    async def reset_chip(self) -> None:
        """Send RESET and wait for its answer."""
        flits = await self.collect(token(TokenIn.RESET))
        assert flits[-1:] == [EVENT_FLIT.pack(kind=FlitType.TOKEN, egress=1, conn=TokenOut.RESET_DONE)], (
            f"RESET was answered with {[hex(flit) for flit in flits]}"
        )


def _same(what: str, got: NDArray[Any], wanted: NDArray[Any]) -> None:
    assert got.shape == wanted.shape, f"{what} has shape {got.shape}, and {wanted.shape} on golden"
    different = np.argwhere(got != wanted)
    if len(different):
        place = tuple(int(i) for i in different[0])
        raise AssertionError(
            f"{what}: {len(different)} of {got.size} elements differ; the first is {place}: "
            f"{got[place]} on the chip, {wanted[place]} on golden"
        )
