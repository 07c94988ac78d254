"""Parents of all ports and of all views of ports; they are public in `ports`, as in Lava."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from lava_hw.magma.core.process.interfaces import AbstractProcessMember
from lava_hw.magma.core.process.ports.chains import Index, as_list, connect_var, ends, moved_elements
from lava_hw.magma.core.process.ports.connection_config import ConnectionConfig
from lava_hw.magma.core.process.ports.exceptions import DuplicateConnectionError
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
        if isinstance(self, AbstractRVPort) and (self.out_connections or len(others) != 1):
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
    """Parent of InPort and OutPort.

    Attributes
    ----------
    external_pipe_flag : bool
        Whether the program has an end of its own; see `flag_external_pipe`.
    external_pipe_buffer_size : int
        Messages that fit between the two.
    """

    external_pipe_flag = False
    external_pipe_buffer_size = 64

    def flag_external_pipe(self, buffer_size: int | None = None) -> None:
        """Let the program send to this InPort, or receive what this OutPort sends; from any thread.

        An Injector or Extractor is connected. The program's end is ``external_pipe_csp_send_port`` with
        `probe` and `send`, or ``external_pipe_csp_recv_port`` with `probe` and `recv`.

        Parameters
        ----------
        buffer_size : int, optional
            Messages that fit between the two (64).

        Raises
        ------
        AssertionError
            If the port has such an end already.
        TypeError, ValueError
            If `buffer_size` is no int above 0.
        """
        from lava_hw.proc.io.pipe import attach_pipe

        attach_pipe(self, self.external_pipe_buffer_size if buffer_size is None else buffer_size)

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


class AbstractVirtualPort(AbstractPort):
    """A view of other ports, between them and the port that it is connected to; see the module `virtual`.

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
        return moved_elements(self, self.in_connections[position].shape)

    def connect(self, ports: Any, connection_configs: Any = None) -> None:
        """Connect the view as the port that it shows would be connected.

        Raises
        ------
        AssertionError
            If kind or shape do not fit, or RefPorts and VarPorts are not connected one to one.
        TypeError
            If the view of a RefPort is connected to something else than a VarPort or RefPort.
        """
        from lava_hw.magma.core.process.ports.ports import InPort, OutPort, RefPort, VarPort

        origin = self.origin()
        if not isinstance(origin, AbstractRVPort):
            kinds = (InPort, OutPort) if isinstance(origin, OutPort) else (InPort,)
            AbstractIOPort._connect(self, ports, kinds, True, connection_configs)  # type: ignore[arg-type]
            return
        others = as_list(ports)
        if len(others) != 1 or self.out_connections or others[0].in_connections:
            raise AssertionError(f"{self.path} and its target must be connected one to one.")
        if isinstance(origin, RefPort):
            origin._check_rv(others[0], (VarPort, RefPort))
        else:
            self._check_kind(others, (VarPort,), "connect to")
        self._check_shape(others[0])
        self._link(others[0])

    def connect_var(self, variables: Var | list[Var]) -> None:
        """Connect a view of a RefPort to a Var."""
        from lava_hw.magma.core.process.ports.ports import RefPort

        if not isinstance(self.origin(), RefPort):
            raise TypeError(f"{self.path} is no view of a RefPort; only those connect to Vars.")
        others = as_list(variables)
        if len(others) != 1 or self.out_connections:
            raise AssertionError(f"{self.path} must be connected one to one.")
        connect_var(self, others[0])
