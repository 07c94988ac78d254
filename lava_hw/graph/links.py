"""Folds chains of ports and views into index tables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lava_hw.graph.flat import Link, RefLink
from lava_hw.magma.core.process.ports.ports import (
    AbstractPort,
    AbstractVirtualPort,
    InPort,
    OutPort,
    RefPort,
    VarPort,
)
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var

__all__ = ["fold_in_port", "fold_ref_port"]

Index = npt.NDArray[np.int64]


def _identity(index: Index | None, size: int) -> bool:
    return index is None or (len(index) == size and bool(np.array_equal(index, np.arange(size))))


def _sources(
    port: AbstractPort, leaves: dict[int, int], trail: tuple[int, ...] = ()
) -> list[tuple[OutPort, Index, Index]]:
    """OutPorts of executed processes that end in `port`: (port, its elements, elements of `port`), flat."""
    if isinstance(port, OutPort) and port.process is not None and port.process.serial in leaves:
        every = np.arange(port.size, dtype=np.int64)
        return [(port, every, every)]
    if port.serial in trail:
        raise AssertionError(f"The connections through {port.path} form a loop of ports.")
    found = []
    for position, before in enumerate(port.in_connections):
        here = there = None
        if isinstance(port, AbstractVirtualPort):
            here, there = port.source_index(position)
        for leaf, src, dst in _sources(before, leaves, (*trail, port.serial)):
            if here is not None and there is not None:
                moved = np.empty(before.size, dtype=np.int64)
                moved[there] = here
                dst = moved[dst]
            found.append((leaf, src, dst))
    return found


def fold_in_port(port: InPort, leaves: dict[int, int]) -> list[Link]:
    """The links into an InPort of an executed process, in order of connection.

    Parameters
    ----------
    port : InPort
        The destination.
    leaves : dict of int to int
        Id of each executed process -> its index.
    """
    assert port.process is not None
    links = []
    for leaf, src, dst in _sources(port, leaves):
        assert leaf.process is not None
        src_index: Index | None = src
        dst_index: Index | None = dst
        if len(dst) == port.size:
            # A permutation: ordered by destination, only the source side needs a table.
            order = np.argsort(dst, kind="stable")
            src_index, dst_index = src[order], None
            if _identity(src_index, leaf.size):
                src_index = None
        elif _identity(src_index, leaf.size):
            src_index = None
        links.append(
            Link(
                leaves[leaf.process.serial],
                leaf.name,
                leaves[port.process.serial],
                port.name,
                src_index,
                dst_index,
            )
        )
    return links


def _follow(port: AbstractPort) -> tuple[Var | None, Index]:
    """Var at the end of a RefPort, and which of its elements each element of the port is."""
    index = np.arange(port.size, dtype=np.int64)
    var: Var | None = None
    while True:
        if isinstance(port, VarPort):
            var = port.var
        if not port.out_connections:
            return var, index
        following = port.out_connections[0]
        if isinstance(following, AbstractVirtualPort):
            here, there = following.source_index(0)
            back = np.empty(port.size, dtype=np.int64)
            back[there] = here
            index = back[index]
        port = following


def fold_ref_port(port: RefPort, leaves: dict[int, int], names: dict[int, str]) -> RefLink | None:
    """The Var that a RefPort of an executed process ends at, None if it is not connected."""
    var, index = _follow(port)
    if var is None:
        return None
    target = var.resolve()
    owner: AbstractProcess | None = target.process
    assert port.process is not None
    if owner is None or owner.serial not in leaves:
        called = names.get(owner.serial, owner._shown) if owner is not None else "?"
        raise AssertionError(
            f"RefPort '{port.name}' of process '{names[port.process.serial]}' ends at Var '{var.name}' of "
            f"process '{called}', which is not executed itself; give the Var an alias in the "
            "sub-process model."
        )
    table = None if _identity(index, target.size) else index
    return RefLink(leaves[port.process.serial], port.name, leaves[owner.serial], target.name, table)
