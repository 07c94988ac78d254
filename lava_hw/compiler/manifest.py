"""The manifest: how the host finds ports and Vars of a routed network. docs/image.md section 3 describes
every entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from lava_hw.chip import RESOURCES, Chip
from lava_hw.compiler.check import limits
from lava_hw.compiler.placed_types import Core, Population, Routed, Table
from lava_hw.compiler.types import Input, Ints, Neurons, Synapses, Variable
from lava_hw.image.layouts.dense import DenseLayout
from lava_hw.image.manifest import (
    CONNECTION,
    GRADED,
    MASK,
    NONE,
    PORT,
    AccEntry,
    AccPiece,
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
    WeightsEntry,
    WeightsPiece,
)
from lava_hw.regs import BLOCK

CHANNEL = 0
"""The channel on which neurons send."""


def manifest(routed: Routed, chip: Chip) -> Manifest:
    """Give the manifest of a network."""
    staged = routed.staged
    merged = staged.placed.merged
    inputs, groups, aliases = _inputs(routed)
    return Manifest(
        chip=chip,
        stages=Stages(staged.count, tuple(staged.needs_close), tuple(staged.needs_end)),
        processes={
            name: ProcessEntry(full, _cores_of(name, routed))
            for name, full in merged.quantised.classes.items()
        },
        inputs=inputs,
        groups=groups,
        aliases=aliases,
        outputs=_outputs(routed),
        vars=dict(_vars(routed)),
        programs={
            core.number: tuple(_program(p, merged.neurons) for p in core.populations)
            for core in routed.cores.values()
        },
        report=report(routed, chip),
    )


def report(routed: Routed, chip: Chip) -> dict[int, dict[str, ResourceUse]]:
    """Give used and available of each resource of each core."""
    of_core = limits(chip)
    return {
        core: {
            r: ResourceUse(int(routed.cores[core].usage[r]) if core in routed.cores else 0, of_core[r])
            for r in RESOURCES
        }
        for core in chip.cores
    }


def _program(population: Population, neurons: Mapping[str, Neurons]) -> ProgramEntry:
    cell = neurons[population.part.neurons]
    return ProgramEntry(
        process=cell.process,
        role=cell.role,
        stage=population.stage,
        first=population.part.first,
        count=population.part.count,
        in_ports=(cell.in_port,) if cell.in_port else (),
        out_ports=(PortOnChannel(cell.out_port, CHANNEL),) if cell.out_port and cell.emits else (),
        state=tuple(state.name for state in cell.states),
        const=tuple(constant.name for constant in population.constants),
    )


def _cores_of(process: str, routed: Routed) -> tuple[int, ...]:
    merged = routed.staged.placed.merged
    found = set()
    for core in routed.cores.values():
        if process in merged.neurons and any(p.part.neurons == process for p in core.populations):
            found.add(core.number)
        if any(table.synapses == process for table in core.tables):
            found.add(core.number)
    return tuple(sorted(found))


# -------------------------------------------------------------------------------------------- ports
def _inputs(
    routed: Routed,
) -> tuple[dict[str, InputEntry], dict[str, tuple[str, ...]], dict[str, str]]:
    """Give inputs, groups and aliases."""
    staged = routed.staged
    merged = staged.placed.merged
    by_sender: dict[str, list[Input]] = {}
    for item in merged.inputs:
        by_sender.setdefault(item.sender, []).append(item)
    targets: dict[str, list[TargetEntry]] = {}
    made: dict[str, tuple[str, Input]] = {}
    groups: dict[str, list[str]] = {}
    keys: dict[tuple[str, str], str] = {}
    for sender, items in by_sender.items():
        windows = {_window(item, staged.stages) for item in items}
        for item in items:
            key = sender if len(windows) == 1 else f"{sender}>{item.port}"
            keys[sender, item.port] = key
            made.setdefault(key, (sender, item))
            targets.setdefault(key, []).extend(_targets(item, routed))
            if key != sender and key not in groups.setdefault(sender, []):
                groups[sender].append(key)
    inputs = {}
    for key, (sender, item) in made.items():
        kind, stage, mode = _window(item, staged.stages)
        shape = tuple(merged.quantised.ports[sender].shape)
        inputs[key] = InputEntry(shape, kind, stage, mode, tuple(targets[key]))
    return inputs, {k: tuple(members) for k, members in groups.items()}, _aliases(routed, keys)


def _window(item: Input, stages: Mapping[str, int]) -> tuple[str, int | None, str]:
    if item.target in stages:
        return PORT, stages[item.target], GRADED
    return CONNECTION, None, MASK


def _aliases(routed: Routed, keys: Mapping[tuple[str, str], str]) -> dict[str, str]:
    merged = routed.staged.placed.merged
    ports: dict[str, list[Input]] = {}
    for item in merged.inputs:
        ports.setdefault(item.port, []).append(item)
    found = {}
    for port, items in ports.items():
        only = items[0]
        size = merged.quantised.ports[port].size
        identity = np.array_equal(only.elements, only.index) and len(only.index) == size
        if len(items) == 1 and identity and only.sender != port:
            same = merged.quantised.ports[port].shape == merged.quantised.ports[only.sender].shape
            if same:
                found[port] = keys[only.sender, port]
    return found


def _targets(item: Input, routed: Routed) -> Iterator[TargetEntry]:
    merged = routed.staged.placed.merged
    for core in routed.cores.values():
        if item.target in merged.synapses:
            edges = merged.rows[item.target].edges
            number = next(k for k, edge in enumerate(edges) if edge is item)
            for table in core.tables:
                if table.synapses == item.target:
                    conn = table.conns[number]
                    yield TargetEntry(item.port, core.number, conn, 0, Elements.of(item.elements))
            continue
        for population in core.populations:
            conn_of_port = population.port_conn
            if population.part.neurons == item.target and conn_of_port is not None:
                for base, elements in _lanes(item, population):
                    yield TargetEntry(item.port, core.number, conn_of_port, base, Elements.of(elements))


def _lanes(item: Input, population: Population) -> Iterator[tuple[int, Ints]]:
    """Give first block and elements of the neurons of a part; more than once if several elements go to one
    neuron.
    """
    first, count = population.part.first, population.part.count
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
    staged = routed.staged
    merged = staged.placed.merged
    return {
        output.port: OutputEntry(
            shape=tuple(merged.quantised.ports[output.port].shape),
            dtype=merged.quantised.ports[output.port].dtype,
            stage=staged.stages[output.neurons],
            mode=merged.neurons[output.neurons].emits,
            channel=CHANNEL,
            streams=tuple(
                StreamEntry(s.stream, Elements(s.count, s.first)) for s in routed.streams[output.port]
            ),
        )
        for output in merged.outputs
    }


# --------------------------------------------------------------------------------------------- Vars
def _vars(routed: Routed) -> Iterator[tuple[str, VarEntry]]:
    merged = routed.staged.placed.merged
    for cell in merged.quantised.neurons:
        for var in cell.variables:
            yield f"{cell.process}.{var.name}", _entry(var, _store(var, cell, routed))
    for syn in merged.quantised.synapses:
        tables = [(core, t) for core in routed.cores.values() for t in core.tables if t.synapses == syn.name]
        for var in syn.variables:
            yield f"{syn.process}.{var.name}", _entry(var, _host(var))
        pieces = tuple(AccPiece(core.number, t.acc, Elements.of(t.order)) for core, t in tables)
        yield f"{syn.process}.{syn.sums}", VarEntry((syn.targets,), "int32", AccEntry(syn.right, pieces))
        weights = _weights(syn, tables, routed)
        yield f"{syn.process}.weights", VarEntry((syn.targets, syn.sources), "int32", weights)


def _entry(var: Variable, store: StoreEntry) -> VarEntry:
    return VarEntry(tuple(var.shape), var.dtype, store)


def _host(var: Variable) -> HostEntry:
    return HostEntry(var.value, var.frozen)


def _store(var: Variable, cell: Neurons, routed: Routed) -> StoreEntry:
    if var.kind == "host":
        return _host(var)
    per_neuron = var.kind == "state" or var.per_neuron
    held = _state(var, cell, routed) if per_neuron else _const(var, cell, routed)
    if var.kind != "latched":
        return held
    return LatchedEntry(_host(var), held, var.shift, var.low, var.high)


def _populations(cell: Neurons, routed: Routed) -> Iterator[tuple[Core, Population]]:
    for core in routed.cores.values():
        for population in core.populations:
            if population.part.neurons == cell.name:
                yield core, population


def _state(var: Variable, cell: Neurons, routed: Routed) -> StateEntry:
    number = [state.name for state in cell.states].index(var.place)
    elements: Ints = np.arange(cell.size) if var.elements is None else var.elements
    pieces = tuple(
        StatePiece(
            core=core.number,
            base=p.state_base,
            nvars=p.nvars,
            var=number,
            elements=Elements.of(elements[p.part.first : p.part.first + p.part.count]),
        )
        for core, p in _populations(cell, routed)
    )
    return StateEntry(var.scale, var.offset, pieces)


def _const(var: Variable, cell: Neurons, routed: Routed) -> ConstEntry:
    places = []
    for core, p in _populations(cell, routed):
        number = [constant.name for constant in p.constants].index(var.place)
        places.append(ConstPlace(core.number, p.const_base + number))
    return ConstEntry(var.scale, var.offset, tuple(places))


def _weights(syn: Synapses, tables: list[tuple[Core, Table]], routed: Routed) -> WeightsEntry:
    sources = Elements.of(routed.staged.placed.merged.rows[syn.name].columns)
    pieces = tuple(
        WeightsPiece(
            core=core.number,
            conns=tuple(table.conns),
            signed=syn.signed,
            negate=syn.negate,
            shift=int(syn.signed),
            layout=DenseLayout(table.line, table.groups, sources, Elements.of(table.order)),
        )
        for core, table in tables
    )
    assert syn.weights is not None
    return WeightsEntry(
        sign_mode=syn.weights["sign_mode"],
        sign_given=syn.weights["sign_given"],
        num_weight_bits=syn.weights["num_weight_bits"],
        exp=syn.weights["exp"],
        pieces=pieces,
    )
