"""Networks of LIF populations joined by Dense connections, many samples at once, in plain numpy.

Two descriptions of the same network, in floating and in fixed point, and the equations of both (those of
`lava_hw.proc.lif` and `lava_hw.proc.dense`). They serve where a network is trained, converted or calibrated:
no process, no channel and no runtime, but hundreds of samples in one array. `lava_hw.utils.float2fixed`
converts one into the other.

A step of the network: every Dense hands over the sum that it made of its source's spikes of the step before,
every population adds its sums, integrates and spikes. Spikes that enter at step t therefore act at t + 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray

#: u and v are 24-bit states; the fixed-point model works on inputs and thresholds shifted left by six bits.
STATE_BITS = 24
INPUT_SHIFT = 6
#: Decays are fractions of 2**12.
DECAY_BITS = 12
#: Weights are 8-bit magnitudes; num_weight_bits keeps the upper ones of them.
WEIGHT_BITS = 8
_V_MAX = 2 ** (STATE_BITS - 1) - 1


@dataclass(frozen=True)
class FloatPopulation:
    """A LIF population and the Dense connections into it, in floating point.

    Attributes
    ----------
    name : str
        Name of the population.
    inputs : mapping of str to ndarray, shape (n, n_source)
        Weights by the name of their source: a population, also itself, or an input of the network.
    vth : float
        Threshold; a neuron spikes when v > vth.
    du, dv : float
        Decays of u and v per step, from 0 (none) to 1 (no memory).
    bias : float or ndarray, shape (n,)
        Added to v in every step.
    """

    name: str
    inputs: Mapping[str, Array]
    vth: float
    du: float = 0.0
    dv: float = 0.0
    bias: float | Array = 0.0

    @property
    def size(self) -> int:
        """Number of neurons."""
        return int(next(iter(self.inputs.values())).shape[0])


@dataclass(frozen=True)
class FixedDense:
    """A Dense connection in fixed point: int64 weights of shape (n, n_source), as the process takes them."""

    weights: Array
    weight_exp: int
    num_weight_bits: int


@dataclass(frozen=True)
class FixedPopulation:
    """A LIF population and the Dense connections into it, in fixed point.

    Attributes
    ----------
    name : str
        Name of the population.
    inputs : mapping of str to FixedDense
        Connections by the name of their source.
    vth, du, dv, bias_exp : int
        Parameters of `lava_hw.proc.lif.process.LIF`.
    bias_mant : ndarray of int64, shape (n,)
        Mantissa of the bias.
    scale : float
        Fixed-point threshold and synaptic input per unit of the floating-point ones.
    """

    name: str
    inputs: Mapping[str, FixedDense]
    vth: int
    du: int
    dv: int
    bias_mant: Array
    bias_exp: int
    scale: float

    @property
    def size(self) -> int:
        """Number of neurons."""
        return int(self.bias_mant.shape[0])

    def lif_arguments(self) -> dict[str, Any]:
        """Keyword arguments of the LIF process, without its name."""
        return {
            "shape": (self.size,),
            "vth": self.vth,
            "du": self.du,
            "dv": self.dv,
            "bias_mant": self.bias_mant.copy(),
            "bias_exp": self.bias_exp,
        }

    def dense_arguments(self, source: str) -> dict[str, Any]:
        """Keyword arguments of the Dense process from `source`, without its name.

        Raises
        ------
        KeyError
            If the population has no connection from `source`.
        """
        if source not in self.inputs:
            raise KeyError(f"population {self.name!r} has no input {source!r}; it has {sorted(self.inputs)}")
        dense = self.inputs[source]
        return {
            "weights": dense.weights.copy(),
            "weight_exp": dense.weight_exp,
            "num_weight_bits": dense.num_weight_bits,
        }


@dataclass(frozen=True)
class Trace:
    """What a population did: arrays of shape (steps, samples, n), values at the end of each step.

    `v` is the membrane after the reset by a spike, `peak` the membrane before it.
    """

    spikes: Array
    u: Array
    v: Array
    peak: Array = field(repr=False)


def shift_toward_zero(values: Array, bits: int) -> Array:
    """Divide int64 `values` by 2**bits, rounding toward zero."""
    return np.sign(values) * (np.abs(values) >> bits)


def _int32(values: Array) -> Array:
    """Wrap int64 values to 32 bits, as the models' int32 arithmetic does."""
    return values.astype(np.int64).astype(np.int32).astype(np.int64)


def _dense_fixed(dense: FixedDense, spikes: Array) -> Array:
    """Sum of weights of the spiking sources, shifted after the sum: int64, shape (samples, n)."""
    # The product in float64 is exact: sums of at most 4096 weights of 9 bits are far below 2**53.
    total = (spikes != 0).astype(np.float64) @ dense.weights.astype(np.float64).T
    acc = total.astype(np.int64)
    exp = dense.weight_exp
    return _int32(acc << exp if exp >= 0 else acc >> -exp)


def _lif_fixed(pop: FixedPopulation, a: Array, u: Array, v: Array) -> tuple[Array, Array, Array, Array]:
    """One fixed-point LIF step: u, v, spikes, and v before the reset."""
    exp = pop.bias_exp
    bias = pop.bias_mant << exp if exp >= 0 else pop.bias_mant >> -exp
    one = 2**DECAY_BITS
    u = _int32(shift_toward_zero(u * (one - (pop.du + 1)), DECAY_BITS) + _int32(a << INPUT_SHIFT))
    half = 2 ** (STATE_BITS - 1)
    u = np.where(u > half, u - 2 * half, np.where(u <= -half, u + 2 * half, u))
    peak = np.clip(_int32(shift_toward_zero(v * (one - pop.dv), DECAY_BITS) + u + bias), -_V_MAX, _V_MAX)
    spikes = peak > (pop.vth << INPUT_SHIFT)
    return u, np.where(spikes, 0, peak), spikes, peak


def _lif_float(pop: FloatPopulation, a: Array, u: Array, v: Array) -> tuple[Array, Array, Array, Array]:
    """One floating-point LIF step: u, v, spikes, and v before the reset."""
    u = u * (1 - pop.du) + a
    peak = v * (1 - pop.dv) + u + pop.bias
    spikes = peak > pop.vth
    return u, np.where(spikes, 0, peak), spikes, peak


def simulate(
    populations: Sequence[FloatPopulation] | Sequence[FixedPopulation],
    spikes: Mapping[str, Array],
    steps: int,
) -> dict[str, Trace]:
    """Run a network from its initial state (u = v = 0, nothing under way) for `steps` steps.

    Parameters
    ----------
    populations : sequence of FloatPopulation or of FixedPopulation
        The network, in any order; connections may form loops.
    spikes : mapping of str to ndarray, shape (steps_given, samples, n)
        Spikes of each input of the network; any value but 0 is a spike. Inputs that end early stay silent.
    steps : int
        Number of steps.

    Returns
    -------
    dict of str to Trace
        One trace per population: int64 states for fixed point, float64 for floating point, spikes bool.
    """
    samples = next(iter(spikes.values())).shape[1]
    number = np.int64 if isinstance(populations[0], FixedPopulation) else np.float64
    traces = {}
    for pop in populations:
        shape = (steps, samples, pop.size)
        traces[pop.name] = Trace(np.zeros(shape, bool), *(np.zeros(shape, number) for _ in range(3)))
    for t in range(steps):
        for pop in populations:
            trace = traces[pop.name]
            a = np.zeros((samples, pop.size), number)
            for source, dense in pop.inputs.items():
                sent = traces[source].spikes if source in traces else spikes[source]
                if 0 < t <= len(sent):
                    given = sent[t - 1]
                    a = a + (
                        _dense_fixed(dense, given)
                        if isinstance(dense, FixedDense)
                        else (given != 0).astype(np.float64) @ dense.T
                    )
            u = trace.u[t - 1] if t else np.zeros_like(a)
            v = trace.v[t - 1] if t else np.zeros_like(a)
            if isinstance(pop, FixedPopulation):
                result = _lif_fixed(pop, a, u, v)
            else:
                result = _lif_float(pop, a, u, v)
            trace.u[t], trace.v[t], trace.spikes[t], trace.peak[t] = result
    return traces
