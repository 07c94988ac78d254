"""Run one specification on a reference and give everything that is compared, step by step."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lava_hw import HwRunCfg, Loihi2SimCfg, RunSteps
from lava_hw.regs import BLOCK
from tests.fuzz.networks import OF_CONNECTIONS, Built, NetworkSpec, build, set_name, set_value

CHIPS = {8: "test8", 32: "test32"}


@dataclass(frozen=True)
class Trace:
    """Values by name, per step (``steps[t][name]``), and the counters of the chip where there is one."""

    steps: list[dict[str, NDArray[Any]]]
    counters: dict[str, Any] | None


def config(spec: NetworkSpec, reference: str, lanes: int) -> Any:
    """Give the run configuration of ``reference``: python, golden or verilator."""
    if reference == "python":
        return Loihi2SimCfg(select_tag="fixed_pt")
    placement = {
        f"lif{i}": core_number(c)
        for i, (c, population) in enumerate(zip(spec.cores, spec.populations, strict=False))
    }
    sizes = [*spec.sources, *(population.size for population in spec.populations)]
    split = {
        f"dense{i}": min(edge.parts, -(-sizes[edge.src] // BLOCK))
        for i, edge in enumerate(spec.edges)
        # What is shifted apart for each delay is not cut.
        if edge.kind in ("dense", "toggle") and not (edge.most and edge.weight_exp < 0)
    }
    return HwRunCfg(chip=CHIPS[lanes], device=reference, build="checked", placement=placement, split=split)


def core_number(index: int) -> int:
    """Give the core number (y * 8 + x) of the index-th core of a 2 x 2 chip."""
    return (index // 2) * 8 + index % 2


def run(spec: NetworkSpec, reference: str, lanes: int, stepwise: bool) -> Trace:
    """Run ``spec``; with ``stepwise`` one ``run()`` per step, else the runs of the specification."""
    built = build(spec)
    bounds = set(np.cumsum(spec.runs).tolist())
    total = sum(spec.runs)
    lengths = [1] * total if stepwise else list(spec.runs)
    cfg = config(spec, reference, lanes)
    out: list[dict[str, NDArray[Any]]] = []
    step = 0
    try:
        for n in lengths:
            if step in bounds:
                _apply_sets(spec, built, step)
            built.main.run(RunSteps(num_steps=n), cfg)
            step += n
            watched = built.watched(everything=step in bounds or step == 1)
            out.append({name: _array(var.get()) for name, var in watched.items()})
        counters = None if reference == "python" else built.main.runtime.counters()
    finally:
        built.main.stop()
    return Trace(out, counters)


def _array(value: Any) -> NDArray[Any]:
    return np.array(value.toarray() if hasattr(value, "tocsr") else value)


def _apply_sets(spec: NetworkSpec, built: Built, step: int) -> None:
    for s in spec.sets:
        if s.step != step:
            continue
        if s.var in OF_CONNECTIONS:
            owner = built.denses.get(s.target)
            if owner is None or not hasattr(owner, s.var):
                continue
        else:
            owner = built.populations[s.target]
        var = getattr(owner, set_name(spec, s))
        var.set(set_value(spec, s, owner, var.get()))


def difference(a: Trace, b: Trace) -> str | None:
    """Say where two traces of the same specification first differ, or None."""
    if len(a.steps) != len(b.steps):
        return f"{len(a.steps)} against {len(b.steps)} samples"
    for i, (x, y) in enumerate(zip(a.steps, b.steps, strict=True)):
        if x.keys() != y.keys():
            return f"sample {i}: names differ: {sorted(x.keys() ^ y.keys())}"
        for name, value in x.items():
            if value.shape != y[name].shape or not np.array_equal(value, y[name]):
                if value.shape != y[name].shape:
                    return f"sample {i}: {name} has shapes {value.shape} and {y[name].shape}"
                where = np.argwhere(value != y[name])[0]
                at = tuple(int(k) for k in where)
                return f"sample {i}: {name}{list(at)} is {value[at]} against {y[name][at]}"
    return None


def check(spec: NetworkSpec, lanes: int, references: tuple[str, ...] | None = None) -> None:
    """Hold all references equal, stepwise and in runs.

    Raises
    ------
    AssertionError
        With the pair of references, the sample, the variable and the element that differ first.
    """
    names = references or tuple(os.environ.get("LAVA_HW_REFERENCES", "python,golden,verilator").split(","))
    stepwise = {w: run(spec, w, lanes, stepwise=True) for w in names}
    first = names[0]
    for other in names[1:]:
        text = difference(stepwise[first], stepwise[other])
        assert text is None, f"{first} and {other} differ, one step a run: {text}\n{spec}"
    ends = [n - 1 for n in np.cumsum(spec.runs).tolist()]
    reference = Trace([stepwise[first].steps[e] for e in ends], None)
    blocks = {w: run(spec, w, lanes, stepwise=False) for w in names}
    for other in names:
        text = difference(reference, blocks[other])
        assert text is None, f"{first} step by step and {other} in runs differ: {text}\n{spec}"
    chips = [w for w in names if w != "python"]
    for other in chips[1:]:
        for mode in (stepwise, blocks):
            a, b = event_counters(mode[chips[0]].counters), event_counters(mode[other].counters)
            assert a == b, f"counters of {chips[0]} and {other} differ: {a} against {b}\n{spec}"


_EVENTS = ("spikes_in", "spikes_out", "synops", "step", "flits_in", "flits_out")


def event_counters(counters: Any) -> Any:
    """Keep what is equal on all devices (not cycles)."""
    if isinstance(counters, dict):
        kept = {str(k): event_counters(v) for k, v in counters.items() if isinstance(v, dict) or k in _EVENTS}
        return {k: v for k, v in sorted(kept.items()) if v != {}}
    return counters
