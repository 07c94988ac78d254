"""A layer of neurons on the chip: 64 random spike trains in, the spikes of 32 neurons out."""

import numpy as np

from lava_hw import LIF, Dense, HwRunCfg, RunSteps, Sink, Source

rng = np.random.default_rng(0)
source = Source(data=rng.integers(0, 2, size=(64, 100)))  # 64 spike trains of 100 steps
dense = Dense(weights=2 * rng.integers(-30, 32, size=(32, 64)))
neurons = LIF(shape=(32,), du=2000, dv=100, vth=400)
sink = Sink(shape=(32,), buffer=100)
source.s_out.connect(dense.s_in)
dense.a_out.connect(neurons.a_in)
neurons.s_out.connect(sink.a_in)

with neurons:
    neurons.run(RunSteps(num_steps=100), run_cfg=HwRunCfg(device="verilator", chip="default"))
    raster = sink.data.get().astype(int)
    print("\n".join("".join(".|"[spike] for spike in train) for train in raster))
    print(f"{raster.sum()} spikes; membrane of neuron 0: {neurons.v.get()[0]:.0f}")
