"""`GoldenChip`: the host protocol, the steps and stages, the mesh of cores (docs/chip.md section 2)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lava_hw.chip import Chip
from lava_hw.golden.memory import Memory
from lava_hw.golden.program import Population
from lava_hw.golden.routes import Events, Outbox
from lava_hw.golden.synapses import Synapses
from lava_hw.regs import (
    CONFIG_FLIT,
    CONTROL_CORE,
    EVENT_FLIT,
    LAYOUT_HASH,
    MAX_STAGES,
    READ_DATA,
    STAGE,
    ChipCsr,
    ConfigOp,
    FaultCode,
    FlitType,
    Magic,
    TokenIn,
    TokenOut,
)

Flits = NDArray[np.uint64]
_EVENT, _CONFIG, _TOKEN = 0, 1, 2
_WRITES = -1  # no core
_KIND, _DEST, _CONN, _INDEX = (EVENT_FLIT.fields[name] for name in ("kind", "dest", "conn", "index"))
_EGRESS = EVENT_FLIT.pack(egress=1)
_TOKEN_OUT = EVENT_FLIT.pack(kind=FlitType.TOKEN, egress=1)
_KEY = np.uint64(_CONN.lsb)  # everything above: where an event goes and of what kind it is
_INDEX_LSB, _INDEX_MASK = np.uint64(_INDEX.lsb), np.uint64(_INDEX.mask)
_DEST_MASK, _CONN_MASK, _KIND_MASK, _STAGE_MASK = _DEST.mask, _CONN.mask, _KIND.mask, _INDEX.mask
_ADDRESSES = 1 << CONFIG_FLIT.fields["addr"].width


class GoldenChip:
    """A chip that takes and gives flits as the RTL does: `push` host flits, `pop` what comes out.

    Everything that a pushed flit causes has happened when `push` returns: the chip is then quiescent, and it
    is paused, faulted, or waits for a CLOSE. The order of events within one stage is free. What is wrong with
    flits of the host is remembered, and reported when a later flit makes the chip look (rule 10).

    Parameters
    ----------
    chip : Chip
        The configuration.
    """

    def __init__(self, chip: Chip) -> None:
        self.chip = chip
        self._cores = {n: Memory(chip, n) for n in chip.cores}
        self._synapses = {n: Synapses(m, chip) for n, m in self._cores.items()}
        self._stages, self._needs_close, self._needs_end = 1, 0, 0
        self._plan: list[list[Population]] = []
        self._plan_version = -1
        self._out: list[Flits] = []
        self._reset()

    def _reset(self) -> None:
        for memory in self._cores.values():
            memory.reset()
        self.step = 0
        self._limit = 0
        self._next: tuple[int, int] | None = None  # (step, stage) that comes next while not paused
        self._fault: tuple[int, FaultCode] | None = None
        self._bad_event = self._bad_address = False  # of the chip itself, not reported yet
        self._dropping = False  # a flit behind a fault was no event: nothing but READ and RESET passes
        self._run: int | None = None  # accesses before this flit: _WRITES, or the core that was read
        self._flits_in = self._flits_out = 0

    @property
    def idle(self) -> bool:
        """True if every output was taken; there is never anything else left to do."""
        return not self._out

    @property
    def paused(self) -> bool:
        """True between runs, and after a fault."""
        return self._next is None

    @property
    def waits_for(self) -> tuple[int, int] | None:
        """The (step, stage) whose CLOSE the chip waits for, or None."""
        return self._next

    @property
    def fault(self) -> tuple[int, FaultCode] | None:
        """The core (63: the chip itself) and code of the fault that was reported, or None."""
        return self._fault

    def push(self, flits: ArrayLike) -> None:
        """Take flits from the host, in order, and do what they cause.

        Parameters
        ----------
        flits : uint64 array
            Events, tokens, configuration.
        """
        array = np.atleast_1d(np.asarray(flits, np.uint64))
        if not len(array):
            return
        kind = EVENT_FLIT.get_array(array, "kind")
        config = array >= np.uint64(1 << 63)
        is_config = config & ((kind >> 1) <= ConfigOp.READ)
        classes = np.where(is_config, _CONFIG, np.where(config | (kind >= FlitType.TOKEN), _TOKEN, _EVENT))
        cuts = [0, *(np.flatnonzero(classes[1:] != classes[:-1]) + 1).tolist(), len(array)]
        for first, end in pairwise(cuts):
            part = array[first:end]
            if classes[first] == _EVENT:
                self._take_events(part)
            elif classes[first] == _CONFIG:
                self._take_config(part)
            else:
                for flit in part.tolist():
                    self._take_token(flit)

    def pop(self) -> Flits:
        """Give all flits that came out since the last call, as a uint64 array."""
        out = self._out
        self._out = []
        return np.concatenate(out) if out else np.zeros(0, np.uint64)

    def peek(self, core: int, address: int, count: int = 1) -> NDArray[np.uint32]:
        """Look at words of a core without any flit, as a waveform viewer would.

        Parameters
        ----------
        core : int
            Core number.
        address : int
            First word address; see `core_addr` in docs/registers.md.
        count : int
            Number of words.

        Raises
        ------
        ValueError
            If the core or one of the words does not exist.
        """
        if core not in self._cores:
            raise ValueError(f"there is no core {core}; the cores are {', '.join(map(str, self._cores))}")
        words, there = self._cores[core].read(address + np.arange(count))
        if not there.all():
            raise ValueError(f"core {core} has no word {address + int(np.argmin(there)):#x}")
        return words

    # ---------------------------------------------------------------- events

    def _take_events(self, flits: Flits) -> None:
        """Let events into the mesh, but those for cores that are not there."""
        self._run = None
        if self._dropping:
            return
        keys = flits >> _KEY
        if (keys == keys[0]).all():
            groups = [flits]
        else:
            order = np.argsort(keys, kind="stable")
            flits, keys = flits[order], keys[order]
            groups = np.split(flits, np.flatnonzero(keys[1:] != keys[:-1]) + 1)
        for group in groups:
            head = int(group[0])
            synapses = self._synapses.get(head >> _DEST.lsb & _DEST_MASK)
            if head & _EGRESS or synapses is None:
                self._bad_event = True
                continue
            self._flits_in += len(group)
            index = (group >> _INDEX_LSB & _INDEX_MASK).astype(np.int64)
            conn, kind = head >> _CONN.lsb & _CONN_MASK, head >> _KIND.lsb & _KIND_MASK
            decoded = synapses.decode(conn, kind, index, group.astype(np.uint32))
            synapses.apply(decoded, self.step, outside=True)

    def _deliver(self, events: Events) -> None:
        synapses = self._synapses[events.core]
        decoded = synapses.decode(events.conn, events.kind, events.indices, events.payload)
        synapses.apply(decoded, self.step, outside=False)

    # ---------------------------------------------------------------- tokens

    def _take_token(self, flit: int) -> None:
        is_token = flit >> _KIND.lsb == FlitType.TOKEN  # bit 63, that of configuration, is above
        code = flit >> _CONN.lsb & _CONN_MASK if is_token else 0
        stage, step = flit >> _INDEX.lsb & _STAGE_MASK, flit & 0xFFFFFFFF
        if code == TokenIn.SYNC:
            return
        self._run = None
        self._look_at_input()
        if self._fault:
            self._dropping = True
            if code == TokenIn.RESET:
                self._do_reset()
            return
        if code not in (TokenIn.CLOSE, TokenIn.RUN, TokenIn.RESET):
            self._fail_by_flit(FaultCode.BAD_TOKEN)
        elif self._next is not None:
            if code == TokenIn.CLOSE and (step, stage) == self._next:
                self._run_stages()
                return
            self._fail_by_flit(FaultCode.BAD_CLOSE)
            if code == TokenIn.RESET:
                self._do_reset()
        elif code == TokenIn.CLOSE:
            self._fail_by_flit(FaultCode.BAD_CLOSE)
        elif code == TokenIn.RESET:
            self._do_reset()
        elif step <= self.step:
            self._fail_by_flit(FaultCode.BAD_RUN)
        else:
            self._limit = step
            self._next = (self.step + 1, 0)
            if not self._needs_close & 1:
                self._run_stages()

    def _do_reset(self) -> None:
        self._reset()
        self._say(TokenOut.RESET_DONE, 0, 0)

    def _say(self, code: TokenOut, stage: int, step: int) -> None:
        flit = _TOKEN_OUT | code << _CONN.lsb | stage << _INDEX.lsb | step
        self._out.append(np.array([flit], np.uint64))

    def _fail(self, core: int, code: FaultCode) -> None:
        self._fault = (core, code)
        self._next = None
        self._say(TokenOut.FAULT, core, code)

    def _fail_by_flit(self, code: FaultCode) -> None:
        """Report a flit that cannot be used where it stands; what follows it does not pass."""
        self._fail(CONTROL_CORE, code)
        self._dropping = True

    def _look_at_input(self) -> None:
        """Report what was wrong with flits of the host: the chip's own first, then the lowest core's."""
        if self._fault:
            return
        if self._bad_event or self._bad_address:
            own = FaultCode.BAD_EVENT if self._bad_event else FaultCode.BAD_ADDRESS
            self._fail(CONTROL_CORE, own)
            return
        self._report({number: memory.input_fault for number, memory in self._cores.items()})

    def _report(self, codes: dict[int, FaultCode]) -> None:
        """Report the core of lowest number that has a fault, if one has."""
        bad = [number for number, code in codes.items() if code]
        if bad:
            self._fail(min(bad), codes[min(bad)])

    # ---------------------------------------------------------------- stages

    def _run_stages(self) -> None:
        """Run the next stage and all after it that need no CLOSE."""
        version = sum(memory.version for memory in self._cores.values())
        if version != self._plan_version:
            self._plan = [self._populations(stage) for stage in range(MAX_STAGES)]
            self._plan_version = version
        last = min(max(self._stages, 1), MAX_STAGES) - 1
        while self._next is not None:
            step, stage = self._next
            self.step = step
            self._run_stage(stage)
            self._report({number: memory.stage_fault for number, memory in self._cores.items()})
            if self._fault:
                return
            if self._needs_end >> stage & 1:
                self._say(TokenOut.END, stage, step)
            if stage < last:
                self._next = (step, stage + 1)
            elif step < self._limit:
                self._next = (step + 1, 0)
            else:
                self._next = None
                self._say(TokenOut.PAUSED, 0, step)
            if self._next and self._needs_close >> self._next[1] & 1:
                return

    def _run_stage(self, stage: int) -> None:
        out = Outbox()
        for population in self._plan[stage]:
            population.run(self.step, out)
        for events in out.events:
            self._deliver(events)
        for flits in out.flits:
            self._flits_out += len(flits)
            self._out.append(flits)

    def _populations(self, stage: int) -> list[Population]:
        """Give the populations of all cores in a stage, decoded."""
        found = []
        for memory in self._cores.values():
            entry = STAGE.unpack(int(memory.stages[stage]))
            for number in range(entry["first"], entry["first"] + entry["count"]):
                found.append(Population(memory, self.chip, number % self.chip.populations))
        return found

    # ---------------------------------------------------------------- configuration

    def _take_config(self, flits: Flits) -> None:
        """Carry out consecutive configuration flits; WRITEs to one core at once."""
        op = CONFIG_FLIT.get_array(flits, "op")
        core = CONFIG_FLIT.get_array(flits, "core")
        address = CONFIG_FLIT.get_array(flits, "addr")
        data = flits.astype(np.uint32)
        same = (op[1:] == op[:-1]) & (core[1:] == core[:-1]) & (op[1:] == ConfigOp.WRITE)
        cuts = [0, *(np.flatnonzero(~same) + 1).tolist(), len(flits)]
        for first, end in pairwise(cuts):
            number, reads = int(core[first]), op[first] == ConfigOp.READ
            run = number if reads else _WRITES
            if run != self._run:
                self._look_at_input()
                if self._next is not None:
                    self._fail(CONTROL_CORE, FaultCode.BAD_CLOSE)  # it waits for a pause that cannot come
            self._run = run
            if self._fault:
                self._dropping = True
            if reads:
                self._read(number, int(address[first]), READ_DATA.get(int(data[first]), "words") + 1)
            elif not self._fault:
                self._write(number, address[first:end], data[first:end])

    def _write(self, core: int, address: NDArray[np.int64], data: NDArray[np.uint32]) -> None:
        if core in self._cores:
            self._cores[core].write(address, data)
            return
        for register, value in zip(address.tolist(), data.tolist(), strict=True):
            if core != CONTROL_CORE or register > max(ChipCsr):
                self._bad_address = True
            elif register == ChipCsr.STAGES:
                self._stages = value & 31
            elif register == ChipCsr.NEEDS_CLOSE:
                self._needs_close = value & 0xFFFF
            elif register == ChipCsr.NEEDS_END:
                self._needs_end = value & 0xFFFF

    def _read(self, core: int, address: int, count: int) -> None:
        addresses = (address + np.arange(count)) % _ADDRESSES
        memory = self._cores.get(core)
        if memory:
            values, there = memory.read(addresses)
        else:
            words = [self._register(a) if core == CONTROL_CORE else None for a in addresses.tolist()]
            values = np.array([word or 0 for word in words], np.uint32)
            there = np.array([word is not None for word in words])
        self._out.append(
            CONFIG_FLIT.pack_array(cfg=1, op=ConfigOp.RESPONSE, core=core, addr=addresses, data=values)
        )
        if not there.all():
            if memory:
                memory.bad_address = True
            else:
                self._bad_address = True

    def _register(self, register: int) -> int | None:
        """Give a register of the chip as a configuration flit reads it: paused, and not idle."""
        if register > max(ChipCsr):
            return None
        c = self.chip
        code = int(self._fault[1]) if self._fault else 0
        return {
            ChipCsr.MAGIC: int(Magic.CHIP),
            ChipCsr.LAYOUT: LAYOUT_HASH,
            ChipCsr.CONFIG_ID: c.config_id,
            ChipCsr.SHAPE: c.mesh_x | c.mesh_y << 8 | c.lanes << 16 | c.word // 8 << 24,
            ChipCsr.STAGES: self._stages,
            ChipCsr.NEEDS_CLOSE: self._needs_close,
            ChipCsr.NEEDS_END: self._needs_end,
            ChipCsr.STATUS: 1 | code << 8,
            ChipCsr.STEP: self.step,
            ChipCsr.LIMIT: self._limit,
            ChipCsr.FLITS_IN: self._flits_in & 0xFFFFFFFF,
            ChipCsr.FLITS_OUT: self._flits_out & 0xFFFFFFFF,
        }.get(ChipCsr(register), 0)  # cycles are counted on the RTL only
