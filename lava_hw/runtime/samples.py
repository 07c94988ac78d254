"""The commonest loop: give a network one sample after the other, and collect what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw import progress as bars
from lava_hw.errors import ValueChangedWarning, notify
from lava_hw.graph import Flat
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.run_conditions import RunSteps
from lava_hw.magma.core.run_configs import RunConfig
from lava_hw.proc.io.sink import RingBuffer as Sink
from lava_hw.proc.io.source import RingBuffer as Source
from lava_hw.runtime.runtime import Runtime, build_for

__all__ = ["run_samples"]

Array = npt.NDArray[Any]
End = AbstractProcess | Var
"""Where samples enter or answers are taken: a Source, a Sink, or a Var."""


def run_samples(
    network: Any,
    samples: Any,
    steps: int,
    run_cfg: RunConfig | None = None,
    *,
    reset: bool = True,
    keep: Iterable[Var] = (),
    progress: bool | None = None,
    source: End | None = None,
    sink: End | Sequence[End] | None = None,
) -> Any:
    """Run a network once for each sample, and give its answers.

    For each sample everything is reset, the network's Source gets the sample, the network runs, and what its
    Sink received is an answer. Nothing is compiled, built or loaded a second time. Afterwards the network is
    at the end of the last sample, and can be used further; `runtime.reset()` gives it its initial state.

    Parameters
    ----------
    network : AbstractProcess, Network or list of AbstractProcess
        One process of the network (of each part of it, if it has several).
    samples : array, iterable of arrays, or mapping
        ``[n, *shape, T]`` with `shape` that of a message of the source and T steps, at most `steps`: column k
        is sent in step k + 1, after the last one zeros are. ``[n, *shape]``: each sample is sent in every
        step. A generator of such samples will do; they need not have the same T. For a Var as source
        ``[n, *shape of the Var]``. For several sources a mapping from each of them (a Source or Var) to its
        samples.
    steps : int
        Steps of each sample, at least 1. A spike needs one step for each connection on its way.
    run_cfg : RunConfig, optional
        Needed if the network has not been built yet, else not looked at.
    reset : bool, default True
        Whether each sample finds a network that equals a freshly built one, bit for bit: Vars, the number of
        the step, latched parameters, random generators. Var.set of before counts no more. False: they follow
        each other in one stream, from where the network is.
    keep : iterable of Var, optional
        Vars that are not reset, such as weights that are learnt.
    progress : bool, optional
        Whether a bar is shown; None: in a terminal or notebook. Default: that of the run configuration.
    source : Source or Var, optional
        Where the samples enter; needed if the network has several sources.
    sink : Sink, Var, or sequence of them, optional
        Where the answers come from; by default all Sinks. Of a Var it is the value at the end of the sample.

    Returns
    -------
    array, or dict
        ``[n, *shape of a message of the sink, steps]``, or ``[n, *shape of the Var]``, in the type of the
        sink's model (int32 in fixed point). By sink, if there are several or a sequence was given.

    Raises
    ------
    ValueError
        If a sample has another shape, or a value that its model cannot hold (the message says which), if
        there is no source or sink, or several sources of which none is named, or neither a runtime nor
        `run_cfg`.
    RunError
        If the network was stopped, or `keep` has a Var of another one.
    TypeError
        If something else than processes and Vars is given, or a sample does not consist of numbers.
    """
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 1:
        raise ValueError(f"run_samples: steps must be an int of at least 1, got {steps!r}.")
    runtime = _runtime_of(network, run_cfg)
    given = _given(runtime.flat, samples, source)
    sinks = _sinks(runtime.flat, sink)
    kept = tuple(keep)
    if kept and not reset:
        raise ValueError("run_samples: keep= names Vars that are not reset, but with reset=False none is.")
    answers: list[list[Array]] = [[] for _ in sinks]
    said: set[_Entry] = set()
    shown = runtime.run_cfg.progress if progress is None else progress
    total = next((len(s) for s in given.values() if hasattr(s, "__len__")), None)
    with bars.bar(total, "running samples", "samples", shown, delay=1.0) as bar:
        for number, sample in enumerate(_together(given)):
            prepared = [place.prepared(value, number, int(steps)) for place, value in sample]
            for (place, _), value in zip(sample, prepared, strict=True):
                if place.loses_fractions(value, number) and place not in said:
                    said.add(place)
                    notify(_fractions(place, number), runtime.run_cfg.strict)
            if reset:
                runtime.reset(kept)
            before = runtime.num_steps
            for (place, _), value in zip(sample, prepared, strict=True):
                place.put(runtime, value, before)
            for end in sinks:
                end.make_room(runtime, int(steps))
            runtime.start(RunSteps(num_steps=int(steps)))
            for end, found in zip(sinks, answers, strict=True):
                found.append(end.answer(runtime, before, int(steps)))
            bar.reach(number + 1)
    collected = {
        end.end: np.stack(found) if found else end.nothing(int(steps))
        for end, found in zip(sinks, answers, strict=True)
    }
    single = len(sinks) == 1 and not isinstance(sink, Sequence)
    return collected[sinks[0].end] if single else collected


def _runtime_of(network: Any, run_cfg: RunConfig | None) -> Runtime:
    """The runtime of a network; made, if there is none."""
    main = getattr(network, "main", network)  # of an algebraic Network
    processes = [main] if isinstance(main, AbstractProcess) else main
    if not isinstance(processes, (list, tuple)) or not all(isinstance(p, AbstractProcess) for p in processes):
        raise TypeError(f"run_samples: network must be a process or a list of them, got {network!r}.")
    if not processes:
        raise ValueError("run_samples: the list of processes is empty.")
    for process in processes:
        if process.runtime is not None:
            process.runtime.check()
            return process.runtime
    if run_cfg is None:
        raise ValueError(
            "run_samples: the network has not been built yet, so it needs run_cfg, e.g. "
            'run_cfg=Loihi2SimCfg(select_tag="fixed_pt").'
        )
    return build_for(processes, run_cfg)


# -- sources --
@dataclass(frozen=True)
class _Entry:
    """Where samples enter.

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
        """A sample as the Var holds it, checked."""
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


def _given(flat: Flat, samples: Any, source: Any) -> dict[_Entry, Any]:
    """The samples of each source."""
    if isinstance(samples, Mapping):
        if source is not None:
            raise ValueError("run_samples: samples is a mapping, which names the sources; leave source out.")
        if not samples:
            raise ValueError("run_samples: the mapping of samples is empty; give samples for a source.")
        return {_entry(flat, end): value for end, value in samples.items()}
    if source is not None:
        return {_entry(flat, source): samples}
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
    return {_entry(flat, found[0].process): samples}


def _fractions(place: _Entry, number: int) -> ValueChangedWarning:
    return ValueChangedWarning(
        f"run_samples: samples for '{place.name}' have fractions, the first of them sample {number}, and its "
        "model holds integers: they are cut off. Scale and round the samples, or choose models of floats."
    )


def _entry(flat: Flat, end: Any) -> _Entry:
    if isinstance(end, Var):
        name = f"{_name_of(flat, end.process)}.{end.name}" if end.process is not None else end.name
        return _Entry(name, end, end.shape, over_time=False)
    inside = _inside(flat, end, Source, "source")
    data = inside.process.data
    shape = inside.process.s_out.shape
    return _Entry(inside.name, data, shape, over_time=True, integers=_integers(flat, data))


def _integers(flat: Flat, var: Var) -> np.dtype[Any] | None:
    """Type of a Var in its Python model, if that holds integers."""
    var = var.resolve()
    for process in flat.processes:
        if process.process is var.process and var.name in process.types:
            dtype = np.dtype(process.types[var.name].d_type)
            return dtype if dtype.kind in "iu" else None
    return None


def _together(given: dict[_Entry, Any]) -> Iterator[list[tuple[_Entry, Any]]]:
    """Sample after sample, one of each source."""
    streams = [(entry, iter(values)) for entry, values in given.items()]
    number = 0
    while True:
        sample = []
        for entry, stream in streams:
            try:
                sample.append((entry, next(stream)))
            except StopIteration:
                continue
        if len(sample) < len(streams):
            if sample:
                there = {entry for entry, _ in sample}
                missing = next(entry.name for entry, _ in streams if entry not in there)
                raise ValueError(
                    f"run_samples: '{missing}' has no sample {number}, but '{sample[0][0].name}' has one; "
                    "all sources need as many samples."
                )
            return
        yield sample
        number += 1


# -- sinks --
@dataclass(frozen=True)
class _Exit:
    """Where answers come from."""

    end: End
    var: Var
    shape: tuple[int, ...]
    over_time: bool

    def make_room(self, runtime: Runtime, steps: int) -> None:
        """Let a sink hold all steps of a sample."""
        if self.over_time and runtime._variables.columns_of(self.var) < steps:
            runtime._variables.put(self.var, np.zeros((*self.shape, steps)))

    def answer(self, runtime: Runtime, before: int, steps: int) -> Array:
        """What came in the steps after `before`, or the value now."""
        value = runtime._variables.take(self.var)
        array = np.asarray(value.toarray() if hasattr(value, "toarray") else value)
        if not self.over_time:
            return array.reshape(self.shape) if array.size == 1 else array
        answer: Array = np.take(array, (before + np.arange(steps)) % array.shape[-1], axis=-1)
        return answer

    def nothing(self, steps: int) -> Array:
        """The answers to no samples."""
        return np.zeros((0, *self.shape, steps) if self.over_time else (0, *self.shape))


def _sinks(flat: Flat, sink: Any) -> list[_Exit]:
    if sink is None:
        found = [p.process for p in flat.processes if isinstance(p.process, Sink)]
        if not found:
            raise ValueError(
                "run_samples: the network has no Sink for the answers. Connect a Sink, or name a Var whose "
                "value at the end of each sample is wanted: sink=neurons.v."
            )
        return [_exit(flat, process) for process in found]
    ends = list(sink) if isinstance(sink, Sequence) else [sink]
    if not ends:
        raise ValueError("run_samples: the list of sinks is empty.")
    return [_exit(flat, end) for end in ends]


def _exit(flat: Flat, end: Any) -> _Exit:
    if isinstance(end, Var):
        return _Exit(end, end, end.shape, over_time=False)
    inside = _inside(flat, end, Sink, "sink")
    return _Exit(end, inside.process.data, inside.process.a_in.shape, over_time=True)


# -- names --
def _inside(flat: Flat, end: Any, kind: type, what: str) -> Any:
    """The Source or Sink that a process is, or that is inside of it."""
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
