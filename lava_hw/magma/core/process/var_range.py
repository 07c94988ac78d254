"""What the fixed-point models of a process make of the values of its Vars: one table a process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

__all__ = ["VarRange", "signed", "table", "unsigned"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class VarRange:
    """What fixed-point models hold in a Var.

    A process has a table of these, `var_ranges`, by the name of the Var. Models in floating point do not look
    at it. A Var that is not in the table is held in the integer type that its model declares, if it does.

    Parameters
    ----------
    dtype : str, default "int32"
        Integer type in which the models hold it.
    low, high : int, optional
        Least and greatest value that Loihi has. What lies outside is used as it is, with a warning.
    lowest, highest : int, optional
        Least and greatest value with a defined meaning, where those of `dtype` are others.
    form : {"array", "integer", "number"}, default "array"
        "array": the models hold an array of `dtype`; fractions are cut off. "integer": they hold what was
        given, which must be integers. "number": they hold what was given, with its fraction.
    latched : bool, default False
        Whether step 1 takes it over, so that a later change has no effect.
    taken_from : str, optional
        Name of the Var whose value step 1 puts in place of this one.
    used : callable, optional
        Gives what step 1 makes of the values, `used(values, proc_params)`; both are integer arrays.
    remedy : str, optional
        What to do about values that are changed.
    """

    dtype: str = "int32"
    low: int | None = None
    high: int | None = None
    lowest: int | None = None
    highest: int | None = None
    form: Literal["array", "integer", "number"] = "array"
    latched: bool = False
    taken_from: str | None = None
    used: Callable[[Array, Mapping[str, Any]], Array] | None = None
    remedy: str = ""

    @property
    def limits(self) -> tuple[int, int]:
        """Least and greatest value with a defined meaning."""
        low, high = _limits(self.dtype)
        return low if self.lowest is None else self.lowest, high if self.highest is None else self.highest


@cache
def _limits(dtype: str) -> tuple[int, int]:
    info = np.iinfo(dtype)
    return int(info.min), int(info.max)


def signed(bits: int, dtype: str = "int32", **more: Any) -> VarRange:
    """Range of a signed number of so many bits."""
    return VarRange(dtype, -(1 << (bits - 1)), (1 << (bits - 1)) - 1, **more)


def unsigned(bits: int, dtype: str = "int32", **more: Any) -> VarRange:
    """Range of a number without sign of so many bits."""
    return VarRange(dtype, 0, (1 << bits) - 1, **more)


def table(ranges: Mapping[str, VarRange]) -> Mapping[str, VarRange]:
    """The table of a process, which nobody changes."""
    return MappingProxyType(dict(ranges))
