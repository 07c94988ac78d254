"""Sparse matrices (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

__all__ = ["find"]

Array = npt.NDArray[Any]


def find(mat: Any, explicit_zeros: bool = False) -> tuple[Array, Array, Array]:
    """Rows, columns and values of the entries of a sparse matrix, by column, then row.

    Parameters
    ----------
    mat : scipy.sparse matrix, [n_out, n_in]
        It is not changed. Entries that are stored twice are added.
    explicit_zeros : bool, default False
        Whether zeros that are stored are entries.

    Returns
    -------
    dst, src : int arrays, shape (n,)
        Row (destination) and column (source) of each entry.
    values : array, shape (n,)
        The entries, in the type of the matrix.
    """
    matrix = scipy.sparse.coo_matrix(mat, copy=True)
    matrix.sum_duplicates()
    order = np.lexsort((matrix.row, matrix.col))
    if not explicit_zeros:
        order = order[matrix.data[order] != 0]
    return matrix.row[order], matrix.col[order], matrix.data[order]
