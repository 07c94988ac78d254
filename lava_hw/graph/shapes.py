"""Initial values that the chosen models cannot hold, found before anything is built."""

from __future__ import annotations

import numpy as np

from lava_hw.graph.flat import Flat
from lava_hw.magma.core.process.shapes import fits

__all__ = ["check_shapes"]


def check_shapes(flat: Flat) -> None:
    """Refuse an initial value of another shape than its Var, where the model keeps the Var in an array.

    Raises
    ------
    ValueError
        For the first of them.
    """
    for process in flat.processes:
        for name, declared in process.types.items():
            var = process.vars.get(name)
            if var is None or declared.cls is not np.ndarray or fits(var.shape, var.init):
                continue
            raise ValueError(
                f"Initial value of Var '{name}' of process '{process.name}' does not fit: shape {var.shape} "
                f"and type {np.dtype(declared.d_type)} are declared, got shape {np.shape(var.init)}. Give "
                f"one number, or an array of this shape: {process.model_class.__name__} keeps the Var in an "
                "array."
            )
