"""Connections that only hierarchy needs: from a sub process to the process around it, or back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lava_hw.magma.core.process.ports.ports import (
    AbstractPort,
    AbstractVirtualPort,
    InPort,
    OutPort,
    RefPort,
    VarPort,
)
from lava_hw.magma.core.process.process import AbstractProcess

__all__ = ["check_directions"]

# Kind of both ports -> which of the two processes is the sub process, and what connects otherwise.
_RULES: tuple[tuple[type[AbstractPort], int, str], ...] = (
    (OutPort, 0, "An OutPort connects to InPorts of other processes"),
    (
        InPort,
        1,
        "What arrives at an InPort comes from OutPorts of other processes; connect the sender to both",
    ),
    (RefPort, 0, "A RefPort connects to a Var of another process (connect_var), or to a VarPort"),
    (VarPort, 1, "A VarPort is connected from RefPorts; give each Var a VarPort and a RefPort of its own"),
)


def check_directions(
    processes: Iterable[AbstractProcess], around: dict[int, bool], names: dict[int, str]
) -> None:
    """Refuse connections of two ports of a kind but between a process and one that is a part of it.

    Parameters
    ----------
    processes : iterable of AbstractProcess
        All processes of the network, those that stand for others too.
    around : dict of int to bool
        Serial numbers of the processes that stand for others. True: whatever connects with it is its part.
    names : dict of int to str
        Names of the processes.

    Raises
    ------
    AssertionError
        Where one is connected to another that is not around it, or not a part of it.
    """
    for process in processes:
        for member in process.__dict__.get("_members", {}).values():
            if not isinstance(member, AbstractPort) or not member.out_connections:
                continue
            for other in _behind(member):
                if type(other) is InPort and type(member) is OutPort:
                    continue  # what nearly all connections are
                for kind, sub, otherwise in _RULES:
                    if isinstance(member, kind) and isinstance(other, kind):
                        _check(member, other, sub, otherwise, around, names)


def _behind(port: AbstractPort) -> Iterator[AbstractPort]:
    """The real ports that a port sends to, behind views."""
    for other in port.out_connections:
        if isinstance(other, AbstractVirtualPort):
            yield from _behind(other)
        else:
            yield other


def _check(
    src: AbstractPort,
    dst: AbstractPort,
    sub: int,
    otherwise: str,
    around: dict[int, bool],
    names: dict[int, str],
) -> None:
    processes = (src.process, dst.process)
    inner, outer = processes[sub], processes[1 - sub]
    if inner is None or outer is None:
        return
    if outer.serial in around and (around[outer.serial] or inner.is_sub_proc_of(outer)):
        return
    part, whole = (names.get(process.serial, process._shown) for process in (inner, outer))
    way = "from the inner to the outer one" if sub == 0 else "from the outer to the inner one"
    raise AssertionError(
        f"{type(src).__name__} {src.path} is connected to {type(dst).__name__} {dst.path}, but '{part}' is "
        f"no sub process of '{whole}'. Only a sub process and the process around it connect ports of one "
        f"kind, {way}. {otherwise}."
    )
