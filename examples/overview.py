"""Two neurons and a connection between them, for ten steps."""

from lava_hw.magma.core.run_conditions import RunSteps
from lava_hw.magma.core.run_configs import Loihi2SimCfg
from lava_hw.proc.dense.process import Dense
from lava_hw.proc.lif.process import LIF

# Processes: the first neuron gets a bias, the second only what the first sends it.
lif1 = LIF(shape=(1,), bias_mant=4, vth=10, dv=0.1)
dense = Dense(weights=[[6]])
lif2 = LIF(shape=(1,), vth=10, du=0.5)

# Connections from output ports to input ports
lif1.out_ports.s_out.connect(dense.in_ports.s_in)
dense.out_ports.a_out.connect(lif2.in_ports.a_in)

# Run lif1 and everything that is connected to it for a number of steps.
lif1.run(condition=RunSteps(num_steps=10), run_cfg=Loihi2SimCfg())
print(f"voltages after ten steps: {lif1.v.get()[0]:.4f} and {lif2.v.get()[0]:.4f}")
lif1.stop()
