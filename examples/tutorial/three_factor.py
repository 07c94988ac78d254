"""Learning with a third factor: what spikes together is remembered, but only a reward makes a weight of it.

    python examples/tutorial/three_factor.py --out build/tutorial

Two neurons get the same spikes through the same weights, and so spike alike. Pairs of spikes leave an
eligibility in each synapse (tag_1), which fades. From step 100 on one of the two neurons is rewarded now and
then; the weights of that one grow, and those of the other stay. The rewards come to the neurons, which hand
them on to the connection together with traces of their own spikes: that is what a LearningLIF is for.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np

from lava_hw import (
    CPU,
    LearningDense,
    LearningLIF,
    Loihi2SimCfg,
    LoihiProtocol,
    Monitor,
    RewardModulatedSTDP,
    RunSteps,
    Source,
    implements,
    requires,
    tag,
)
from lava_hw.proc.lif.models import PyLearningLifModelFloat

INPUTS, STEPS = 4, 300


class TracingLIF(LearningLIF):
    """A LearningLIF that keeps a trace of its own spikes in y1."""


@implements(proc=TracingLIF, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyTracingLIF(PyLearningLifModelFloat):
    """The dynamics are those of the library; the rule says how the trace grows and decays."""

    def serve_learning(self, spikes: np.ndarray) -> None:
        """Advance the trace, then send all that the connection needs."""
        rule = self.proc_params["learning_rule"]
        self.y1[:] *= math.exp(-1 / rule.post_trace_decay_tau)
        self.y1[:] += rule.post_trace_kernel_magnitude * spikes
        super().serve_learning(spikes)


def rule() -> RewardModulatedSTDP:
    """Pairs of spikes change the eligibility; eligibility times reward changes the weight."""
    return RewardModulatedSTDP(
        learning_rate=2**-5,
        A_plus=1,
        A_minus=-0.25,
        pre_trace_decay_tau=10,
        post_trace_decay_tau=10,
        pre_trace_kernel_magnitude=1,
        post_trace_kernel_magnitude=1,
        eligibility_trace_decay_tau=0.0625,
    )


def run() -> dict[str, np.ndarray]:
    """Learn; give eligibility and mean weight of both neurons in each step, and the rewards."""
    rng = np.random.default_rng(4)
    source = Source(data=rng.random((INPUTS, STEPS)) < 0.2)
    rewards = np.zeros((2, STEPS))
    rewards[0, 100::25] = 1
    reward = Source(data=rewards)
    neurons = TracingLIF(shape=(2,), vth=1.2, du=1, dv=0.2, learning_rule=rule())
    synapses = LearningDense(weights=np.full((2, INPUTS), 0.5), learning_rule=rule())
    source.s_out.connect(synapses.s_in)
    synapses.a_out.connect(neurons.a_in)
    reward.s_out.connect(neurons.a_third_factor_in)
    for name in ("bap", "y1", "y2"):
        getattr(neurons, f"s_out_{name}").connect(getattr(synapses, f"s_in_{name}"))
    monitor = Monitor()
    monitor.probe(synapses.tag_1, STEPS)
    monitor.probe(synapses.weights, STEPS)
    with neurons:
        neurons.run(RunSteps(STEPS), run_cfg=Loihi2SimCfg(select_tag="floating_pt"))
        data = monitor.get_data()[synapses.name]
    return {"reward": rewards, "eligibility": data["tag_1"].mean(-1).T, "weight": data["weights"].mean(-1).T}


def draw(data: dict[str, np.ndarray], path: Path) -> None:
    """Draw all three, one below the other."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(3, 1, figsize=(8, 6), sharex=True, layout="constrained")
    for panel, (name, values) in zip(axes, data.items(), strict=True):
        for neuron, (row, style) in enumerate(zip(values, ("-", "--"), strict=True)):
            panel.plot(row, style, label=f"neuron {neuron}")
        panel.set_ylabel(name)
    axes[0].legend()
    axes[-1].set_xlabel("step")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Print the weights of both neurons as time goes on, and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/tutorial"), help="folder for the picture")
    out = parser.parse_args(arguments).out
    print(f"dt = {rule().dt_str}\ndw = {rule().dw_str}")
    data = run()
    print("step  eligibility of both    mean weight of both")
    for step in (1, 50, 100, 150, 200, 250, 300):
        e, w = data["eligibility"][:, step - 1], data["weight"][:, step - 1]
        print(f"{step:4}{e[0]:11.3f}{e[1]:9.3f}{w[0]:14.3f}{w[1]:9.3f}")
    out.mkdir(parents=True, exist_ok=True)
    draw(data, out / "three_factor.png")
    print(f"picture: {out / 'three_factor.png'}")


if __name__ == "__main__":
    main()
