"""Views of ports: other shape, other order of axes, several ports joined.

A view remembers how its flat elements come from those of the ports before it. `graph` folds chains of views
into one index table, so that nothing of them remains when a network runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.process.ports.exceptions import (
    ConcatIndexError,
    ConcatShapeError,
    ReshapeError,
    TransposeIndexError,
    TransposeShapeError,
)
from lava_hw.magma.core.process.ports.ports import (
    AbstractIOPort,
    AbstractPort,
    AbstractRVPort,
    AbstractVirtualPort,
    InPort,
    OutPort,
    RefPort,
    VarPort,
    as_list,
    connect_var,
)
from lava_hw.magma.core.process.variable import Var

__all__ = ["ConcatPort", "ReshapePort", "TransposePort"]

Index = npt.NDArray[np.int64]


class _View(AbstractVirtualPort):
    """Common part of the views."""

    def __init__(self, ports: list[AbstractPort], shape: tuple[int, ...]) -> None:
        super().__init__(shape)
        self._name = f"{ports[0].name}.{type(self).__name__}"
        for port in ports:
            if isinstance(port, AbstractRVPort) and port.out_connections:
                raise AssertionError(f"{port.path} is connected to {port.out_connections[0].path} already.")
            port._link(self)

    @property  # type: ignore[misc]
    def process(self) -> Any:
        """The process of the port that is viewed."""
        return self.in_connections[0].process if self.in_connections else None

    def source_index(self, position: int) -> tuple[Index, Index]:
        """Which elements of this view the `position`-th port before it gives.

        Returns
        -------
        (here, there) : int64 arrays of equal length
            Element `here[k]` of this view, flat, is element `there[k]` of that port, flat.
        """
        raise NotImplementedError

    def connect(self, ports: Any, connection_configs: Any = None) -> None:
        """Connect the view as the port that it shows would be connected."""
        origin = self.origin()
        if isinstance(origin, RefPort):
            others = as_list(ports)
            if len(others) != 1 or self.out_connections or others[0].in_connections:
                raise AssertionError(f"{self.path} and its target must be connected one to one.")
            origin._check_rv(others[0], (VarPort, RefPort))
            self._check_shape(others[0])
            self._link(others[0])
            return
        if isinstance(origin, VarPort):
            raise TypeError(f"A view of VarPort {origin.path} cannot be connected; view the RefPort instead.")
        kinds = (InPort, OutPort) if isinstance(origin, OutPort) else (InPort,)
        AbstractIOPort._connect(self, ports, kinds, True, connection_configs)  # type: ignore[arg-type]

    def connect_var(self, variables: Var | list[Var]) -> None:
        """Connect a view of a RefPort to a Var."""
        if not isinstance(self.origin(), RefPort):
            raise TypeError(f"{self.path} is no view of a RefPort; only those connect to Vars.")
        others = as_list(variables)
        if len(others) != 1 or self.out_connections:
            raise AssertionError(f"{self.path} must be connected one to one.")
        connect_var(self, others[0])


class ReshapePort(_View):
    """A port with another shape, C order."""

    def __init__(self, port: AbstractPort, new_shape: tuple[int, ...]) -> None:
        if not isinstance(new_shape, tuple):
            raise AssertionError(f"New shape of {port.path} must be a tuple of int, got {new_shape!r}.")
        if int(np.prod(new_shape, dtype=np.int64)) != port.size or any(n < 0 for n in new_shape):
            raise ReshapeError(port.shape, new_shape)
        super().__init__([port], new_shape)

    def source_index(self, position: int) -> tuple[Index, Index]:
        """See `_View`."""
        index = np.arange(self.size, dtype=np.int64)
        return index, index


class TransposePort(_View):
    """A port with permuted axes."""

    def __init__(self, port: AbstractPort, axes: Sequence[int] | None = None) -> None:
        ndim = len(port.shape)
        wanted = tuple(reversed(range(ndim))) if axes is None else tuple(axes)
        if len(wanted) != ndim:
            raise TransposeShapeError(port.shape, axes)
        for axis in wanted:
            if not -ndim <= axis < ndim:
                raise TransposeIndexError(port.shape, axes, f"axis {axis} (out of range)")
        self.axes = tuple(axis % ndim for axis in wanted)
        if len(set(self.axes)) != ndim:
            raise TransposeIndexError(port.shape, axes, "the repeated axis")
        super().__init__([port], tuple(port.shape[axis] for axis in self.axes))

    def source_index(self, position: int) -> tuple[Index, Index]:
        """See `_View`."""
        before = self.in_connections[0]
        there = np.arange(before.size, dtype=np.int64).reshape(before.shape).transpose(self.axes).ravel()
        return np.arange(self.size, dtype=np.int64), there


class ConcatPort(_View):
    """Several ports joined along an axis."""

    def __init__(self, ports: list[AbstractPort], axis: int) -> None:
        kinds = set()
        for port in ports:
            end = port.origin() if isinstance(port, AbstractVirtualPort) else port
            kinds.add(next((k for k in (OutPort, InPort, RefPort, VarPort) if isinstance(end, k)), type(end)))
        if len(kinds) != 1:
            raise AssertionError(
                f"Only ports of one kind can be joined, got {[type(p).__name__ for p in ports]}."
            )
        if kinds & {RefPort, VarPort}:
            raise AssertionError("RefPorts and VarPorts connect one to one; they cannot be joined.")
        ndim = len(ports[0].shape)
        if not -ndim <= axis < ndim:
            raise ConcatIndexError(ports[0].shape, axis)
        self.axis = axis % ndim
        shapes = [port.shape for port in ports]
        rest = {shape[: self.axis] + shape[self.axis + 1 :] for shape in shapes if len(shape) == ndim}
        if len(rest) != 1 or any(len(shape) != ndim for shape in shapes):
            raise ConcatShapeError(shapes, axis)
        joined = list(ports[0].shape)
        joined[self.axis] = sum(shape[self.axis] for shape in shapes)
        super().__init__(ports, tuple(joined))

    def source_index(self, position: int) -> tuple[Index, Index]:
        """See `_View`."""
        start = sum(port.shape[self.axis] for port in self.in_connections[:position])
        length = self.in_connections[position].shape[self.axis]
        here = np.arange(self.size, dtype=np.int64).reshape(self.shape)
        window = (slice(None),) * self.axis + (slice(start, start + length),)
        taken = here[window].ravel()
        return taken, np.arange(taken.size, dtype=np.int64)
