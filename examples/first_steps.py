"""A layer of neurons on the chip: 64 random spike trains in, the spikes of 32 neurons out."""

import sys

import numpy as np

from lava_hw import LIF, Dense, HwRunCfg, RunSteps, Sink, Source

rng = np.random.default_rng(0)
spikes = rng.integers(0, 2, size=(64, 100))  # 64 lines, 100 steps

source = Source(data=spikes)
dense = Dense(weights=rng.integers(-128, 128, size=(32, 64)))
neurons = LIF(shape=(32,), du=2000, dv=100, vth=400)
sink = Sink(shape=(32,), buffer=100)
source.s_out.connect(dense.s_in)
dense.a_out.connect(neurons.a_in)
neurons.s_out.connect(sink.a_in)

device = sys.argv[1] if len(sys.argv) > 1 else "verilator"  # or "golden", without a C++ compiler
with neurons:
    neurons.run(RunSteps(num_steps=100), run_cfg=HwRunCfg(device=device, chip="default"))
    raster = sink.data.get().astype(int)
    print("\n".join("".join(".|"[s] for s in row) for row in raster[:, :78]))
    print(f"{raster.sum()} spikes; membrane of neuron 0: {neurons.v.get()[0]:.0f}")
