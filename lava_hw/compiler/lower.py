"""Lower: let the chip model of each process give its integers; say what is known of the others.

After this pass no live object and no float remains. What the chip cannot hold exactly was refused, by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from lava_hw.compiler.errors import REMEDY, NotOnChip
from lava_hw.compiler.latency import depends
from lava_hw.compiler.placed_types import Load
from lava_hw.compiler.program import program
from lava_hw.compiler.types import HostProcess, Lowered, PortLink, PortShape
from lava_hw.graph import Flat, FlatProcess, Link
from lava_hw.ir import Connection, Neurons
from lava_hw.isa import AsmError
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.regs import POPULATION0, ROUTE0

CHANNELS = ROUTE0.fields["channel"].mask + 1
MAX_STATES = POPULATION0.fields["nvars"].mask


def lower_network(flat: Flat) -> Lowered:
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
    connections: list[Connection] = []
    outside: list[HostProcess] = []
    classes: dict[str, str] = {}
    for process in flat.processes:
        if not process.on_chip:
            outside.append(
                HostProcess(process.name, depends(process.model_class, process.in_ports, process.out_ports))
            )
            continue
        lowered = flat.lowered.get(process.index) or lower(process)
        classes[process.name] = f"{process.proc_class.__module__}.{process.proc_class.__qualname__}"
        if isinstance(lowered, Neurons):
            neurons.append(lowered)
        else:
            connections.append(lowered)
    if not classes:
        names = ", ".join(f"{p.name}: {p.reason}" if p.reason else p.name for p in flat.processes)
        raise NotOnChip(
            f"none of the processes is on the chip ({names}); choose models with HwRunCfg, or run it all in "
            "Python"
        )
    lowered_all: list[Neurons | Connection] = [*neurons, *connections]
    known = {(each.process, port) for each in lowered_all for port in (*each.in_ports, *each.out_ports)}
    ports: dict[str, PortShape] = {}
    for process in flat.processes:
        ports |= _ports(process)
    every_link = (_port_link(link, flat, ports) for link in flat.links)
    links = tuple(_broadcast(link, {cell.name: cell for cell in neurons}) for link in every_link)
    for link in links:
        for name, port in ((link.src, link.src_port), (link.dst, link.dst_port)):
            if name in classes and (name, port) not in known:
                raise NotOnChip(
                    f"{name}.{port} is linked, but the chip model of {classes[name]} does not serve this "
                    "port",
                    name,
                )
    linked = {link.into for link in links}
    every = [(each.process, port) for each in lowered_all for port in each.in_ports]
    order = {name: k for k, name in enumerate(classes)}
    return Lowered(
        classes,
        tuple(neurons),
        tuple(connections),
        tuple(outside),
        links,
        ports,
        tuple(sorted((e for e in every if f"{e[0]}.{e[1]}" not in linked), key=lambda e: order[e[0]])),
    )


def lower(process: FlatProcess) -> Neurons | Connection:
    """Let the chip model of one process give its integers.

    Raises
    ------
    ParameterRefused, NotOnChip
        If the chip cannot hold a value, a program or that many states, or the process has no elements.
    ValueError
        If the chip model is wrong: in its channels, or in the text of its program.
    """
    assert issubclass(process.model_class, AbstractHwProcessModel)
    lowered = process.model_class.lower(process)
    if not lowered.size:
        text = f"{process.name} has no elements; give it a shape without 0, or leave it out"
        raise NotOnChip(text, process.name)
    if isinstance(lowered, Neurons):
        _check_channels(lowered, process.model_class.__name__)
        _check_program(lowered, process.model_class.__name__)
    return lowered


def _check_channels(neurons: Neurons, model: str) -> None:
    """Refuse outputs of a chip model that cannot be told apart; a mistake in the model."""
    channels = [output.channel for output in neurons.outputs]
    if len(set(channels)) < len(channels) or not set(channels) <= set(range(CHANNELS)):
        raise ValueError(
            f"{model}.lower: the outputs {', '.join(neurons.out_ports)} have the channels "
            f"{', '.join(map(str, channels))}; give each one of its own, from 0 to {CHANNELS - 1}."
        )


def _check_program(neurons: Neurons, model: str) -> None:
    """Refuse a program that no population can hold, with one connection into each port."""
    if len(neurons.states) > MAX_STATES:
        raise NotOnChip(
            f"{neurons.name} has {len(neurons.states)} state variables, and a population has {MAX_STATES} at "
            f"most. Keep less state for each neuron, or {REMEDY}.",
            neurons.process,
        )
    try:
        program(neurons, [Load(0, 0, True, number) for number in range(len(neurons.inputs))])
    except AsmError as error:
        raise type(error)(f"{model}.lower: the program of {neurons.name}: {error}") from None


def _ports(process: FlatProcess) -> dict[str, PortShape]:
    found = {}
    for port, shape in (*process.in_ports.items(), *process.out_ports.items()):
        declared = process.types.get(port)
        dtype = "int32" if declared is None or declared.d_type is None else np.dtype(declared.d_type).name
        found[f"{process.name}.{port}"] = PortShape(shape, dtype)
    return found


def _broadcast(link: PortLink, neurons: Mapping[str, Neurons]) -> PortLink:
    """Lead what is linked to the first element of a port to all neurons, where they want it so."""
    cell = neurons.get(link.dst)
    if cell is None or not any(each.port == link.dst_port and each.broadcast for each in cell.inputs):
        return link
    source = link.source[link.target == 0]
    if len(source) != 1:
        text = f"{link.out} -> {link.into}: of this port element 0 counts, and {len(source)} are linked to it"
        raise NotOnChip(f"{text}; link one, or {REMEDY}", link.dst)
    return replace(link, source=np.repeat(source, cell.size), target=np.arange(cell.size, dtype=np.int64))


def _port_link(link: Link, flat: Flat, ports: dict[str, PortShape]) -> PortLink:
    src, dst = flat.processes[link.src_process].name, flat.processes[link.dst_process].name
    count = ports[f"{src}.{link.src_port}"].size if link.dst_index is None else len(link.dst_index)
    if link.src_index is not None:
        count = len(link.src_index)
    every = np.arange(count, dtype=np.int64)
    source = every if link.src_index is None else np.asarray(link.src_index, np.int64)
    target = every if link.dst_index is None else np.asarray(link.dst_index, np.int64)
    return PortLink(src, link.src_port, dst, link.dst_port, source, target)
