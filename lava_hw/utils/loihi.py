"""Whether there is Loihi's own software, and how it shall find its boards (Lava's path).

That software is Intel's and no part of this package: `is_installed` says False, and programs that ask it run
in simulation, or on our chip with `HwRunCfg`.
"""

from __future__ import annotations

import enum
import importlib.util
import os

from lava_hw.utils import slurm

__all__ = ["ChipGeneration", "host", "is_installed", "use_ethernet_host", "use_slurm_host"]

host: str | None = None
"""What was chosen: "SLURM", "ETHERNET" or None."""


class ChipGeneration(enum.Enum):
    """Generations of Loihi chips."""

    N2A2 = "N2A2"
    N3B2 = "N3B2"
    N3B3 = "N3B3"
    N3C1 = "N3C1"
    N3D1 = "N3D1"


def use_slurm_host(
    partition: str | None = None,
    board: str | None = None,
    loihi_gen: ChipGeneration = ChipGeneration.N3B3,
) -> None:
    """Let Loihi's software reach a board through SLURM.

    Raises
    ------
    ImportError
        If that software is not installed.
    ValueError
        If SLURM, the partition or the board cannot be used.
    """
    global host
    _check_installed("SLURM")
    slurm.enable()
    slurm.set_board(board, partition)
    slurm.set_partition(partition)
    os.environ["LOIHI_GEN"] = loihi_gen.value
    host = "SLURM"


def use_ethernet_host(
    host_address: str,
    host_binary_path: str = "nxcore/bin/nx_driver_server",
    loihi_gen: ChipGeneration = ChipGeneration.N3B3,
) -> None:
    """Let Loihi's software reach a board in the network.

    Raises
    ------
    ImportError
        If that software is not installed.
    ValueError
        If the address does not answer to `ping`.
    """
    global host
    _check_installed("a host in the network")
    if not slurm.try_run_command(["ping", host_address, "-c 1"]):
        raise ValueError(f"The host {host_address!r} cannot be used for Loihi: it does not answer to ping.")
    slurm.disable()
    os.environ["NXSDKHOST"] = host_address
    os.environ["HOST_BINARY"] = host_binary_path
    os.environ["LOIHI_GEN"] = loihi_gen.value
    host = "ETHERNET"


def is_installed(module_name: str = "lava.utils.loihi2_profiler") -> bool:
    """Whether a module can be imported; by default one of Loihi's own software."""
    try:
        return importlib.util.find_spec(module_name) is not None
    except (ModuleNotFoundError, ValueError):
        return False


def _check_installed(what: str) -> None:
    if not is_installed():
        raise ImportError(
            f"Loihi cannot be reached through {what}: its software is not installed. Use a simulation "
            "(Loihi2SimCfg), or our chip (HwRunCfg)."
        )
