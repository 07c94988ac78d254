"""The memories of one core, and access to them by word addresses."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.regs import (
    CONNECTION_WORDS,
    CORE_ADDR,
    MAX_STAGES,
    POPULATION_WORDS,
    ROUTE_WORDS,
    CoreCsr,
    CoreRegion,
    FaultCode,
    Word,
)

_SYNAPSE = 1 << CORE_ADDR.fields["synapse"].lsb
_REGION = CORE_ADDR.fields["region"].lsb
_OFFSET = CORE_ADDR.fields["offset"].mask
# Words of a population's entry that exist; the others read 0.
_USED_POPULATION = 5


class Memory:
    """State, accumulators, synapses, tables and counters of a core.

    `state` is int32 (lines, LANES); `acc` is int32 (slots * pitch, LANES), where a clean group holds 0;
    `synapse` is uint8 (lines, WORD / 8); the others are uint32 by index.

    `version` grows when something is written that programs are decoded from, `weights_version` when
    synapses or connections are written.
    """

    def __init__(self, chip: Chip, number: int) -> None:
        self.number = number
        self.state = np.zeros((chip.state_lines, chip.lanes), np.int32)
        self.acc = np.zeros((chip.delay_slots * chip.acc_pitch, chip.lanes), np.int32)
        synapse = np.zeros(chip.synapse_lines * chip.synapse_parts, "<u4")
        self.synapse = synapse.view(np.uint8).reshape(chip.synapse_lines, chip.word // 8)
        self.ucode = np.zeros(chip.ucode_words, np.uint32)
        self.constants = np.zeros(chip.const_words, np.uint32)
        self.populations = np.zeros((chip.populations, POPULATION_WORDS), np.uint32)
        self.connections = np.zeros((chip.connections, CONNECTION_WORDS), np.uint32)
        self.routes = np.zeros((chip.routes, ROUTE_WORDS), np.uint32)
        self.stages = np.zeros(MAX_STAGES, np.uint32)
        self._synapse_words = synapse
        self._regions: dict[int, NDArray[Any]] = {
            CoreRegion.STATE: self.state.reshape(-1).view(np.uint32),
            CoreRegion.ACC: self.acc.reshape(-1).view(np.uint32),
            CoreRegion.UCODE: self.ucode,
            CoreRegion.CONSTANT: self.constants,
            CoreRegion.POPULATION: self.populations.reshape(-1),
            CoreRegion.CONNECTION: self.connections.reshape(-1),
            CoreRegion.ROUTE: self.routes.reshape(-1),
            CoreRegion.STAGE: self.stages,
        }
        self.version = 0
        self.weights_version = 0
        self.reset()

    def reset(self) -> None:
        """Accumulators clean, counters and faults 0; memories keep their contents."""
        self.acc[...] = 0
        self.spikes_in = self.spikes_out = self.synops = 0
        self.bad_opcode = False
        self.bad_stage_event = False  # sent by a core
        self.bad_input_event = False  # sent by the host
        self.bad_address = False
        self.sent_nowhere = False  # seen by this core's router, so not in the core's own register

    @property
    def fault(self) -> FaultCode:
        """What the register FAULT shows: of all faults of the core the first in the order of this text."""
        if self.bad_opcode:
            return FaultCode.BAD_OPCODE
        if self.bad_stage_event or self.bad_input_event:
            return FaultCode.BAD_EVENT
        return FaultCode.BAD_ADDRESS if self.bad_address else FaultCode.NONE

    @property
    def stage_fault(self) -> FaultCode:
        """What went wrong in a stage: it is looked at when the stage is complete."""
        if self.bad_opcode:
            return FaultCode.BAD_OPCODE
        return FaultCode.BAD_EVENT if self.bad_stage_event or self.sent_nowhere else FaultCode.NONE

    @property
    def input_fault(self) -> FaultCode:
        """What was wrong with flits of the host: it is looked at when the next token or access comes."""
        if self.bad_input_event:
            return FaultCode.BAD_EVENT
        return FaultCode.BAD_ADDRESS if self.bad_address else FaultCode.NONE

    def write(self, addresses: NDArray[np.int64], data: NDArray[np.uint32]) -> None:
        """Write words in order; those that do not exist are left out and remembered as a fault.

        Parameters
        ----------
        addresses : int64 array
            Word addresses.
        data : uint32 array
            The words.
        """
        regions = addresses >> _REGION
        cuts = [0, *(np.flatnonzero(regions[1:] != regions[:-1]) + 1).tolist(), len(regions)]
        for first, end in pairwise(cuts):
            if not self._write_run(addresses[first:end], data[first:end]):
                self.bad_address = True

    def _write_run(self, addresses: NDArray[np.int64], data: NDArray[np.uint32]) -> bool:
        """Write words of one region; give whether all of them exist."""
        first = int(addresses[0])
        region = first >> _REGION
        if first >= _SYNAPSE:
            target, offsets = self._synapse_words, addresses - _SYNAPSE
            self.weights_version += 1
        elif region == CoreRegion.CSR:
            return bool((addresses <= max(CoreCsr)).all())
        elif region in self._regions:
            target, offsets = self._regions[region], addresses & _OFFSET
            if region == CoreRegion.CONNECTION:
                self.weights_version += 1
            elif region not in (CoreRegion.STATE, CoreRegion.ACC):
                self.version += 1
        else:
            return False
        there = offsets < len(target)
        good = bool(there.all())
        target[offsets if good else offsets[there]] = data if good else data[there]
        if region == CoreRegion.POPULATION:
            self.populations[:, _USED_POPULATION:] = 0
        return good

    def read(self, addresses: NDArray[np.int64]) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
        """Give the words at `addresses`, 0 where there is none, and which of them exist."""
        values = np.zeros(len(addresses), np.uint32)
        there = np.zeros(len(addresses), np.bool_)
        regions = addresses >> _REGION
        cuts = [0, *(np.flatnonzero(regions[1:] != regions[:-1]) + 1).tolist(), len(regions)]
        for first, end in pairwise(cuts):
            if first == end:
                continue
            part, region = slice(first, end), int(regions[first])
            if region >= _SYNAPSE >> _REGION:
                source, offsets = self._synapse_words, addresses[part] - _SYNAPSE
            elif region in self._regions:
                source, offsets = self._regions[region], addresses[part] & _OFFSET
            elif region == CoreRegion.CSR:
                source, offsets = self._registers(), addresses[part] & _OFFSET
            else:
                continue
            inside = offsets < len(source)
            there[part] = inside
            values[part][inside] = source[offsets[inside]]
        return values, there

    def _registers(self) -> NDArray[np.uint32]:
        """Give all core registers; cycles are counted on the RTL only."""
        out = np.zeros(max(CoreCsr) + 1, np.uint32)
        out[CoreCsr.ID] = self.number
        out[CoreCsr.SPIKES_IN] = self.spikes_in & 0xFFFFFFFF
        out[CoreCsr.SPIKES_OUT] = self.spikes_out & 0xFFFFFFFF
        out[CoreCsr.SYNOPS_LO] = self.synops & 0xFFFFFFFF
        out[CoreCsr.SYNOPS_HI] = self.synops >> 32 & 0xFFFFFFFF
        out[CoreCsr.FAULT] = self.fault
        return out


def unpacked(entry: tuple[Word, ...], words: NDArray[np.uint32]) -> dict[str, int]:
    """Give all fields of an entry of a table; words behind it have none."""
    fields: dict[str, int] = {}
    for layout, word in zip(entry, words.tolist(), strict=False):
        fields |= layout.unpack(word)
    return fields
