"""Input, output, reference and variable ports (Lava's path); their parents are in `base`, views in `virtual`.

Data flows from an OutPort to InPorts. A RefPort reads and writes a Var of another process through a VarPort.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lava_hw.magma.core.process.ports.base import (
    AbstractDstPort,
    AbstractIOPort,
    AbstractPort,
    AbstractRVPort,
    AbstractSrcPort,
    AbstractVirtualPort,
)
from lava_hw.magma.core.process.ports.chains import as_list, connect_var
from lava_hw.magma.core.process.ports.connection_config import ConnectionConfig
from lava_hw.magma.core.process.ports.exceptions import VarNotSharableError
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


def __getattr__(name: str) -> Any:
    # The virtual ports are public here, as in Lava, but live in a module of their own that imports this one.
    if name in ("ConcatPort", "ReshapePort", "TransposePort"):
        from lava_hw.magma.core.process.ports import virtual

        return getattr(virtual, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
