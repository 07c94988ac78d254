"""Boards that SLURM manages (Lava's path): settings in the environment for software of Loihi.

Nothing of our chip needs them; they are there for scripts that choose between a simulation and a board.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

__all__ = [
    "BoardInfo",
    "PartitionInfo",
    "disable",
    "enable",
    "get_board_info",
    "get_boards",
    "get_partition_info",
    "get_partitions",
    "is_available",
    "partition",
    "set_board",
    "set_partition",
    "try_run_command",
]


@dataclass
class PartitionInfo:
    """A partition, as `sinfo` describes it."""

    name: str = ""
    available: str = ""
    timelimit: str = ""
    nodes: str = ""
    state: str = ""
    nodelist: str = ""


@dataclass
class BoardInfo:
    """A board, as `sinfo -N` describes it."""

    nodename: str = ""
    partition: str = ""
    state: str = ""


def is_available() -> bool:
    """Whether SLURM answers on this machine."""
    return bool(try_run_command(["sinfo"]))


def enable() -> None:
    """Use SLURM.

    Raises
    ------
    ValueError
        If it does not answer.
    """
    if not is_available():
        raise ValueError("SLURM cannot be used for Loihi: `sinfo` gives nothing on this machine.")
    os.environ["SLURM"] = "1"
    os.environ.pop("NOSLURM", None)


def disable() -> None:
    """Do not use SLURM."""
    os.environ.pop("SLURM", None)
    os.environ["NOSLURM"] = "1"


def set_board(board: str | None, partition: str | None = None) -> None:
    """Choose a board; None leaves the choice to SLURM.

    Raises
    ------
    ValueError
        If it is not there or down, or does not belong to the given partition.
    """
    if board is None:
        os.environ.pop("BOARD", None)
        return
    info = get_board_info(board)
    if info is None or "down" in info.state:
        raise ValueError(f"Board {board} is not found, or down; `sinfo -N` shows the boards.")
    if partition is not None and info.partition != partition:
        raise ValueError(f"Board {board} belongs to partition {info.partition!r}, not to {partition!r}.")
    os.environ["BOARD"] = board


def set_partition(partition: str | None) -> None:
    """Choose a partition; None leaves the choice to SLURM.

    Raises
    ------
    ValueError
        If it is not there or down.
    """
    if partition is None:
        os.environ.pop("PARTITION", None)
        return
    info = get_partition_info(partition)
    if info is None or "down" in info.state:
        raise ValueError(f"Partition {partition} is not found, or down; `sinfo` shows the partitions.")
    os.environ["PARTITION"] = partition


def partition() -> str:
    """The chosen partition, "Unspecified" if none is."""
    return os.environ.get("PARTITION", "Unspecified")


def get_partitions() -> list[PartitionInfo]:
    """The partitions; none without SLURM."""
    return [PartitionInfo(*row[:6]) for row in _rows(["sinfo"], 6)]


def get_partition_info(partition_name: str) -> PartitionInfo | None:
    """The partition of a name, None if there is none."""
    return next((info for info in get_partitions() if info.name == partition_name), None)


def get_boards() -> list[BoardInfo]:
    """The boards; none without SLURM."""
    return [BoardInfo(row[0], row[2], row[3]) for row in _rows(["sinfo", "-N"], 4)]


def get_board_info(nodename: str) -> BoardInfo | None:
    """The board of a name, None if there is none."""
    return next((info for info in get_boards() if info.nodename == nodename), None)


def try_run_command(command: list[str]) -> list[str]:
    """Lines of the output of a command; none if it fails, is not there or takes more than a second."""
    try:
        done = subprocess.run(command, text=True, capture_output=True, check=True, timeout=1)
    except (subprocess.SubprocessError, OSError):
        return []
    return done.stdout.split("\n")


def _rows(command: list[str], columns: int) -> list[list[str]]:
    """Words of each line below the headline."""
    if not is_available():
        return []
    rows = [line.split() for line in try_run_command(command)[1:]]
    return [row for row in rows if len(row) >= columns]
