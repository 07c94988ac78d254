"""Whether a value fills a shape."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["PLAIN", "fits"]

# Types of values that fill any shape, or that no array is made of.
PLAIN = frozenset((int, float, bool, complex, str, type(None)))


def fits(shape: tuple[int, ...], value: Any) -> bool:
    """Whether an array of a shape can be filled with a value, by numpy's rules of assignment.

    Parameters
    ----------
    shape : tuple of int
        Shape of the array.
    value : object
        A number, array or sparse matrix. What has no shape (a text, ragged lists) counts as fitting.
    """
    if type(value) in PLAIN:
        return True
    try:
        given: tuple[int, ...] = value.shape if hasattr(value, "shape") else np.shape(value)
    except ValueError:
        return True
    if given == shape:
        return True
    if hasattr(value, "tocsr"):
        return False
    surplus = len(given) - len(shape)
    if surplus > 0 and any(n != 1 for n in given[:surplus]):
        return False
    tail = given[max(surplus, 0) :]
    return all(n in (1, m) for n, m in zip(reversed(tail), reversed(shape), strict=False))
