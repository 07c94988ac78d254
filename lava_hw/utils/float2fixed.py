"""Conversion of LIF and Dense parameters from floating point into Lava's fixed point, with a report.

A population gets one scale S. Its fixed-point threshold and synaptic sums are S times the floating-point
ones; its states u and v, which the fixed-point model keeps shifted left by six bits, are 64 S times them.
Then both models spike alike but for rounding::

    weights     S * w        = integer weights * 2**weight_exp
    vth         S * vth      = integer
    bias        64 * S * b   = bias_mant * 2**bias_exp
    du          4096 * du    = integer + 1      (the model's own + 1)
    dv          4096 * dv    = integer

S is the largest value for which the connection with the largest weights fills the range of its integers,
nothing leaves the range of a parameter, and the states keep clear of the ends of their 24 bits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from lava_hw.utils.float2fixed_checks import (
    checked_calibration,
    checked_inputs,
    checked_options,
    checked_population,
)
from lava_hw.utils.float2fixed_report import Float2FixedReport, StateRange, TensorError
from lava_hw.utils.lif_network import (
    DECAY_BITS,
    INPUT_SHIFT,
    STATE_BITS,
    WEIGHT_BITS,
    Array,
    FixedDense,
    FixedPopulation,
    FloatPopulation,
    Trace,
    simulate,
)

_VTH_MAX = 2**17 - 1
_BIAS_MANT_MAX = 2**12 - 1
_BIAS_EXP_MAX = 7
_DECAY_MAX = 2**DECAY_BITS - 1
_STATE_MAX = 2 ** (STATE_BITS - 1) - 1
_WEIGHT_EXPS = (-8, 7)


def float2fixed(
    populations: Sequence[FloatPopulation],
    calibration: Mapping[str, Array] | None = None,
    *,
    num_weight_bits: int = 8,
    headroom: float = 1.5,
    outliers: float = 0.0,
) -> tuple[list[FixedPopulation], Float2FixedReport]:
    """Convert a network of LIF populations and Dense connections into fixed point.

    Parameters
    ----------
    populations : sequence of FloatPopulation
        The network. A weight matrix whose source is no population belongs to an input of the network.
    calibration : mapping of str to ndarray, shape (steps, samples, n), optional
        Spikes of every input of the network. Both networks are run on them: the states that are seen, times
        `headroom`, then bound the scale, and the report tells where the spikes differ. Without it u is
        bounded by the sum of all weights, and v by nothing (it saturates, it does not wrap).
    num_weight_bits : int
        Bits of a weight, 1 to 8.
    headroom : float
        Factor, at least 1, by which states may exceed those of the calibration.
    outliers : float
        Fraction of the largest weights of each matrix that may saturate, so that the others get a finer grid.

    Returns
    -------
    list of FixedPopulation
        In the order of `populations`.
    Float2FixedReport
        What was lost.

    Raises
    ------
    TypeError
        If a tensor does not consist of real numbers.
    ValueError
        If a tensor is empty, not finite or of a wrong shape, a parameter is outside its range, names collide
        or are missing, or no scale exists that represents threshold, bias and weights together.
    """
    checked_options(num_weight_bits, headroom, outliers)
    network = [checked_population(pop) for pop in populations]
    inputs = checked_inputs(network)
    floats: dict[str, Trace] = {}
    if calibration is not None:
        spikes, steps = checked_calibration(calibration, inputs)
        floats = simulate(network, spikes, steps)

    converted = []
    errors: list[TensorError] = []
    for pop in network:
        bound = _state_bound(pop, floats.get(pop.name), headroom)
        result, lost = _convert(pop, bound, num_weight_bits, outliers)
        converted.append(result)
        errors += lost
    states = []
    if calibration is not None:
        fixed = simulate(converted, spikes, steps)
        states = [_state_range(pop.name, floats[pop.name], fixed[pop.name]) for pop in network]
    return converted, Float2FixedReport(tuple(errors), tuple(states))


def _state_bound(pop: FloatPopulation, trace: Trace | None, headroom: float) -> float:
    """Largest magnitude, in floating point, that must fit into the 24 bits of u and v."""
    fan_in = max(float(sum(np.abs(matrix).sum(axis=1) for matrix in pop.inputs.values()).max()), 0.0)
    # The fixed-point model always loses at least 1/4096 of u a step, so its sum over time is bounded.
    worst_u = fan_in / max(pop.du, 2.0**-DECAY_BITS)
    if trace is None:
        return max(worst_u, pop.vth)
    seen = max(float(np.abs(trace.u).max()), float(np.abs(trace.peak).max()))
    return max(headroom * seen, pop.vth)


def _weight_range(matrix: Array, bits: int) -> tuple[int, int, int]:
    """Lowest and highest integer weight of the connection's sign mode, and the step between neighbours."""
    if matrix.min() >= 0:
        step = 2 ** (WEIGHT_BITS - bits)
        return 0, 2**WEIGHT_BITS - step, step
    if matrix.max() <= 0:
        step = 2 ** (WEIGHT_BITS - bits)
        return -(2**WEIGHT_BITS) + step, 0, step
    step = 2 ** (WEIGHT_BITS - bits + 1)
    return -(2**WEIGHT_BITS), 2**WEIGHT_BITS - step, step


def _full_scale(matrix: Array, bits: int, outliers: float) -> float:
    """Scale at which the matrix fills the range of its integer weights; infinite if it is all zero."""
    low, high, _ = _weight_range(matrix, bits)
    kept = matrix
    if outliers:
        limit = np.quantile(np.abs(matrix), 1 - outliers)
        kept = np.clip(matrix, -limit, limit)
    top, bottom = float(kept.max()), float(kept.min())
    # A one-bit MIXED range has no positive weight; the negative side then sets the scale.
    scales = [high / top if top > 0 and high > 0 else math.inf, low / bottom if bottom < 0 else math.inf]
    return min(scales)


def _choose_scale(pop: FloatPopulation, bound: float, full: Mapping[str, float]) -> float:
    """Largest scale that fills the range of the largest weights and keeps everything in range."""
    unit = 2**INPUT_SHIFT
    limits = {
        "the threshold": (_VTH_MAX + 0.5) / pop.vth * (1 - 2.0**-40),
        "the states": _STATE_MAX / (unit * bound),
    }
    largest_bias = float(np.abs(np.asarray(pop.bias)).max())
    if largest_bias:
        limits["the bias"] = _BIAS_MANT_MAX * 2**_BIAS_EXP_MAX / (unit * largest_bias)
    limit = min(limits.values())
    finite = {source: scale for source, scale in full.items() if math.isfinite(scale)}
    if not finite:
        return 2.0 ** math.floor(math.log2(limit))
    reference = min(finite.values())
    exponent = math.floor(math.log2(limit / reference))
    highest = min(math.floor(math.log2(2.0 ** _WEIGHT_EXPS[1] * s / reference)) for s in finite.values())
    exponent = min(exponent, highest)
    scale = reference * 2.0**exponent
    if exponent < _WEIGHT_EXPS[0] or round(scale * pop.vth) < 1:
        why = min(limits, key=lambda name: limits[name])
        raise ValueError(
            f"population {pop.name!r}: no scale represents its weights and threshold together ({why} bounds "
            f"it to {limit:.3g}, full-range weights need {reference:.3g} times a power of two, and the "
            f"threshold is {pop.vth:g}); bring their magnitudes nearer to one another"
        )
    return scale


def _error(
    tensor: str, exact: Array, got: Array, scale: float, exponent: int, saturated: Array
) -> TensorError:
    """Compare a tensor with what its fixed-point form stands for."""
    difference = np.abs(np.asarray(got, np.float64) - np.asarray(exact, np.float64))
    return TensorError(
        tensor=tensor,
        shape=tuple(np.shape(exact)),
        scale=float(scale),
        exponent=exponent,
        max_error=float(difference.max()),
        rms_error=float(np.sqrt(np.mean(difference**2))),
        saturated=float(np.mean(saturated)),
    )


def _convert_weights(matrix: Array, scale: float, full: float, bits: int) -> tuple[FixedDense, Array, Array]:
    """Return the connection, the weights that it stands for, and where they saturated."""
    low, high, step = _weight_range(matrix, bits)
    exponent = 0 if math.isinf(full) else math.ceil(math.log2(scale / full) - 1e-9)
    exponent = int(np.clip(exponent, *_WEIGHT_EXPS))
    ideal = np.rint(matrix * (scale * 2.0**-exponent) / step) * step
    weights = np.clip(ideal, low, high).astype(np.int64)
    return (
        FixedDense(weights, exponent, bits),
        weights * (2.0**exponent / scale),
        (ideal < low) | (ideal > high),
    )


def _convert_bias(bias: Array, scale: float) -> tuple[Array, int]:
    """Return mantissa and exponent; the scale was chosen so that the largest bias fits."""
    ideal = bias * (scale * 2**INPUT_SHIFT)
    largest = float(np.abs(ideal).max())
    exponent = max(0, math.ceil(math.log2(largest / _BIAS_MANT_MAX))) if largest else 0
    return np.rint(ideal / 2.0**exponent).astype(np.int64), exponent


def _convert(
    pop: FloatPopulation, bound: float, bits: int, outliers: float
) -> tuple[FixedPopulation, list[TensorError]]:
    """Convert one checked population."""
    full = {source: _full_scale(matrix, bits, outliers) for source, matrix in pop.inputs.items()}
    scale = _choose_scale(pop, bound, full)
    inputs = {}
    errors = []
    for source, matrix in pop.inputs.items():
        dense, meaning, saturated = _convert_weights(matrix, scale, full[source], bits)
        inputs[source] = dense
        tensor = f"{pop.name}.weights[{source}]"
        errors.append(
            _error(tensor, matrix, meaning, scale * 2.0**-dense.weight_exp, dense.weight_exp, saturated)
        )
    vth = round(scale * pop.vth)
    bias = np.asarray(pop.bias)
    mantissa, exponent = _convert_bias(bias, scale)
    one = 2**DECAY_BITS
    ideal_du, ideal_dv = round(pop.du * one) - 1, round(pop.dv * one)
    du, dv = int(np.clip(ideal_du, 0, _DECAY_MAX)), int(np.clip(ideal_dv, 0, _DECAY_MAX))
    state = scale * 2**INPUT_SHIFT
    no = np.zeros(1, bool)
    errors += [
        _error(f"{pop.name}.vth", np.asarray(pop.vth), np.asarray(vth / scale), scale, 0, no),
        _error(
            f"{pop.name}.bias", bias, mantissa * (2.0**exponent / state), state / 2.0**exponent, exponent, no
        ),
        _error(
            f"{pop.name}.du", np.asarray(pop.du), np.asarray((du + 1) / one), one, 0, np.array(du != ideal_du)
        ),
        _error(f"{pop.name}.dv", np.asarray(pop.dv), np.asarray(dv / one), one, 0, np.array(dv != ideal_dv)),
    ]
    return FixedPopulation(pop.name, inputs, vth, du, dv, mantissa, exponent, scale), errors


def _state_range(name: str, float_trace: Trace, fixed_trace: Trace) -> StateRange:
    """Compare what a population did in both networks."""
    differing = int(np.count_nonzero(float_trace.spikes != fixed_trace.spikes))
    spikes = int(np.count_nonzero(float_trace.spikes))
    return StateRange(
        population=name,
        u_peak=float(np.abs(fixed_trace.u).max() / _STATE_MAX),
        v_peak=float(np.abs(fixed_trace.peak).max() / _STATE_MAX),
        spikes_float=spikes,
        spikes_fixed=int(np.count_nonzero(fixed_trace.spikes)),
        spikes_differing=differing / max(spikes, 1),
    )
