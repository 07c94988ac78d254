"""Values of Vars that are sparse matrices: the pattern stays what it was."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["fitted"]


def fitted(held: Any, value: Any, path: str) -> Any:
    """A new value in the pattern and type of the matrix that a model holds.

    scipy is not imported here: who holds a sparse matrix has done so.

    Parameters
    ----------
    held : csr_matrix
        What the model holds; it is not changed.
    value : scipy.sparse matrix, array or scalar
        A matrix must store the same entries; an array may be other than zero only there; a scalar fills them.
        Converted by truncation.
    path : str
        `process.var`, for messages.

    Returns
    -------
    csr_matrix

    Raises
    ------
    ValueError
        If shape or pattern differ.
    """
    new = held.copy()
    new.sum_duplicates()
    if hasattr(value, "tocsr"):
        given = value.tocsr(copy=True)
        given.sum_duplicates()
        shape, data = given.shape, given.data
        same = np.array_equal(given.indptr, new.indptr) and np.array_equal(given.indices, new.indices)
    else:
        array = np.asarray(value)
        shape = array.shape or new.shape
        if array.ndim == 0:
            data, same = np.full(new.nnz, array), True
        elif shape == new.shape:
            data = array[np.repeat(np.arange(shape[0]), np.diff(new.indptr)), new.indices]
            same = np.count_nonzero(data) == np.count_nonzero(array)
    if tuple(shape) != new.shape:
        raise ValueError(f"Cannot set {path} of shape {new.shape} to a value of shape {tuple(shape)}.")
    if not same:
        raise ValueError(
            f"Cannot set {path}: the new matrix must store the same {new.nnz} entries. Take a matrix from "
            "get() and change its `data`, or store zeros where weights may come later."
        )
    with np.errstate(invalid="ignore"):
        new.data = np.asarray(data).astype(new.dtype)
    if np.array_equal(new.indices, held.indices) and np.array_equal(new.indptr, held.indptr):
        # A model that has prepared something for this pattern sees that it is the same.
        new.indices, new.indptr = held.indices, held.indptr
    return new
