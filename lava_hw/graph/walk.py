"""Which processes are connected, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable

from lava_hw.magma.core.process.ports.ports import AbstractPort
from lava_hw.magma.core.process.process import AbstractProcess

__all__ = ["connected", "name_processes", "only_passes_on"]


def _ports(process: AbstractProcess) -> list[AbstractPort]:
    members: dict[str, object] = process.__dict__.get("_members", {})
    return [member for member in members.values() if isinstance(member, AbstractPort)]


def connected(start: Iterable[AbstractProcess]) -> list[AbstractProcess]:
    """All processes that ports connect with those given, in order of creation."""
    found: dict[int, AbstractProcess] = {}
    seen_ports: set[int] = set()
    todo = list(start)
    while todo:
        process = todo.pop()
        if process.serial in found:
            continue
        found[process.serial] = process
        ports = _ports(process)
        while ports:
            port = ports.pop()
            if port.serial in seen_ports:
                continue
            seen_ports.add(port.serial)
            for other in (*port.in_connections, *port.out_connections):
                ports.append(other)
                if other.process is not None:
                    todo.append(other.process)
    return [found[key] for key in sorted(found)]


def only_passes_on(process: AbstractProcess) -> bool:
    """Whether whatever is connected with the process goes through it, and at least one port does."""
    ports = [port for port in _ports(process) if port.in_connections or port.out_connections]
    return bool(ports) and all(port.in_connections and port.out_connections for port in ports)


def name_processes(top: list[AbstractProcess]) -> dict[int, str]:
    """Unique names of the top-level processes, by id.

    Names that were given are kept; the second process of a name gets `_1` appended, and so on. The others
    are called by class and position, `LIF_0`, `Dense_1`; the two RingBuffers are `Source` and `Sink`.
    """
    names: dict[int, str] = {}
    used: set[str] = set()

    def claim(process: AbstractProcess, wanted: str) -> None:
        name, count = wanted, 0
        while name in used:
            count += 1
            name = f"{wanted}_{count}"
        used.add(name)
        names[process.serial] = process._network_name = name

    for process in top:
        if process._name is not None:
            claim(process, process._name)
    for position, process in enumerate(top):
        if process._name is None:
            claim(process, f"{process._class_label()}_{position}")
    return names
