"""Checks of what is given to `lava_hw.utils.float2fixed`, each with a message that names the tensor."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from lava_hw.utils.lif_network import WEIGHT_BITS, Array, FloatPopulation


def checked_options(num_weight_bits: int, headroom: float, outliers: float) -> None:
    """Refuse options outside their ranges."""
    if num_weight_bits not in range(1, WEIGHT_BITS + 1):
        raise ValueError(f"num_weight_bits is {num_weight_bits!r}; give an integer from 1 to {WEIGHT_BITS}")
    if not (math.isfinite(headroom) and headroom >= 1):
        raise ValueError(f"headroom is {headroom!r}; give a finite factor of at least 1")
    if not 0 <= outliers < 1:
        raise ValueError(f"outliers is {outliers!r}; give a fraction from 0 to below 1")


def _numbers(value: object, what: str) -> Array:
    """Return `value` as float64 array; it has to be made of finite real numbers and not to be empty."""
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{what} has dtype {array.dtype}; give real numbers")
    if array.size == 0:
        raise ValueError(f"{what} is empty (shape {array.shape}); give at least one element")
    array = array.astype(np.float64)
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        where = f" at index {tuple(int(i) for i in bad[0])}" if array.ndim else ""
        raise ValueError(f"{what} has {len(bad)} element(s) that are NaN or infinite, the first{where}")
    return array


def _scalar(value: object, what: str, low: float, high: float) -> float:
    """Return `value` as float within [low, high]."""
    array = _numbers(value, what)
    if array.size != 1:
        raise ValueError(f"{what} has shape {array.shape}; a population has one value for all its neurons")
    number = float(array.reshape(()))
    if not low <= number <= high:
        raise ValueError(f"{what} is {number:g}; give a value from {low:g} to {high:g}")
    return number


def checked_population(pop: FloatPopulation) -> FloatPopulation:
    """Return the population with its parameters as float64, or say which of them cannot be converted."""
    if not isinstance(pop, FloatPopulation):
        raise TypeError(f"a network is a list of FloatPopulation, and one of its elements is {pop!r}")
    if not pop.inputs:
        raise ValueError(f"population {pop.name!r} has no inputs; give it at least one weight matrix")
    weights = {}
    for source, matrix in pop.inputs.items():
        what = f"{pop.name}.weights[{source}]"
        weights[source] = _numbers(matrix, what)
        if weights[source].ndim != 2:
            raise ValueError(f"{what} has shape {weights[source].shape}; give a matrix (n, n_source)")
    rows = {source: matrix.shape[0] for source, matrix in weights.items()}
    if len(set(rows.values())) > 1:
        raise ValueError(f"weights into {pop.name!r} have different numbers of rows: {rows}")
    size = next(iter(rows.values()))
    bias = _numbers(pop.bias, f"{pop.name}.bias")
    if bias.size != 1 and bias.shape != (size,):
        raise ValueError(f"{pop.name}.bias has shape {bias.shape}; give a scalar or shape ({size},)")
    vth = _scalar(pop.vth, f"{pop.name}.vth", 0.0, math.inf)
    if vth == 0:
        raise ValueError(f"{pop.name}.vth is 0; the scale of a population needs a threshold above 0")
    du = _scalar(pop.du, f"{pop.name}.du", 0.0, 1.0)
    dv = _scalar(pop.dv, f"{pop.name}.dv", 0.0, 1.0)
    return FloatPopulation(pop.name, weights, vth, du, dv, np.broadcast_to(bias.reshape(-1), (size,)).copy())


def checked_inputs(network: Sequence[FloatPopulation]) -> dict[str, int]:
    """Return the size of every input of the network; names and shapes have to agree."""
    if not network:
        raise ValueError("there are no populations to convert")
    sizes: dict[str, int] = {}
    for pop in network:
        if pop.name in sizes:
            raise ValueError(f"two populations are named {pop.name!r}; names have to differ")
        sizes[pop.name] = pop.size
    inputs: dict[str, int] = {}
    for pop in network:
        for source, matrix in pop.inputs.items():
            need = sizes.get(source, inputs.setdefault(source, matrix.shape[1]) if source not in sizes else 0)
            if matrix.shape[1] != need:
                raise ValueError(
                    f"{pop.name}.weights[{source}] has {matrix.shape[1]} columns, but {source!r} has "
                    f"{need} elements"
                )
    return inputs


def checked_calibration(
    calibration: Mapping[str, Array], inputs: Mapping[str, int]
) -> tuple[dict[str, Array], int]:
    """Return calibration spikes by input, and the number of steps to run: all given ones and one to act."""
    if set(calibration) != set(inputs):
        raise ValueError(
            f"calibration has {sorted(calibration)}, but the inputs of the network are {sorted(inputs)}"
        )
    if not inputs:
        raise ValueError("calibration needs a network with inputs; this one has none")
    spikes = {name: _numbers(array, f"calibration[{name}]") for name, array in calibration.items()}
    for name, array in spikes.items():
        if array.ndim != 3 or array.shape[2] != inputs[name]:
            raise ValueError(
                f"calibration[{name}] has shape {array.shape}; give (steps, samples, {inputs[name]})"
            )
    if len({array.shape[:2] for array in spikes.values()}) > 1:
        raise ValueError("the arrays of the calibration have different numbers of steps or samples")
    return spikes, next(iter(spikes.values())).shape[0] + 1
