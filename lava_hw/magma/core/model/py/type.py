"""Type of a port or variable of a Python model (Lava's path)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["LavaPyType"]


@dataclass
class LavaPyType:
    """Says how a model holds a port or variable of its process.

    Parameters
    ----------
    cls : type
        Class of a port (`PyInPort.VEC_DENSE`), np.ndarray for an array, or a scalar class, which keeps the
        initial value as it is.
    d_type : type
        Element type. Of an OutPort: what `send` casts to.
    precision : int, optional
        Bits; documentation, never enforced.
    """

    cls: Any
    d_type: Any
    precision: int | None = None
