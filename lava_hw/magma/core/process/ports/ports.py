"""Input, output, reference and variable ports (Lava's path); virtual ports are in `virtual`.

Data flows from an OutPort to InPorts. A RefPort reads and writes a Var of another process through a VarPort.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lava_hw.magma.core.process.interfaces import AbstractProcessMember
from lava_hw.magma.core.process.ports.chains import as_list, connect_var, ends
from lava_hw.magma.core.process.ports.connection_config import ConnectionConfig
from lava_hw.magma.core.process.ports.exceptions import DuplicateConnectionError, VarNotSharableError
from lava_hw.magma.core.process.ports.reduce_ops import AbstractReduceOp
from lava_hw.magma.core.process.variable import Var

if TYPE_CHECKING:
    from lava_hw.magma.core.process.ports.virtual import ConcatPort, ReshapePort, TransposePort

__all__ = [
    "AbstractDstPort",
    "AbstractIOPort",
    "AbstractPort",
    "AbstractRVPort",
    "AbstractSrcPort",
    "AbstractVirtualPort",
    "ConcatPort",
    "ImplicitVarPort",
    "InPort",
    "OutPort",
    "RefPort",
    "ReshapePort",
    "TransposePort",
    "VarPort",
]


class AbstractPort(AbstractProcessMember):
    """Parent of all ports.

    Attributes
    ----------
    in_connections, out_connections : list of AbstractPort
        Neighbours in order of connection, against and along the flow of data.
    connection_configs : dict
        Options given with a connection, by neighbour.
    """

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

    def get_dst_ports(self) -> list[AbstractPort]:
        """The real ports at the ends of all chains of connections from here on, in order of connection."""
        return ends(self, "out_connections")

    def get_src_ports(self) -> list[AbstractPort]:
        """The real ports at the beginnings of all chains of connections that end here."""
        return ends(self, "in_connections")

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
        from lava_hw.magma.core.process.ports.virtual import ReshapePort

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
        from lava_hw.magma.core.process.ports.virtual import TransposePort

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
        from lava_hw.magma.core.process.ports.virtual import ConcatPort

        return ConcatPort([self, *as_list(ports)], axis)


class AbstractSrcPort:
    """Mark of ports that start a transfer."""


class AbstractDstPort:
    """Mark of ports that a transfer ends at."""


class AbstractIOPort(AbstractPort):
    """Parent of InPort and OutPort."""

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


class AbstractRVPort(AbstractPort):
    """Parent of RefPort and VarPort: exactly one connection in each direction."""

    def _one(self, port: Any) -> Any:
        others = as_list(port)
        if len(others) != 1:
            raise AssertionError(f"{self.path} can only be connected to one port, got {len(others)}.")
        return others[0]

    def _link_one(self, dst: AbstractPort, config: ConnectionConfig | None = None) -> None:
        if self.out_connections:
            raise AssertionError(
                f"{self.path} is connected to {self.out_connections[0].path} already; RefPorts and VarPorts "
                "connect one to one."
            )
        if dst.in_connections:
            raise AssertionError(f"{dst.path} is connected from {dst.in_connections[0].path} already.")
        self._check_shape(dst)
        self._link(dst, config)


class OutPort(AbstractIOPort, AbstractSrcPort):
    """Port that sends.

    Parameters
    ----------
    shape : tuple of int
        Shape of a message.
    """

    def connect(
        self,
        ports: AbstractPort | list[Any],
        connection_configs: ConnectionConfig | list[ConnectionConfig] | None = None,
    ) -> None:
        """Send to InPorts (each gets a copy), or to the OutPort of the parent process.

        Raises
        ------
        AssertionError
            If a port is of the wrong kind or shape.
        DuplicateConnectionError
            If the two are connected already.
        """
        self._connect(ports, (InPort, OutPort), True, connection_configs)

    def connect_from(
        self,
        ports: AbstractPort | list[Any],
        connection_configs: ConnectionConfig | list[ConnectionConfig] | None = None,
    ) -> None:
        """Pass on what OutPorts of sub processes send."""
        self._connect(ports, (OutPort,), False, connection_configs)


class InPort(AbstractIOPort, AbstractDstPort):
    """Port that receives the sum of what its sources send.

    Parameters
    ----------
    shape : tuple of int
        Shape of a message.
    reduce_op : type, optional
        Stored; a port always sums.
    """

    def __init__(self, shape: tuple[int, ...], reduce_op: type[AbstractReduceOp] | None = None) -> None:
        super().__init__(shape)
        self._reduce_op = reduce_op

    def connect(
        self,
        ports: AbstractPort | list[Any],
        connection_configs: ConnectionConfig | list[ConnectionConfig] | None = None,
    ) -> None:
        """Pass what arrives on to InPorts of sub processes."""
        self._connect(ports, (InPort,), True, connection_configs)

    def connect_from(
        self,
        ports: AbstractPort | list[Any],
        connection_configs: ConnectionConfig | list[ConnectionConfig] | None = None,
    ) -> None:
        """Receive from OutPorts, or from the InPort of the parent process."""
        self._connect(ports, (OutPort, InPort), False, connection_configs)


class RefPort(AbstractRVPort, AbstractSrcPort):
    """Port that reads and writes a Var of another process, in management phases.

    Parameters
    ----------
    shape : tuple of int
        Shape of the Var.
    """

    def connect(self, ports: AbstractPort | list[Any]) -> None:
        """Connect to a VarPort, or to the RefPort of a sub process.

        Raises
        ------
        TypeError
            If the port is of the wrong kind.
        AssertionError
            If either is connected already, or if the shapes differ.
        """
        other = self._one(ports)
        self._check_rv(other, (VarPort, RefPort))
        self._link_one(other)

    def connect_from(self, ports: AbstractPort | list[Any]) -> None:
        """Be connected from the RefPort of the parent process."""
        other = self._one(ports)
        if not isinstance(other, RefPort):
            raise TypeError(f"RefPort {self.path} is connected from RefPorts, got {type(other).__name__}.")
        other._link_one(self)

    def _check_rv(self, other: Any, kinds: tuple[type, ...]) -> None:
        end = other.end_kind() if isinstance(other, AbstractVirtualPort) else other
        if end is not None and not isinstance(end, kinds):
            raise TypeError(
                f"RefPort {self.path} connects to VarPorts and RefPorts, got {type(other).__name__}. "
                "For a Var, use connect_var()."
            )

    def connect_var(
        self,
        variables: Var | list[Var],
        connection_configs: ConnectionConfig | list[ConnectionConfig] | None = None,
    ) -> None:
        """Connect to a Var; the VarPort between is made here.

        Raises
        ------
        VarNotSharableError
            If the Var is not shareable.
        AssertionError
            If the shapes differ, the port is connected already, or the Var belongs to this port's own
            process.
        """
        var = self._one(variables)
        configs = as_list(connection_configs)
        connect_var(self, var, configs[0] if configs else None)

    def get_dst_vars(self) -> list[Var]:
        """The Var that this port ends at, in a list that is empty if it is not connected."""
        ends: list[AbstractPort] = list(self.out_connections)
        while ends and not isinstance(ends[0], VarPort):
            ends = list(ends[0].out_connections)
        return [end.var for end in ends if isinstance(end, VarPort)]


class VarPort(AbstractRVPort, AbstractDstPort):
    """Port through which RefPorts of other processes reach a Var.

    Parameters
    ----------
    var : Var
        A shareable Var of the same process.
    """

    def __init__(self, var: Var) -> None:
        if not isinstance(var, Var):
            raise TypeError(f"A VarPort is made for a Var, got {type(var).__name__}.")
        if not var.shareable:
            raise VarNotSharableError(var.name)
        super().__init__(var.shape)
        self.var = var

    def connect(self, ports: AbstractPort | list[Any]) -> None:
        """Connect to the VarPort of a sub process."""
        other = self._one(ports)
        if not isinstance(other, VarPort):
            raise TypeError(f"VarPort {self.path} connects to VarPorts, got {type(other).__name__}.")
        self._link_one(other)

    def connect_from(self, ports: AbstractPort | list[Any]) -> None:
        """Be connected from a RefPort, or from the VarPort of the parent process."""
        other = self._one(ports)
        end = other.origin() if isinstance(other, AbstractVirtualPort) else other
        if not isinstance(end, (VarPort, RefPort)):
            raise TypeError(
                f"VarPort {self.path} is connected from RefPorts and VarPorts, got {type(other).__name__}."
            )
        if isinstance(other, AbstractRVPort):
            other._link_one(self)
        else:
            other.connect(self)


class ImplicitVarPort(VarPort):
    """VarPort that RefPort.connect_var made; models do not declare it."""


class AbstractVirtualPort(AbstractPort):
    """A view between two ports. See the module `virtual`."""

    def origin(self) -> AbstractPort:
        """The (first) real port that data comes from."""
        port: AbstractPort = self
        while isinstance(port, AbstractVirtualPort):
            port = port.in_connections[0]
        return port

    def end_kind(self) -> AbstractPort | None:
        """A real port of the kind that this view stands for."""
        return self.origin()


def __getattr__(name: str) -> Any:
    # The virtual ports are public here, as in Lava, but live in a module of their own that imports this one.
    if name in ("ConcatPort", "ReshapePort", "TransposePort"):
        from lava_hw.magma.core.process.ports import virtual

        return getattr(virtual, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
