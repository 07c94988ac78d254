"""The entries of a CSR matrix by column: what a spike reaches."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

__all__ = ["Columns"]

Index = npt.NDArray[np.int64]
Narrow = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int32]]


class Columns:
    """Finds the stored entries of some columns of a CSR matrix.

    Only the pattern of the matrix is remembered, not its values, so that these may change in place.

    Parameters
    ----------
    matrix : csr_matrix
        With sorted indices.

    Attributes
    ----------
    count : int
        Number of stored entries.
    """

    def __init__(self, matrix: csr_matrix) -> None:
        rows, columns = matrix.shape
        self._indices, self._indptr = matrix.indices, matrix.indptr
        self.count = int(matrix.nnz)
        order = np.argsort(matrix.indices, kind="stable")
        self._entry: Index = order.astype(np.int64)
        self._row: Index = np.repeat(np.arange(rows), np.diff(matrix.indptr))[order]
        self._length: Index = np.bincount(matrix.indices, minlength=columns).astype(np.int64)
        self._first: Index = np.concatenate(([0], np.cumsum(self._length)[:-1])).astype(np.int64)
        self._narrow: Narrow | None = None

    def describe(self, matrix: csr_matrix) -> bool:
        """Whether these are the columns of this matrix."""
        return matrix.indices is self._indices and matrix.indptr is self._indptr

    def find(self, active: Index) -> tuple[Index, Index, Index]:
        """Entries of some columns, in order of these columns.

        Parameters
        ----------
        active : int array, shape (n,)
            Columns, ascending.

        Returns
        -------
        row, entry : int64 arrays, shape (m,)
            Row of each entry, and its position in `matrix.data`.
        length : int64 array, shape (n,)
            Number of entries of each column.
        """
        length = self._length[active]
        # Positions of the entries: of each column from its first one on.
        begin = np.cumsum(length) - length
        place = np.arange(int(length.sum())) + np.repeat(self._first[active] - begin, length)
        return self._row[place], self._entry[place], length

    def narrow(self) -> Narrow | None:
        """All entries in order of columns, in 32 bits; None if there are too many.

        Returns
        -------
        first : int32 array, shape (columns + 1,)
            Where the entries of each column begin, and the last one ends.
        row, entry : int32 arrays, shape (count,)
            See `find`.
        """
        if self._narrow is None and self.count < 1 << 31:
            first = np.concatenate(([0], np.cumsum(self._length)))
            int32 = np.int32
            self._narrow = first.astype(int32), self._row.astype(int32), self._entry.astype(int32)
        return self._narrow

    def reached(self, active: Index) -> int:
        """Number of entries of some columns."""
        return int(self._length[active].sum())
