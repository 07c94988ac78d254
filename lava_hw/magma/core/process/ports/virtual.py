"""Views of ports: other shape, other order of axes, several ports joined.

A view remembers how its flat elements come from those of the ports before it. `graph` folds chains of views
into one index table, so that nothing of them remains when a network runs.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    AbstractPort,
    AbstractRVPort,
    AbstractVirtualPort,
    InPort,
    OutPort,
    RefPort,
    VarPort,
)

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


class ReshapePort(_View):
    """A port with another shape, C order."""

    def __init__(self, port: AbstractPort, new_shape: tuple[int, ...]) -> None:
        if not isinstance(new_shape, tuple):
            raise AssertionError(f"New shape of {port.path} must be a tuple of int, got {new_shape!r}.")
        if int(np.prod(new_shape, dtype=np.int64)) != port.size or any(n < 0 for n in new_shape):
            raise ReshapeError(port.shape, new_shape)
        super().__init__([port], new_shape)

    def source_index(self, position: int) -> tuple[Index, Index]:
        """See AbstractVirtualPort."""
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
        """See AbstractVirtualPort."""
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
        """See AbstractVirtualPort."""
        start = sum(port.shape[self.axis] for port in self.in_connections[:position])
        length = self.in_connections[position].shape[self.axis]
        here = np.arange(self.size, dtype=np.int64).reshape(self.shape)
        window = (slice(None),) * self.axis + (slice(start, start + length),)
        taken = here[window].ravel()
        return taken, np.arange(taken.size, dtype=np.int64)
