"""`WeightLayout`: what an image says about the places of weights; the base of all layouts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.image.connections.finder import find
from lava_hw.image.entries.records import Entry, OneKind

Ints = NDArray[np.int64]
ZERO, KEPT = -1, -2
"""Units that are no weight: 0 is stored there; or the unit belongs to somebody else and stays as it is."""
BYTES = 4
"""Bytes of a word."""


class WeightLayout(Entry, ABC):
    """Where the weights of one piece lie. A layout is a frozen dataclass; its members are what it needs.

    The class keyword `kind` is its name in the manifest:

    .. code-block:: python

        @dataclass(frozen=True)
        class OneRow(WeightLayout, kind="one_row"):
            line: Annotated[int, Integer(0, lambda chip: chip.synapse_lines - 1)]
            elements: Elements
    """

    known: ClassVar[dict[str, type[WeightLayout]]] = {}

    def __init_subclass__(cls, kind: str, **others: Any) -> None:
        """Make the layout known by its name.

        Raises
        ------
        TypeError
            If there is another layout of this name.
        """
        super().__init_subclass__(**others)
        there = WeightLayout.known.get(kind)
        if there is not None:
            raise TypeError(f"the layout {kind!r} is there already: {there.__module__}.{there.__qualname__}")
        cls.KIND = kind
        WeightLayout.known[kind] = cls

    @abstractmethod
    def check_shape(self, shape: tuple[int, ...], where: str, chip: Chip) -> None:
        """Check the piece against the shape of its Var.

        Raises
        ------
        ImageError
            If it names weights that the Var does not have, or places that the chip does not have.
        """

    @abstractmethod
    def addresses(self, chip: Chip) -> Ints:
        """Give the address in the core of each word that holds weights of the piece, int64 [W]."""

    @abstractmethod
    def elements(self, shape: tuple[int, ...], chip: Chip) -> Ints:
        """Give the element of the Var that each unit of these words holds, int64 [W * 32 / unit].

        Elements are counted in C order; `ZERO` and `KEPT` stand for units without one. A unit is a byte, or
        half of one for numbers of 4 bits (`words.UNIT`).
        """

    def low_bits(self, chip: Chip) -> Ints | None:
        """Give the bit of its number with which each unit begins; None where all begin with bit 0."""
        return None

    @abstractmethod
    def __str__(self) -> str:
        """Say for a person where it begins."""


class AnyLayout(OneKind):
    """The form of a layout: those that are known, and those that have a module in this folder."""

    def find(self, kind: str) -> type[Entry] | None:
        """See `OneKind`."""
        if kind not in WeightLayout.known:
            find(kind)
        return WeightLayout.known.get(kind)

    def names(self) -> list[str]:
        """See `OneKind`."""
        return [*sorted(WeightLayout.known), "a layout whose module has been imported"]
