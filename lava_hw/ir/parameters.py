"""Parameters and initial values of processes as the integers that the chip holds."""

from __future__ import annotations

import reprlib
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.errors import UndefinedValueError
from lava_hw.ir.errors import ParameterRefused
from lava_hw.ir.kept_var import Ints, KeptVar
from lava_hw.ir.neurons import Constant, NeuronState
from lava_hw.magma.core.process.cast import whole

INT32 = np.iinfo(np.int32)
INT64 = np.iinfo(np.int64)


def shown(value: Any) -> str:
    """Give a value as a short text."""
    return reprlib.repr(value.tolist() if isinstance(value, np.ndarray) else value)


def filled(process: str, name: str, value: Any, shape: tuple[int, ...], dtype: str) -> npt.NDArray[np.int32]:
    """Give the elements of an array Var, C order, as a Python model fills it: broadcast, truncated toward
    0.

    Returns
    -------
    int32 array, (elements,)

    Raises
    ------
    ParameterRefused
        If it is no number, lies outside `dtype`, or its shape does not fit.
    """
    info = np.iinfo(dtype)
    try:
        array = whole(value, int(info.min), int(info.max), f"{process}.{name}")
    except UndefinedValueError:
        raise ParameterRefused(
            process, name, shown(value), f"integers from {info.min} to {info.max}"
        ) from None
    try:
        array = np.broadcast_to(array, shape)
    except ValueError:
        raise ParameterRefused(
            process, name, f"of shape {array.shape}", f"one value, or shape {shape}"
        ) from None
    return array.astype(np.int32).reshape(-1)


def integers(process: str, name: str, value: Any, shape: tuple[int, ...]) -> tuple[list[int], Ints | None]:
    """Give a parameter that is one integer, or an array of them that is broadcast over the neurons.

    Returns
    -------
    numbers : list of int
        One number, or those of the array.
    elements : int64 array or None
        Which of them each neuron has; None for one number.

    Raises
    ------
    ParameterRefused
        If it is no integer of 64 bits, or its shape does not fit.
    """
    array = np.asarray(value)
    if array.dtype.kind not in "iub" or (array.dtype.kind == "u" and np.any(array > INT64.max)):
        raise ParameterRefused(process, name, shown(value), "integers (of at most 64 bits)")
    if array.size == 1:
        return [int(array.reshape(-1)[0])], None
    every = np.arange(array.size).reshape(array.shape)
    try:
        elements = np.broadcast_to(every, shape).reshape(-1)
    except ValueError:
        raise ParameterRefused(
            process, name, f"of shape {array.shape}", f"one value, or shape {shape}"
        ) from None
    return [int(n) for n in array.reshape(-1)], elements


def held(
    process: str, name: str, value: Any, shape: tuple[int, ...], place: str, scale: int, offset: int
) -> tuple[NeuronState | Constant, KeptVar]:
    """Keep a parameter as scale * value + offset in `place`.

    One value becomes a constant, several become a state variable.

    Raises
    ------
    ParameterRefused
        If a number or its result is not an int32.
    """
    numbers, elements = integers(process, name, value, shape)
    results = [scale * n + offset for n in numbers]
    for n, result in zip(numbers, results, strict=True):
        # The Var is read as an int32, too.
        if not (INT32.min <= result <= INT32.max and INT32.min <= n <= INT32.max):
            low, high = sorted((scale * (int(INT32.min) - offset), scale * (int(INT32.max) - offset)))
            low, high = max(low, int(INT32.min)), min(high, int(INT32.max))
            raise ParameterRefused(process, name, n, f"{low} to {high}")
    if elements is None:
        var = KeptVar(name, (1,), "int32", "const", place, scale=scale, offset=offset)
        return Constant(place, results[0]), var
    var = KeptVar(
        name, np.shape(value), "int32", "state", place, scale=scale, offset=offset, elements=elements
    )
    return NeuronState(place, np.array(results, np.int32)[elements]), var


def latched(
    process: str, name: str, value: Any, shape: tuple[int, ...], place: str, shift: int
) -> tuple[NeuronState | Constant, KeptVar]:
    """Keep clip(value << shift) in `place`.

    The raw value can be read, and set without effect after step 1; it stays with the host.
    """
    numbers, elements = integers(process, name, value, shape)
    # A Python int does not wrap; an array of int64 does, here as in the Python model.
    wide = [numbers[0] << shift] if elements is None else np.left_shift(np.array(numbers), shift).tolist()
    results = [min(max(n, int(INT32.min)), int(INT32.max)) for n in wide]
    var = KeptVar(
        name,
        (1,) if elements is None else np.shape(value),
        "int64",
        "latched",
        place,
        per_neuron=elements is not None,
        shift=shift,
        low=int(INT32.min),
        high=int(INT32.max),
        value=numbers if elements is None else np.asarray(value).astype(np.int64).tolist(),
        frozen=False,
        elements=elements,
    )
    if elements is None:
        return Constant(place, results[0]), var
    return NeuronState(place, np.array(results, np.int32)[elements]), var
