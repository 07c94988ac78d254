"""Traces of neurons over an epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.learning.constants import W_TRACE, W_TRACE_FRACTIONAL_PART

__all__ = ["FixedTraces", "FloatTraces", "keep"]

Array = npt.NDArray[Any]

_MOST = (1 << W_TRACE) - 1


def keep(taus: Array) -> npt.NDArray[np.float64]:
    """Part of a trace that is kept in a step: exp(-1/tau), and 0 if tau is 0."""
    kept = np.zeros(len(taus))
    decaying = taus != 0
    kept[decaying] = np.exp(-1 / taus[decaying])
    return kept


def _spikes(times: Array, steps: int) -> dict[int, Array]:
    """Neurons by the step of their spike."""
    neurons = times.nonzero()[0]
    if not len(neurons):
        return {}
    if steps == 1:
        return {1: neurons}
    when = times[neurons]
    return {int(step): neurons[when == step] for step in np.unique(when)}


class FixedTraces:
    """Traces in integers 0 to 127, rounded at random.

    Parameters
    ----------
    impulses, taus : float64 arrays, shape (traces,)
        What a spike adds to each trace, and its time constant.
    """

    def __init__(self, impulses: Array, taus: Array) -> None:
        whole = np.floor(impulses)
        # As in Lava a fraction has 8 bits, the random number that it is compared with has 7.
        fraction = np.round((impulses - whole) * (1 << W_TRACE_FRACTIONAL_PART))
        self._whole = whole.astype(np.int64)[:, None]
        self._fraction = fraction.astype(np.int64)[:, None]
        self._parts = [(int(w), int(f)) for w, f in zip(whole, fraction, strict=True)]
        self._kept = keep(taus)[:, None]

    def add_impulse(self, values: Array, number: int | np.int64) -> Array:
        """Traces after a spike.

        Parameters
        ----------
        values : int array, shape (traces, neurons)
            Traces before.
        number : int
            Random number, 0 to 127.
        """
        added = self._whole + (number < self._fraction)
        return np.minimum(np.maximum(values + added, 0), _MOST)

    def add_to_one(self, trace: int, values: Array, number: int | np.int64) -> Array:
        """One trace after a spike.

        Parameters
        ----------
        trace : int
            Which one.
        values : int array, shape (neurons,)
            The trace before.
        number : int
            Random number, 0 to 127; with 0 every fraction counts as 1.
        """
        whole, fraction = self._parts[trace]
        return np.minimum(np.maximum(values + (whole + int(number < fraction)), 0), _MOST)

    def history(self, now: Array, times: Array, steps: int, number: float, impulse: int | np.int64) -> Array:
        """Traces at the end of each step of an epoch.

        Parameters
        ----------
        now : int array, shape (traces, neurons)
            At its begin.
        times : int array, shape (neurons,)
            Step of the spike of each neuron, 1 to `steps`, or 0.
        steps : int
            Length of the epoch.
        number : float
            Random number in [0, 1) for all decays of the epoch.
        impulse : int
            Random number for all impulses of the epoch.

        Returns
        -------
        int64 array, shape (steps + 1, traces, neurons)
            Entry 0 is `now`.
        """
        found = np.zeros((steps + 1, *now.shape), np.int64)
        found[0] = now
        spikes, kept = _spikes(times, steps), self._kept
        quiet = not now.any()
        for step in range(1, steps + 1):
            if not quiet:
                value = kept * found[step - 1]
                whole = np.floor(value)
                found[step] = whole + (number < value - whole)
            if step in spikes:
                at = spikes[step]
                found[step][:, at] = self.add_impulse(found[step][:, at], impulse)
                quiet = False
        return found


class FloatTraces:
    """Traces in floating point, without bounds.

    Parameters
    ----------
    impulses, taus : float64 arrays, shape (traces,)
        See FixedTraces.
    """

    def __init__(self, impulses: Array, taus: Array) -> None:
        self.impulses = impulses
        self._kept = keep(taus)[:, None]

    def history(self, now: Array, times: Array, steps: int) -> Array:
        """See FixedTraces; a float64 array."""
        found = np.zeros((steps + 1, *now.shape))
        found[0] = now
        spikes, kept = _spikes(times, steps), self._kept
        for step in range(1, steps + 1):
            found[step] = kept * found[step - 1]
            if step in spikes:
                found[step][:, spikes[step]] += self.impulses[:, None]
        return found
