"""`PatternEntry`: which entries of a sparse matrix there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from lava_hw.image.entries.forms import ELEMENTS, Numbers, fail
from lava_hw.image.entries.records import Entry


@dataclass(frozen=True)
class PatternEntry(Entry):
    """Which entries of a matrix are stored (CSR), ascending in each row; elements of the Var are these.

    Attributes
    ----------
    first : tuple of int, (rows + 1,)
        Number of the first entry of each row; the last one is the number of all.
    columns : tuple of int, (entries,)
        Column of each entry.
    """

    first: Annotated[tuple[int, ...], Numbers(0, ELEMENTS)]
    columns: Annotated[tuple[int, ...], Numbers(0, ELEMENTS)]

    def check_shape(self, shape: tuple[int, ...], where: str) -> None:
        """Check the pattern against the shape of its Var.

        Raises
        ------
        ImageError
            If it is no pattern of such a matrix.
        """
        if len(shape) != 2 or len(self.first) != shape[0] + 1:
            fail(f"{where}.first", f"has {len(self.first)} numbers for a Var of shape {shape}")
        first, columns = np.array(self.first, np.int64), np.array(self.columns, np.int64)
        if first[0] or first[-1] != len(columns) or np.any(np.diff(first) < 0):
            fail(f"{where}.first", f"must ascend from 0 to the number of entries, {len(columns)}")
        ascends = np.diff(columns) > 0
        ascends[first[1:-1][(first[1:-1] > 0) & (first[1:-1] < len(columns))] - 1] = True
        if not ascends.all() or np.any(columns >= shape[1]):
            fail(f"{where}.columns", f"must ascend in each row, below {shape[1]}")
