"""Values of Vars that are sparse matrices: the pattern stays what it was."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["canonical", "different", "entries", "fitted"]

Ints = np.ndarray[Any, np.dtype[np.integer[Any]]]


def canonical(matrix: Any) -> Any:
    """A CSR copy of a sparse matrix with sorted indices and no entry twice; stored zeros stay stored."""
    found = matrix.tocsr(copy=True)
    found.sum_duplicates()
    return found


def entries(
    value: Any, shape: tuple[int, ...], first: Ints, columns: Ints, path: str
) -> np.ndarray[Any, Any]:
    """The values of a new matrix at the entries of a pattern.

    Parameters
    ----------
    value : scipy.sparse matrix, array or scalar
        A matrix must store the same entries; an array may be other than zero only there; a scalar fills them.
    shape : tuple of int
        Of the matrix that is held.
    first, columns : int arrays, (rows + 1,) and (entries,)
        Its entries in CSR form, ascending in each row.
    path : str
        `process.var`, for messages.

    Raises
    ------
    ValueError
        If shape or pattern differ.
    """
    if hasattr(value, "tocsr"):
        given = canonical(value)
        found, data = given.shape, given.data
        same = np.array_equal(given.indptr, first) and np.array_equal(given.indices, columns)
    else:
        array = np.asarray(value)
        found = array.shape or shape
        if array.ndim == 0:
            data, same = np.full(len(columns), array), True
        elif found == shape:
            data = array[np.repeat(np.arange(shape[0]), np.diff(first)), columns]
            same = np.count_nonzero(data) == np.count_nonzero(array)
    if tuple(found) != tuple(shape):
        raise ValueError(f"Cannot set {path} of shape {tuple(shape)} to a value of shape {tuple(found)}.")
    if not same:
        raise ValueError(
            f"Cannot set {path}: the new matrix must store the same {len(columns)} entries. Take a matrix "
            "from get() and change its `data`, or store zeros where weights may come later."
        )
    return np.asarray(data)


def different(one: Any, two: Any) -> np.ndarray[Any, Any]:
    """Where two values of a Var differ, integers (elements, axes) in C order; both are arrays, or sparse."""
    if not hasattr(one, "tocsr"):
        return np.argwhere(one != two)
    found = (one != two).tocsr()
    found.sort_indices()
    return np.stack(found.nonzero(), axis=1)


def fitted(held: Any, value: Any, path: str) -> Any:
    """A new value in the pattern and type of the matrix that a model holds.

    scipy is not imported here: who holds a sparse matrix has done so.

    Parameters
    ----------
    held : csr_matrix
        What the model holds; it is not changed.
    value : scipy.sparse matrix, array or scalar
        See `entries`. Converted by truncation.
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
    data = entries(value, new.shape, new.indptr, new.indices, path)
    with np.errstate(invalid="ignore"):
        new.data = data.astype(new.dtype)
    if np.array_equal(new.indices, held.indices) and np.array_equal(new.indptr, held.indptr):
        # A model that has prepared something for this pattern sees that it is the same.
        new.indices, new.indptr = held.indices, held.indptr
    return new
