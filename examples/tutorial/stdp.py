"""Spike-timing dependent plasticity: what one pair of spikes does to a weight.

    python examples/tutorial/stdp.py --out build/tutorial

A connection that learns gets the spikes of its sources as any connection, and those of its targets on their
way back, at the port s_in_bap. Here one source spikes in step 30, and 41 targets spike at 41 other times, so
that one run shows the whole curve: a target that spikes after its source gets a larger weight, one that
spikes before gets a smaller one, and the closer, the more.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from lava_hw import LearningDense, Loihi2SimCfg, RunSteps, Source, STDPLoihi

PRE, STEPS = 30, 60
AFTER = np.arange(-20, 21)  # steps from the spike of the source to that of the target


def rule() -> STDPLoihi:
    """Traces of the source decay in ten steps, those of the targets in seven."""
    size = {"A_plus": 1, "A_minus": -1, "x1_impulse": 40, "y1_impulse": 40}
    return STDPLoihi(learning_rate=1, tau_plus=10, tau_minus=7, rng_seed=1, **size)


def change(tag: str) -> np.ndarray:
    """By how much each weight has changed, for the models with a tag."""
    pre, post = np.zeros((1, STEPS), int), np.zeros((len(AFTER), STEPS), int)
    pre[0, PRE] = 1
    post[np.arange(len(AFTER)), PRE + AFTER] = 1
    synapses = LearningDense(weights=np.full((len(AFTER), 1), 100), learning_rule=rule())
    source, back = Source(data=pre), Source(data=post)
    source.s_out.connect(synapses.s_in)
    back.s_out.connect(synapses.s_in_bap)
    with synapses:
        synapses.run(RunSteps(STEPS), run_cfg=Loihi2SimCfg(select_tag=tag))
        return synapses.weights.get()[:, 0] - 100


def draw(changes: dict[str, np.ndarray], path: Path) -> None:
    """Draw the curves."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    axes.axhline(0, color="grey", lw=0.5)
    axes.axvline(0, color="grey", lw=0.5)
    for (name, values), style in zip(changes.items(), ("-", "o"), strict=True):
        axes.plot(AFTER, values, style, ms=4, label=name)
    axes.set_xlabel("steps from the source's spike to the target's")
    axes.set_ylabel("change of the weight")
    axes.legend()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Print the curve, in floating and in fixed point, and draw it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/tutorial"), help="folder for the picture")
    out = parser.parse_args(arguments).out
    print(f"dw = {rule().dw_str}")
    changes = {"floating point": change("floating_pt"), "fixed point": change("fixed_pt")}
    print("steps after  floating point  fixed point")
    for after, floating, fixed in zip(AFTER, *changes.values(), strict=True):
        if after % 4 == 0 or abs(after) < 4:
            print(f"{after:11}{floating:16.2f}{fixed:13.0f}  {('-' if fixed < 0 else '+') * int(abs(fixed))}")
    out.mkdir(parents=True, exist_ok=True)
    draw(changes, out / "stdp.png")
    print(f"picture: {out / 'stdp.png'}")


if __name__ == "__main__":
    main()
