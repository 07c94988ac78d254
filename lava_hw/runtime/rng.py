"""numpy's global random generator, one state per model.

A Lava model runs in a process of its own, forked from the main program: each starts from the generator's
state at that moment, and none moves that of another or of the program. Here the state is swapped, only for
models that use it: a model that was seen to move the generator gets a state of its own.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from lava_hw.runtime.task import Party

__all__ = ["GlobalRandom"]


class GlobalRandom:
    """Keeps the states apart. Between `begin` and `end` the generator belongs to the models."""

    def __init__(self) -> None:
        self._base = np.random.get_state(legacy=False)  # noqa: NPY002
        self._own: dict[int, Any] = {}
        self._program: Any = None
        generator = np.random.mtrand._rand._bit_generator
        # Only of the default generator is the layout known: 624 words, then the position among them.
        self._words: Any = None
        if isinstance(generator, np.random.MT19937):
            self._words = (ctypes.c_uint32 * 625).from_address(generator.ctypes.state_address)
            self._keep = generator
        key = self._base["state"]["key"] if self._words is not None else None
        self._mark = (int(key[0]), int(self._base["state"]["pos"])) if key is not None else None
        # The second value of a pair of normal deviates may be stored; drawing it moves nothing that could be
        # seen.
        self._always = self._words is None or bool(self._base.get("has_gauss"))

    def begin(self) -> None:
        """Put the program's state aside."""
        self._program = np.random.get_state(legacy=False)  # noqa: NPY002
        np.random.set_state(self._base)  # noqa: NPY002

    def end(self) -> None:
        """Give the program its state back."""
        if self._program is not None:
            np.random.set_state(self._program)  # noqa: NPY002
            self._program = None

    def reset(self) -> None:
        """Let every model start anew."""
        self._own.clear()

    def enter(self, participant: Party) -> None:
        """A model goes on."""
        own = self._own.get(id(participant))
        if own is not None:
            np.random.set_state(own)  # noqa: NPY002

    def leave(self, participant: Party) -> None:
        """A model stops or waits."""
        key = id(participant)
        words = self._words
        if self._always or key in self._own or (words[0], words[624]) != self._mark:
            self._own[key] = np.random.get_state(legacy=False)  # noqa: NPY002
            np.random.set_state(self._base)  # noqa: NPY002
