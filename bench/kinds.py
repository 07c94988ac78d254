"""Formats of connections and models of neurons: cycles of the chip, and steps a second."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from bench import cosim
from bench.figures import Results
from bench.networks import ACTIVITY, PERIOD, WEIGHT
from lava_hw import IF, LIF, Conv, Dense, HwRunCfg, LeakyIntegrator, LIFSubtract, Loihi2SimCfg, Sink, Source
from lava_hw.proc.atrlif.process import ATRLIF
from lava_hw.proc.clp.prototype_lif.process import PrototypeLIF
from lava_hw.proc.graded.process import GradedReluVec, GradedVec, NormVecDelay
from lava_hw.proc.lif.process import LearningLIF, LIFRefractory, LIFReset, TernaryLIF
from lava_hw.proc.prodneuron.process import ProdNeuron
from lava_hw.proc.resfire.process import RFZero
from lava_hw.proc.rf.process import RF
from lava_hw.proc.rf_iz.process import RF_IZ
from lava_hw.proc.sdn.process import Delta, Sigma, SigmaDelta
from lava_hw.proc.spiker.process import Spiker

CYCLES = "cycles for each synaptic operation"
BOUNDS = {
    "dense, 8 bits": 0.035,
    "dense, 16 bits": 0.07,
    "convolution, 128 channels": 0.035,
    "convolution, 32 channels": 0.035,
}
"""Promises of docs/speed.md, by the title of a format."""
_NEURON_STEPS = 400
_SEED = 2024


def _source(shape: tuple[int, ...], values: int = 1) -> Any:
    """One in ten inputs is active in a step; it sends a number up to `values`."""
    rng = np.random.default_rng(_SEED)
    active = rng.random((*shape, PERIOD)) < ACTIVITY
    return Source(data=active * rng.integers(1, values, (*shape, PERIOD), endpoint=True), name="source")


def _to_neurons(source: Any, connection: Any, shape: tuple[int, ...]) -> Any:
    """Neurons that spike in every tenth step or so, whatever they get."""
    rng = np.random.default_rng(_SEED)
    bias, sink = 4000, Sink(shape=shape, buffer=PERIOD)
    voltage = rng.integers(0, 640 * bias, shape)
    cells = LIF(shape=shape, du=4095, vth=10 * bias, bias_mant=bias, bias_exp=6, v=voltage)
    source.s_out.connect(connection.s_in)
    connection.a_out.connect(cells.a_in)
    cells.s_out.connect(sink.a_in)
    return source


def _dense(size: int, bits: int, message_bits: int = 0) -> Any:
    most = 7 if bits == 4 else WEIGHT // 2
    weights = np.random.default_rng(_SEED).integers(-most, most, (size, size), endpoint=True)
    source = _source((size,), 10 if message_bits else 1)
    dense = Dense(weights=2 * weights, num_message_bits=message_bits, stored_bits=bits)
    return _to_neurons(source, dense, (size,))


def _conv(size: int, channels: int) -> Any:
    """Three by three taps, as many channels in as out, borders padded; `size` neurons, or a few less."""
    side = max(int((size / channels) ** 0.5), 1)
    shape = (side, size // channels // side, channels)
    weight = np.random.default_rng(_SEED).integers(-60, 60, (channels, 3, 3, channels), endpoint=True)
    conv = Conv(weight=weight, weight_exp=0, input_shape=shape, padding=1)
    return _to_neurons(_source(shape), conv, conv.output_shape)


FORMATS: Mapping[str, Callable[[int], Any]] = {
    "dense, 4 bits": lambda size: _dense(size, 4),
    "dense, 8 bits": lambda size: _dense(size, 8),
    "dense, 16 bits": lambda size: _dense(size, 16),
    "dense, 8 bits times values": lambda size: _dense(size, 8, 24),
    "convolution, 128 channels": lambda size: _conv(4 * size, 128),
    "convolution, 32 channels": lambda size: _conv(size, 32),
    "convolution, 8 channels": lambda size: _conv(size, 8),
}
"""Networks of so many neurons, by what is said of them."""

NEURONS: Mapping[str, Callable[[tuple[int, ...]], Any]] = {
    "LIF": lambda shape: LIF(shape=shape, du=400, dv=100, vth=100, bias_mant=3, bias_exp=4),
    "TernaryLIF": lambda shape: TernaryLIF(shape=shape, du=400, dv=100, vth_hi=90, vth_lo=-90),
    "LIFReset": lambda shape: LIFReset(shape=shape, du=400, dv=100, vth=90, reset_interval=16),
    "LIFRefractory": lambda shape: LIFRefractory(shape=shape, du=400, dv=100, vth=90, refractory_period=3),
    "LearningLIF": lambda shape: LearningLIF(shape=shape, du=400, dv=100, vth=90),
    "PrototypeLIF": lambda shape: PrototypeLIF(shape=shape, du=400, dv=100, vth=90),
    "ATRLIF": lambda shape: ATRLIF(shape=shape, bias_mant=3, bias_exp=4),
    "LIFSubtract": lambda shape: LIFSubtract(shape=shape, du=400, dv=100, vth=90),
    "IF": lambda shape: IF(shape=shape, vth=90),
    "LeakyIntegrator": lambda shape: LeakyIntegrator(shape=shape, du=400, dv=100),
    "RF": lambda shape: RF(shape=shape, period=10.0, alpha=0.1, state_exp=4, decay_bits=12, vth=20),
    "RF_IZ": lambda shape: RF_IZ(shape=shape, period=10.0, alpha=0.1, state_exp=4, decay_bits=12, vth=20),
    "RFZero": lambda shape: RFZero(
        shape=shape, freqs=np.full(shape, 50.0), decay_tau=np.full(shape, 0.1), uth=9
    ),
    "Sigma": lambda shape: Sigma(shape=shape),
    "Delta": lambda shape: Delta(shape=shape, vth=20),
    "SigmaDelta": lambda shape: SigmaDelta(shape=shape, vth=20, bias=np.full(shape, 3)),
    "GradedVec": lambda shape: GradedVec(shape=shape, vth=20),
    "GradedReluVec": lambda shape: GradedReluVec(shape=shape, vth=20),
    "NormVecDelay": lambda shape: NormVecDelay(shape=shape, vth=20),
    "ProdNeuron": lambda shape: ProdNeuron(shape=shape, vth=20),
    "Spiker": lambda shape: Spiker(shape=shape, period=10, payload=5),
}
"""Populations, by the process."""


def _population(name: str, size: int) -> Any:
    """A population whose in ports all get numbers."""
    shape = (size,)
    cells, sink = NEURONS[name](shape), Sink(shape=shape, buffer=PERIOD)
    for port in cells.in_ports:
        # A number of no neuron is an error of PrototypeLIF in Python.
        _source(shape, 1 if name == "PrototypeLIF" else 60).s_out.connect(port)
    next(iter(cells.out_ports)).connect(sink.a_in)
    return cells


def measure_formats(results: Results, chip: str, size: int, warm: int) -> None:
    """Count cycles for each synaptic operation in the steady state, all else included."""
    for title, make in FORMATS.items():
        case = cosim.Case(
            title,
            partial(make, size),
            HwRunCfg(device="verilator", chip=chip),
            warm,
            cosim.CYCLE_STEPS,
        )
        cosim.measure_cycles(results, f"format/{title}/{CYCLES}", case)


def measure_neurons(results: Results, chip: str, size: int, warm: int, runs: int) -> None:
    """Count cycles a neuron update of each model, and time the RTL and the Python models in turn."""
    for name in NEURONS:
        run_cfg = HwRunCfg(device="verilator", chip=chip)
        case = cosim.Case(
            name,
            partial(_population, name, size),
            run_cfg,
            warm,
            _NEURON_STEPS,
        )
        rates: dict[str, list[float]] = {"RTL": [], "Python models": []}
        counted: dict[str, Any] | None = None
        for _ in range(runs):
            rate, counted = cosim.timed_run(case, run_cfg)
            rates["RTL"].append(rate)
            rates["Python models"].append(cosim.timed_run(case, Loihi2SimCfg(select_tag="fixed_pt"))[0])
        assert counted is not None
        updates = size * _NEURON_STEPS
        results.add(f"neuron/{name}/cycles an update", "cycles", [counted["cyc_update"] / updates])
        for what, measured in rates.items():
            results.add(f"neuron/{name}/{what}", "steps/s", measured, steps=_NEURON_STEPS)
