"""Room: how full cores are while shards are placed, without a new layout of a core for each shard.

What a cluster takes of an empty core is asked once. Of a core that has others, a cluster takes the same, but
for programs that are there already, and for tables that it shares with them; only where it shares one is the
core laid out again. `tests/compiler/test_place.py` holds the numbers equal to those of a layout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from lava_hw.chip import Chip
from lava_hw.compiler.layout import layout
from lava_hw.compiler.placed_types import Cluster, CoreLayout, Partitioned, Shard
from lava_hw.compiler.types import Legal

__all__ = ["Demand", "Room", "demands"]

_Key = tuple[str, bytes]
_UCODE = "ucode_words"


@dataclass(frozen=True, eq=False)
class Demand:
    """What shards take of a core that is otherwise empty.

    Attributes
    ----------
    usage : mapping of str to int
        Of each resource.
    tables : frozenset
        Tables of weights: connection, and order of the targets.
    programs : frozenset
        Their words.
    """

    usage: Mapping[str, int]
    tables: frozenset[_Key]
    programs: frozenset[tuple[int, ...]]

    @classmethod
    def of(cls, core: CoreLayout) -> Demand:
        """Give what a core that was laid out holds."""
        tables = frozenset((table.connection, table.order.tobytes()) for table in core.tables)
        return cls(core.usage, tables, frozenset(core.programs))

    def share(self, chip: Chip) -> float:
        """Give how much of a core it is, of the resource that it takes most of."""
        return max(self.usage[resource] / limit for resource, limit in chip.resources().items())


@lru_cache(maxsize=2)
def demands(partitioned: Partitioned, chip: Chip) -> Mapping[Cluster, Demand]:
    """Give what each cluster takes."""
    legal = partitioned.legal
    return {cluster: Demand.of(layout(0, cluster.shards, legal, chip)) for cluster in partitioned.clusters}


class Room:
    """A core that is filled.

    Parameters
    ----------
    number : int
        Of the core.
    legal : Legal
        The network.
    chip : Chip
        Its limits.

    Attributes
    ----------
    shards : list of Shard
        What is on it, in the order of the network.
    held : Demand
        What that takes.
    """

    def __init__(self, number: int, legal: Legal, chip: Chip) -> None:
        self.number = number
        self.shards: list[Shard] = []
        self._legal, self._chip = legal, chip
        self._limits = chip.resources()
        self.held = Demand(dict.fromkeys(self._limits, 0), frozenset(), frozenset())

    def take(self, cluster: Cluster, demand: Demand, trial: list[Shard]) -> bool:
        """Take a cluster if there is room; say whether there is.

        Parameters
        ----------
        trial : list of Shard
            What is on the core then, in the order of the network.
        """
        after = self._with(demand, trial)
        if any(after.usage[resource] > limit for resource, limit in self._limits.items()):
            return False
        self.held, self.shards = after, trial
        return True

    def _with(self, demand: Demand, trial: list[Shard]) -> Demand:
        held = self.held
        if not held.tables.isdisjoint(demand.tables):
            return Demand.of(layout(self.number, trial, self._legal, self._chip))
        usage = {resource: held.usage[resource] + demand.usage[resource] for resource in self._limits}
        programs = held.programs | demand.programs
        usage[_UCODE] = sum(map(len, programs))
        return Demand(usage, held.tables | demand.tables, programs)
