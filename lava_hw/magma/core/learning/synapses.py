"""Synapses as the equations of a learning rule see them: a matrix, or the stored entries of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.learning.string_symbols import POST_TRACES, PRE_TRACES, SYNAPTIC_VARIABLE_VAR_MAPPING

__all__ = ["Epoch", "MatrixSynapses", "StoredSynapses"]

Array = npt.NDArray[Any]


class Epoch:
    """Spikes and traces of an epoch.

    Parameters
    ----------
    times_x, times_y : int arrays, shapes (n_in,) and (n_out,)
        Step of the spike of each source and target, or 0.
    history_x, history_y : arrays, shapes (steps + 1, 2, n_in) and (steps + 1, 3, n_out)
        Traces at the end of each step.
    u : int
        Whether uK holds, 0 or 1.
    """

    def __init__(self, times_x: Array, times_y: Array, history_x: Array, history_y: Array, u: int) -> None:
        self.times = {"x": times_x, "y": times_y}
        self.history = {"x": history_x, "y": history_y}
        self.u = u


class MatrixSynapses:
    """All pairs of a source and a target; their values have the shape (n_out, n_in)."""

    @staticmethod
    def values(held: Array) -> Array:
        """The values in what a model holds."""
        return held

    def arguments(self, epoch: Epoch, held: dict[str, Any]) -> dict[str, Any]:
        """What `AbstractLearningRuleApplier.apply` takes.

        Parameters
        ----------
        epoch : Epoch
            What has happened.
        held : dict
            weights, tag_2 and tag_1 of the model.
        """
        found: dict[str, Any] = {name: self.values(held[name]) for name in held}
        found["u"] = epoch.u
        found["x0"] = self._along("x", epoch.times["x"] > 0)
        found["y0"] = self._along("y", epoch.times["y"] > 0)
        for traces in (sorted(PRE_TRACES), sorted(POST_TRACES)):
            for place, name in enumerate(traces):
                for dependency in ("x0", "y0"):
                    found[f"{name}_{dependency}"] = self._at(epoch, name[0], place, dependency[0])
                found[f"{name}_u"] = self._along(name[0], epoch.history[name[0]][-1, place])
        return found

    def _along(self, side: str, values: Array) -> Any:
        """Values of sources or targets, for each synapse."""
        return values[None, :] if side == "x" else values[:, None]

    def _at(self, epoch: Epoch, side: str, place: int, at: str) -> Callable[[Any], Array]:
        """A trace at the spikes of one side, for the synapses that are asked for."""
        history, times = epoch.history[side][:, place], epoch.times[at]

        def own(index: Any) -> Array:
            neurons = np.arange(len(times))[index[1 if at == "x" else 0]]
            return self._along(side, history[times[neurons], neurons])

        def other(index: Any) -> Array:
            when = times[index[1 if at == "x" else 0]]
            if len(when) and (when == when[0]).all():
                return self._along(side, history[when[0]])
            return history[when].T if at == "x" else history[when]

        return own if side == at else other


class StoredSynapses(MatrixSynapses):
    """The stored entries of a CSR matrix, in its order; their values have the shape (entries,).

    Parameters
    ----------
    matrix : csr_matrix, shape (n_out, n_in)
        Which entries are stored.
    """

    def __init__(self, matrix: Any) -> None:
        self._neurons = {
            "x": np.asarray(matrix.indices, np.int64),
            "y": np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)),
        }

    @staticmethod
    def values(held: Any) -> Array:
        """See MatrixSynapses."""
        values: Array = held.data
        return values

    def _along(self, side: str, values: Array) -> Any:
        neurons = self._neurons[side]
        if len(values) and values.dtype == bool:
            return values[neurons]
        return lambda index: values[neurons[index[0]]]

    def _at(self, epoch: Epoch, side: str, place: int, at: str) -> Callable[[Any], Array]:
        history, times = epoch.history[side][:, place], epoch.times[at]
        neurons, spiking = self._neurons[side], self._neurons[at]
        return lambda index: history[times[spiking[index[0]]], neurons[index[0]]]


VARIABLES = tuple(SYNAPTIC_VARIABLE_VAR_MAPPING.values())
"""Names of the Vars that synapses have."""
