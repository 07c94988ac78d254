"""Quantise: let the chip model of each process give its integers; say what is known of the others.

After this pass no live object and no float remains. What the chip cannot hold exactly was refused, by name.
"""

from __future__ import annotations

import numpy as np

from lava_hw.compiler.errors import NotOnChip
from lava_hw.compiler.latency import depends
from lava_hw.compiler.types import Neurons, Outside, PortShape, Quantised, Synapses, Wire
from lava_hw.graph import Flat, FlatProcess, Link
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel


def quantise(flat: Flat) -> Quantised:
    """Give the network in integers.

    Parameters
    ----------
    flat : Flat
        The network with a model for each process.

    Raises
    ------
    ParameterRefused
        If a process of the chip has a value that the chip cannot hold exactly.
    NotOnChip
        If nothing of the network runs on the chip, or if a chip model uses ports that the compiler does
        not know.
    """
    neurons: list[Neurons] = []
    synapses: list[Synapses] = []
    outside: list[Outside] = []
    classes: dict[str, str] = {}
    for process in flat.processes:
        if not process.on_chip:
            outside.append(
                Outside(process.name, depends(process.model_class, process.in_ports, process.out_ports))
            )
            continue
        lowered = flat.lowered.pop(process.index, None) or lower(process)
        classes[process.name] = f"{process.proc_class.__module__}.{process.proc_class.__qualname__}"
        if isinstance(lowered, Neurons):
            neurons.append(lowered)
        else:
            synapses.append(lowered)
    if not classes:
        names = ", ".join(f"{p.name}: {p.reason}" if p.reason else p.name for p in flat.processes)
        raise NotOnChip(
            f"none of the processes is on the chip ({names}); choose models with HwRunCfg, or run it all in "
            "Python"
        )
    lowered_all: list[Neurons | Synapses] = [*neurons, *synapses]
    known = {(part.process, port) for part in lowered_all for port in (part.in_port, part.out_port)}
    ports: dict[str, PortShape] = {}
    for process in flat.processes:
        ports |= _ports(process)
    wires = tuple(_wire(link, flat, ports) for link in flat.links)
    for wire in wires:
        for name, port in ((wire.src, wire.src_port), (wire.dst, wire.dst_port)):
            if name in classes and (name, port) not in known:
                raise NotOnChip(
                    f"{name}.{port} is linked, but the chip model of {classes[name]} does not serve this "
                    "port",
                    name,
                )
    linked = {wire.into for wire in wires}
    every = [(part.process, part.in_port) for part in lowered_all if part.in_port]
    order = {name: k for k, name in enumerate(classes)}
    return Quantised(
        classes,
        tuple(neurons),
        tuple(synapses),
        tuple(outside),
        wires,
        ports,
        tuple(sorted((e for e in every if f"{e[0]}.{e[1]}" not in linked), key=lambda e: order[e[0]])),
    )


def lower(process: FlatProcess) -> Neurons | Synapses:
    """Let the chip model of one process give its integers.

    Raises
    ------
    ParameterRefused, NotOnChip
        If the chip cannot hold a value, or the process has no elements.
    """
    assert issubclass(process.model_class, AbstractHwProcessModel)
    lowered = process.model_class.lower(process)
    size = lowered.size if isinstance(lowered, Neurons) else lowered.stored.size
    if not size:
        text = f"{process.name} has no elements; give it a shape without 0, or leave it out"
        raise NotOnChip(text, process.name)
    return lowered


def _ports(process: FlatProcess) -> dict[str, PortShape]:
    found = {}
    for port, shape in (*process.in_ports.items(), *process.out_ports.items()):
        declared = process.types.get(port)
        dtype = "int32" if declared is None or declared.d_type is None else np.dtype(declared.d_type).name
        found[f"{process.name}.{port}"] = PortShape(shape, dtype)
    return found


def _wire(link: Link, flat: Flat, ports: dict[str, PortShape]) -> Wire:
    src, dst = flat.processes[link.src_process].name, flat.processes[link.dst_process].name
    count = ports[f"{src}.{link.src_port}"].size if link.dst_index is None else len(link.dst_index)
    if link.src_index is not None:
        count = len(link.src_index)
    every = np.arange(count, dtype=np.int64)
    source = every if link.src_index is None else np.asarray(link.src_index, np.int64)
    target = every if link.dst_index is None else np.asarray(link.dst_index, np.int64)
    return Wire(src, link.src_port, dst, link.dst_port, source, target)
