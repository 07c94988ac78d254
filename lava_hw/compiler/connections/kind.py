"""What the compiler asks of a kind of connections."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from lava_hw.compiler.placed_types import Descriptor, WeightTable
from lava_hw.compiler.types import SourceOrder
from lava_hw.image.manifest import VarEntry
from lava_hw.ir import Connection, Ints

__all__ = ["ConnectionKind", "TablePlan"]


@dataclass(frozen=True, eq=False)
class TablePlan:
    """What one table of a core must hold.

    Attributes
    ----------
    connection : Connection
        Of the kind that is asked.
    sources : SourceOrder
        Its source rows, and which edges drive them.
    order : int64 array
        Lane position k adds for target `order[k]`; -1: for none.
    groups : int
        Accumulator groups of so many lanes: at least as many lanes as `order` has elements.
    lanes : int
        Lanes of the chip; a line of the synapse memory has a byte for each.
    """

    connection: Any
    sources: SourceOrder
    order: Ints
    groups: int
    lanes: int


class ConnectionKind(ABC):
    """A kind of connections in the compiler: a subclass in a module of this package, and its object `KIND`.

    The modules are found by themselves; no other file of the compiler knows of a kind.

    Attributes
    ----------
    ir : type
        The subclass of `lava_hw.ir.Connection` whose objects it compiles.
    """

    ir: ClassVar[type[Connection]]

    def cut(self, connection: Any) -> int:
        """Sources between two places where a connection may be divided by sources: a power of two."""
        return 1

    @abstractmethod
    def lines(self, plan: TablePlan) -> int:
        """Lines of the synapse memory that a table takes."""

    @abstractmethod
    def descriptors(self, plan: TablePlan, line: int, acc: int) -> Sequence[Descriptor]:
        """Give a descriptor for each edge of `plan.sources`.

        Parameters
        ----------
        plan : TablePlan
            The table.
        line, acc : int
            Its first line of the synapse memory, and its first accumulator group.
        """

    @abstractmethod
    def contents(self, plan: TablePlan) -> npt.NDArray[np.uint8]:
        """Give the lines of the synapse memory, uint8 (lines, lanes)."""

    def reached(self, connection: Any, sources: SourceOrder, order: Ints) -> tuple[Ints, Ints] | None:
        """Give the synapses of neurons, if rows are the shorter the more evenly these fill the lanes.

        Parameters
        ----------
        connection : Connection
            Of this kind.
        sources : SourceOrder
            Its source rows.
        order : int64 array
            Neuron k gets the sum of target `order[k]`; -1: none.

        Returns
        -------
        row, neuron : int64 arrays, (synapses,)
            Of each synapse of a source that something drives; None for kinds whose rows have one length.
        """
        return None

    def in_order(self, connection: Any, sources: SourceOrder, order: Ints) -> bool:
        """Whether it matters in which order the neurons are that drive it, or read it; see `reached`."""
        return False

    @abstractmethod
    def variables(
        self, connection: Any, sources: SourceOrder, tables: Sequence[tuple[int, WeightTable]]
    ) -> Mapping[str, VarEntry]:
        """Give what the manifest says of the Vars that are kept in the tables, by name (docs/image.md).

        Parameters
        ----------
        connection : Connection
            Of this kind.
        sources : SourceOrder
            Its source rows.
        tables : sequence of (int, WeightTable)
            Cores, and its tables there.
        """
