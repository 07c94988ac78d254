"""What all kinds of connections have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from lava_hw.ir.kept_var import KeptVar
from lava_hw.ir.neurons import PROCESS

__all__ = ["Connection"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Connection(ABC):
    """Synapses from sources to targets. A kind is a frozen subclass with the values of its synapses.

    The compiler reads what is here; everything else of a kind is read only by the kind's own modules
    (`lava_hw.compiler.connections`, `lava_hw.golden.connections`).

    Attributes
    ----------
    name : str
        Unique: the process, or a text of the compiler's for a helper.
    process : str
        The process it belongs to.
    in_port, out_port : str
        Names of the ports of the process: spikes of sources come in, sums of targets go out.
    right : int
        Arithmetic right shift of the sum when it is read, 0 to 31.
    sum_bits : int
        The sum is taken modulo 2^`sum_bits` when it is read, as a signed number; 32 or less. Those with
        less than 32 have no right shift.
    payload : bool
        Whether the value of an event counts: weights times values are added. Else each source that sends
        anything but 0 adds its weights once.
    stored_bits : int
        Bits of a number in the synapse memory: 4, 8 or 16.
    slot : int
        Steps until the sum is read: 1 for a process, 0 for what the compiler puts into one step.
    sums : str
        Name of the Var that is the sum, or nothing.
    sums_shape : tuple of int
        Shape of this Var: targets, and behind them the slots of delays, if any; by default one axis.
    variables : tuple of KeptVar
        Vars that stay with the host.
    role : str
        ``process``, or what a helper does: see `lava_hw.compiler.types`.
    """

    name: str
    process: str
    in_port: str = ""
    out_port: str = ""
    right: int = 0
    sum_bits: int = 32
    payload: bool = False
    stored_bits: int = 8
    slot: int = 1
    sums: str = ""
    sums_shape: tuple[int, ...] = ()
    variables: tuple[KeptVar, ...] = ()
    role: str = PROCESS

    @property
    def in_ports(self) -> tuple[str, ...]:
        """Name of the in port, if there is one."""
        return (self.in_port,) if self.in_port else ()

    @property
    def out_ports(self) -> tuple[str, ...]:
        """Name of the out port, if there is one."""
        return (self.out_port,) if self.out_port else ()

    @property
    @abstractmethod
    def sources(self) -> int:
        """Elements of the in port."""

    @property
    @abstractmethod
    def targets(self) -> int:
        """Elements of the out port."""

    @property
    def slots(self) -> int:
        """Steps in which what a source sends may be read: 1 without delays."""
        return 1

    @property
    def areas(self) -> int:
        """Sums of a target that are read, and shifted, apart: one, or one for each delay."""
        return 1

    @property
    def size(self) -> int:
        """0 if there is nothing to store or to compute."""
        return self.sources * self.targets
