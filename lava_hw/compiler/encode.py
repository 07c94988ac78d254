"""Encode: write the words of every memory of the chip, and the manifest; together they are the image.

Only what is used is written, but for the stage tables: every core of the chip runs every stage and must
find its entry. Lanes beyond the last neuron of a population hold 0 in the state memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from lava_hw.chip import Chip
from lava_hw.compiler.connections import TablePlan, kind_of
from lava_hw.compiler.errors import CompileError
from lava_hw.compiler.manifest import manifest
from lava_hw.compiler.placed_types import CoreLayout, Descriptor, Route, Routed
from lava_hw.compiler.types import Legal
from lava_hw.image import Image, Segment, address, synapse_address
from lava_hw.isa import group_problems, problems
from lava_hw.regs import (
    CONNECTION_ENTRY,
    CONNECTION_WORDS,
    CONTROL_CORE,
    POPULATION0,
    POPULATION1,
    POPULATION2,
    POPULATION3,
    POPULATION4,
    POPULATION_WORDS,
    ROUTE0,
    ROUTE1,
    STAGE,
    ChipCsr,
    CoreRegion,
)

Words = npt.NDArray[np.uint32]


def encode(routed: Routed, chip: Chip) -> Image:
    """Give the image of a routed network."""
    segments = [segment for number in chip.cores for segment in _core(routed, number, chip)]
    scheduled = routed.scheduled
    registers = (
        scheduled.count,
        sum(1 << s for s in scheduled.needs_close),
        sum(1 << s for s in scheduled.needs_end),
    )
    segments.append(Segment(CONTROL_CORE, int(ChipCsr.STAGES), np.array(registers, np.uint32)))
    return Image(chip, tuple(segments), manifest(routed, chip))


def _core(routed: Routed, number: int, chip: Chip) -> Iterator[Segment]:
    legal = routed.scheduled.placed.legal
    core = routed.cores.get(number)
    if core is not None:
        regions: tuple[tuple[CoreRegion, Iterable[int]], ...] = (
            (CoreRegion.STATE, _state(core, legal, chip)),
            (CoreRegion.UCODE, [word for program in core.programs for word in program]),
            (CoreRegion.CONSTANT, [c.value & 0xFFFFFFFF for p in core.populations for c in p.constants]),
            (CoreRegion.POPULATION, _populations(core, chip)),
            (CoreRegion.CONNECTION, [word for each in core.descriptors for word in _descriptor(each)]),
            (CoreRegion.ROUTE, [word for routes in core.routes for r in routes for word in _route(r)]),
        )
        for region, words in regions:
            data = np.fromiter(words, np.uint32)
            if len(data):
                yield Segment(number, address(region), data)
        synapses = _synapses(core, legal, chip)
        if len(synapses):
            yield Segment(number, synapse_address(), synapses)
    yield Segment(number, address(CoreRegion.STAGE), _stages(core, routed.scheduled.count))


def _stages(core: CoreLayout | None, count: int) -> Words:
    """Populations are in order of their stages, so each stage has one run of them."""
    stages = [p.stage for p in core.populations] if core is not None else []
    first = [sum(s < stage for s in stages) for stage in range(count)]
    return np.array(
        [STAGE.pack(first=first[stage], count=stages.count(stage)) for stage in range(count)], np.uint32
    )


def _state(core: CoreLayout, legal: Legal, chip: Chip) -> Words:
    lines = np.zeros((core.usage["state_lines"], chip.lanes), np.int32)
    for p in core.populations:
        for number, state in enumerate(legal.neurons[p.shard.neurons].states):
            padded = np.zeros(p.groups * chip.lanes, np.int32)
            padded[: p.shard.count] = state.values[p.shard.first : p.shard.first + p.shard.count]
            at = p.state_base + number + np.arange(p.groups) * p.nvars
            lines[at] = padded.reshape(p.groups, chip.lanes)
    return lines.reshape(-1).view(np.uint32)


def _populations(core: CoreLayout, chip: Chip) -> Iterator[int]:
    base = 0
    for p, routes in zip(core.populations, core.routes, strict=True):
        values = {number: constant.value & 0xFFFFFFFF for number, constant in enumerate(p.constants)}
        wrong = problems(p.words, p.nvars, len(values))
        wrong += group_problems(p.words, values, p.groups, chip.acc_groups, chip.delay_slots)
        if wrong:
            raise CompileError(f"{p.shard}: its program is not sound: {'; '.join(wrong)}")
        words = (
            POPULATION0.pack(pc=p.pc, count=len(p.words), nvars=p.nvars),
            POPULATION1.pack(state_base=p.state_base, const_base=p.const_base),
            POPULATION2.pack(groups=p.groups, tail=p.tail),
            POPULATION3.pack(route_base=base, route_count=len(routes)),
            POPULATION4.pack(index_base=p.shard.first),
        )
        yield from _filled(words, POPULATION_WORDS)
        base += len(routes)


def _descriptor(descriptor: Descriptor) -> Iterator[int]:
    left = dict(descriptor.fields)
    words = [
        word.pack(**{key: left.pop(key) for key in word.fields if key in left}) for word in CONNECTION_ENTRY
    ]
    if left:
        raise CompileError(
            f"internal: a connection has no field {', '.join(left)} in the register description"
        )
    return _filled(tuple(words), CONNECTION_WORDS)


def _route(route: Route) -> tuple[int, int]:
    return (
        ROUTE0.pack(first=route.first, groups=route.groups, channel=route.channel),
        ROUTE1.pack(index_base=route.index_base, conn=route.conn, dest=route.dest, egress=int(route.egress)),
    )


def _filled(words: tuple[int, ...], count: int) -> Iterator[int]:
    yield from words
    yield from [0] * (count - len(words))


def _synapses(core: CoreLayout, legal: Legal, chip: Chip) -> Words:
    """The tables one after the other; what is not there is 0."""
    memory = np.zeros((core.usage["synapse_lines"], chip.lanes), np.uint8)
    for table in core.tables:
        connection, sources = legal.connections[table.connection], legal.orders[table.connection]
        plan = TablePlan(connection, sources, table.order, table.groups, chip.lanes)
        memory[table.line : table.line + table.lines] = kind_of(connection).contents(plan)
    return np.ascontiguousarray(memory).reshape(-1).view("<u4").astype(np.uint32)
