"""The manifest: how the host finds ports and Vars of a routed network. docs/image.md section 3 describes
every entry.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lava_hw.chip import RESOURCES, Chip
from lava_hw.compiler.connections import kind_of
from lava_hw.compiler.placed_types import CoreLayout, CorePopulation, HostStream, Routed, WeightTable
from lava_hw.compiler.types import HostInput, Legal
from lava_hw.image.manifest import (
    CONNECTION,
    GRADED,
    MASK,
    NONE,
    PORT,
    AccEntry,
    AccPiece,
    ComputedEntry,
    ComputedPlace,
    ConstEntry,
    ConstPlace,
    Elements,
    HostEntry,
    InputEntry,
    LatchedEntry,
    Manifest,
    OutputEntry,
    PortOnChannel,
    ProcessEntry,
    ProgramEntry,
    ResourceUse,
    Stages,
    StateEntry,
    StatePiece,
    StoreEntry,
    StreamEntry,
    TargetEntry,
    VarEntry,
)
from lava_hw.ir import Connection, Ints, KeptVar, Neurons
from lava_hw.regs import BLOCK


def manifest(routed: Routed, chip: Chip) -> Manifest:
    """Give the manifest of a network."""
    scheduled = routed.scheduled
    legal = scheduled.placed.legal
    inputs, groups, aliases = _inputs(routed)
    return Manifest(
        chip=chip,
        stages=Stages(scheduled.count, tuple(scheduled.needs_close), tuple(scheduled.needs_end)),
        processes={
            name: ProcessEntry(full, _cores_of(name, routed)) for name, full in legal.lowered.classes.items()
        },
        inputs=inputs,
        groups=groups,
        aliases=aliases,
        outputs=_outputs(routed),
        vars=dict(_vars(routed)),
        programs={
            core.number: tuple(_program(p, legal.neurons) for p in core.populations)
            for core in routed.cores.values()
        },
        report=report(routed, chip),
    )


def report(routed: Routed, chip: Chip) -> dict[int, dict[str, ResourceUse]]:
    """Give used and available of each resource of each core."""
    of_core = chip.resources()
    return {
        core: {
            r: ResourceUse(int(routed.cores[core].usage[r]) if core in routed.cores else 0, of_core[r])
            for r in RESOURCES
        }
        for core in chip.cores
    }


def _program(population: CorePopulation, neurons: Mapping[str, Neurons]) -> ProgramEntry:
    cell = neurons[population.shard.neurons]
    return ProgramEntry(
        process=cell.process,
        role=cell.role,
        stage=population.stage,
        first=population.shard.first,
        count=population.shard.count,
        in_ports=cell.in_ports,
        out_ports=tuple(PortOnChannel(output.port, output.channel) for output in cell.outputs),
        state=tuple(state.name for state in cell.states),
        const=tuple(constant.name for constant in population.constants),
    )


def _cores_of(process: str, routed: Routed) -> tuple[int, ...]:
    legal = routed.scheduled.placed.legal
    found = set()
    for core in routed.cores.values():
        if process in legal.neurons and any(p.shard.neurons == process for p in core.populations):
            found.add(core.number)
        if any(table.connection in (process, *legal.parts.get(process, ())) for table in core.tables):
            found.add(core.number)
    return tuple(sorted(found))


# -------------------------------------------------------------------------------------------- ports
def _inputs(
    routed: Routed,
) -> tuple[dict[str, InputEntry], dict[str, tuple[str, ...]], dict[str, str]]:
    """Give inputs, groups and aliases."""
    scheduled = routed.scheduled
    legal = scheduled.placed.legal
    by_sender: dict[str, list[HostInput]] = {}
    for item in legal.inputs:
        by_sender.setdefault(item.sender, []).append(item)
    targets: dict[str, list[TargetEntry]] = {}
    made: dict[str, tuple[str, HostInput]] = {}
    groups: dict[str, list[str]] = {}
    keys: dict[tuple[str, str], str] = {}
    for sender, items in by_sender.items():
        windows = {_window(item, scheduled.stages, legal.connections) for item in items}
        for item in items:
            key = sender if len(windows) == 1 else f"{sender}>{item.port}"
            keys[sender, item.port] = key
            made.setdefault(key, (sender, item))
            targets.setdefault(key, []).extend(_targets(item, routed))
            if key != sender and key not in groups.setdefault(sender, []):
                groups[sender].append(key)
    inputs = {}
    for key, (sender, item) in made.items():
        kind, stage, mode = _window(item, scheduled.stages, legal.connections)
        shape = tuple(legal.lowered.ports[sender].shape)
        inputs[key] = InputEntry(shape, kind, stage, mode, tuple(targets[key]))
    return inputs, {k: tuple(members) for k, members in groups.items()}, _aliases(routed, keys)


def _window(
    item: HostInput, stages: Mapping[str, int], connections: Mapping[str, Connection]
) -> tuple[str, int | None, str]:
    if item.target in stages:
        return PORT, stages[item.target], GRADED
    return CONNECTION, None, GRADED if connections[item.target].payload else MASK


def _aliases(routed: Routed, keys: Mapping[tuple[str, str], str]) -> dict[str, str]:
    legal = routed.scheduled.placed.legal
    ports: dict[str, list[HostInput]] = {}
    for item in legal.inputs:
        ports.setdefault(item.port, []).append(item)
    found = {}
    for port, items in ports.items():
        only = items[0]
        size = legal.lowered.ports[port].size
        # The messages to a connection may go to its parts, piece by piece.
        elements = np.concatenate([item.elements for item in items])
        index = np.concatenate([_elements_of(item, legal) for item in items])
        identity = np.array_equal(elements, index) and np.array_equal(np.sort(index), np.arange(size))
        one = len({item.sender for item in items}) == 1
        if one and identity and only.sender != port:
            same = legal.lowered.ports[port].shape == legal.lowered.ports[only.sender].shape
            if same:
                found[port] = keys[only.sender, port]
    return found


def _targets(item: HostInput, routed: Routed) -> Iterator[TargetEntry]:
    legal = routed.scheduled.placed.legal
    for core in routed.cores.values():
        if item.target in legal.connections:
            edges = legal.orders[item.target].edges
            number = next(k for k, edge in enumerate(edges) if edge is item)
            for table in core.tables:
                if table.connection == item.target:
                    conn = table.conns[number]
                    yield TargetEntry(item.port, core.number, conn, 0, Elements.of(item.elements))
            continue
        for population in core.populations:
            if population.shard.neurons == item.target:
                conn = population.ports[item.target_port].conn
                for base, elements in _lanes(item, population):
                    yield TargetEntry(item.port, core.number, conn, base, Elements.of(elements))


def _lanes(item: HostInput, population: CorePopulation) -> Iterator[tuple[int, Ints]]:
    """Give first block and elements of the neurons of a shard; more than once if several elements go to one
    neuron.
    """
    first, count = population.shard.first, population.shard.count
    mine = (item.index >= first) & (item.index < first + count)
    elements, lanes = item.elements[mine], item.index[mine] - first
    while len(lanes):
        _, chosen = np.unique(lanes, return_index=True)
        base = int(lanes.min()) // BLOCK
        order = np.full(int(lanes.max()) + 1 - base * BLOCK, NONE, np.int64)
        order[lanes[chosen] - base * BLOCK] = elements[chosen]
        yield base, order
        rest = np.setdiff1d(np.arange(len(lanes)), chosen)
        elements, lanes = elements[rest], lanes[rest]


def _outputs(routed: Routed) -> dict[str, OutputEntry]:
    scheduled = routed.scheduled
    legal = scheduled.placed.legal
    return {
        output.port: OutputEntry(
            shape=tuple(legal.lowered.ports[output.port].shape),
            dtype=legal.lowered.ports[output.port].dtype,
            stage=scheduled.stages[output.neurons],
            mode=output.mode,
            channel=output.channel,
            streams=tuple(
                StreamEntry(stream.stream, _elements(stream, legal.places.get(output.neurons)))
                for stream in routed.streams[output.port]
            ),
        )
        for output in legal.outputs
    }


def _elements(stream: HostStream, places: Ints | None) -> Elements:
    if places is None:
        return Elements(stream.count, stream.first)
    return Elements.of(places[stream.first : stream.first + stream.count])


# --------------------------------------------------------------------------------------------- Vars
def _vars(routed: Routed) -> Iterator[tuple[str, VarEntry]]:
    legal = routed.scheduled.placed.legal
    tables: dict[str, list[tuple[int, WeightTable]]] = {name: [] for name in legal.connections}
    for core in routed.cores.values():
        for table in core.tables:
            tables[table.connection].append((core.number, table))
    for cell in legal.lowered.neurons:
        for var in cell.variables:
            yield f"{cell.process}.{var.name}", _entry(var, _store(var, cell, routed))
    for conn in legal.lowered.connections:
        parts = (conn.name, *legal.parts.get(conn.name, ()))
        for var in conn.variables:
            yield f"{conn.process}.{var.name}", _entry(var, _host(var))
        if conn.sums:
            pieces = tuple(
                piece
                for number, part in enumerate(parts)
                for core, table in tables[part]
                for piece in _sums(conn, core, table, number)
            )
            store = AccEntry(conn.right, conn.sum_bits, pieces)
            yield f"{conn.process}.{conn.sums}", VarEntry(conn.sums_shape or (conn.targets,), "int32", store)
        kept = [
            kind_of(conn).variables(legal.connections[part], legal.orders[part], tables[part])
            for part in parts
        ]
        for name in kept[0]:
            yield f"{conn.process}.{name}", _joined([entries[name] for entries in kept])


def _joined(entries: list[VarEntry]) -> VarEntry:
    """Give the entry of a Var whose weights or delays are stored in parts."""
    first, *others = entries
    if not others:
        return first
    # Of one kind, which kinds of connections have of their own: all of them have pieces.
    stores: list[Any] = [entry.store for entry in entries]
    pieces = tuple(piece for store in stores for piece in store.pieces)
    return replace(first, store=replace(stores[0], pieces=pieces))


def _elements_of(item: HostInput, legal: Legal) -> Ints:
    """Give the elements of a port that messages are for."""
    places = legal.places.get(item.target)
    return item.index if places is None else places[item.index]


def _sums(conn: Connection, core: int, table: WeightTable, part: int) -> Iterator[AccPiece]:
    """Give where the sums of a table are: slot by slot, each with what has come with its delay or a longer
    one, as far as these are kept apart.
    """
    for slot in range(conn.slots):
        elements = Elements.of(np.where(table.order < 0, NONE, table.order * conn.slots + slot))
        for area in range(slot, conn.areas) if conn.areas > 1 else range(1):
            base = table.acc + area * table.groups
            yield AccPiece(core, base, elements, slot, part, area - slot if conn.areas > 1 else 0)


def _entry(var: KeptVar, store: StoreEntry) -> VarEntry:
    return VarEntry(tuple(var.shape), var.dtype, store, var.least, var.most)


def _host(var: KeptVar) -> HostEntry:
    return HostEntry(var.value, var.frozen)


def _store(var: KeptVar, cell: Neurons, routed: Routed) -> StoreEntry:
    if var.kind == "host":
        return _host(var)
    if var.kind == "computed":
        writes = tuple(ComputedPlace(rule, _held(var, place, cell, routed)) for rule, place in var.computed)
        then = _held(var, var.then, cell, routed) if var.then else None
        return ComputedEntry(_host(var), writes, then)
    held = _held(var, var.place, cell, routed)
    if var.kind != "latched":
        return held
    return LatchedEntry(_host(var), held, var.shift, var.low, var.high)


def _held(var: KeptVar, place: str, cell: Neurons, routed: Routed) -> StateEntry | ConstEntry:
    """Where a NeuronState or a Constant that holds a Var is."""
    names = [state.name for state in cell.states]
    return (
        _state(var, names.index(place), cell, routed) if place in names else _const(var, place, cell, routed)
    )


def _populations(cell: Neurons, routed: Routed) -> Iterator[tuple[CoreLayout, CorePopulation]]:
    for core in routed.cores.values():
        for population in core.populations:
            if population.shard.neurons == cell.name:
                yield core, population


def _state(var: KeptVar, number: int, cell: Neurons, routed: Routed) -> StateEntry:
    one = math.prod(var.shape) == 1
    every: Ints = np.zeros(cell.size, np.int64) if one else np.arange(cell.size)
    elements = every if var.elements is None else var.elements
    pieces = tuple(
        StatePiece(
            core=core.number,
            base=p.state_base,
            nvars=p.nvars,
            var=number,
            elements=Elements.of(elements[p.shard.first : p.shard.first + p.shard.count]),
        )
        for core, p in _populations(cell, routed)
    )
    return StateEntry(var.scale, var.offset, pieces)


def _const(var: KeptVar, place: str, cell: Neurons, routed: Routed) -> ConstEntry:
    places = []
    for core, p in _populations(cell, routed):
        number = [constant.name for constant in p.constants].index(place)
        places.append(ConstPlace(core.number, p.const_base + number))
    return ConstEntry(var.scale, var.offset, tuple(places))
