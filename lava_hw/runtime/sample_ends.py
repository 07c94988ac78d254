"""The ends of a network where samples enter and answers are taken: a Source, a Sink, or a Var."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lava_hw.errors import ValueChangedWarning
from lava_hw.graph import Flat
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var
from lava_hw.proc.io.sink import RingBuffer as Sink
from lava_hw.proc.io.source import RingBuffer as Source

if TYPE_CHECKING:
    from lava_hw.runtime.runtime import Runtime

__all__ = ["End", "SampleSink", "SampleSource", "fractions_warning", "samples_by_source", "sinks_of"]

Array = npt.NDArray[Any]
End = AbstractProcess | Var
"""A Source, a Sink, or a Var."""


# -- sources --
@dataclass(frozen=True)
class SampleSource:
    """A place where samples enter.

    Parameters
    ----------
    name : str
        For messages.
    var : Var
        What holds a sample.
    shape : tuple of int
        Of a message, or of the Var.
    over_time : bool
        Whether `var` is the data of a Source, with an axis of steps.
    integers : np.dtype, optional
        Type of the Source's model, if it holds integers.
    """

    name: str
    var: Var
    shape: tuple[int, ...]
    over_time: bool
    integers: np.dtype[Any] | None = None

    def loses_fractions(self, array: Array, number: int) -> bool:
        """Whether fractions of a sample are cut off.

        Raises
        ------
        ValueError
            If a value is none that the model can hold.
        """
        if self.integers is None or array.dtype.kind not in "iuf":
            return False
        whole, limits = np.trunc(array), np.iinfo(self.integers)
        bad = np.argwhere(~((whole >= limits.min) & (whole <= limits.max)))
        if len(bad):
            place = tuple(int(i) for i in bad[0])
            raise ValueError(
                f"run_samples: sample {number} for '{self.name}' holds {array[place]} at {place}; its model "
                f"holds integers from {limits.min} to {limits.max}."
            )
        return bool(np.any(whole != array))

    def prepared(self, sample: Any, number: int, steps: int) -> Array:
        """Give a sample as the Var holds it, checked."""
        array = np.asarray(sample)
        if array.dtype.kind not in "biufc":
            raise TypeError(
                f"run_samples: sample {number} for '{self.name}' must be an array of numbers, got "
                f"{type(sample).__name__}."
            )
        if array.shape == self.shape:
            return array[..., np.newaxis] if self.over_time else array
        if not self.over_time:
            raise ValueError(
                f"run_samples: sample {number} for Var '{self.name}' has shape {array.shape}; the Var has "
                f"{self.shape}."
            )
        length = array.shape[-1] if array.ndim else 0
        if array.shape[:-1] != self.shape or not 1 <= length <= steps:
            raise ValueError(
                f"run_samples: sample {number} for '{self.name}' has shape {array.shape}; needed is "
                f"{(*self.shape, steps)}, one column for each of the {steps} steps (fewer are followed by "
                f"zeros), or {self.shape} for the same message in every step."
            )
        whole = np.zeros((*self.shape, steps), array.dtype)
        whole[..., :length] = array
        return whole

    def put(self, runtime: Runtime, value: Array, before: int) -> None:
        """Let the network find a sample, `before` steps after its start."""
        if self.over_time and value.shape[-1] > 1:
            # Step t takes column (t - 1) modulo their number.
            value = np.roll(value, before % value.shape[-1], axis=-1)
        if self.over_time:
            runtime._variables.put(self.var, value)
        else:
            runtime.set_var(self.var, value)  # with all checks of Var.set


def samples_by_source(flat: Flat, samples: Any, source: Any) -> dict[SampleSource, Any]:
    """Give the samples of each source."""
    if isinstance(samples, Mapping):
        if source is not None:
            raise ValueError("run_samples: samples is a mapping, which names the sources; leave source out.")
        if not samples:
            raise ValueError("run_samples: the mapping of samples is empty; give samples for a source.")
        return {_source_at(flat, end): value for end, value in samples.items()}
    if source is not None:
        return {_source_at(flat, source): samples}
    found = [p for p in flat.processes if isinstance(p.process, Source)]
    names = ", ".join(f"'{p.name}'" for p in found)
    if not found:
        raise ValueError(
            "run_samples: the network has no Source for the samples. Connect a Source, or name a Var that "
            "takes them: source=neurons.bias_mant."
        )
    if len(found) > 1:
        raise ValueError(
            f"run_samples: the network has several sources: {names}. Name one (source=...), or give a "
            "mapping from each of them to its samples."
        )
    return {_source_at(flat, found[0].process): samples}


def fractions_warning(place: SampleSource, number: int) -> ValueChangedWarning:
    """Make the warning that fractions of samples are cut off."""
    return ValueChangedWarning(
        f"run_samples: samples for '{place.name}' have fractions, the first of them sample {number}, and its "
        "model holds integers: they are cut off. Scale and round the samples, or choose models of floats."
    )


def _source_at(flat: Flat, end: Any) -> SampleSource:
    if isinstance(end, Var):
        name = f"{_name_of(flat, end.process)}.{end.name}" if end.process is not None else end.name
        return SampleSource(name, end, end.shape, over_time=False)
    inside = _inside(flat, end, Source, "source")
    data = inside.process.data
    shape = inside.process.s_out.shape
    return SampleSource(inside.name, data, shape, over_time=True, integers=_integers(flat, data))


def _integers(flat: Flat, var: Var) -> np.dtype[Any] | None:
    """Give the type of a Var in its Python model, if that holds integers."""
    var = var.resolve()
    for process in flat.processes:
        if process.process is var.process and var.name in process.types:
            dtype = np.dtype(process.types[var.name].d_type)
            return dtype if dtype.kind in "iu" else None
    return None


# -- sinks --
@dataclass(frozen=True)
class SampleSink:
    """A place where answers come from."""

    end: End
    var: Var
    shape: tuple[int, ...]
    over_time: bool

    def make_room(self, runtime: Runtime, steps: int) -> None:
        """Let a sink hold all steps of a sample."""
        if self.over_time and runtime._variables.columns_of(self.var) < steps:
            runtime._variables.put(self.var, np.zeros((*self.shape, steps)))

    def answer(self, runtime: Runtime, before: int, steps: int) -> Array:
        """Give the messages of the steps after `before`, or the value now."""
        value = runtime._variables.take(self.var)
        array = np.asarray(value.toarray() if hasattr(value, "toarray") else value)
        if not self.over_time:
            return array.reshape(self.shape) if array.size == 1 else array
        answer: Array = np.take(array, (before + np.arange(steps)) % array.shape[-1], axis=-1)
        return answer

    def nothing(self, steps: int) -> Array:
        """Give the answers to no samples."""
        return np.zeros((0, *self.shape, steps) if self.over_time else (0, *self.shape))


def sinks_of(flat: Flat, sink: Any) -> list[SampleSink]:
    """Find the sinks that the user names, or all of the network."""
    if sink is None:
        found = [p.process for p in flat.processes if isinstance(p.process, Sink)]
        if not found:
            raise ValueError(
                "run_samples: the network has no Sink for the answers. Connect a Sink, or name a Var whose "
                "value at the end of each sample is wanted: sink=neurons.v."
            )
        return [_sink_at(flat, process) for process in found]
    ends = list(sink) if isinstance(sink, Sequence) else [sink]
    if not ends:
        raise ValueError("run_samples: the list of sinks is empty.")
    return [_sink_at(flat, end) for end in ends]


def _sink_at(flat: Flat, end: Any) -> SampleSink:
    if isinstance(end, Var):
        return SampleSink(end, end, end.shape, over_time=False)
    inside = _inside(flat, end, Sink, "sink")
    return SampleSink(end, inside.process.data, inside.process.a_in.shape, over_time=True)


# -- names --
def _inside(flat: Flat, end: Any, kind: type, what: str) -> Any:
    """Find the Source or Sink that a process is, or that is inside of it."""
    end = getattr(end, "main", end)
    if not isinstance(end, AbstractProcess):
        raise TypeError(f"run_samples: {what} must be a {what.title()} or a Var, got {end!r}.")

    def belongs(process: AbstractProcess | None) -> bool:
        while process is not None and process is not end:
            process = process.parent_proc
        return process is end

    found = [p for p in flat.processes if isinstance(p.process, kind) and belongs(p.process)]
    if len(found) != 1:
        known = ", ".join(f"'{p.name}'" for p in flat.processes if isinstance(p.process, kind)) or "none"
        how = "is no" if not found else "has more than one"
        raise ValueError(
            f"run_samples: '{_name_of(flat, end)}' {how} {what.title()} of this network; {what}s of it: "
            f"{known}."
        )
    return found[0]


def _name_of(flat: Flat, process: Any) -> str:
    for known in flat.processes:
        if known.process is process:
            return known.name
    return str(process.name)
