"""Parameters and initial values of processes as the integers that the chip holds."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.computed import RULES
from lava_hw.errors import UndefinedValueError
from lava_hw.graph.flat import FlatProcess
from lava_hw.ir.errors import ParameterRefused
from lava_hw.ir.kept_var import Ints, KeptVar
from lava_hw.ir.neurons import Constant, NeuronState
from lava_hw.magma.core.process.cast import whole

INT32 = np.iinfo(np.int32)
INT64 = np.iinfo(np.int64)
STORED_BITS = (4, 8, 16)


def shown(value: Any) -> str:
    """Give a value as a short text."""
    return reprlib.repr(value.tolist() if isinstance(value, np.ndarray) else value)


def stored_bits(process: FlatProcess) -> int:
    """Give the bits of a weight in the chip's memory: the argument of a connection, else that of the run.

    Raises
    ------
    ParameterRefused
        If there is no such format.
    """
    given = process.params.get("stored_bits")
    if given is None:
        return process.stored_bits
    if type(given) is not int or given not in STORED_BITS:
        raise ParameterRefused(process.name, "stored_bits", shown(given), "4, 8 or 16")
    return given


def filled(
    process: str,
    name: str,
    value: Any,
    shape: tuple[int, ...],
    dtype: str,
    least: int | None = None,
    most: int | None = None,
) -> npt.NDArray[np.int32]:
    """Give the elements of an array Var, C order, as a Python model fills it: broadcast, truncated toward
    0.

    Parameters
    ----------
    least, most : int, optional
        Limits within those of `dtype` and of 32 bits.

    Returns
    -------
    int32 array, (elements,)

    Raises
    ------
    ParameterRefused
        If it is no number, lies outside `dtype` or the limits, or its shape does not fit.
    """
    low, high = max(int(np.iinfo(dtype).min), int(INT32.min)), min(int(np.iinfo(dtype).max), int(INT32.max))
    low, high = low if least is None else max(low, least), high if most is None else min(high, most)
    try:
        array = whole(value, low, high, f"{process}.{name}")
    except UndefinedValueError:
        raise ParameterRefused(process, name, shown(value), f"integers from {low} to {high}") from None
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
    process: str,
    name: str,
    value: Any,
    shape: tuple[int, ...],
    place: str,
    scale: int = 1,
    offset: int = 0,
    least: int | None = None,
    most: int | None = None,
) -> tuple[NeuronState | Constant, KeptVar]:
    """Keep a parameter as scale * value + offset in `place`.

    One value becomes a constant, several become a state variable.

    Parameters
    ----------
    least, most : int, optional
        Limits of the value, beside those that 32 bits have.

    Raises
    ------
    ParameterRefused
        If a number or its result is not an int32, or lies outside the limits.
    """
    numbers, elements = integers(process, name, value, shape)
    results = [scale * n + offset for n in numbers]
    # The Var is read as an int32, too.
    low, high = sorted((scale * (int(INT32.min) - offset), scale * (int(INT32.max) - offset)))
    low, high = max(low, int(INT32.min)), min(high, int(INT32.max))
    low, high = low if least is None else max(low, least), high if most is None else min(high, most)
    for n in numbers:
        if not low <= n <= high:
            raise ParameterRefused(process, name, n, f"{low} to {high}")
    var = KeptVar(
        name,
        (1,) if elements is None else np.shape(value),
        "int32",
        "const" if elements is None else "state",
        place,
        scale=scale,
        offset=offset,
        elements=elements,
        least=least,
        most=most,
    )
    if elements is None:
        return Constant(place, results[0]), var
    return NeuronState(place, np.array(results, np.int32)[elements]), var


def follows(rule: str, value: Any) -> bool:
    """Whether a rule of `lava_hw.computed` has an exact answer for all numbers of a parameter."""
    given = np.asarray(value)
    return given.dtype.kind in "iubf" and not RULES[rule].bad(given.reshape(-1)).any()


def computed(
    process: str,
    name: str,
    value: Any,
    shape: tuple[int, ...],
    places: Mapping[str, str],
    then: str = "",
    dtype: str = "float64",
) -> tuple[tuple[NeuronState | Constant, ...], KeptVar]:
    """Keep what rules make of a parameter; the host keeps the value itself.

    One value becomes constants, several become state variables.

    Parameters
    ----------
    places : mapping of str to str
        Name of a place, and the rule (`lava_hw.computed`) that gives its numbers.
    then : str
        The place that is the Var from step 1 on, if the Python model puts its number into the Var there.
    dtype : str
        Type of the Var.

    Raises
    ------
    ParameterRefused
        If it is no number, its shape does not fit, or a rule has no exact answer.
    """
    given = np.asarray(value)
    if given.dtype.kind not in "iubf":
        raise ParameterRefused(process, name, shown(value), "numbers")
    flat = given.reshape(-1)
    elements: Ints | None = None
    if flat.size != 1:
        _, elements = integers(process, name, np.zeros(given.shape, np.int64), shape)
    found: list[NeuronState | Constant] = []
    for place, rule in places.items():
        bad = np.flatnonzero(RULES[rule].bad(flat))
        if len(bad):
            raise ParameterRefused(process, name, flat[bad[0]].item(), RULES[rule].limit)
        numbers = RULES[rule].compute(flat)
        if elements is None:
            found.append(Constant(place, int(numbers[0])))
        else:
            found.append(NeuronState(place, numbers.astype(np.int32)[elements]))
    var = KeptVar(
        name,
        (1,) if elements is None else given.shape,
        dtype,
        "computed",
        value=flat.tolist() if elements is None else given.tolist(),
        elements=elements,
        computed=tuple((rule, place) for place, rule in places.items()),
        then=then,
        frozen=False,
    )
    return tuple(found), var


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
