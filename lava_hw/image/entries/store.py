"""`StoreEntry`: what all entries that say where a Var is kept have in common."""

from __future__ import annotations

from typing import Any

from lava_hw.chip import Chip
from lava_hw.image.entries.records import Entry


class StoreEntry(Entry):
    """Where the values of a Var are kept; one of several kinds."""

    def check_shape(self, shape: tuple[int, ...], where: str, chip: Chip) -> None:
        """Check the store against the shape of its Var.

        Raises
        ------
        ImageError
            If it names elements that the Var does not have.
        """

    def places(self) -> str:
        """Say for a person where it is."""
        raise NotImplementedError


def listed(places: Any) -> str:
    """Join places for a person."""
    return ", ".join(places) or "of no core"
