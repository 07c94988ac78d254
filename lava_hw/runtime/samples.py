"""The commonest loop: give a network one sample after the other, and collect what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw import progress as bars
from lava_hw.errors import notify
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.run_conditions import RunSteps
from lava_hw.magma.core.run_configs import RunConfig
from lava_hw.runtime.runtime import Runtime, build_for
from lava_hw.runtime.sample_ends import (
    End,
    SampleSource,
    fractions_warning,
    samples_by_source,
    sinks_of,
)

__all__ = ["run_samples"]

Array = npt.NDArray[Any]


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
    given = samples_by_source(runtime.flat, samples, source)
    sinks = sinks_of(runtime.flat, sink)
    kept = tuple(keep)
    if kept and not reset:
        raise ValueError("run_samples: keep= names Vars that are not reset, but with reset=False none is.")
    answers: list[list[Array]] = [[] for _ in sinks]
    said: set[SampleSource] = set()
    shown = runtime.run_cfg.progress if progress is None else progress
    total = next((len(s) for s in given.values() if hasattr(s, "__len__")), None)
    with bars.bar(total, "running samples", "samples", shown, delay=1.0) as bar:
        for number, sample in enumerate(_together(given)):
            prepared = [place.prepared(value, number, int(steps)) for place, value in sample]
            for (place, _), value in zip(sample, prepared, strict=True):
                if place.loses_fractions(value, number) and place not in said:
                    said.add(place)
                    notify(fractions_warning(place, number), runtime.run_cfg.strict)
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


def _together(given: dict[SampleSource, Any]) -> Iterator[list[tuple[SampleSource, Any]]]:
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
