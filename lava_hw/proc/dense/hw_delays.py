"""Delays of fixed-point connections on the chip: what the chip models of DelayDense and DelaySparse share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from lava_hw.ir import FlatProcess, ParameterRefused
from lava_hw.proc.dense.hw_weights import Common

__all__ = ["MOST", "check_delays", "longest", "shifted_apart"]

MOST = 62
"""The longest delay: a ring of 64 slots has one that is read, and one for each delay from 0 on."""


def longest(process: FlatProcess) -> int:
    """Give the longest delay that a process may have.

    Raises
    ------
    ParameterRefused
        If the chip does not have it.
    """
    most = int(process.params.get("max_delay", 0))
    if most > MOST:
        limit = f"delays of 0 to {MOST} steps; longer ones stay in Python"
        raise ParameterRefused(process.name, "max_delay (the longest of the delays)", most, limit)
    return most


def check_delays(process: str, delays: npt.NDArray[np.int32], most: int, place: Callable[[int], str]) -> None:
    """Refuse delays beyond the longest one, which a Python model drops.

    Raises
    ------
    ParameterRefused
        If there is one, or one below 0.
    """
    bad = np.flatnonzero((delays < 0) | (delays > most))
    if len(bad):
        k = int(bad[0])
        raise ParameterRefused(
            process, "delays", f"{int(delays[k])} at {place(k)}", f"0 to max_delay, which is {most} here"
        )


def shifted_apart(of: Common, most: int) -> bool:
    """Whether sums of different delays must be kept apart: a Python model shifts what comes in each step."""
    return of["right"] > 0 and most > 0
