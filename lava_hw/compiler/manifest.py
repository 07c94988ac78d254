"""The manifest: how the host finds ports and Vars of a routed network. docs/image.md section 3 describes
every key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lava_hw.chip import RESOURCES, Chip
from lava_hw.compiler.check import limits
from lava_hw.compiler.placed_types import Core, Population, Routed, Table
from lava_hw.compiler.types import Input, Ints, Neurons, Synapses, Variable
from lava_hw.regs import BLOCK, LAYOUT_HASH

Json = dict[str, Any]


def manifest(routed: Routed, chip: Chip) -> Json:
    """Give the manifest of a network."""
    staged = routed.staged
    merged = staged.placed.merged
    inputs, groups, aliases = _inputs(routed)
    return {
        "format": "lava_hw manifest",
        "version": 1,
        "chip": chip.to_dict(),
        "config_id": chip.config_id,
        "layout_hash": LAYOUT_HASH,
        "stages": {
            "count": staged.count,
            "needs_close": list(staged.needs_close),
            "needs_end": list(staged.needs_end),
        },
        "processes": {
            name: {"class": full, "cores": _cores_of(name, routed)}
            for name, full in merged.quantised.classes.items()
        },
        "inputs": inputs,
        "groups": groups,
        "aliases": aliases,
        "outputs": _outputs(routed),
        "vars": dict(_vars(routed)),
        "programs": {
            str(core.number): [_program(p, merged.neurons) for p in core.populations]
            for core in routed.cores.values()
        },
        "report": report(routed, chip),
    }


def report(routed: Routed, chip: Chip) -> Json:
    """Give used and available of each resource of each core."""
    of_core = limits(chip)
    return {
        str(core): {
            r: [routed.cores[core].usage[r] if core in routed.cores else 0, of_core[r]] for r in RESOURCES
        }
        for core in chip.cores
    }


def _program(population: Population, neurons: Mapping[str, Neurons]) -> Json:
    cell = neurons[population.part.neurons]
    return {
        "process": cell.process,
        "role": cell.role,
        "stage": population.stage,
        "first": population.part.first,
        "count": population.part.count,
        "state": [state.name for state in cell.states],
        "const": [constant.name for constant in population.constants],
    }


def _cores_of(process: str, routed: Routed) -> list[int]:
    merged = routed.staged.placed.merged
    found = set()
    for core in routed.cores.values():
        if process in merged.neurons and any(p.part.neurons == process for p in core.populations):
            found.add(core.number)
        if any(table.synapses == process for table in core.tables):
            found.add(core.number)
    return sorted(found)


# -------------------------------------------------------------------------------------------- order
def _order(elements: Ints, order: str = "order") -> Json:
    """Give count and first, or count and order, of elements; -1 stands for none."""
    count = len(elements)
    if count and elements[0] >= 0 and np.array_equal(elements, np.arange(elements[0], elements[0] + count)):
        return {"count": count, "first": int(elements[0])}
    return {"count": count, order: elements.tolist()}


# -------------------------------------------------------------------------------------------- ports
def _inputs(routed: Routed) -> tuple[Json, Json, Json]:
    """Give inputs, groups and aliases."""
    staged = routed.staged
    merged = staged.placed.merged
    by_sender: dict[str, list[Input]] = {}
    for item in merged.inputs:
        by_sender.setdefault(item.sender, []).append(item)
    inputs: Json = {}
    groups: Json = {}
    keys: dict[tuple[str, str], str] = {}
    for sender, items in by_sender.items():
        windows = {_window(item, staged.stages) for item in items}
        for item in items:
            key = sender if len(windows) == 1 else f"{sender}>{item.port}"
            keys[sender, item.port] = key
            kind, stage, mode = _window(item, staged.stages)
            entry = inputs.setdefault(
                key,
                {
                    "shape": list(merged.quantised.ports[sender].shape),
                    "kind": kind,
                    "stage": stage,
                    "mode": mode,
                    "targets": [],
                },
            )
            entry["targets"] += _targets(item, routed)
            if key != sender and key not in groups.setdefault(sender, []):
                groups[sender].append(key)
    return inputs, groups, _aliases(routed, keys)


def _window(item: Input, stages: Mapping[str, int]) -> tuple[str, int | None, str]:
    if item.target in stages:
        return "port", stages[item.target], "graded"
    return "connection", None, "mask"


def _aliases(routed: Routed, keys: Mapping[tuple[str, str], str]) -> Json:
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


def _targets(item: Input, routed: Routed) -> Iterator[Json]:
    merged = routed.staged.placed.merged
    for core in routed.cores.values():
        if item.target in merged.synapses:
            edges = merged.rows[item.target].edges
            number = next(k for k, edge in enumerate(edges) if edge is item)
            for table in core.tables:
                if table.synapses == item.target:
                    yield {"core": core.number, "conn": table.conns[number], "index_base": 0} | _order(
                        item.elements
                    )
            continue
        for population in core.populations:
            if population.part.neurons == item.target:
                for base, elements in _lanes(item, population):
                    yield {
                        "core": core.number,
                        "conn": population.port_conn,
                        "index_base": base,
                    } | _order(elements)


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
        order = np.full(int(lanes.max()) + 1 - base * BLOCK, -1, np.int64)
        order[lanes[chosen] - base * BLOCK] = elements[chosen]
        yield base, order
        rest = np.setdiff1d(np.arange(len(lanes)), chosen)
        elements, lanes = elements[rest], lanes[rest]


def _outputs(routed: Routed) -> Json:
    staged = routed.staged
    merged = staged.placed.merged
    return {
        output.port: {
            "shape": list(merged.quantised.ports[output.port].shape),
            "dtype": merged.quantised.ports[output.port].dtype,
            "stage": staged.stages[output.neurons],
            "mode": merged.neurons[output.neurons].emits,
            "streams": [
                {"stream": s.stream, "first": s.first, "count": s.count} for s in routed.streams[output.port]
            ],
        }
        for output in merged.outputs
    }


# --------------------------------------------------------------------------------------------- Vars
def _vars(routed: Routed) -> Iterator[tuple[str, Json]]:
    merged = routed.staged.placed.merged
    for cell in merged.quantised.neurons:
        for var in cell.variables:
            yield f"{cell.process}.{var.name}", _entry(var, _store(var, cell, routed))
    for syn in merged.quantised.synapses:
        tables = [(core, t) for core in routed.cores.values() for t in core.tables if t.synapses == syn.name]
        for var in syn.variables:
            yield f"{syn.process}.{var.name}", _entry(var, _host(var))
        pieces = [{"core": core.number, "base": t.acc} | _order(t.order) for core, t in tables]
        sums = {"kind": "acc", "shift": syn.right, "pieces": pieces}
        yield f"{syn.process}.{syn.sums}", {"shape": [syn.targets], "dtype": "int32", "store": sums}
        yield f"{syn.process}.weights", _weights(syn, tables, routed)


def _entry(var: Variable, store: Json) -> Json:
    return {"shape": list(var.shape), "dtype": var.dtype, "store": store}


def _host(var: Variable) -> Json:
    return {"kind": "host", "value": var.value, "frozen": var.frozen}


def _store(var: Variable, cell: Neurons, routed: Routed) -> Json:
    if var.kind == "host":
        return _host(var)
    per_neuron = var.kind == "state" or var.per_neuron
    held = _state(var, cell, routed) if per_neuron else _const(var, cell, routed)
    if var.kind != "latched":
        return held
    return {
        "kind": "latched",
        "raw": _host(var),
        "latched": held,
        "shift": var.shift,
        "min": var.low,
        "max": var.high,
    }


def _populations(cell: Neurons, routed: Routed) -> Iterator[tuple[Core, Population]]:
    for core in routed.cores.values():
        for population in core.populations:
            if population.part.neurons == cell.name:
                yield core, population


def _state(var: Variable, cell: Neurons, routed: Routed) -> Json:
    number = [state.name for state in cell.states].index(var.place)
    elements = np.arange(cell.size) if var.elements is None else var.elements
    pieces = [
        {
            "core": core.number,
            "base": p.state_base,
            "nvars": p.nvars,
            "var": number,
        }
        | _order(elements[p.part.first : p.part.first + p.part.count])
        for core, p in _populations(cell, routed)
    ]
    return {"kind": "state", "scale": var.scale, "offset": var.offset, "pieces": pieces}


def _const(var: Variable, cell: Neurons, routed: Routed) -> Json:
    places = []
    for core, p in _populations(cell, routed):
        number = [constant.name for constant in p.constants].index(var.place)
        places.append([core.number, p.const_base + number])
    return {"kind": "const", "scale": var.scale, "offset": var.offset, "places": places}


def _weights(syn: Synapses, tables: list[tuple[Core, Table]], routed: Routed) -> Json:
    rows = routed.staged.placed.merged.rows[syn.name].columns
    identity = np.array_equal(rows, np.arange(len(rows)))
    pieces = [
        {
            "core": core.number,
            "line": table.line,
            "stride": table.groups,
            "rows": len(rows),
            "row_order": None if identity else rows.tolist(),
            "signed": syn.signed,
            "negate": syn.negate,
            "shift": int(syn.signed),
            "conns": list(table.conns),
        }
        | _order(table.order, "col_order")
        for core, table in tables
    ]
    assert syn.weights is not None
    return {
        "shape": [syn.targets, syn.sources],
        "dtype": "int32",
        "store": {"kind": "weights", "pieces": pieces} | dict(syn.weights),
    }
