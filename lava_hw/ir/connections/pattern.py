"""Where a sparse matrix of a user has its entries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lava_hw.ir.kept_var import Ints

__all__ = ["Pattern"]


@dataclass(frozen=True, eq=False)
class Pattern:
    """The entries of a matrix in CSR form, ascending in each row.

    Attributes
    ----------
    first : int64 array, (rows + 1,)
        Number of the first entry of each row; the last one is the number of all.
    columns : int64 array, (entries,)
        Column of each entry.
    """

    first: Ints
    columns: Ints

    @property
    def rows(self) -> Ints:
        """Row of each entry, int64 (entries,)."""
        return np.repeat(np.arange(len(self.first) - 1, dtype=np.int64), np.diff(self.first))
