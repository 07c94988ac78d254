"""Drivers of the chip's two AXI4-Streams: one flit a beat, with pauses where a test wants them."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import cocotb
from cocotb.triggers import Event, RisingEdge

Pause = Callable[[], bool]


def never() -> bool:
    """Do not pause."""
    return False


def pauses(probability: float, seed: int) -> Pause:
    """Make a pause generator: each call is true with the given probability.

    Parameters
    ----------
    probability : float
        0 (never) to 1 (always; nothing moves then).
    seed : int
        Seed of the generator's own random numbers, so that a run can be repeated.
    """
    generator = random.Random(seed)
    return lambda: generator.random() < probability


class FlitSource:
    """Sends flits into ``s_axis_*``; keeps data and valid until they are taken, as AXI4-Stream asks for.

    Parameters
    ----------
    dut : handle
        Module with the signals ``<prefix>_tdata``, ``_tvalid`` and ``_tready``.
    clock : handle
        The clock.
    prefix : str
        Common beginning of the signals' names.
    pause : callable
        Called once a cycle before a new flit is offered; if true, nothing is offered in that cycle.
    """

    def __init__(self, dut: Any, clock: Any, prefix: str = "s_axis", pause: Pause = never) -> None:
        self._data, self._valid, self._ready = (
            getattr(dut, f"{prefix}_{name}") for name in ("tdata", "tvalid", "tready")
        )
        self._clock = clock
        self._waiting: deque[int] = deque()
        self._news = Event()
        self.pause = pause
        self.sent = 0
        self._valid.value = 0
        self._data.value = 0
        self._task = cocotb.start_soon(self._run())

    def send(self, flits: Iterable[int]) -> None:
        """Append flits (64-bit integers) to what is to be sent; returns at once."""
        self._waiting.extend(int(flit) for flit in flits)
        self._news.set()

    @property
    def empty(self) -> bool:
        """True when every flit was taken."""
        return not self._waiting

    async def _run(self) -> None:
        edge = RisingEdge(self._clock)
        offered = False
        while True:
            if not self._waiting:
                self._news.clear()
                await self._news.wait()
            await edge
            if offered and self._ready.value:
                self._waiting.popleft()
                self.sent += 1
                offered = False
            if not offered and self._waiting and not self.pause():
                self._data.value = self._waiting[0]
                self._valid.value = 1
                offered = True
            elif not offered:
                self._valid.value = 0


class FlitSink:
    """Takes flits from ``m_axis_*`` and keeps them in ``flits``, in the order of their arrival.

    Parameters
    ----------
    dut, clock, prefix
        As for `FlitSource`.
    pause : callable
        Called once a cycle; if true, nothing is taken in that cycle.
    """

    def __init__(self, dut: Any, clock: Any, prefix: str = "m_axis", pause: Pause = never) -> None:
        self._data, self._valid, self._ready = (
            getattr(dut, f"{prefix}_{name}") for name in ("tdata", "tvalid", "tready")
        )
        self._clock = clock
        self.pause = pause
        self.flits: list[int] = []
        self._ready.value = 0
        self._task = cocotb.start_soon(self._run())

    def take(self) -> list[int]:
        """Give what has arrived since the last call, and forget it."""
        flits, self.flits = self.flits, []
        return flits

    async def _run(self) -> None:
        edge = RisingEdge(self._clock)
        offered = False
        while True:
            await edge
            if offered and self._valid.value:
                self.flits.append(int(self._data.value))
            offered = not self.pause()
            self._ready.value = int(offered)
