"""What an image writes into the synapse memory of a core, for checks of tables, target groups and delays."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.image.connections.words import DELAYS, Ints, WordForm


class SynapseMemory:
    """Words of the synapse memory that an image sets.

    Parameters
    ----------
    lanes : int
        Bytes of a line.
    segments : sequence of (int, uint32 array)
        First word, and words.
    """

    def __init__(self, lanes: int, segments: Sequence[tuple[int, NDArray[np.uint32]]]) -> None:
        self._lanes, self._segments = lanes, segments

    @cached_property
    def _words(self) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
        """All words up to the last one that is set, in whole lines, and which of them are set."""
        parts = self._lanes // 4
        end = max((first + len(data) for first, data in self._segments), default=0)
        words = np.zeros(-(-end // parts) * parts, "<u4")
        there = np.zeros(len(words), bool)
        for first, data in self._segments:
            words[first : first + len(data)] = data
            there[first : first + len(data)] = True
        return words, there

    def table(self, line: int, numbers: Ints) -> NDArray[np.uint32] | None:
        """Give words of a table that begins in a line; None if the image does not set all of them."""
        words, there = self._words
        at = line * (self._lanes // 4) + numbers
        if np.any(at >= len(words)) or not there[at].all():
            return None
        return words[at]

    def lines(self, numbers: Ints) -> NDArray[np.uint8] | None:
        """Give lines, uint8 (..., lanes); None if the image does not set all of them."""
        words, there = self._words
        parts = self._lanes // 4
        if np.any(numbers >= len(words) // parts) or not there.reshape(-1, parts)[numbers].all():
            return None
        return words.view(np.uint8).reshape(-1, self._lanes)[numbers]


def not_set(what: str) -> str:
    """Say that an image leaves out what it has to write."""
    return f"a part of its {what} is not in the image; the image must write all of it"


def delay_problems(
    form: WordForm, rows: Ints, words: int, slot: int, chip: Chip, memory: SynapseMemory
) -> list[str]:
    """Give a sentence if a delay of some rows leads around the ring of slots.

    Parameters
    ----------
    form : WordForm
        Of their words.
    rows : int64 array
        First line of each row.
    words : int
        Of a row.
    slot : int
        That of the descriptor, to which delays are added.
    """
    if not form.delays or not words or not len(rows):
        return []
    found = memory.lines(rows[:, None] + form.lines_with(DELAYS, words))
    if found is None:
        return [not_set("delays")]
    longest, most = int(found.max()), chip.delay_slots - 1 - slot
    if longest <= most:
        return []
    return [
        f"has a delay of {longest} with slot {slot}, and the {chip.delay_slots} slots of the chip hold "
        f"delays up to {most}; use shorter delays, or a chip with more delay_slots"
    ]
