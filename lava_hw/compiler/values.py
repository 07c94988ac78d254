"""Parameters and initial values of processes as the integers that the chip holds."""

from __future__ import annotations

import reprlib
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.compiler.errors import ParameterRefused
from lava_hw.compiler.types import Constant, State, Variable

INT32 = np.iinfo(np.int32)


def shown(value: Any) -> str:
    """Give a value as a short text."""
    return reprlib.repr(value.tolist() if isinstance(value, np.ndarray) else value)


def filled(process: str, name: str, value: Any, shape: tuple[int, ...], dtype: str) -> npt.NDArray[np.int32]:
    """Give the elements of an array Var, C order, as a Python model fills it: broadcast, truncate toward
    0, wrap to `dtype`.

    Returns
    -------
    int32 array, (elements,)

    Raises
    ------
    ParameterRefused
        If it is no number, or its shape does not fit.
    """
    array = np.asarray(value)
    if array.dtype.kind not in "iubf" or (array.dtype.kind == "f" and not np.all(np.isfinite(array))):
        raise ParameterRefused(process, name, shown(value), "integers")
    try:
        array = np.broadcast_to(array, shape)
    except ValueError:
        raise ParameterRefused(
            process, name, f"of shape {array.shape}", f"one value, or shape {shape}"
        ) from None
    if array.dtype.kind == "f" and array.size and np.max(np.abs(array)) >= 2.0**63:
        raise ParameterRefused(process, name, shown(value), "integers of 32 bits")
    whole = np.trunc(array).astype(np.int64) if array.dtype.kind == "f" else array.astype(np.int64)
    return whole.astype(dtype).astype(np.int32).reshape(-1)


def integers(process: str, name: str, value: Any, shape: tuple[int, ...]) -> list[int]:
    """Give a parameter that is one integer, or one for each neuron; the numbers are exact, whatever their
    size.

    Returns
    -------
    list of int
        One number, or as many as the shape has elements.

    Raises
    ------
    ParameterRefused
        If it is no integer, or its shape does not fit.
    """
    if type(value) is int:
        return [value]
    array = np.asarray(value)
    if array.dtype.kind not in "iub":
        raise ParameterRefused(process, name, shown(value), "integers")
    if array.size == 1:
        return [int(array.reshape(-1)[0])]
    try:
        return [int(n) for n in np.broadcast_to(array, shape).reshape(-1)]
    except ValueError:
        raise ParameterRefused(
            process, name, f"of shape {array.shape}", f"one value, or shape {shape}"
        ) from None


def held(
    process: str, name: str, value: Any, shape: tuple[int, ...], place: str, scale: int, offset: int
) -> tuple[State | Constant, Variable]:
    """Keep a parameter as scale * value + offset in `place`: a constant for one value, a state for one per
    neuron.

    Raises
    ------
    ParameterRefused
        If a result is not an int32.
    """
    numbers = integers(process, name, value, shape)
    results = [scale * n + offset for n in numbers]
    for n, result in zip(numbers, results, strict=True):
        if not INT32.min <= result <= INT32.max:
            low, high = sorted((scale * (int(INT32.min) - offset), scale * (int(INT32.max) - offset)))
            raise ParameterRefused(process, name, n, f"{low} to {high}")
    if len(results) == 1:
        var = Variable(name, (1,), "int32", "const", place, scale=scale, offset=offset)
        return Constant(place, results[0]), var
    var = Variable(name, np.shape(value), "int32", "state", place, scale=scale, offset=offset)
    return State(place, np.array(results, np.int32)), var


def latched(
    process: str, name: str, value: Any, shape: tuple[int, ...], place: str, shift: int
) -> tuple[State | Constant, Variable]:
    """Keep clip(value << shift) in `place`; the raw value, which can be read and set without effect after
    step 1, stays with the host.
    """
    numbers = integers(process, name, value, shape)
    per_neuron = len(numbers) > 1
    # A Python int does not wrap; an array of int64 does, here as in the Python model.
    wide = np.left_shift(np.array(numbers, np.int64), shift).tolist() if per_neuron else [numbers[0] << shift]
    results = [min(max(n, int(INT32.min)), int(INT32.max)) for n in wide]
    raw = np.asarray(value).tolist() if per_neuron else numbers
    var = Variable(
        name,
        np.shape(value) if per_neuron else (1,),
        "int64",
        "latched",
        place,
        per_neuron=per_neuron,
        shift=shift,
        low=int(INT32.min),
        high=int(INT32.max),
        value=raw,
        frozen=False,
    )
    return (State(place, np.array(results, np.int32)) if per_neuron else Constant(place, results[0])), var
