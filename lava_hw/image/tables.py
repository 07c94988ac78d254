"""The tables of a core as an image sets them: stages, populations, connections, routes, programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lava_hw.image.connections.contents import SynapseMemory
from lava_hw.image.segments import Segment, synapse_address
from lava_hw.regs import (
    CONNECTION_ENTRY,
    CONNECTION_WORDS,
    CONTROL_CORE,
    CORE_ADDR,
    MAX_STAGES,
    POPULATION_ENTRY,
    POPULATION_WORDS,
    ROUTE_ENTRY,
    ROUTE_WORDS,
    STAGE,
    CoreRegion,
    Word,
)


@dataclass(frozen=True)
class CoreTables:
    """What an image says about a core; words that it does not set are 0, untouched entries are left out."""

    number: int
    lanes: int
    words: dict[CoreRegion, dict[int, int]]
    memory: SynapseMemory
    """What it sets of the synapse memory."""

    @property
    def stages(self) -> list[dict[str, int]]:
        """The stage table: first and count of every stage."""
        table = self.words.get(CoreRegion.STAGE, {})
        return [STAGE.unpack(table.get(i, 0)) for i in range(MAX_STAGES)]

    @property
    def populations(self) -> dict[int, dict[str, int]]:
        """Fields of the populations, by number."""
        return self._entries(CoreRegion.POPULATION, POPULATION_ENTRY, POPULATION_WORDS)

    @property
    def connections(self) -> dict[int, dict[str, int]]:
        """Fields of the connections, by number."""
        return self._entries(CoreRegion.CONNECTION, CONNECTION_ENTRY, CONNECTION_WORDS)

    @property
    def routes(self) -> dict[int, dict[str, int]]:
        """Fields of the routes, by number."""
        return self._entries(CoreRegion.ROUTE, ROUTE_ENTRY, ROUTE_WORDS)

    def program(self, population: dict[str, int]) -> list[int] | None:
        """Give the microcode of a population, or None if the image does not set all of it."""
        code = self.words.get(CoreRegion.UCODE, {})
        wanted = range(population["pc"], population["pc"] + population["count"])
        return [code[i] for i in wanted] if all(i in code for i in wanted) else None

    def _entries(self, region: CoreRegion, layout: Sequence[Word], step: int) -> dict[int, dict[str, int]]:
        table = self.words.get(region, {})
        out = {}
        for number in sorted({offset // step for offset in table}):
            fields: dict[str, int] = {}
            for i, word in enumerate(layout):
                fields |= word.unpack(table.get(number * step + i, 0))
            out[number] = fields
        return out


def cores_of(segments: Iterable[Segment], lanes: int) -> list[CoreTables]:
    """Give all cores that segments write to, without those parts of the memories that are mere data."""
    bulk = (CoreRegion.STATE, CoreRegion.ACC)
    words: dict[int, dict[CoreRegion, dict[int, int]]] = {}
    synapses: dict[int, list[tuple[int, NDArray[np.uint32]]]] = {}
    for core, first, data in segments:
        if core == CONTROL_CORE:
            continue
        regions = words.setdefault(core, {})
        parts = CORE_ADDR.unpack(first)
        if parts["synapse"]:
            synapses.setdefault(core, []).append((first - synapse_address(), data))
        elif parts["region"] not in bulk:
            start = parts["offset"]
            table = regions.setdefault(CoreRegion(parts["region"]), {})
            table.update((start + i, int(word)) for i, word in enumerate(data))
    return [CoreTables(n, lanes, words[n], SynapseMemory(lanes, synapses.get(n, ()))) for n in sorted(words)]
