"""Reads and writes of a chip's memories over a transport, in as few exchanges as there can be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lava_hw.device.errors import DeviceError
from lava_hw.device.flits import Flits, reads
from lava_hw.device.places import Places, Words
from lava_hw.regs import CONFIG_FLIT

_LONGEST = 4096  # words that one READ asks for


class ReadPlan:
    """READ flits for some words, and where each word is among the responses.

    Words that are asked for twice are read once; words that follow each other are read by one flit.
    """

    def __init__(self, places: Places) -> None:
        key = (places.core << CONFIG_FLIT.fields["addr"].width) | places.addr
        unique, self._where = np.unique(key, return_inverse=True)
        self._keys = unique
        self.count = len(unique)
        """Number of responses."""
        # A new READ starts where the next word does not follow, and after every _LONGEST words.
        position = np.arange(len(unique))
        breaks = np.ones(len(unique), np.bool_)
        breaks[1:] = np.diff(unique) != 1
        run = position - np.maximum.accumulate(np.where(breaks, position, 0))
        starts = np.flatnonzero(run % _LONGEST == 0)
        counts = np.diff(np.append(starts, len(unique)))
        mask = (1 << CONFIG_FLIT.fields["addr"].width) - 1
        first = unique[starts]
        self.flits: Flits = reads(first >> CONFIG_FLIT.fields["addr"].width, first & mask, counts)

    def words(self, responses: Flits) -> Words:
        """Give the words in the order in which they were asked for.

        Responses of one core come in order; those of several cores may overtake each other.

        Raises
        ------
        DeviceError
            If the responses are not those of these READs.
        """
        core, addr = (CONFIG_FLIT.get_array(responses, key) for key in ("core", "addr"))
        keys: NDArray[np.int64] = (core << CONFIG_FLIT.fields["addr"].width) | addr
        order = np.argsort(keys, kind="stable")
        if not np.array_equal(keys[order], self._keys):
            raise DeviceError(
                f"{len(responses)} responses came to reads of {self.count} words, or not from the addresses "
                "that were read: the stream of flits is out of step; close the device and open it again"
            )
        return CONFIG_FLIT.get_array(responses, "data").astype(np.uint32)[order][self._where]
