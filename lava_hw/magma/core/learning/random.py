"""Random numbers of the fixed-point models of learning, in Lava's order (Lava's path)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.learning.constants import W_TRACE

__all__ = ["AbstractRandomGenerator", "ConnVarRandom", "TraceRandom"]

_BLOCK = 256


class _Stream:
    """The numbers of a generator one by one; drawn in blocks, which gives the same numbers."""

    def __init__(self, draw: Callable[[int], npt.NDArray[Any]]) -> None:
        self._draw = draw
        self._block = draw(_BLOCK)
        self._place = 0

    @property
    def now(self) -> Any:
        """The present number, a numpy scalar."""
        return self._block[self._place]

    def advance(self) -> None:
        """Go on to the next."""
        self._place += 1
        if self._place == _BLOCK:
            self._block, self._place = self._draw(_BLOCK), 0


class AbstractRandomGenerator(ABC):
    """Holds random numbers until it is told to draw new ones."""

    @abstractmethod
    def advance(self) -> None:
        """Draw new numbers."""


class TraceRandom(AbstractRandomGenerator):
    """Numbers for the rounding of traces.

    Parameters
    ----------
    seed_trace_decay : int, default 0
        Seed of `random_trace_decay`.
    seed_impulse_addition : int, default 1
        Seed of `random_impulse_addition`.
    """

    def __init__(self, seed_trace_decay: int | None = 0, seed_impulse_addition: int | None = 1) -> None:
        self._decay = _Stream(np.random.default_rng(seed_trace_decay).random)
        impulse = np.random.default_rng(seed_impulse_addition)
        self._impulse = _Stream(lambda count: impulse.integers(0, 1 << W_TRACE, size=count, dtype=np.int64))

    @property
    def random_trace_decay(self) -> np.float64:
        """For the decay of traces, in [0, 1)."""
        number: np.float64 = self._decay.now
        return number

    @property
    def random_impulse_addition(self) -> np.int64:
        """For fractions of impulses, 0 to 127."""
        number: np.int64 = self._impulse.now
        return number

    def advance(self) -> None:
        """Draw new numbers."""
        self._decay.advance()
        self._impulse.advance()


class ConnVarRandom(AbstractRandomGenerator):
    """Numbers for the rounding of weights and tags.

    Parameters
    ----------
    seed_stochastic_rounding : int, default 2
        Seed of `random_stochastic_round`.
    """

    def __init__(self, seed_stochastic_rounding: int | None = 2) -> None:
        self._round = _Stream(np.random.default_rng(seed_stochastic_rounding).random)

    @property
    def random_stochastic_round(self) -> np.float64:
        """For what the equations give, in [0, 1)."""
        number: np.float64 = self._round.now
        return number

    def advance(self) -> None:
        """Draw a new number."""
        self._round.advance()
