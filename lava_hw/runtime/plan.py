"""The plan of a network: all that was decided about it before a worker is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lava_hw.graph.flat import Flat
from lava_hw.magma.core.run_configs import RunConfig
from lava_hw.runtime.placement import Placement

__all__ = ["NetworkPlan", "read_options"]

# Options of Lava's compile_config that have no meaning here but may be given.
_IGNORED = {
    "loihi_gen",
    "long_event_timeout",
    "short_event_timeout",
    "use_watchdog",
    "cache",
    "cache_dir",
    "folded_view",
    "partitioning",
}


@dataclass(frozen=True)
class NetworkPlan:
    """A network, and all that was decided about it before a worker is built.

    Parameters
    ----------
    flat : Flat
        The network.
    run_cfg : RunConfig
        Says the domains and what the chip is.
    capacity : int
        Messages that a channel holds.
    placement : Placement
        The worker of each process.
    checkpoints : bool
        Whether Vars are copied between each two steps; see `keeps_checkpoints`.
    """

    flat: Flat
    run_cfg: RunConfig
    capacity: int
    placement: Placement
    checkpoints: bool


def read_options(compile_config: dict[str, Any] | None) -> int:
    """Read the capacity of the channels.

    Raises
    ------
    ValueError
        If an option is unknown or the capacity is below 1.
    """
    options = dict(compile_config or {})
    capacity = options.pop("pypy_channel_size", 64)
    unknown = sorted(set(options) - _IGNORED)
    if unknown:
        raise ValueError(f"compile_config: unknown option {unknown[0]!r}; known: 'pypy_channel_size'.")
    if not isinstance(capacity, int) or capacity < 1:
        raise ValueError(f"compile_config: pypy_channel_size must be an int >= 1, got {capacity!r}.")
    return capacity
