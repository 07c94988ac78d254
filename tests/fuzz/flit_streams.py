"""Random streams for a configuration: runs, CLOSE tokens, events, READs, WRITEs, resets; whole cases.

An event is drawn only where docs/chip.md says in which step and before which reader it counts.
"""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from lava_hw.chip import Chip
from lava_hw.regs import BLOCK, CONTROL_CORE, ChipCsr
from tests.fuzz.flit_case import FlitCase, Item
from tests.fuzz.flit_networks import Connection, Core, Network
from tests.fuzz.flit_programs import Choices

_KINDS = ("MASK_POS", "MASK_NEG", "GRADED")


class Stream:
    """A stream while it grows; it knows which stages may be running when its next flit is taken."""

    def __init__(self, choices: Choices, network: Network) -> None:
        self.choices, self.network = choices, network
        self.items: list[Item] = []
        self.step = 0
        self._running: set[int] | None = set()  # None: one cannot say which step it is
        self._random = np.random.default_rng(choices.up_to(2**20))

    # ---------------------------------------------------------------- the chip's time

    def wait(self) -> None:
        """Let the harness wait until the chip is idle."""
        self.items.append(["sync"])
        self._running = set()

    def run(self, steps: int) -> None:
        """Run, with all the CLOSE tokens that are needed, and events wherever they may be."""
        network, last = self.network, self.step + steps
        self.items.append(["run", last])
        closes = [s for s in range(network.stages) if network.needs_close >> s & 1]
        if not closes:
            self.step, self._running = last, None
            return
        self._running = set() if closes[0] == 0 else None
        for step in range(self.step + 1, last + 1):
            for number, stage in enumerate(closes):
                self.events()
                self.items.append(["close", step, stage])
                self.step = step
                ends = closes[number + 1] if number + 1 < len(closes) else network.stages
                self._running = set(range(stage, ends))
                if number + 1 == len(closes) and closes[0] != 0 and step < last:
                    self._running = None  # the next step begins by itself
                if self.choices.chance(4):
                    self.wait()
        self.events()

    def _counts(self, core: Core, connection: Connection) -> bool:
        """Tell whether it is defined what an event for this connection does now."""
        if self._running is None:
            return False
        reached = connection.reaches(self.network.chip)
        return not any(reached & core.read_in(stage) for stage in self._running)

    # ---------------------------------------------------------------- what the host sends

    def events(self) -> None:
        """None, some, or a burst."""
        cores = self.network.cores
        targets = [(core, c) for core in cores.values() for c in core.connections if self._counts(core, c)]
        if not targets:
            return
        count = self.choices.one((0, 0, 1, 2, 5, 20, 60))
        some = [self.choices.one(targets) for _ in range(min(count, 3))]
        for _ in range(count):
            core, connection = some[self._random.integers(len(some))]
            event = self._event(core.number, connection)
            if event is not None:
                self.items.append(event)

    def _event(self, core: int, connection: Connection) -> Item | None:
        """An event of sources that the connection has, often the last one."""
        rng, limit = self._random, connection.limit
        if self.network.bad and rng.integers(8) == 0:
            limit += int(rng.integers(1, 70))
        if limit == 0:
            return None
        kind = _KINDS[rng.integers(3)]
        word = int(self.network.words(1)[0])
        last = limit - 1 if rng.integers(3) == 0 else int(rng.integers(limit))
        if kind == "GRADED":
            return ["event", kind, core, connection.number, min(last, 4095), word]
        block = min(last // BLOCK, 4095)
        there = min(limit - block * BLOCK, BLOCK)
        mask = (1 << there) - 1
        mask &= (-1, 1 << (last % BLOCK), word, int(rng.integers(2**32)))[rng.integers(4)]
        return ["event", kind, core, connection.number, block, mask & 0xFFFFFFFF]

    def configure(self) -> None:
        """WRITEs that keep the configuration legal, and READs, while the chip is paused."""
        choices, chip = self.choices, self.network.chip
        core = choices.one(list(self.network.cores.values()))
        kind = choices.up_to(5)
        if kind == 0 and core.reads:
            item = choices.one(core.reads)
            first = choices.up_to(item[4] - 1)
            self.items.append([*item[:3], item[3] + first, choices.up_to(item[4] - first, 1)])
        elif kind == 1:
            place = choices.up_to(chip.delay_slots * chip.acc_pitch * chip.lanes - 1)
            if choices.chance(2):
                self.items.append(["write", core.number, "ACC", place, [choices.word()]])
            self.items.append(["read", core.number, "ACC", place // chip.lanes * chip.lanes, chip.lanes])
        elif kind == 2:
            self.items.append(["read", core.number, "CSR", choices.up_to(8), 1])
        elif kind == 3:
            self.items.append(["read", CONTROL_CORE, "CSR", choices.up_to(max(ChipCsr)), 1])
        elif kind == 4:
            register = choices.one((ChipCsr.MAGIC, ChipCsr.STEP, ChipCsr.STATUS, ChipCsr.NEEDS_END))
            value = choices.word()
            if register == ChipCsr.NEEDS_END:
                self.network.needs_end = value & 0xFFFF
            self.items.append(["write", CONTROL_CORE, "CSR", int(register), [value]])
        else:
            written = [
                i
                for i in core.items
                if i[0] == "write" and i[2] in ("STATE", "SYNAPSE") and i not in core.fixed
            ]
            if written:
                item = choices.one(written)
                first = choices.up_to(len(item[4]) - 1)
                count = choices.up_to(min(len(item[4]) - first, 9), 1)
                self.items.append([*item[:3], item[3] + first, self.network.words(count)])
        self._running = set()

    def reset(self) -> None:
        """Begin anew."""
        self.items.append(["reset"])
        self.step, self._running = 0, set()

    def pause(self) -> None:
        """Anything that a paused chip takes."""
        for _ in range(self.choices.up_to(4)):
            what = self.choices.up_to(9)
            if what < 5:
                self.configure()
            elif what < 7:
                self.events()
            elif what == 7:
                self.wait()
            elif what == 8:
                self.items += self.network.everything()
                self._running = set()
            elif self.choices.chance(2):
                self.reset()


def grow(choices: Choices, network: Network, restarts: bool = False) -> tuple[list[Item], int]:
    """Draw a stream that begins with a configuration, whose number of items is given, too.

    With `restarts`, each of its runs begins with a RESET.
    """
    stream = Stream(choices, network)
    stream.items += network.configuration()
    configured = len(stream.items)
    for _ in range(choices.up_to(4, 1)):
        if restarts:
            stream.reset()
        stream.pause()
        stream.run(choices.up_to(5, 1))
    if choices.chance(3):
        stream.reset()
        stream.items += network.everything()
        stream.run(1)
    stream.items += [*network.everything(), ["sync"]]
    return stream.items, configured


@st.composite
def legal(draw: st.DrawFn, chip: Chip) -> FlitCase:
    """Draw a case without any fault."""
    return legal_case(Choices.of(draw), chip)


def legal_case(choices: Choices, chip: Chip) -> FlitCase:
    """Draw a case without any fault."""
    jitter = choices.one((0, choices.up_to(2**20)))
    items, _ = grow(choices, Network(choices, chip))
    return FlitCase(chip.to_dict(), tuple(items), jitter)
