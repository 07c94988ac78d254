"""One measurement, in a program that imports from Lava only; for the real one and for `lava_hw.as_lava`.

    python lava_cases.py CASE SIZE          prints {"value": ..., "unit": ..., "steps": ..., "check": ...}

`check` is a number computed from what the network did, which must be the same on both sides. Networks are in
fixed point; `float_CASE` is the same network in floating point.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import scipy.sparse
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg
from lava.proc.conv.process import Conv
from lava.proc.dense.process import Dense, LearningDense
from lava.proc.io.sink import RingBuffer as Sink
from lava.proc.io.source import RingBuffer as Source
from lava.proc.learning_rules.stdp_learning_rule import STDPLoihi
from lava.proc.lif.process import LIF
from lava.proc.sparse.process import Sparse

ACTIVITY, PERIOD, MOST_STEPS = 0.1, 64, 20_000
FLOAT = "float_"
fixed = True
LONG = 10.0  # seconds of something that is not measured again
SECONDS = float(os.environ.get("BENCH_SECONDS", "0.5"))  # of a run that counts, at least


def config():
    return Loihi2SimCfg(select_tag="fixed_pt" if fixed else "floating_pt")


def spikes(rng, *shape):
    return Source(data=(rng.random((*shape, PERIOD)) < ACTIVITY).astype(int))


def weights(rng, n, m):
    return 2 * rng.integers(-30, 31, (n, m))


def neurons(n):
    """A bias that lets each spike about every tenth step, whatever comes in."""
    if fixed:
        return LIF(shape=(n,), vth=20 * 30, bias_mant=60, bias_exp=6, du=4095, dv=0)
    return LIF(shape=(n,), vth=600.0, bias_mant=60.0, du=1.0, dv=0.0)


def connect(*ports):
    for out, inp in zip(ports[::2], ports[1::2], strict=True):
        out.connect(inp)


def layers(n):
    """Source, dense, neurons, dense, neurons, sink."""
    rng = np.random.default_rng(n)
    a, d1, l1, d2, l2 = spikes(rng, n), Dense(weights=weights(rng, n, n)), neurons(n), None, neurons(n)
    d2 = Dense(weights=weights(rng, n, n))
    sink = Sink(shape=(n,), buffer=PERIOD)
    connect(a.s_out, d1.s_in, d1.a_out, l1.a_in, l1.s_out, d2.s_in, d2.a_out, l2.a_in, l2.s_out, sink.a_in)
    return l2, lambda: sink.data.get().sum() + l2.v.get().sum()


def recurrent(n):
    rng = np.random.default_rng(n)
    cells, loop = neurons(n), Dense(weights=weights(rng, n, n))
    connect(cells.s_out, loop.s_in, loop.a_out, cells.a_in)
    return cells, lambda: cells.v.get().sum()


def chain(count):
    """`count` processes of 64 neurons or 64 x 64 weights in a row."""
    rng = np.random.default_rng(count)
    first = last = neurons(64)
    for _ in range(count // 2 - 1):
        dense, cells = Dense(weights=weights(rng, 64, 64)), neurons(64)
        connect(last.s_out, dense.s_in, dense.a_out, cells.a_in)
        last = cells
    dense = Dense(weights=weights(rng, 64, 64))
    connect(last.s_out, dense.s_in)
    return first, lambda: last.v.get().sum()


def sparse(n):
    rng = np.random.default_rng(n)
    count = n * n // 100
    matrix = scipy.sparse.csr_matrix(
        (2 * rng.integers(1, 31, count), (rng.integers(0, n, count), rng.integers(0, n, count))), shape=(n, n)
    )
    a, conn, cells = spikes(rng, n), Sparse(weights=matrix), neurons(n)
    connect(a.s_out, conn.s_in, conn.a_out, cells.a_in)
    return cells, lambda: cells.v.get().sum()


def conv(n):
    rng = np.random.default_rng(n)
    layer = Conv(weight=2 * rng.integers(-30, 31, (16, 3, 3, 3)), input_shape=(n, n, 3), padding=1)
    a, sink = spikes(rng, n, n, 3), Sink(shape=layer.a_out.shape, buffer=2)
    connect(a.s_out, layer.s_in, layer.a_out, sink.a_in)
    return layer, lambda: sink.data.get().sum()


def learning(n):
    """STDP with an epoch in every fourth step; roundings are random, with a seed."""
    rng = np.random.default_rng(n)
    rule = STDPLoihi(learning_rate=1, A_plus=1, A_minus=-1, tau_plus=10, tau_minus=10, t_epoch=4, rng_seed=1)
    a, cells = spikes(rng, n), neurons(n)
    plastic = LearningDense(weights=weights(rng, n, n), learning_rule=rule)
    connect(a.s_out, plastic.s_in, plastic.a_out, cells.a_in, cells.s_out, plastic.s_in_bap)
    return cells, lambda: plastic.weights.get().sum()


def steps_per_second(process, check):
    """Steps a second after 20 others, and what `check` gives after the first 20."""
    cfg = config()
    process.run(condition=RunSteps(num_steps=20), run_cfg=cfg)
    checked = float(check())
    count, seconds = 10, 0.0
    while seconds < SECONDS and count < MOST_STEPS:
        count *= 2
        begin = time.perf_counter()
        process.run(condition=RunSteps(num_steps=count), run_cfg=cfg)
        seconds = time.perf_counter() - begin
    runs = []
    for _ in range(3):
        begin = time.perf_counter()
        process.run(condition=RunSteps(num_steps=count), run_cfg=cfg)
        runs.append(count / (time.perf_counter() - begin))
    process.stop()
    return {"value": sorted(runs)[1], "unit": "steps/s", "steps": count, "check": checked}


def get(size):
    """Seconds of reading a Var of many values."""
    cells = LIF(shape=(size,))
    cells.run(condition=RunSteps(num_steps=1), run_cfg=config())
    runs = []
    while len(runs) < 3 and sum(runs) < LONG:
        begin = time.perf_counter()
        value = cells.v.get()
        runs.append(time.perf_counter() - begin)
    cells.stop()
    return {"value": sorted(runs)[len(runs) // 2], "unit": "s", "steps": 1, "check": float(value.size)}


def startstop(count):
    """Seconds from nothing to a network that has run a step and is gone."""
    runs = []
    for _ in range(3):
        begin = time.perf_counter()
        process, _ = chain(count)
        process.run(condition=RunSteps(num_steps=1), run_cfg=config())
        process.stop()
        runs.append(time.perf_counter() - begin)
    return {"value": sorted(runs)[1], "unit": "s", "steps": 1, "check": 0.0}


def memory(count):
    """Proportional resident memory of the program and all processes below it."""
    process, _ = chain(count)
    process.run(condition=RunSteps(num_steps=5), run_cfg=config())
    total = sum(_pss(pid) for pid in _family())
    process.stop()
    return {"value": total / 1e6, "unit": "MB", "steps": 5, "check": 0.0}


def _pss(pid):
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _family():
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, own = [], {int(Path("/proc/self").resolve().name)}
    while own:
        found += own
        own = {pid for pid, parent in parents.items() if parent in own}
    return found


RATES = {f.__name__: f for f in (layers, recurrent, chain, sparse, conv, learning)}
OTHERS = {f.__name__: f for f in (get, startstop, memory)}

if __name__ == "__main__":
    case, size = sys.argv[1], int(sys.argv[2])
    fixed = not case.startswith(FLOAT)
    case = case.removeprefix(FLOAT)
    answer = steps_per_second(*RATES[case](size)) if case in RATES else OTHERS[case](size)
    print(json.dumps(answer))
