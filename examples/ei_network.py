"""Excitatory and inhibitory neurons: one process, three models of it, and the chip.

    python examples/ei_network.py --out build/ei_network

The process in ei/network.py says what such a network is: its parameters, what goes in, what comes out. How
it is computed is left to its models: a rate equation of two numbers, LIF neurons in floating point, LIF
neurons in fixed point. The last one also runs on the chip, which must give the very same counts. All get the
same spikes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from ei.network import LINES, EINetwork

from lava_hw import HwRunCfg, Loihi2SimCfg, RunConfig, RunSteps, Sink, Source, devices

STEPS = 400
PARTS = {"before": slice(50, 150), "during": slice(170, 250), "after": slice(290, 400)}


def stimulus() -> np.ndarray:
    """Spikes of the inputs, shape (lines, steps): a few, then many, then a few."""
    often = np.full(STEPS, 0.02)
    often[150:250] = 0.12
    return (np.random.default_rng(1).random((LINES, STEPS)) < often).astype(int)


def run(spikes: np.ndarray, run_cfg: RunConfig) -> np.ndarray:
    """Run a fresh network; give its counts, shape (2, steps)."""
    source, network, sink = Source(data=spikes), EINetwork(), Sink(shape=(2,), buffer=spikes.shape[1])
    source.s_out.connect(network.s_in)
    network.count_out.connect(sink.a_in)
    with network:
        network.run(RunSteps(spikes.shape[1]), run_cfg=run_cfg)
        return sink.data.get()


def draw(spikes: np.ndarray, counts: dict[str, np.ndarray], path: Path) -> None:
    """Draw the counts of all models beside each other, as means of nine steps."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, len(counts), figsize=(14, 3.6), sharex=True, sharey=True, layout="constrained"
    )
    for (name, count), panel in zip(counts.items(), axes, strict=True):
        curves = {"input spikes": spikes.sum(axis=0), "excitatory": count[0], "inhibitory": count[1]}
        for (label, curve), colour in zip(curves.items(), ("silver", "tab:red", "tab:blue"), strict=True):
            panel.plot(np.convolve(curve, np.ones(9) / 9, mode="valid"), label=label, color=colour)
        panel.set_title(name)
        panel.set_xlabel("step")
    axes[0].set_ylabel("spikes in a step")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> int:
    """Run all; 0 if the chip gives the counts of the fixed-point model and no model is 10 % from another."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", choices=devices.known(), default="golden", help="what computes the chip")
    parser.add_argument("--out", type=Path, default=Path("build/ei_network"), help="folder for the picture")
    options = parser.parse_args(arguments)
    spikes = stimulus()
    fixed, chip = "LIF, fixed point", f"LIF on the chip ({options.device})"
    counts = {
        "rate equation": run(spikes, Loihi2SimCfg()),
        "LIF, floating point": run(spikes, Loihi2SimCfg(None, "floating_pt", select_sub_proc_model=True)),
        fixed: run(spikes, Loihi2SimCfg(None, "fixed_pt", select_sub_proc_model=True)),
        chip: run(spikes, HwRunCfg(device=options.device)),
    }
    print(f"{'neurons that spike in a step':32}" + "".join(f"{part:^16}" for part in PARTS))
    means = {}
    for name, count in counts.items():
        means[name] = np.array([count[:, part].mean(axis=1) for part in PARTS.values()])
        print(f"{name:32}" + "".join(f"{e:8.2f}{i:6.2f}  " for e, i in means[name]))
    options.out.mkdir(parents=True, exist_ok=True)
    draw(spikes, counts, options.out / "ei_network.png")
    print(f"picture: {options.out / 'ei_network.png'}")
    differing = int(np.count_nonzero(counts[fixed] != counts[chip]))
    furthest = max(np.abs(m / means[fixed] - 1).max() for m in means.values())
    print(f"counts that differ between fixed point and chip: {differing}; furthest mean: {furthest:.1%} away")
    return 0 if differing == 0 and furthest < 0.1 else 1


if __name__ == "__main__":
    sys.exit(main())
