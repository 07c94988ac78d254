"""Input, output, reference and variable ports (Lava's path); their parents are in `base`, views in `virtual`.

Data flows from an OutPort to InPorts. A RefPort reads and writes a Var of another process through a VarPort.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from lava_hw.magma.core.hooks import Hook
from lava_hw.magma.core.process.ports.base import (
    AbstractPort,
    AbstractVirtualPort,
    ConcatPort,
    ReshapePort,
    TransposePort,
    as_list,
)
from lava_hw.magma.core.process.ports.connection_config import ConnectionConfig
from lava_hw.magma.core.process.ports.exceptions import VarNotSharableError
from lava_hw.magma.core.process.ports.reduce_ops import AbstractReduceOp
from lava_hw.magma.core.process.variable import Var

__all__ = [
    "EXTERNAL_PIPE",
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


EXTERNAL_PIPE: Hook[Callable[[AbstractIOPort, int], None]] = Hook("give the program an end of a port")


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
        EXTERNAL_PIPE.get()(self, self.external_pipe_buffer_size if buffer_size is None else buffer_size)

    def _connect_view(self, view: AbstractVirtualPort, ports: list[Any], configs: Any) -> None:
        view._connect(ports, (InPort,), True, configs)


class AbstractRVPort(AbstractPort):
    """Parent of RefPort and VarPort: exactly one connection in each direction."""

    _one_to_one: ClassVar[bool] = True

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

    def _connect_view(self, view: AbstractVirtualPort, ports: list[Any], configs: Any) -> None:
        if len(ports) != 1 or view.out_connections or ports[0].in_connections:
            raise AssertionError(f"{view.path} and its target must be connected one to one.")
        self._check_behind_view(view, ports[0])
        view._check_shape(ports[0])
        view._link(ports[0])

    def _check_behind_view(self, view: AbstractVirtualPort, other: Any) -> None:
        view._check_kind([other], (VarPort,), "connect to")


class OutPort(AbstractIOPort, AbstractSrcPort):
    """Port that sends.

    Parameters
    ----------
    shape : tuple of int
        Shape of a message.
    """

    _kind: ClassVar[str] = "OutPort"

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

    def _connect_view(self, view: AbstractVirtualPort, ports: list[Any], configs: Any) -> None:
        view._connect(ports, (InPort, OutPort), True, configs)


class InPort(AbstractIOPort, AbstractDstPort):
    """Port that receives the sum of what its sources send.

    Parameters
    ----------
    shape : tuple of int
        Shape of a message.
    reduce_op : type, optional
        Stored; a port always sums.
    """

    _kind: ClassVar[str] = "InPort"

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

    _kind: ClassVar[str] = "RefPort"

    def connect(self, ports: AbstractPort | list[Any]) -> None:
        """Connect to a VarPort, or to the RefPort of the process around that of this port.

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
        """Be connected from the RefPort of a sub process."""
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
        self._connect_var(self, var, configs[0] if configs else None)

    def _connect_var(self, last: AbstractPort, var: Var, config: ConnectionConfig | None = None) -> None:
        """Connect this port, or the last of the views after it, to a Var through a VarPort made for it."""
        if not isinstance(var, Var):
            raise TypeError(f"{last.path} connects to a Var, got {type(var).__name__}.")
        if not var.shareable:
            raise VarNotSharableError(var.path)
        if last.shape != var.shape:
            raise AssertionError(
                f"Shapes {last.shape} of {last.path} and {var.shape} of {var.path} are incompatible."
            )
        if var.process is not None and var.process is self.process:
            raise AssertionError(f"RefPort {last.path} cannot reference a Var of its own process.")
        port = ImplicitVarPort(var)
        base = name = f"_{var.name}_implicit_port"
        count = 0
        while var.process is not None and hasattr(var.process, name):
            count += 1
            name = f"{base}_{count}"
        port.name = name
        if last is self:
            self._link_one(port, config)
        else:
            last._link(port, config)
        if var.process is not None:
            setattr(var.process, name, port)

    def _connect_view_to_var(self, view: AbstractVirtualPort, variables: list[Any]) -> None:
        if len(variables) != 1 or view.out_connections:
            raise AssertionError(f"{view.path} must be connected one to one.")
        self._connect_var(view, variables[0])

    def _check_behind_view(self, view: AbstractVirtualPort, other: Any) -> None:
        self._check_rv(other, (VarPort, RefPort))

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

    _kind: ClassVar[str] = "VarPort"

    def __init__(self, var: Var) -> None:
        if not isinstance(var, Var):
            raise TypeError(f"A VarPort is made for a Var, got {type(var).__name__}.")
        if not var.shareable:
            raise VarNotSharableError(var.path)
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
