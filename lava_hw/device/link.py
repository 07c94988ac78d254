"""`ChipLink`: a transport with a queue before it, a receiver behind it, and the chip's registers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lava_hw.chip import Chip
from lava_hw.device.errors import ChipFault, ChipMismatch, ChipStalled, DeviceError, SimulatorError
from lava_hw.device.flits import Flits, token, writes
from lava_hw.device.memory import ReadPlan
from lava_hw.device.places import Places, Words, region_address
from lava_hw.device.receiver import FlitReceiver
from lava_hw.device.transport import Transport
from lava_hw.progress import Bar
from lava_hw.regs import CONTROL_CORE, LAYOUT_HASH, ChipCsr, CoreCsr, CoreRegion, Magic, TokenIn

_CHIP_COUNTERS = {
    "step": (ChipCsr.STEP,),
    "cycles": (ChipCsr.CYCLES_LO, ChipCsr.CYCLES_HI),
    "flits_in": (ChipCsr.FLITS_IN,),
    "flits_out": (ChipCsr.FLITS_OUT,),
    "cyc_wait": (ChipCsr.CYC_WAIT,),
}
_CORE_COUNTERS = {
    "cyc_update": (CoreCsr.CYC_UPDATE,),
    "cyc_synapse": (CoreCsr.CYC_SYNAPSE,),
    "cyc_stall": (CoreCsr.CYC_STALL,),
    "spikes_in": (CoreCsr.SPIKES_IN,),
    "spikes_out": (CoreCsr.SPIKES_OUT,),
    "synops": (CoreCsr.SYNOPS_LO, CoreCsr.SYNOPS_HI),
}

_PIECE = 1 << 14
"""Flits of an image that are pushed at a time, if somebody sees how far it is."""


class ChipLink:
    """A chip behind a transport.

    Parameters
    ----------
    transport : Transport
    chip : Chip
        What the chip is expected to be.
    """

    def __init__(self, transport: Transport, chip: Chip) -> None:
        self.transport = transport
        self.chip = chip
        self.receiver = FlitReceiver()
        self._queue: list[Flits] = []
        self._unsynced = False
        self._context = ""
        self.broken: BaseException | None = None
        """What has ended the stream for good; only another device helps."""

    # ------------------------------------------------------------------ the stream
    def queue(self, flits: Flits) -> None:
        """Append flits to what the next `flush` pushes."""
        if len(flits):
            self._queue.append(flits)

    def flush(self) -> None:
        """Push what is queued."""
        self._check()
        if not self._queue:
            return
        flits = np.concatenate(self._queue)
        self._queue.clear()
        self._unsynced = True
        self._push(flits)

    def sync(self) -> None:
        """Push what is queued and a SYNC, if anything was pushed since the last one."""
        if self._queue or self._unsynced:
            self.queue(token(TokenIn.SYNC))
            self.flush()
            self._unsynced = False

    def poll(self, context: str = "it ran") -> None:
        """Take in what has come."""
        self._check()
        self._feed(False, context)

    def wait(self, context: str, describe: Callable[[], str] | None = None) -> None:
        """Wait until something comes, and take it in.

        Raises
        ------
        DeviceError
            If the chip has nothing to say until it is sent more.
        """
        self.sync()
        self._check()
        try:
            self._feed(True, context)
        except DeviceError as error:
            if describe is not None:
                error.args = (f"{error} ({describe()})",)
            raise

    def wait_any(self, seconds: float, describe: Callable[[], str]) -> None:
        """Push what is queued and wait at most `seconds` for something to come; it is not taken in.

        Raises
        ------
        DeviceError
            If the chip has nothing to say until it is sent more.
        """
        self.sync()
        self._check()
        try:
            ready = self.transport.wait(seconds)
        except SimulatorError as error:
            error.args = (f"{error} ({describe()})",)
            self._break(error, "it ran")
            raise
        if not ready and not self.transport.can_wait:
            raise DeviceError(f"the {self.transport.name} chip has nothing to say: {describe()}")

    def _feed(self, block: bool, context: str) -> None:
        try:
            flits = self.transport.pop(block)
        except BaseException as error:
            self._break(error, context)
            raise
        self.receiver.feed(flits, context)

    def _push(self, flits: Flits) -> None:
        try:
            self.transport.push(flits)
        except BaseException as error:
            self._break(error, "flits were pushed")
            raise

    def _break(self, error: BaseException, context: str) -> None:
        if self.broken is None:
            self.broken, self._context = error, context

    def _check(self) -> None:
        error = self.broken
        if isinstance(error, SimulatorError) and not isinstance(error, ChipStalled):
            first_line = str(error).partition("\n")[0]
            raise SimulatorError(
                f"the simulator is gone after an earlier error: {first_line}; close the device and open it "
                "again"
            ) from error
        if error is not None:
            raise DeviceError(
                f"the {self.transport.name} device is no longer in step after an earlier error "
                f"({type(error).__name__} while {self._context}); close it and open it again"
            ) from error
        if self.receiver.fault is not None:
            raise self.receiver.fault

    # ------------------------------------------------------------------ memories and registers
    def read(self, places: Places) -> Words:
        """Give the words at `places`; the chip must be paused."""
        if not len(places):
            return np.zeros(0, np.uint32)
        plan = ReadPlan(places)
        self.queue(plan.flits)
        while self.receiver.count_responses() < plan.count:
            self.wait("words were read")
        return plan.words(self.receiver.take_responses())

    def write(self, places: Places, words: Words) -> None:
        """Queue writes of words; they are done before anything that is queued later."""
        if len(places):
            self.queue(writes(places.core, places.addr, words))

    def registers(self, *registers: ChipCsr) -> tuple[int, ...]:
        """Give registers of the chip."""
        addr = np.asarray(registers, np.int64)
        return tuple(self.read(Places(np.full(len(addr), CONTROL_CORE), addr)).tolist())

    def counters(self) -> dict[str, Any]:
        """Give all counters of the chip and its cores; see `Device.counters`."""
        cores = self.chip.cores
        base = region_address(CoreRegion.CSR)
        chip_addr = [r for registers in _CHIP_COUNTERS.values() for r in registers]
        core_addr = [base + r for registers in _CORE_COUNTERS.values() for r in registers]
        core = np.concatenate([np.full(len(chip_addr), CONTROL_CORE), np.repeat(cores, len(core_addr))])
        words = iter(self.read(Places(core, np.asarray(chip_addr + core_addr * len(cores)))).tolist())

        def take(table: dict[str, Any]) -> dict[str, int]:
            return {
                name: sum(next(words) << (32 * i) for i in range(len(registers)))
                for name, registers in table.items()
            }

        return {"chip": take(_CHIP_COUNTERS), "cores": {c: take(_CORE_COUNTERS) for c in cores}}

    # ------------------------------------------------------------------ the life of an image
    def identify(self) -> None:
        """Compare the chip's own fingerprints with what is expected.

        Raises
        ------
        ChipMismatch
            If it is no chip of this kind, or has another layout or configuration.
        """
        magic, layout, config = self.registers(ChipCsr.MAGIC, ChipCsr.LAYOUT, ChipCsr.CONFIG_ID)
        name = self.transport.name
        if magic != Magic.CHIP:
            raise ChipMismatch(
                f"the {name} device answers {magic:#010x} as MAGIC and not {int(Magic.CHIP):#010x}; "
                "it is no chip of lava_hw"
            )
        if layout != LAYOUT_HASH:
            raise ChipMismatch(
                f"the {name} device has register layout {layout:#010x}, and this lava_hw "
                f"{LAYOUT_HASH:#010x}; build the simulator from the rtl/ that belongs to this version"
            )
        if config != self.chip.config_id:
            raise ChipMismatch(
                f"the {name} device has configuration {config:#010x}, and chip {self.chip.name} has "
                f"{self.chip.config_id:#010x}; build it for this chip, or open it with its own"
            )

    def reset(self, then: Flits, bar: Bar | None = None) -> None:
        """Send RESET, then the WRITE flits `then`, and wait until all of it is done; a bar shows how far."""
        self._queue.clear()
        done = self.receiver.resets
        self.receiver.clear()
        self.queue(token(TokenIn.RESET))
        # How they are cut up changes nothing; somebody who looks wants to see that it goes on.
        pieces = 1 if bar is None or not bar.is_shown else -(-len(then) // _PIECE)
        for k, piece in enumerate(np.array_split(then, pieces) if pieces else ()):
            self.queue(piece)
            if bar is not None and bar.is_shown:
                self.flush()
                bar.reach(len(then) * (k + 1) // pieces)
        while self.receiver.resets == done:
            try:
                self.wait("it was reset")
            except ChipFault:
                if self.receiver.resets != done:
                    raise
                self.receiver.fault = None  # from before the RESET, and it came only now
        self.receiver.clear()
        self.registers(ChipCsr.STATUS)  # a fault of one of the writes comes before this answer
