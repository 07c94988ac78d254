"""Whether the initial value of a Var has its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lava_hw.errors import ShapeMismatchWarning

if TYPE_CHECKING:
    from lava_hw.magma.core.process.process import AbstractProcess
    from lava_hw.magma.core.process.variable import Var

__all__ = ["PLAIN", "check_initial_value", "fits"]

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


def check_initial_value(process: AbstractProcess, var: Var) -> None:
    """Warn of a Var that a process gets, with an initial value that does not fit."""
    each = process.proc_params.get("shape") if var.name in process._one_or_each else None
    if fits(var.shape, var.init) or (isinstance(each, tuple) and fits(each, var.init)):
        return
    given = tuple(var.init.shape if hasattr(var.init, "shape") else np.shape(var.init))
    process._notice(
        ShapeMismatchWarning(
            f"{process._title}: Var '{var.name}' has shape {var.shape}, and its initial value shape {given}. "
            "A model that keeps the Var in an array will be refused; others use the value as it is. Give one "
            f"number or an array of shape {var.shape}, or declare Var(shape={given})."
        )
    )
