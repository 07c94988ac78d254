"""Learning rules of one's own, in the language of Loihi's learning engine.

    python examples/tutorial/learning_rules.py

A rule is a text, such as ``2^-3*x1*y0 - 2^-5*w*y0``: a sum of products, each of which happens when something
spikes (x0 a source, y0 a target) or in every epoch (u0). x1 is a trace of the source's spikes and w the
weight; literals are small integers times powers of two, as hardware multiplies them. This one makes a weight
follow the trace that its source has when the target spikes: so a neuron finds out which of its inputs spike
together.
"""

from __future__ import annotations

import numpy as np

from lava_hw import LIF, LearningDense, Loihi2FLearningRule, Loihi2SimCfg, RunSteps, Source

INPUTS, STEPS = 10, 3000
TOGETHER = [1, 4, 7]  # these inputs spike together, the others when they like, all equally often


def rule(dw: str = "2^-3*x1*y0 - 2^-5*w*y0") -> Loihi2FLearningRule:
    """Traces of the sources fade quickly, so that what was just before a spike of the target counts."""
    return Loihi2FLearningRule(dw=dw, x1_impulse=16, x1_tau=3, rng_seed=2)


def spikes() -> np.ndarray:
    """Spikes of the inputs, shape (inputs, steps)."""
    rng = np.random.default_rng(0)
    trains = rng.random((INPUTS, STEPS)) < 0.05
    trains[TOGETHER] = rng.random(STEPS) < 0.05
    return trains.astype(int)


def run() -> np.ndarray:
    """Learn; give the weights after each 500 steps, shape (n, inputs)."""
    source, neuron = Source(data=spikes()), LIF(shape=(1,), vth=60, du=4095, dv=1000)
    synapses = LearningDense(weights=np.full((1, INPUTS), 30), learning_rule=rule())
    source.s_out.connect(synapses.s_in)
    synapses.a_out.connect(neuron.a_in)
    neuron.s_out.connect(synapses.s_in_bap)
    history = []
    with neuron:
        for _ in range(STEPS // 500):
            neuron.run(RunSteps(500), run_cfg=Loihi2SimCfg(select_tag="fixed_pt"))
            history.append(synapses.weights.get()[0].astype(int))
    return np.array(history)


def refused(text: str) -> str:
    """What is said of a rule that is none."""
    try:
        rule(text)
    except (AttributeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return "accepted"


def main() -> None:
    """Print the parts of the rule, the weights as they grow, and what is no rule."""
    print(f"dw = {rule().dw_str}; traces: {sorted(rule().active_traces)}")
    print("inputs that spike together:", *TOGETHER)
    print("weights of input" + "".join(f"{k:5}" for k in range(INPUTS)))
    for n, weights in enumerate(run(), start=1):
        print(f"after {500 * n:5} steps" + "".join(f"{w:5}" for w in weights))
    for text in ("x1*y1", "0.3*x0*y1", "11*x0*y1", "x0*foo", "u0*w*2^-3"):
        print(f"{text:>10}  {refused(text)}")


if __name__ == "__main__":
    main()
