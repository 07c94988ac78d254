"""What all kinds of ports have in common: they are linked, and there are views of them.

A view has another shape, another order of axes, or several ports joined. It remembers how its flat elements
come from those of the ports before it. `graph` folds chains of views into one index table, so that nothing of
them remains when a network runs. All is public in `ports`, as in Lava.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.process.interfaces import AbstractProcessMember
from lava_hw.magma.core.process.ports.connection_config import ConnectionConfig
from lava_hw.magma.core.process.ports.exceptions import (
    ConcatIndexError,
    ConcatShapeError,
    DuplicateConnectionError,
    ReshapeError,
    TransposeIndexError,
    TransposeShapeError,
)

__all__ = ["AbstractPort", "AbstractVirtualPort", "ConcatPort", "ReshapePort", "TransposePort", "as_list"]

Index = npt.NDArray[np.int64]


def as_list(ports: Any) -> list[Any]:
    """One port or a sequence of ports, as a list."""
    return list(ports) if isinstance(ports, (list, tuple)) else [ports]


class AbstractPort(AbstractProcessMember):
    """Parent of all ports.

    Attributes
    ----------
    in_connections, out_connections : list of AbstractPort
        Neighbours in order of connection, against and along the flow of data.
    connection_configs : dict
        Options given with a connection, by neighbour.
    """

    # OutPort, InPort, RefPort or VarPort: only ports of one kind can be joined.
    _kind: ClassVar[str] = ""
    # Whether there is at most one neighbour on each side.
    _one_to_one: ClassVar[bool] = False

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(shape)
        self.in_connections: list[AbstractPort] = []
        self.out_connections: list[AbstractPort] = []
        self.connection_configs: dict[AbstractPort, ConnectionConfig] = {}

    def _link(self, dst: AbstractPort, config: ConnectionConfig | None = None) -> None:
        """Let data flow from this port to `dst`; shapes were checked."""
        if any(port is dst for port in self.out_connections):
            raise DuplicateConnectionError(self, dst)
        self.out_connections.append(dst)
        dst.in_connections.append(self)
        if config is not None:
            self.connection_configs[dst] = config
            dst.connection_configs[self] = config

    def _connect(self, ports: Any, kinds: tuple[type, ...], forward: bool, configs: Any) -> None:
        others = as_list(ports)
        config_list = as_list(configs) if configs is not None else [None] * len(others)
        if len(config_list) == 1 and len(others) > 1:
            config_list *= len(others)
        if len(config_list) != len(others):
            raise AssertionError(f"{len(others)} ports but {len(config_list)} connection_configs were given.")
        self._check_kind(others, kinds, "connect to" if forward else "be connected from")
        for other, config in zip(others, config_list, strict=True):
            src, dst = (self, other) if forward else (other, self)
            src._check_shape(dst)
            src._link(dst, config)

    def _connect_forward(
        self,
        ports: AbstractPort | list[Any],
        port_type: type[AbstractPort],
        connection_configs: ConnectionConfig | list[ConnectionConfig | None] | None = None,
        assert_same_shape: bool = True,
    ) -> None:
        """Connect ports of a type behind this one, whatever its own kind connects to.

        Lava has no other way to put a virtual port of one's own behind a port, so programs call it.
        """
        others, configs = as_list(ports), as_list(connection_configs)
        if self._one_to_one and (self.out_connections or len(others) != 1):
            raise AssertionError(f"{self.path} must be connected one to one.")
        for k, other in enumerate(others):
            if not isinstance(other, (port_type, AbstractVirtualPort)):
                raise AssertionError(
                    f"{self.path}: {port_type.__name__} expected, got {type(other).__name__}."
                )
            if assert_same_shape:
                self._check_shape(other)
            self._link(other, configs[k] if len(configs) > 1 else configs[0])

    def get_dst_ports(self) -> list[AbstractPort]:
        """The real ports at the ends of all chains of connections from here on, in order of connection."""
        return self._ends("out_connections")

    def get_src_ports(self) -> list[AbstractPort]:
        """The real ports at the beginnings of all chains of connections that end here."""
        return self._ends("in_connections")

    def _ends(self, direction: str) -> list[AbstractPort]:
        found: dict[AbstractPort, None] = {}
        todo: list[AbstractPort] = list(getattr(self, direction))
        seen: set[AbstractPort] = set()
        while todo:
            near = todo.pop(0)
            if near in seen:
                continue
            seen.add(near)
            further = getattr(near, direction)
            todo[:0] = further
            if not further and not isinstance(near, AbstractVirtualPort):
                found[near] = None
        return list(found)

    def _check_shape(self, other: AbstractPort) -> None:
        if self.shape != other.shape:
            raise AssertionError(
                f"Shapes {self.shape} of {self.described} and {other.shape} of {other.described} are "
                "incompatible. Use reshape(), flatten() or transpose()."
            )

    def _check_kind(self, ports: list[Any], kinds: tuple[type, ...], verb: str) -> None:
        names = " or ".join(kind.__name__ for kind in kinds)
        for port in ports:
            end = port.end_kind() if isinstance(port, AbstractVirtualPort) else port
            if end is not None and not isinstance(end, kinds):
                raise AssertionError(
                    f"{type(self).__name__} {self.path} can only {verb} {names}, got {type(port).__name__}."
                )

    def reshape(self, new_shape: tuple[int, ...]) -> ReshapePort:
        """A view of this port with another shape (C order), to be connected further.

        Raises
        ------
        ReshapeError
            If the number of elements differs.
        """
        return ReshapePort(self, new_shape)

    def flatten(self) -> ReshapePort:
        """A view of this port as a vector."""
        return self.reshape((self.size,))

    def transpose(self, axes: Sequence[int] | None = None) -> TransposePort:
        """A view of this port with permuted axes, as np.transpose.

        Raises
        ------
        TransposeShapeError
            If the number of axes differs.
        TransposeIndexError
            If an axis is out of range or repeated.
        """
        return TransposePort(self, axes)

    def concat_with(self, ports: AbstractPort | list[AbstractPort], axis: int) -> ConcatPort:
        """A view of this port and others of its kind joined along an axis, as np.concatenate.

        Raises
        ------
        ConcatShapeError, ConcatIndexError
            If the shapes or the axis do not fit.
        AssertionError
            If the ports are of different kinds.
        """
        return ConcatPort([self, *as_list(ports)], axis)

    # -- what a view of this port may be connected to, which its kind says --
    def _connect_view(self, view: AbstractVirtualPort, ports: list[Any], configs: Any) -> None:
        raise NotImplementedError(f"{type(self).__name__} must say what views of it are connected to.")

    def _connect_view_to_var(self, view: AbstractVirtualPort, variables: list[Any]) -> None:
        raise TypeError(f"{view.path} is no view of a RefPort; only those connect to Vars.")


class AbstractVirtualPort(AbstractPort):
    """A view of other ports, between them and the port that it is connected to.

    A view of one's own defines `get_transform_func_fwd`, which may only move elements, calls the constructor
    of AbstractPort with its shape, and is put behind a port as in Lava:
    ``port._connect_forward([view], AbstractPort, [None], assert_same_shape=False)``.
    """

    @property  # type: ignore[misc]
    def process(self) -> Any:
        """The process of the port that is viewed."""
        return self.in_connections[0].process if self.in_connections else None

    def origin(self) -> AbstractPort:
        """The (first) real port that data comes from."""
        port: AbstractPort = self
        while isinstance(port, AbstractVirtualPort):
            port = port.in_connections[0]
        return port

    def end_kind(self) -> AbstractPort | None:
        """A real port of the kind that this view stands for."""
        return self.origin()

    def get_transform_func_fwd(self) -> Callable[[Any], Any]:
        """What makes a message of this view from one of the port before it."""
        raise NotImplementedError(f"{type(self).__name__} must define get_transform_func_fwd().")

    def source_index(self, position: int) -> tuple[Index, Index]:
        """Which elements of this view the `position`-th port before it gives.

        Returns
        -------
        (here, there) : int64 arrays of equal length
            Element `here[k]` of this view, flat, is element `there[k]` of that port, flat.

        Raises
        ------
        AssertionError
            If the view does more than to move elements.
        """
        before = self.in_connections[position].shape
        function = self.get_transform_func_fwd()
        every = np.arange(int(np.prod(before, dtype=np.int64)), dtype=np.int64)
        there = np.asarray(function(every.reshape(before)))
        # Numbers of the other sign tell a function that moves elements from one that computes with them.
        again = np.asarray(function((-1 - every).reshape(before)))
        if there.shape != self.shape or not np.array_equal(np.sort(there, axis=None), every):
            raise AssertionError(
                f"{self.path} is of shape {self.shape} and must give each element of shape {before} one "
                f"place; its get_transform_func_fwd() makes shape {there.shape}, or leaves out or repeats "
                "elements."
            )
        if not np.array_equal(again, -1 - there):
            raise AssertionError(f"{self.path} may move elements, but not change their values.")
        return every, there.ravel().astype(np.int64)

    def connect(self, ports: Any, connection_configs: Any = None) -> None:
        """Connect the view as the port that it shows would be connected.

        Raises
        ------
        AssertionError
            If kind or shape do not fit, or RefPorts and VarPorts are not connected one to one.
        TypeError
            If the view of a RefPort is connected to something else than a VarPort or RefPort.
        """
        self.origin()._connect_view(self, as_list(ports), connection_configs)

    def connect_var(self, variables: Any) -> None:
        """Connect a view of a RefPort to a Var."""
        self.origin()._connect_view_to_var(self, as_list(variables))


class _View(AbstractVirtualPort):
    """Common part of the views."""

    def __init__(self, ports: list[AbstractPort], shape: tuple[int, ...]) -> None:
        super().__init__(shape)
        self._name = f"{ports[0].name}.{type(self).__name__}"
        for port in ports:
            if port._one_to_one and port.out_connections:
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
        kinds, one_to_one = set(), False
        for port in ports:
            end = port.origin() if isinstance(port, AbstractVirtualPort) else port
            kinds.add(end._kind or type(end).__name__)
            one_to_one |= end._one_to_one
        if len(kinds) != 1:
            raise AssertionError(
                f"Only ports of one kind can be joined, got {[type(p).__name__ for p in ports]}."
            )
        if one_to_one:
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
